use crate::golang::json::{append_string, marshal};
use crate::helm::Dependency;
use crate::helm::chart::Import;
use crate::source::sha256_hex;
use crate::value::Value;

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
