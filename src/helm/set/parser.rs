use crate::golang::{self, strconv};
use crate::helm::values::merge_over;
use crate::value::{Frozen, Map, Value};

use crate::helm::compat::Compat;

use super::{MAX_INDEX, MAX_NESTING, json};

/// `--set`: booleans, null and integers are recognised.
pub fn set(text: &str, values: &Map, compat: Compat) -> Result<(), String> {
    Parser::new(text, &mut |word| Ok(typed(&word)), false, compat).parse(values)
}

/// `--set-string`: every value is a string.
pub fn set_string(text: &str, values: &Map, compat: Compat) -> Result<(), String> {
    Parser::new(text, &mut |word| Ok(Value::str(word)), false, compat).parse(values)
}

/// `--set-file`: every value is a path, which `read` turns into the content.
pub fn set_file(
    text: &str,
    values: &Map,
    read: &mut dyn FnMut(&str) -> Result<Vec<u8>, String>,
    compat: Compat,
) -> Result<(), String> {
    Parser::new(text, &mut |word| read(&word).map(Value::str), false, compat).parse(values)
}

/// `--set-json`: every value is JSON. For Helm 4 the whole text may also be one JSON object, which is merged
/// over the values.
pub fn set_json(text: &str, values: &Map, compat: Compat) -> Result<(), String> {
    if is_json_object(text, compat) {
        return match golang::json::unmarshal(text.trim().as_bytes())? {
            Frozen::Map(upper) => {
                for (key, value) in merge_over(values, &Map::frozen(upper)).entries() {
                    values.insert(key, value);
                }
                Ok(())
            }
            _ => Err("it is no object".to_owned()),
        };
    }
    Parser::new(text, &mut |word| Ok(Value::str(word)), true, compat).parse(values)
}

/// Whether `--set-json` takes the text for one JSON object rather than for assignments.
pub fn is_json_object(text: &str, compat: Compat) -> bool {
    compat.takes_json_objects() && text.trim().starts_with('{')
}

/// Where a step of the parser leaves the text.
enum Stop {
    /// The text is at its end; what was assigned counts.
    End,
    /// The text is wrong.
    Wrong(String),
}

impl From<String> for Stop {
    fn from(message: String) -> Self {
        Stop::Wrong(message)
    }
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    convert: &'t mut dyn FnMut(String) -> Result<Value, String>,
    json: bool,
    compat: Compat,
}

impl<'t> Parser<'t> {
    fn new(
        text: &'t str,
        convert: &'t mut dyn FnMut(String) -> Result<Value, String>,
        json: bool,
        compat: Compat,
    ) -> Self {
        Self { text, at: 0, convert, json, compat }
    }

    fn parse(mut self, values: &Map) -> Result<(), String> {
        loop {
            match self.key(values, 0) {
                Ok(()) => {}
                Err(Stop::End) => return Ok(()),
                Err(Stop::Wrong(message)) => return Err(message),
            }
        }
    }

    fn key(&mut self, values: &Map, nesting: usize) -> Result<(), Stop> {
        let (key, last) = self.until(&['=', '[', ',', '.']);
        match last {
            None if key.is_empty() => Err(Stop::End),
            None => Err(Stop::Wrong(format!("key {} has no value", strconv::quote(key.as_bytes())))),
            Some('[') => {
                let index = self.index()?;
                let mut list = match values.get(&key) {
                    None => Vec::new(),
                    Some(Value::List(list)) => list.items().to_vec(),
                    Some(other) => return Err(not_a(&other, "[]interface {}")),
                };
                let result = self.item(&mut list, index, nesting);
                assign(values, &key, Value::list(list));
                result
            }
            Some('=') if self.json => {
                if self.empty_value() {
                    assign(values, &key, Value::Nil);
                    return Ok(());
                }
                let value = self.json_value()?;
                assign(values, &key, value);
                self.empty_value();
                Ok(())
            }
            Some('=') => match self.value_list()? {
                ListOrNot::List(list) => {
                    assign(values, &key, list);
                    Ok(())
                }
                ListOrNot::End => {
                    assign(values, &key, Value::str(""));
                    Err(Stop::End)
                }
                ListOrNot::Not => {
                    let (word, _) = self.until(&[',']);
                    let value = (self.convert)(word)?;
                    assign(values, &key, value);
                    Ok(())
                }
            },
            Some(',') => {
                assign(values, &key, Value::str(""));
                let shown = strconv::quote(key.as_bytes());
                Err(Stop::Wrong(format!("key {shown} has no value (cannot end with ,)")))
            }
            Some(_) => {
                let nesting = nesting + 1;
                if nesting > MAX_NESTING {
                    return Err(Stop::Wrong(too_deep()));
                }
                let inner = match values.get(&key) {
                    None => Map::new(),
                    Some(Value::Map(inner)) => inner,
                    Some(other) => return Err(not_a(&other, "map[string]interface {}")),
                };
                let result = self.key(&inner, nesting);
                if result.is_ok() && inner.is_empty() {
                    let shown = strconv::quote(key.as_bytes());
                    return Err(Stop::Wrong(format!("key map {shown} has no value")));
                }
                if !inner.is_empty() {
                    assign(values, &key, Value::Map(inner));
                }
                result
            }
        }
    }

    /// Reads what follows `]`, and puts the value at `index`.
    fn item(&mut self, list: &mut Vec<Value>, index: i64, nesting: usize) -> Result<(), Stop> {
        if index < 0 {
            return Err(Stop::Wrong(format!("negative {index} index not allowed")));
        }
        let (rest, last) = self.until(&['[', '.', '=']);
        if !rest.is_empty() {
            return Err(Stop::Wrong(behind_index(&rest)));
        }
        let existing = usize::try_from(index).ok().and_then(|index| list.get(index).cloned());
        match last {
            None => Err(Stop::End),
            Some('=') if self.json => {
                if self.empty_value() {
                    return put(list, index, Value::Nil);
                }
                let value = self.json_value()?;
                put(list, index, value)?;
                self.empty_value();
                Ok(())
            }
            Some('=') => match self.value_list()? {
                ListOrNot::List(value) => put(list, index, value),
                ListOrNot::End => put(list, index, Value::str("")),
                ListOrNot::Not => {
                    let (word, _) = self.until(&[',']);
                    let value = (self.convert)(word)?;
                    put(list, index, value)
                }
            },
            Some('[') => {
                let next = self.index()?;
                let mut inner = match existing {
                    None | Some(Value::Nil) => Vec::new(),
                    Some(Value::List(inner)) => inner.items().to_vec(),
                    Some(other) => return Err(not_a(&other, "[]interface {}")),
                };
                self.item(&mut inner, next, nesting)?;
                put(list, index, Value::list(inner))
            }
            Some(_) => {
                let inner = match existing {
                    Some(Value::Map(inner)) => inner,
                    Some(_) => {
                        let inner = Map::new();
                        put(list, index, Value::Map(inner.clone()))?;
                        inner
                    }
                    None => Map::new(),
                };
                self.key(&inner, nesting)?;
                put(list, index, Value::Map(inner))
            }
        }
    }

    fn index(&mut self) -> Result<i64, Stop> {
        let (word, last) = self.until(&[']']);
        match last {
            None if self.compat.forgives_open_index() => Err(Stop::End),
            None => Err(Stop::Wrong("error parsing index: EOF".to_owned())),
            Some(_) => parse_index(&word).map_err(Stop::Wrong),
        }
    }

    fn json_value(&mut self) -> Result<Value, Stop> {
        match json::decode_first(&self.text[self.at..]) {
            Some((value, length)) => {
                self.at += length;
                Ok(Value::from(&value))
            }
            None => Err(Stop::Wrong("invalid JSON".to_owned())),
        }
    }

    /// Skips blanks and one comma. Whether there was nothing but them up to the comma or the end.
    fn empty_value(&mut self) -> bool {
        while let Some(char) = self.next() {
            if char == ',' {
                return true;
            }
            if !char.is_whitespace() {
                self.at -= char.len_utf8();
                return false;
            }
        }
        true
    }

    fn value_list(&mut self) -> Result<ListOrNot, Stop> {
        match self.next() {
            None => return Ok(ListOrNot::End),
            Some('{') => {}
            Some(other) => {
                self.at -= other.len_utf8();
                return Ok(ListOrNot::Not);
            }
        }
        let mut items = Vec::new();
        loop {
            let (word, last) = self.until(&[',', '}']);
            if last.is_none() {
                return Err(Stop::Wrong("list must terminate with '}'".to_owned()));
            }
            if last == Some('}') && self.text[self.at..].starts_with(',') {
                self.at += 1;
            }
            items.push((self.convert)(word)?);
            if last == Some('}') {
                return Ok(ListOrNot::List(Value::list(items)));
            }
        }
    }

    fn next(&mut self) -> Option<char> {
        let char = self.text[self.at..].chars().next()?;
        self.at += char.len_utf8();
        Some(char)
    }

    /// The text up to one of `stops`, with escapes resolved, and the stop that ended it.
    fn until(&mut self, stops: &[char]) -> (String, Option<char>) {
        let mut word = String::new();
        while let Some(char) = self.next() {
            match char {
                stop if stops.contains(&stop) => return (word, Some(stop)),
                '\\' => match self.next() {
                    Some(escaped) => word.push(escaped),
                    None => return (word, None),
                },
                char => word.push(char),
            }
        }
        (word, None)
    }
}

enum ListOrNot {
    List(Value),
    Not,
    End,
}

/// An index between brackets; the error is that of Go's `Atoi`.
pub(super) fn parse_index(word: &str) -> Result<i64, String> {
    strconv::atoi(word).map_err(|error| format!("error parsing index: {}", error.message("Atoi", word)))
}

/// Complains about text between an index and what may follow it; Go shows it letter by letter.
pub(super) fn behind_index(rest: &str) -> String {
    let mut letters = Vec::new();
    for (at, letter) in rest.chars().enumerate() {
        if at > 0 {
            letters.push(b' ');
        }
        strconv::append_quote_rune(&mut letters, letter, false);
    }
    format!("unexpected data at end of array index: [{}]", String::from_utf8_lossy(&letters))
}

/// The words of Go's run-time panic for a value of another type.
fn not_a(value: &Value, wanted: &str) -> Stop {
    Stop::Wrong(wrong_type(value, wanted))
}

pub(super) fn wrong_type(value: &Value, wanted: &str) -> String {
    let is = match value {
        Value::Nil => "nil".into(),
        value => value.type_name(),
    };
    format!("unable to parse key: interface conversion: interface {{}} is {is}, not {wanted}")
}

pub(super) fn too_deep() -> String {
    format!("value name nested level is greater than maximum supported nested level of {MAX_NESTING}")
}

/// Sets a key; the empty key is passed over.
pub(super) fn assign(values: &Map, key: &str, value: Value) {
    if !key.is_empty() {
        values.insert(key, value);
    }
}

fn put(list: &mut Vec<Value>, index: i64, value: Value) -> Result<(), Stop> {
    place(list, index, value).map_err(Stop::Wrong)
}

/// Sets an item, filling gaps with null.
pub(super) fn place(list: &mut Vec<Value>, index: i64, value: Value) -> Result<(), String> {
    if index > MAX_INDEX {
        return Err(format!("index of {index} is greater than maximum supported index of {MAX_INDEX}"));
    }
    let index = usize::try_from(index).map_err(|_| format!("negative {index} index not allowed"))?;
    if list.len() <= index {
        list.resize(index + 1, Value::Nil);
    }
    list[index] = value;
    Ok(())
}

fn typed(word: &str) -> Value {
    match word {
        word if word.eq_ignore_ascii_case("true") => Value::Bool(true),
        word if word.eq_ignore_ascii_case("false") => Value::Bool(false),
        word if word.eq_ignore_ascii_case("null") => Value::Nil,
        "0" => Value::int64(0),
        word if word.starts_with('0') => Value::str(word),
        word => match strconv::parse_int(word, 10, 64) {
            Ok(number) => Value::int64(number),
            Err(_) => Value::str(word),
        },
    }
}
