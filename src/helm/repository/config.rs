use crate::helm::chart::{Shape, StructShape, decode};
use crate::value::{Frozen, Value};
use crate::yaml;

/// A repository that the user added.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// The name in front of a chart's: `name/chart`.
    pub name: String,
    /// Where it is.
    pub url: String,
    /// The user to name there.
    pub username: String,
    /// The user's password.
    pub password: String,
    /// Our certificate.
    pub cert_file: String,
    /// Its key.
    pub key_file: String,
    /// The authorities that are trusted.
    pub ca_file: String,
    /// Whether everybody is trusted.
    pub insecure: bool,
    /// Whether the login goes to every host.
    pub pass_credentials_all: bool,
}

/// `repositories.yaml`.
#[derive(Clone, Default)]
pub struct Repositories {
    api_version: String,
    generated: String,
    /// The repositories, in order.
    pub entries: Vec<Entry>,
}

const ENTRY: Shape = Shape::Struct(&StructShape {
    name: "Entry",
    type_name: "repo.Entry",
    fields: &[
        ("name", Shape::Str),
        ("url", Shape::Str),
        ("username", Shape::Str),
        ("password", Shape::Str),
        ("certFile", Shape::Str),
        ("keyFile", Shape::Str),
        ("caFile", Shape::Str),
        ("insecure_skip_tls_verify", Shape::Bool),
        ("pass_credentials_all", Shape::Bool),
    ],
});

const FILE: Shape = Shape::Struct(&StructShape {
    name: "File",
    type_name: "repo.File",
    fields: &[("apiVersion", Shape::Str), ("generated", Shape::Str), ("repositories", Shape::List(&ENTRY))],
});

impl Repositories {
    /// Reads the file. The error is helm's text.
    pub fn parse(text: &[u8]) -> Result<Self, String> {
        let data = yaml::load_native(text).map_err(|error| format!("error converting YAML to JSON: {error}"))?;
        let data = decode(&FILE, &data).map_err(|mismatch| mismatch.message)?;
        let entries = data.get("repositories").and_then(Frozen::as_list).unwrap_or_default();
        Ok(Self {
            api_version: text_of(&data, "apiVersion"),
            generated: text_of(&data, "generated"),
            entries: entries.iter().filter(|entry| entry.as_map().is_some()).map(Entry::read).collect(),
        })
    }

    /// The repository of a name.
    pub fn find(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.name == name)
    }

    /// Adds a repository, in the place of one of the same name.
    pub fn put(&mut self, entry: Entry) {
        match self.entries.iter_mut().find(|known| known.name == entry.name) {
            Some(known) => *known = entry,
            None => self.entries.push(entry),
        }
    }

    /// Removes the repositories of a name; whether there were some.
    pub fn remove(&mut self, name: &str) -> bool {
        let before = self.entries.len();
        self.entries.retain(|entry| entry.name != name);
        self.entries.len() < before
    }

    /// The file as helm writes it.
    pub fn to_yaml(&self) -> Result<Vec<u8>, String> {
        let generated = if self.generated.is_empty() { "0001-01-01T00:00:00Z" } else { &self.generated };
        yaml::to_yaml(&Value::map([
            ("apiVersion", Value::str(self.api_version.as_str())),
            ("generated", Value::str(generated)),
            ("repositories", Value::list(self.entries.iter().map(Entry::value).collect())),
        ]))
    }
}

impl Entry {
    fn read(data: &Frozen) -> Self {
        let is_on = |key: &str| matches!(data.get(key), Some(Frozen::Bool(true)));
        Self {
            name: text_of(data, "name"),
            url: text_of(data, "url"),
            username: text_of(data, "username"),
            password: text_of(data, "password"),
            cert_file: text_of(data, "certFile"),
            key_file: text_of(data, "keyFile"),
            ca_file: text_of(data, "caFile"),
            insecure: is_on("insecure_skip_tls_verify"),
            pass_credentials_all: is_on("pass_credentials_all"),
        }
    }

    fn value(&self) -> Value {
        let text = |text: &String| Value::str(text.as_str());
        Value::map([
            ("name", text(&self.name)),
            ("url", text(&self.url)),
            ("username", text(&self.username)),
            ("password", text(&self.password)),
            ("certFile", text(&self.cert_file)),
            ("keyFile", text(&self.key_file)),
            ("caFile", text(&self.ca_file)),
            ("insecure_skip_tls_verify", Value::Bool(self.insecure)),
            ("pass_credentials_all", Value::Bool(self.pass_credentials_all)),
        ])
    }
}

fn text_of(data: &Frozen, key: &str) -> String {
    data.get(key).and_then(Frozen::as_str).unwrap_or_default().to_owned()
}
