use toml_edit::{Datetime, Document, Item, Offset, Table, TomlError, Value as Toml};

use crate::value::{Frozen, IntKind, Str};

use super::super::time::{Clock, Date, Time, Zone};

/// BurntSushi's decoder into `map[string]interface {}`: integers are int64, dates and times are
/// strings. The error begins as the library's, `toml: line N: `.
pub fn unmarshal(text: &[u8]) -> Result<Frozen, String> {
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
    if text.iter().take(6).any(|byte| *byte == 0) {
        let what = "files cannot contain NULL bytes; probably using UTF-16; TOML files must be UTF-8";
        return Err(format!("toml: line 1: {what}"));
    }
    let text = std::str::from_utf8(text).map_err(|error| {
        let at = error.valid_up_to();
        format!("toml: line {}: invalid UTF-8 byte: 0x{:02x}", line_of(text, at), text[at])
    })?;
    let document = Document::parse(text).map_err(|error| message(text, &error))?;
    Ok(table(document.as_table()))
}

fn message(text: &str, error: &TomlError) -> String {
    let at = error.span().map_or(text.len(), |span| span.start);
    format!("toml: line {}: {}", line_of(text.as_bytes(), at), error.message().replace('\n', "; "))
}

fn line_of(text: &[u8], at: usize) -> usize {
    1 + text[..at.min(text.len())].iter().filter(|byte| **byte == b'\n').count()
}

fn table(table: &Table) -> Frozen {
    Frozen::map(table.iter().map(|(key, item)| (Str::from(key), data(item))).collect())
}

fn data(item: &Item) -> Frozen {
    match item {
        Item::None => Frozen::Nil,
        Item::Value(value) => scalar(value),
        Item::Table(inner) => table(inner),
        Item::ArrayOfTables(tables) => Frozen::list(tables.iter().map(table).collect()),
    }
}

fn scalar(value: &Toml) -> Frozen {
    match value {
        Toml::String(text) => Frozen::str(text.value().as_str()),
        Toml::Integer(value) => Frozen::Int(IntKind::Int64, *value.value()),
        Toml::Float(value) => Frozen::Float(*value.value()),
        Toml::Boolean(value) => Frozen::Bool(*value.value()),
        Toml::Datetime(value) => Frozen::str(datetime(value.value())),
        Toml::Array(items) => Frozen::list(items.iter().map(scalar).collect()),
        Toml::InlineTable(entries) => {
            Frozen::map(entries.iter().map(|(key, value)| (Str::from(key), scalar(value))).collect())
        }
    }
}

/// The time as Go marshals it: the library takes a date for its midnight, a time of day for one of
/// the year 0, and those without an offset for local ones.
fn datetime(value: &Datetime) -> String {
    let date = value.date.map_or(Date { year: 0, month: 1, day: 1 }, |date| Date {
        year: i64::from(date.year),
        month: i64::from(date.month),
        day: i64::from(date.day),
    });
    let clock = value.time.map_or(Clock::default(), |time| Clock {
        hour: i64::from(time.hour),
        minute: i64::from(time.minute),
        second: i64::from(time.second.unwrap_or(0)),
        nanosecond: i64::from(time.nanosecond.unwrap_or(0)),
    });
    let zone = match value.offset {
        Some(Offset::Custom { minutes }) if minutes != 0 => Zone::Fixed("".into(), i32::from(minutes) * 60),
        _ => Zone::Utc,
    };
    Time::date_in(date, clock, zone).format("2006-01-02T15:04:05.999999999Z07:00")
}
