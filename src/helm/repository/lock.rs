use crate::golang::json::{append_string, marshal};
use crate::helm::Dependency;
use crate::helm::chart::{Import, LOCK, decode};
use crate::source::sha256_hex;
use crate::value::{Frozen, Value};
use crate::yaml;

/// `Chart.lock`, or `requirements.lock` of old charts.
#[derive(Clone, Debug, Default)]
pub struct Lock {
    /// The digest over what is declared and what is locked.
    pub digest: String,
    /// The dependencies with the versions that were chosen.
    pub dependencies: Vec<Dependency>,
}

impl Lock {
    /// Reads a lock; `name` is the file's. The error is helm's text.
    pub fn parse(text: &[u8], name: &str) -> Result<Self, String> {
        let data = yaml::load_native(text)
            .map_err(|error| format!("cannot load {name}: error converting YAML to JSON: {error}"))?;
        let data = decode(&LOCK, &data).map_err(|mismatch| format!("cannot load {name}: {}", mismatch.message))?;
        let dependencies = data.get("dependencies").and_then(Frozen::as_list).unwrap_or_default();
        Ok(Self {
            digest: data.get("digest").and_then(Frozen::as_str).unwrap_or_default().to_owned(),
            dependencies: dependencies.iter().filter_map(Dependency::read).collect(),
        })
    }

    /// The file as helm writes it. `generated` is the time in RFC 3339.
    pub fn to_yaml(&self, generated: &str) -> Result<Vec<u8>, String> {
        let entry = |dependency: &Dependency| {
            let mut fields = vec![
                ("name", Value::str(dependency.name.as_str())),
                ("repository", Value::str(dependency.repository.as_str())),
            ];
            if !dependency.version.is_empty() {
                fields.push(("version", Value::str(dependency.version.as_str())));
            }
            Value::map(fields)
        };
        yaml::to_yaml(&Value::map([
            ("dependencies", Value::list(self.dependencies.iter().map(entry).collect())),
            ("digest", Value::str(self.digest.as_str())),
            ("generated", Value::str(generated)),
        ]))
    }
}

/// The digest that helm 3 keeps in a lock.
pub fn digest_of_v3(declared: &[Dependency], locked: &[Dependency]) -> Result<String, String> {
    let mut text = b"[".to_vec();
    append_list(&mut text, declared)?;
    text.push(b',');
    append_list(&mut text, locked)?;
    text.push(b']');
    Ok(format!("sha256:{}", sha256_hex(&text)))
}

/// The digest that helm 2 kept in a lock.
pub fn digest_of_v2(declared: &[Dependency]) -> Result<String, String> {
    let mut text = b"{\"dependencies\":".to_vec();
    append_list(&mut text, declared)?;
    text.push(b'}');
    Ok(format!("sha256:{}", sha256_hex(&text)))
}

/// JSON as Go writes it: fields in the order of the struct, empty ones left out where helm says so.
fn append_list(out: &mut Vec<u8>, dependencies: &[Dependency]) -> Result<(), String> {
    out.push(b'[');
    for (at, dependency) in dependencies.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        append(out, dependency)?;
    }
    out.push(b']');
    Ok(())
}

fn append(out: &mut Vec<u8>, dependency: &Dependency) -> Result<(), String> {
    let Dependency { name, version, repository, condition, tags, enabled, import_values, alias } = dependency;
    let text = |out: &mut Vec<u8>, key: &str, text: &str| {
        out.extend_from_slice(format!("{}\"{key}\":", if out.ends_with(b"{") { "" } else { "," }).as_bytes());
        append_string(out, text.as_bytes(), true);
    };
    out.push(b'{');
    text(out, "name", name);
    if !version.is_empty() {
        text(out, "version", version);
    }
    text(out, "repository", repository);
    if !condition.is_empty() {
        text(out, "condition", condition);
    }
    if let Some(tags) = tags.as_ref().filter(|tags| !tags.is_empty()) {
        out.extend_from_slice(b",\"tags\":");
        out.extend(marshal(&Value::strings(tags.iter().map(String::as_str)), true)?);
    }
    if *enabled {
        out.extend_from_slice(b",\"enabled\":true");
    }
    if let Some(imports) = import_values.as_ref().filter(|imports| !imports.is_empty()) {
        let imports = imports.iter().map(|import| match import {
            Import::Written(written) => Value::from(written),
            Import::Done { child, parent } => {
                Value::map([("child", Value::str(child.as_str())), ("parent", Value::str(parent.as_str()))])
            }
        });
        out.extend_from_slice(b",\"import-values\":");
        out.extend(marshal(&Value::list(imports.collect()), true)?);
    }
    if !alias.is_empty() {
        text(out, "alias", alias);
    }
    out.push(b'}');
    Ok(())
}
