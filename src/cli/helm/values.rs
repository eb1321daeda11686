use std::path::Path;

use crate::golang::url;
use crate::helm::{Compat, merge_over, read_values, set};
use crate::source::remote::{Asking, Remote};
use crate::value::{Frozen, Map, Value};

use super::download::Downloader;
use super::input;
use super::pflag::Words;

/// The user's values from all flags, in Helm's order: files, then by kind of flag. The error is the text
/// of the given Helm.
pub fn collect(words: &Words, compat: Compat) -> Result<Frozen, String> {
    let mut values = Map::new();
    for path in words.all("values") {
        let text = read(path)?;
        let file = read_values(&text, compat).map_err(|error| format!("failed to parse {path}: {error}"))?;
        values = merge_over(&values, &Map::frozen(file));
    }
    for text in words.all("set-json") {
        let kind = if set::is_json_object(text, compat) { " JSON:" } else { "" };
        set::set_json(text, &values, compat).map_err(|_| format!("failed parsing --set-json data{kind} {text}"))?;
    }
    for text in words.all("set") {
        set::set(text, &values, compat).map_err(|error| format!("failed parsing --set data: {error}"))?;
    }
    for text in words.all("set-string") {
        set::set_string(text, &values, compat).map_err(|error| format!("failed parsing --set-string data: {error}"))?;
    }
    for text in words.all("set-file") {
        set::set_file(text, &values, &mut |path| read(path), compat)
            .map_err(|error| format!("failed parsing --set-file data: {error}"))?;
    }
    for text in words.all("set-literal") {
        set::set_literal(text, &values, compat)
            .map_err(|error| format!("failed parsing --set-literal data: {error}"))?;
    }
    Ok(Frozen::of(&Value::Map(values)))
}

fn read(path: &str) -> Result<Vec<u8>, String> {
    if path.trim() == "-" {
        return input::read_stdin();
    }
    let url = url::parse(path.as_bytes())?;
    match url.scheme.as_slice() {
        b"http" | b"https" => {
            let asking = Asking { login_for: path.to_owned(), ..Asking::default() };
            return Remote::default().get(path, &asking);
        }
        b"oci" => return Ok(Downloader::of(&Words::default())?.registry()?.pull(path)?.chart),
        _ => {}
    }
    input::read_file(Path::new(path))
}
