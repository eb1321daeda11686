//! A rendered file as Kubernetes' decoder for YAML or JSON takes it apart: a stream of JSON objects as
//! long as it looks like one, else YAML documents between lines of `---`.

use crate::golang::json;
use crate::value::Frozen;
use crate::yaml;

/// How far into a file the decoder looks for an opening brace.
const LOOK_AHEAD: usize = 4096;

/// One document, read.
pub struct Document {
    /// What it holds.
    pub data: Frozen,
    /// Whether it was read as JSON, where a number is no text.
    pub is_json: bool,
}

/// Reads the documents of a file one after the other, until the first that cannot be read. `read` gets
/// each document and may refuse it. The error is that of the decoder.
pub fn each(content: &str, read: &mut dyn FnMut(Document) -> Result<(), String>) -> Result<(), String> {
    let mut rest = content;
    let mut json_error = None;
    if starts_with_brace(content) {
        let mut count = 0;
        loop {
            match next_json(rest) {
                Next::End => return Ok(()),
                Next::Value(data, behind) => {
                    if let Err(error) = read(Document { data, is_json: true }) {
                        if count > 1 {
                            return Err(error);
                        }
                        json_error = Some(error);
                        break;
                    }
                    count += 1;
                    rest = behind;
                }
                Next::Error(error) if count > 1 => return Err(error),
                Next::Error(error) => {
                    json_error = Some(error);
                    break;
                }
            }
        }
        rest = without_blank_beginning(rest);
    }
    yaml_documents(rest, read).map_err(|error| json_error.unwrap_or(error))
}

fn starts_with_brace(content: &str) -> bool {
    let start = content.trim_start();
    start.starts_with('{') && content.len() - start.len() < LOOK_AHEAD
}

enum Next<'t> {
    End,
    Value(Frozen, &'t str),
    Error(String),
}

/// The first JSON value of a text and what follows it.
fn next_json(text: &str) -> Next<'_> {
    let text = text.trim_start_matches([' ', '\t', '\r', '\n']);
    if text.is_empty() {
        return Next::End;
    }
    let end = end_of_value(text);
    match json::unmarshal(&text.as_bytes()[..end]) {
        Ok(data) => Next::Value(data, &text[end..]),
        Err(error) => Next::Error(error),
    }
}

/// Where the first value of a text ends, if it is an object or a list; else where the text does.
fn end_of_value(text: &str) -> usize {
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'{' | b'[' if !in_text => depth += 1,
            b'}' | b']' if !in_text => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    text.len()
}

/// Blanks up to the first line break are dropped before YAML takes over.
fn without_blank_beginning(text: &str) -> &str {
    let trimmed = text.trim_start();
    match text[..text.len() - trimmed.len()].find('\n') {
        Some(at) => &text[at + 1..],
        None => trimmed,
    }
}

fn yaml_documents(text: &str, read: &mut dyn FnMut(Document) -> Result<(), String>) -> Result<(), String> {
    let mut document = String::new();
    for line in text.split_inclusive('\n') {
        let line = line.strip_suffix('\n').unwrap_or(line);
        let line = line.strip_suffix('\r').unwrap_or(line);
        if let Some(behind) = line.strip_prefix("---") {
            let behind = behind.trim();
            if !behind.is_empty() && !behind.starts_with('#') {
                return Err(format!("invalid Yaml document separator: {behind}"));
            }
            if !document.is_empty() {
                yaml_document(&document, read)?;
                document.clear();
                continue;
            }
        }
        document.push_str(line);
        document.push('\n');
    }
    if document.is_empty() { Ok(()) } else { yaml_document(&document, read) }
}

fn yaml_document(text: &str, read: &mut dyn FnMut(Document) -> Result<(), String>) -> Result<(), String> {
    read(Document { data: from_yaml(text)?, is_json: false })
}

/// The first document of a text, as long as it has a JSON form. The error is that of Go's library.
pub fn from_yaml(text: &str) -> Result<Frozen, String> {
    yaml::load(text.as_bytes()).map_err(|error| error.to_string())?;
    yaml::load_native(text.as_bytes()).map_err(|error| format!("error converting YAML to JSON: {error}"))
}
