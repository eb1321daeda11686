use base64::Engine as _;
use minijinja::value::Value as JinjaValue;
use minijinja::{Environment, Error, ErrorKind};
use sha2::{Digest, Sha256};

use crate::yaml;

use super::values::from_jinja;

/// Registers the filters that manifests need beyond minijinja's own, and bounds the one that can
/// multiply its input.
pub fn register(environment: &mut Environment<'_>, max_text: usize) {
    environment.add_filter("to_yaml", to_yaml);
    environment.add_filter("b64encode", |text: &str| base64::engine::general_purpose::STANDARD.encode(text));
    environment.add_filter("sha256", |text: &str| {
        Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    });
    environment.add_filter("replace", move |text: &str, from: &str, to: &str| replace(text, from, to, max_text));
}

/// The value as block YAML without a final newline, written as charts' `toYaml` writes it.
fn to_yaml(value: &JinjaValue) -> Result<String, Error> {
    let mut bytes = yaml::to_yaml(&from_jinja(value)).map_err(|text| Error::new(ErrorKind::BadSerialization, text))?;
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
    }
    String::from_utf8(bytes).map_err(|error| Error::new(ErrorKind::BadSerialization, error.to_string()))
}

fn replace(text: &str, from: &str, to: &str, max_text: usize) -> Result<String, Error> {
    let hits = if from.is_empty() { text.chars().count() + 1 } else { text.matches(from).count() };
    let grown = text.len().saturating_add(hits.saturating_mul(to.len()));
    if grown > max_text {
        return Err(Error::new(
            ErrorKind::InvalidOperation,
            format!("the result would be larger than the limit of {max_text} bytes"),
        ));
    }
    Ok(text.replace(from, to))
}
