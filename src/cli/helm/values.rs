use std::fs;
use std::io::Read as _;

use crate::helm::{merge_over, set};
use crate::value::{Frozen, Map, Value};
use crate::yaml;

use super::failure::go_words;
use super::pflag::Words;

/// The user's values from all flags, in Helm's order: files, then by kind of flag. The error is
/// Helm's text.
pub fn collect(words: &Words) -> Result<Frozen, String> {
    let mut values = Map::new();
    for path in words.all("values") {
        let text = read(path)?;
        let file = yaml::load_map(&text).map_err(|error| format!("failed to parse {path}: {error}"))?;
        values = merge_over(&values, &Map::frozen(file));
    }
    for text in words.all("set-json") {
        set::set_json(text, &values).map_err(|_| format!("failed parsing --set-json data {text}"))?;
    }
    for text in words.all("set") {
        set::set(text, &values).map_err(|error| format!("failed parsing --set data: {error}"))?;
    }
    for text in words.all("set-string") {
        set::set_string(text, &values).map_err(|error| format!("failed parsing --set-string data: {error}"))?;
    }
    for text in words.all("set-file") {
        set::set_file(text, &values, &mut |path| read(path))
            .map_err(|error| format!("failed parsing --set-file data: {error}"))?;
    }
    for text in words.all("set-literal") {
        set::set_literal(text, &values).map_err(|error| format!("failed parsing --set-literal data: {error}"))?;
    }
    Ok(Frozen::of(&Value::Map(values)))
}

fn read(path: &str) -> Result<Vec<u8>, String> {
    if path.trim() == "-" {
        let mut text = Vec::new();
        std::io::stdin().read_to_end(&mut text).map_err(|error| go_words(&error))?;
        return Ok(text);
    }
    if ["http://", "https://", "oci://"].iter().any(|scheme| path.starts_with(scheme)) {
        return Err(format!(
            "{path}: values are not fetched over the network while rendering; download the file first"
        ));
    }
    fs::read(path).map_err(|error| {
        let operation = if fs::metadata(path).is_ok_and(|meta| meta.is_dir()) { "read" } else { "open" };
        format!("{operation} {path}: {}", go_words(&error))
    })
}
