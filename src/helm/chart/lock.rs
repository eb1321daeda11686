use crate::helm::objects::dependency_value;
use crate::value::{Frozen, Value};
use crate::yaml;

use super::Dependency;

/// What a lock file says.
#[derive(Clone, Debug, Default)]
pub struct Lock {
    /// `generated`, as Go writes times.
    pub generated: String,
    /// `digest`.
    pub digest: String,
    /// `dependencies`; `None` when not written.
    pub dependencies: Option<Vec<Dependency>>,
}

/// Go's zero time, for a lock that names none.
const NO_TIME: &str = "0001-01-01T00:00:00Z";

impl Lock {
    /// Takes over a decoded lock file.
    pub(super) fn read(data: &Frozen) -> Self {
        let text = |key: &str| match data.get(key) {
            Some(Frozen::Str(text)) => text.to_string(),
            _ => String::new(),
        };
        let dependencies = data.get("dependencies").and_then(Frozen::as_list);
        let generated = match text("generated") {
            time if time.is_empty() => NO_TIME.to_owned(),
            time => without_zeros(&time),
        };
        Self {
            generated,
            digest: text("digest"),
            dependencies: dependencies.map(|items| items.iter().filter_map(Dependency::read).collect()),
        }
    }

    /// The lock as Helm writes it.
    pub fn to_yaml(&self) -> Result<Vec<u8>, String> {
        let dependencies = match &self.dependencies {
            Some(all) => Value::list(all.iter().map(dependency_value).collect()),
            None => Value::Nil,
        };
        yaml::to_yaml(&Value::map([
            ("dependencies", dependencies),
            ("digest", Value::str(self.digest.as_str())),
            ("generated", Value::str(self.generated.as_str())),
        ]))
    }
}

/// A time without the zeros at the end of its fraction.
fn without_zeros(time: &str) -> String {
    let Some((seconds, rest)) = time.split_once('.') else { return time.to_owned() };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let fraction = rest[..digits].trim_end_matches('0');
    let dot = if fraction.is_empty() { "" } else { "." };
    format!("{seconds}{dot}{fraction}{}", &rest[digits..])
}
