use std::collections::HashSet;

use crate::golang::semver::Version;
use crate::golang::strconv;
use crate::value::Frozen;

use super::decode::{Shape, StructShape};

/// What `Chart.yaml` says.
#[derive(Clone, Debug, Default)]
pub struct Metadata {
    /// `name`.
    pub name: String,
    /// `home`.
    pub home: String,
    /// `sources`; `None` when not written.
    pub sources: Option<Vec<String>>,
    /// `version`.
    pub version: String,
    /// `description`.
    pub description: String,
    /// `keywords`; `None` when not written.
    pub keywords: Option<Vec<String>>,
    /// `maintainers`; `None` when not written.
    pub maintainers: Option<Vec<Maintainer>>,
    /// `icon`.
    pub icon: String,
    /// `apiVersion`.
    pub api_version: String,
    /// `condition`.
    pub condition: String,
    /// `tags`.
    pub tags: String,
    /// `appVersion`.
    pub app_version: String,
    /// `deprecated`.
    pub deprecated: bool,
    /// `annotations`, sorted by key; `None` when not written.
    pub annotations: Option<Vec<(String, String)>>,
    /// `kubeVersion`, a constraint.
    pub kube_version: String,
    /// `dependencies`; `None` when not written.
    pub dependencies: Option<Vec<Dependency>>,
    /// `type`: empty, `application` or `library`.
    pub kind: String,
    /// Which of the maintainers is null, which validation refuses.
    pub(in crate::helm) null_maintainer: Option<usize>,
    /// How many dependencies stand before the first null among them, which validation refuses.
    null_dependency: Option<usize>,
}

/// A person who maintains a chart.
#[derive(Clone, Debug, Default)]
pub struct Maintainer {
    /// `name`.
    pub name: String,
    /// `email`.
    pub email: String,
    /// `url`.
    pub url: String,
}

/// A chart that a chart wants in its `charts/` folder.
#[derive(Clone, Debug, Default)]
pub struct Dependency {
    /// `name`; the alias replaces it while a release is made.
    pub name: String,
    /// `version`, a constraint.
    pub version: String,
    /// `repository`.
    pub repository: String,
    /// `condition`: dotted paths, separated by commas.
    pub condition: String,
    /// `tags`; `None` when not written.
    pub tags: Option<Vec<String>>,
    /// `enabled`, which only Helm itself sets.
    pub enabled: bool,
    /// `import-values`; `None` when not written.
    pub import_values: Option<Vec<Import>>,
    /// `alias`.
    pub alias: String,
}

/// One entry of `import-values`.
#[derive(Clone, Debug, PartialEq)]
pub enum Import {
    /// As written: a name, or a map with `child` and `parent`.
    Written(Frozen),
    /// An entry that was followed.
    Done {
        /// The path in the child.
        child: String,
        /// The path in the parent.
        parent: String,
    },
}

pub(in crate::helm) const STRING: Shape = Shape::Str;

pub(in crate::helm) const DEPENDENCY: Shape = Shape::Struct(&StructShape {
    name: "Dependency",
    type_name: "chart.Dependency",
    fields: &[
        ("name", Shape::Str),
        ("version", Shape::Str),
        ("repository", Shape::Str),
        ("condition", Shape::Str),
        ("tags", Shape::List(&STRING)),
        ("enabled", Shape::Bool),
        ("import-values", Shape::List(&Shape::Any)),
        ("alias", Shape::Str),
    ],
});

pub(in crate::helm) const MAINTAINER: Shape = Shape::Struct(&StructShape {
    name: "Maintainer",
    type_name: "chart.Maintainer",
    fields: &[("name", Shape::Str), ("email", Shape::Str), ("url", Shape::Str)],
});

/// The shape of `Chart.yaml` and `requirements.yaml`.
pub(in crate::helm) const METADATA: Shape = Shape::Struct(&StructShape {
    name: "Metadata",
    type_name: "chart.Metadata",
    fields: &[
        ("name", Shape::Str),
        ("home", Shape::Str),
        ("sources", Shape::List(&STRING)),
        ("version", Shape::Str),
        ("description", Shape::Str),
        ("keywords", Shape::List(&STRING)),
        ("maintainers", Shape::List(&MAINTAINER)),
        ("icon", Shape::Str),
        ("apiVersion", Shape::Str),
        ("condition", Shape::Str),
        ("tags", Shape::Str),
        ("appVersion", Shape::Str),
        ("deprecated", Shape::Bool),
        ("annotations", Shape::Map(&STRING)),
        ("kubeVersion", Shape::Str),
        ("dependencies", Shape::List(&DEPENDENCY)),
        ("type", Shape::Str),
    ],
});

/// The part of `Chart.yaml` that tells Helm 4 how to read the rest.
pub(super) const BASE: Shape = Shape::Struct(&StructShape {
    name: "chartBase",
    type_name: "loader.chartBase",
    fields: &[("apiVersion", Shape::Str)],
});

/// The shape of `Chart.lock` and `requirements.lock`.
pub(in crate::helm) const LOCK: Shape = Shape::Struct(&StructShape {
    name: "Lock",
    type_name: "chart.Lock",
    fields: &[("generated", Shape::Any), ("digest", Shape::Str), ("dependencies", Shape::List(&DEPENDENCY))],
});

/// A rule for charts that is broken.
#[derive(Debug)]
pub(in crate::helm) struct Fault {
    /// Helm's text without `validation: `.
    pub(in crate::helm) message: String,
    /// The keys and indices that lead to the field.
    pub(super) at: Vec<String>,
}

impl Fault {
    fn at(field: &str, message: impl Into<String>) -> Self {
        Self { message: message.into(), at: vec![field.to_owned()] }
    }

    fn of_item(list: &str, index: usize, message: impl Into<String>) -> Self {
        Self::at(list, message).below(&index.to_string())
    }

    fn below(mut self, step: &str) -> Self {
        self.at.push(step.to_owned());
        self
    }
}

impl Metadata {
    /// Takes over what a decoded file (shape [`METADATA`]) sets; fields that it does not name stay.
    pub(in crate::helm) fn apply(&mut self, data: &Frozen) {
        string(data, "name", &mut self.name);
        string(data, "home", &mut self.home);
        strings(data, "sources", &mut self.sources);
        string(data, "version", &mut self.version);
        string(data, "description", &mut self.description);
        strings(data, "keywords", &mut self.keywords);
        string(data, "icon", &mut self.icon);
        string(data, "apiVersion", &mut self.api_version);
        string(data, "condition", &mut self.condition);
        string(data, "tags", &mut self.tags);
        string(data, "appVersion", &mut self.app_version);
        string(data, "kubeVersion", &mut self.kube_version);
        string(data, "type", &mut self.kind);
        if let Some(Frozen::Bool(deprecated)) = data.get("deprecated") {
            self.deprecated = *deprecated;
        }
        if let Some(map) = data.get("annotations").and_then(Frozen::as_map) {
            self.annotations = Some(map.iter().map(|(key, value)| (key.to_string(), scalar(value))).collect());
        }
        if let Some(items) = data.get("maintainers").and_then(Frozen::as_list) {
            self.maintainers = Some(items.iter().filter_map(Maintainer::read).collect());
            self.null_maintainer = items.iter().position(|item| *item == Frozen::Nil);
        }
        if let Some(items) = data.get("dependencies").and_then(Frozen::as_list) {
            self.dependencies = Some(items.iter().filter_map(Dependency::read).collect());
            self.null_dependency = items.iter().position(|item| *item == Frozen::Nil);
        }
    }

    /// Whether any dependency is written, even an empty one.
    pub(in crate::helm) fn declares_dependencies(&self) -> bool {
        self.null_dependency.is_some() || self.dependencies.as_ref().is_some_and(|all| !all.is_empty())
    }

    /// Cleans the texts and checks the rules for charts.
    pub(in crate::helm) fn validate(&mut self) -> Result<(), Fault> {
        let texts = [
            &mut self.name,
            &mut self.description,
            &mut self.home,
            &mut self.icon,
            &mut self.condition,
            &mut self.tags,
            &mut self.app_version,
            &mut self.kube_version,
        ];
        let lists = [&mut self.sources, &mut self.keywords];
        texts.into_iter().chain(lists.into_iter().flatten().flatten()).for_each(sanitize);
        // Only where requirements.yaml stands without a Chart.yaml.
        if self.api_version.is_empty() {
            return Err(Fault::at("apiVersion", "chart.metadata.apiVersion is required"));
        }
        if self.name.is_empty() {
            return Err(Fault::at("name", "chart.metadata.name is required"));
        }
        if self.name == "." || self.name == ".." {
            return Err(Fault::at("name", format!("chart.metadata.name {} is not allowed", quote(&self.name))));
        }
        if self.name.contains('/') && self.name != "/" {
            return Err(Fault::at("name", format!("chart.metadata.name {} is invalid", quote(&self.name))));
        }
        if self.version.is_empty() {
            return Err(Fault::at("version", "chart.metadata.version is required"));
        }
        if Version::parse(&self.version).is_err() {
            return Err(Fault::at("version", format!("chart.metadata.version {} is invalid", quote(&self.version))));
        }
        if !matches!(self.kind.as_str(), "" | "application" | "library") {
            return Err(Fault::at("type", "chart.metadata.type must be application or library"));
        }
        if let Some(at) = self.null_maintainer {
            return Err(Fault::of_item("maintainers", at, "maintainers must not contain empty or null nodes"));
        }
        for maintainer in self.maintainers.iter_mut().flatten() {
            [&mut maintainer.name, &mut maintainer.email, &mut maintainer.url].into_iter().for_each(sanitize);
        }
        let mut keys: HashSet<&str> = HashSet::new();
        let null = "dependencies must not contain empty or null nodes";
        for (at, dependency) in self.dependencies.iter_mut().flatten().enumerate() {
            if self.null_dependency == Some(at) {
                return Err(Fault::of_item("dependencies", at, null));
            }
            dependency.validate().map_err(|message| Fault::of_item("dependencies", at, message).below("alias"))?;
            let key = if dependency.alias.is_empty() { &dependency.name } else { &dependency.alias };
            if !keys.insert(key) {
                let message = format!("more than one dependency with name or alias {}", quote(key));
                let field = if dependency.alias.is_empty() { "name" } else { "alias" };
                return Err(Fault::of_item("dependencies", at, message).below(field));
            }
        }
        self.null_dependency.map_or(Ok(()), |at| Err(Fault::of_item("dependencies", at, null)))
    }
}

impl Maintainer {
    fn read(data: &Frozen) -> Option<Self> {
        data.as_map()?;
        let mut maintainer = Self::default();
        string(data, "name", &mut maintainer.name);
        string(data, "email", &mut maintainer.email);
        string(data, "url", &mut maintainer.url);
        Some(maintainer)
    }
}

impl Dependency {
    /// Takes what a decoded entry (shape [`DEPENDENCY`]) sets; `None` for null.
    pub(in crate::helm) fn read(data: &Frozen) -> Option<Self> {
        data.as_map()?;
        let mut dependency = Self::default();
        string(data, "name", &mut dependency.name);
        string(data, "version", &mut dependency.version);
        string(data, "repository", &mut dependency.repository);
        string(data, "condition", &mut dependency.condition);
        strings(data, "tags", &mut dependency.tags);
        dependency.enabled = matches!(data.get("enabled"), Some(Frozen::Bool(true)));
        dependency.import_values = data
            .get("import-values")
            .and_then(Frozen::as_list)
            .map(|items| items.iter().cloned().map(Import::Written).collect());
        string(data, "alias", &mut dependency.alias);
        Some(dependency)
    }

    fn validate(&mut self) -> Result<(), String> {
        let texts = [&mut self.name, &mut self.version, &mut self.repository, &mut self.condition];
        texts.into_iter().chain(self.tags.iter_mut().flatten()).for_each(sanitize);
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        if !self.alias.bytes().all(allowed) {
            return Err(format!("dependency {} has disallowed characters in the alias", quote(&self.name)));
        }
        Ok(())
    }
}

fn quote(text: &str) -> String {
    strconv::quote(text.as_bytes())
}

/// Turns every white space into a blank and drops what cannot be printed.
fn sanitize(text: &mut String) {
    if text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
        return;
    }
    *text = text
        .chars()
        .filter_map(|char| match char {
            char if char.is_whitespace() => Some(' '),
            char if strconv::is_print(char) => Some(char),
            _ => None,
        })
        .collect();
}

fn scalar(data: &Frozen) -> String {
    match data {
        Frozen::Str(text) => text.to_string(),
        _ => String::new(),
    }
}

fn string(data: &Frozen, key: &str, field: &mut String) {
    if let Some(Frozen::Str(text)) = data.get(key) {
        *field = text.to_string();
    }
}

fn strings(data: &Frozen, key: &str, field: &mut Option<Vec<String>>) {
    if let Some(items) = data.get(key).and_then(Frozen::as_list) {
        *field = Some(items.iter().map(scalar).collect());
    }
}
