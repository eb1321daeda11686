use std::fmt;
use std::sync::Arc;

use crate::helm::compat::Compat;
use crate::value::{Frozen, FrozenMap};
use crate::yaml::{self, YamlError};

/// A values file that cannot be read. Prints Helm's text without the file's name.
#[derive(Clone, Debug)]
pub struct ValuesError {
    message: String,
    /// What the YAML reader found wrong.
    pub yaml: Option<Box<YamlError>>,
}

impl fmt::Display for ValuesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ValuesError {}

/// Reads a values file: its first document as Helm 3 does, or all of them merged, later ones over earlier
/// ones, as Helm 4 does.
///
/// # Errors
/// A document that is no YAML or no map, or a separator with more than a comment behind it.
pub fn read_values(text: &[u8], compat: Compat) -> Result<Arc<FrozenMap>, ValuesError> {
    if !compat.merges_values_documents() {
        return yaml::load_map(text)
            .map_err(|error| ValuesError { message: error.to_string(), yaml: Some(Box::new(error)) });
    }
    let mut values: Option<Arc<FrozenMap>> = None;
    for document in (Documents { text, at: 0 }) {
        let (start, document) = document
            .map_err(|separator| format!("error reading yaml document: invalid Yaml document separator: {separator}"))
            .map_err(|message| ValuesError { message, yaml: None })?;
        let read = yaml::load_map(document).map_err(|mut error| {
            let message = format!("cannot unmarshal yaml document: {error}");
            error.offset = error.offset.map(|offset| offset.saturating_add(u32::try_from(start).unwrap_or(u32::MAX)));
            ValuesError { message, yaml: Some(Box::new(error)) }
        })?;
        values = Some(match values {
            None => read,
            Some(lower) => merged(&lower, &read),
        });
    }
    Ok(values.unwrap_or_default())
}

/// One map over another: maps below are merged, all else is replaced.
fn merged(lower: &FrozenMap, upper: &FrozenMap) -> Arc<FrozenMap> {
    let mut entries: Vec<_> = lower
        .iter()
        .filter(|(key, _)| upper.get_bytes(key.as_bytes()).is_none())
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    entries.extend(upper.iter().map(|(key, value)| {
        let value = match (value, lower.get_bytes(key.as_bytes())) {
            (Frozen::Map(upper), Some(Frozen::Map(lower))) => Frozen::Map(merged(lower, upper)),
            _ => value.clone(),
        };
        (key.clone(), value)
    }));
    Arc::new(FrozenMap::new(entries))
}

/// The documents of a YAML text with their offsets, cut before each line that starts with `---`, as the
/// reader of Kubernetes' libraries does. The first such line stays with its document, if nothing is before
/// it. Something behind a separator that is no comment is an error, which ends the documents.
struct Documents<'t> {
    text: &'t [u8],
    at: usize,
}

impl<'t> Iterator for Documents<'t> {
    type Item = Result<(usize, &'t [u8]), String>;

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.at;
        while self.at < self.text.len() {
            let line_start = self.at;
            let rest = &self.text[line_start..];
            let line = rest.split_inclusive(|byte| *byte == b'\n').next().unwrap_or(rest);
            self.at += line.len();
            let Some(behind) = line.strip_prefix(b"---") else { continue };
            let behind = String::from_utf8_lossy(behind);
            let behind = behind.trim();
            if !behind.is_empty() && !behind.starts_with('#') {
                self.at = self.text.len();
                return Some(Err(behind.to_owned()));
            }
            if line_start > start {
                return Some(Ok((start, &self.text[start..line_start])));
            }
        }
        (start < self.at).then(|| Ok((start, &self.text[start..])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golang;
    use crate::value::{Map, Value};

    fn read(text: &str, compat: Compat) -> Result<String, String> {
        let values = read_values(text.as_bytes(), compat).map_err(|error| error.to_string())?;
        let json = golang::json::marshal(&Value::Map(Map::frozen(values)), false).expect("values are data");
        Ok(String::from_utf8(json).expect("JSON is text"))
    }

    #[test]
    fn all_documents_count_or_the_first() {
        let text = "---\na: {b: 1, c: 2}\n--- # more\na: {c: 3}\nd: x\n---\n";
        assert_eq!(read(text, Compat::V4).as_deref(), Ok(r#"{"a":{"b":1,"c":3},"d":"x"}"#));
        assert_eq!(read(text, Compat::V3).as_deref(), Ok(r#"{"a":{"b":1,"c":2}}"#));
        for empty in ["", "---", "---\n---\n", "# nothing\n"] {
            assert_eq!(read(empty, Compat::V4).as_deref(), Ok("{}"), "{empty:?}");
        }
    }

    #[test]
    fn mistakes_are_those_of_one_document() {
        let is = |text: &str, expected: &str| {
            let error = read(text, Compat::V4).unwrap_err();
            assert!(error.starts_with(expected), "{text:?}: {error}");
        };
        is("a: 1\n--- b: 2\n", "error reading yaml document: invalid Yaml document separator: b: 2");
        is("a: 1\n---\n- 1\n", "cannot unmarshal yaml document: error unmarshaling JSON: while decoding JSON: json:");
        is("%YAML 1.1\n---\na: 1\n", "cannot unmarshal yaml document: error converting YAML to JSON: yaml:");
        let error = read_values(b"a: 1\n---\nb: [\n", Compat::V4).unwrap_err();
        assert!(error.yaml.and_then(|yaml| yaml.offset).is_some_and(|offset| offset > 9));
    }
}
