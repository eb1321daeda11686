use crate::golang::json;
use crate::helm::repository::Repositories;
use crate::value::Value;
use crate::yaml;

use super::super::command::{Action, Arguments};
use super::super::failure::Outcome;
use super::super::files::Files;
use super::super::flags;
use super::super::pflag::{Flag, Takes, Words, invalid};
use super::super::table;
use super::read_list;

/// `helm repo list`.
pub const ACTION: Action = Action { usage: "", arguments: Arguments::None, flags: &[FLAGS], run };

static FLAGS: &[Flag] = &[OUTPUT];
const OUTPUT: Flag = flags::short('o', "output", Takes::Text, "table, json or yaml");

fn run(words: Words) -> Outcome {
    let format = words.last("output").unwrap_or("table");
    if !matches!(format, "table" | "json" | "yaml") {
        return Err(invalid(&OUTPUT, format, "invalid format type").into());
    }
    // A list that cannot be read counts as empty, as in helm.
    let list = read_list(&Files::of(&words)).unwrap_or_default();
    if list.entries.is_empty() && format == "table" {
        return Err("no repositories to show".to_owned().into());
    }
    if format == "table" {
        let rows = list.entries.iter().map(|entry| vec![entry.name.as_str(), entry.url.as_str()]);
        let rows: Vec<Vec<&str>> = std::iter::once(vec!["NAME", "URL"]).chain(rows).collect();
        return Ok(format!("{}\n", table::draw(&rows, 0)).into_bytes());
    }
    let mut text = match format {
        "json" => json::marshal(&value(&list), true)?,
        _ => yaml::to_yaml(&value(&list))?,
    };
    if !text.ends_with(b"\n") {
        text.push(b'\n');
    }
    Ok(text)
}

fn value(list: &Repositories) -> Value {
    let entry = |name: &str, url: &str| Value::map([("name", Value::str(name)), ("url", Value::str(url))]);
    Value::list(list.entries.iter().map(|known| entry(&known.name, &known.url)).collect())
}
