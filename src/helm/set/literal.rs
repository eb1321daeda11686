use crate::golang::strconv;
use crate::value::{Map, Value};

use crate::helm::compat::Compat;

use super::MAX_NESTING;
use super::parser::{assign, behind_index, parse_index, place, too_deep, wrong_type};

/// `--set-literal`: no escapes, no lists, no commas; all behind the first `=` is the value.
pub fn set_literal(text: &str, values: &Map, compat: Compat) -> Result<(), String> {
    match (Literal { rest: text, compat }).key(values, 0) {
        Ok(()) => Ok(()),
        Err(message) => message.map_or(Ok(()), Err),
    }
}

struct Literal<'t> {
    rest: &'t str,
    compat: Compat,
}

/// `Err(None)` is the end of the text, which is no failure: what was assigned counts.
type Step = Result<(), Option<String>>;

impl<'t> Literal<'t> {
    fn key(&mut self, values: &Map, nesting: usize) -> Step {
        let (key, last) = self.until(&['=', '[', '.']);
        let shown = || strconv::quote(key.as_bytes());
        match last {
            None if key.is_empty() => Err(None),
            None => Err(Some(format!("key {} has no value", shown()))),
            Some('=') => {
                assign(values, key, Value::str(std::mem::take(&mut self.rest)));
                Ok(())
            }
            Some('.') => {
                let nesting = nesting + 1;
                if nesting > MAX_NESTING {
                    return Err(Some(too_deep()));
                }
                let inner = match values.get(key) {
                    None => Map::new(),
                    Some(Value::Map(inner)) => inner,
                    Some(other) => return Err(Some(wrong_type(&other, "map[string]interface {}"))),
                };
                let result = self.key(&inner, nesting);
                if result.is_ok() && inner.is_empty() {
                    return Err(Some(format!("key map {} has no value", shown())));
                }
                if !inner.is_empty() {
                    assign(values, key, Value::Map(inner));
                }
                result
            }
            Some(_) => {
                let index = self.index()?;
                let mut list = match values.get(key) {
                    None => Vec::new(),
                    Some(Value::List(list)) => list.items().to_vec(),
                    Some(other) => return Err(Some(wrong_type(&other, "[]interface {}"))),
                };
                let result = self.item(&mut list, index, nesting);
                assign(values, key, Value::list(list));
                result
            }
        }
    }

    fn item(&mut self, list: &mut Vec<Value>, index: i64, nesting: usize) -> Step {
        if index < 0 {
            return Err(Some(format!("negative {index} index not allowed")));
        }
        let (extra, last) = self.until(&['[', '.', '=']);
        if !extra.is_empty() {
            return Err(Some(behind_index(extra)));
        }
        let existing = usize::try_from(index).ok().and_then(|index| list.get(index).cloned());
        match last {
            None => Err(None),
            Some('=') => place(list, index, Value::str(std::mem::take(&mut self.rest))).map_err(Some),
            Some('.') => {
                let inner = match existing {
                    Some(Value::Map(inner)) => inner,
                    Some(_) => {
                        let inner = Map::new();
                        place(list, index, Value::Map(inner.clone())).map_err(Some)?;
                        inner
                    }
                    None => Map::new(),
                };
                self.key(&inner, nesting)?;
                place(list, index, Value::Map(inner)).map_err(Some)
            }
            Some(_) => {
                let next = self.index()?;
                let mut inner = match existing {
                    None | Some(Value::Nil) => Vec::new(),
                    Some(Value::List(inner)) => inner.items().to_vec(),
                    Some(other) => return Err(Some(wrong_type(&other, "[]interface {}"))),
                };
                self.item(&mut inner, next, nesting)?;
                place(list, index, Value::list(inner)).map_err(Some)
            }
        }
    }

    fn index(&mut self) -> Result<i64, Option<String>> {
        match self.until(&[']']) {
            (_, None) if self.compat.forgives_open_index() => Err(None),
            (_, None) => Err(Some("error parsing index: EOF".to_owned())),
            (word, Some(_)) => parse_index(word).map_err(Some),
        }
    }

    /// The text up to one of `stops`, and the stop that ended it.
    fn until(&mut self, stops: &[char]) -> (&'t str, Option<char>) {
        let text = self.rest;
        match text.char_indices().find(|(_, char)| stops.contains(char)) {
            Some((at, char)) => {
                self.rest = &text[at + char.len_utf8()..];
                (&text[..at], Some(char))
            }
            None => {
                self.rest = "";
                (text, None)
            }
        }
    }
}
