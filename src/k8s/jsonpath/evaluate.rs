use crate::golang::fmt;
use crate::value::{IntKind, Value};

use super::compare::compare;
use super::node::{Filter, Node, Slice};

/// Something found: a value, or Go's value of no type, which is what the items of an empty range are.
pub type Item = Option<Value>;

/// How many items one execution may find; client-go has no bound.
const MAX_ITEMS: usize = 1_000_000;

/// Why a step failed.
struct Stop {
    /// client-go's text.
    error: String,
    /// What the step gives all the same: a filter that asks for existence looks at it.
    items: Vec<Item>,
}

type Found = Result<Vec<Item>, Stop>;

/// One execution of a template.
pub struct Evaluation<'a> {
    nodes: &'a [Node],
    /// How many ranges were begun by the step before and not yet entered.
    beginning: usize,
    /// How many ranges we are in.
    inside: usize,
    /// How many ranges are to end.
    ending: usize,
    /// The step that ended the last range.
    last_end: usize,
    found: usize,
}

impl<'a> Evaluation<'a> {
    pub fn new(nodes: &'a [Node]) -> Self {
        Self { nodes, beginning: 0, inside: 0, ending: 0, last_end: 0, found: 0 }
    }

    /// What the steps from `first` on find in a value, until the range that they are in ends.
    /// The error is client-go's text.
    pub fn find(&mut self, data: Item, first: usize) -> Result<Vec<Vec<Item>>, String> {
        let input = [data];
        let mut found = Vec::new();
        let mut at = first;
        while let Some(node) = self.nodes.get(at) {
            let items = self.walk(&input, node).map_err(|stop| stop.error)?;
            if self.ending > 0 && self.ending <= self.inside {
                self.ending -= 1;
                self.last_end = at;
                break;
            }
            if self.beginning == 0 {
                found.push(items);
                at += 1;
                continue;
            }
            self.beginning -= 1;
            self.inside += 1;
            if items.is_empty() {
                // What it finds is nothing, but it leads to the end.
                self.find(None, at + 1)?;
            }
            for item in items {
                let Some(item) = item else { return Err("no value to range over".to_owned()) };
                found.extend(self.find(Some(item).filter(|item| !item.is_nil()), at + 1)?);
            }
            self.inside -= 1;
            at = at.max(self.last_end) + 1;
        }
        Ok(found)
    }

    fn walk(&mut self, input: &[Item], node: &Node) -> Found {
        let items = match node {
            Node::List(nodes) => self.list(input, nodes)?,
            Node::Text(text) => vec![Some(Value::Str(text.clone()))],
            Node::Int(number) => vec![Some(Value::int(*number)); input.len()],
            Node::Float(number) => vec![Some(Value::Float(*number)); input.len()],
            Node::Bool(value) => vec![Some(Value::Bool(*value)); input.len()],
            Node::Identifier(word) => self.identifier(input, word)?,
            Node::Field(key) => field(input, key.as_bytes())?,
            Node::Slice(wanted) => slice(input, wanted)?,
            Node::Filter(filter) => self.filter(input, filter)?,
            Node::Wildcard => {
                let mut items = Vec::new();
                for value in input.iter().flatten() {
                    items.extend(inner(value));
                    bounded(items.len())?;
                }
                items
            }
            Node::Recursive => containers(input)?,
            Node::Union(parts) => {
                let mut items = Vec::new();
                for part in parts {
                    items.extend(self.list(input, part).map_err(|stop| stop.with(input))?);
                }
                items
            }
        };
        self.found += items.len();
        bounded(self.found)?;
        Ok(items)
    }

    fn list(&mut self, input: &[Item], nodes: &[Node]) -> Found {
        let mut items = input.to_vec();
        for node in nodes {
            items = self.walk(&items, node)?;
        }
        Ok(items)
    }

    fn identifier(&mut self, input: &[Item], word: &str) -> Found {
        match word {
            "range" => {
                self.beginning += 1;
                Ok(input.to_vec())
            }
            "end" if self.inside > 0 => {
                self.ending += 1;
                Ok(Vec::new())
            }
            "end" => Err(stop("not in range, nothing to end".to_owned(), &[])),
            other => Err(stop(format!("unrecognized identifier {other}"), input)),
        }
    }

    fn filter(&mut self, input: &[Item], filter: &Filter) -> Found {
        let mut items = Vec::new();
        for value in input {
            let Some(Value::List(list)) = value else {
                let mut shown = Vec::new();
                match value {
                    None => shown.extend_from_slice(b"<invalid reflect.Value>"),
                    Some(value) => fmt::print_v(&mut shown, value),
                }
                let shown = String::from_utf8_lossy(&shown);
                return Err(stop(format!("{shown} is not array or slice and cannot be filtered"), input));
            };
            for item in list.items() {
                let item = Some(item.clone());
                let fits = match self.sides(&item, filter).map_err(|stop| stop.with(input))? {
                    Sides::Missing => false,
                    Sides::Exist => true,
                    Sides::Compare(operator, left, right) => {
                        compare(operator, &left, &right).map_err(|error| stop(error, &items))?
                    }
                };
                if fits {
                    items.push(item);
                }
            }
        }
        Ok(items)
    }

    fn sides<'f>(&mut self, item: &Item, filter: &'f Filter) -> Result<Sides<'f>, Stop> {
        let input = std::slice::from_ref(item);
        let left = self.list(input, &filter.left);
        let Some((operator, right)) = &filter.compared else {
            let is_there = !left.unwrap_or_else(|stop| stop.items).is_empty();
            return Ok(if is_there { Sides::Exist } else { Sides::Missing });
        };
        let Some(left) = only(left?)? else { return Ok(Sides::Missing) };
        let right = self.list(input, right)?;
        let Some(right) = only(right)? else { return Ok(Sides::Missing) };
        Ok(Sides::Compare(operator, left, right))
    }
}

/// What a condition finds in an item.
enum Sides<'a> {
    /// Nothing that could fit.
    Missing,
    /// What must be there.
    Exist,
    /// What is to be compared.
    Compare(&'a str, Value, Value),
}

/// The one item of what is compared.
fn only(mut items: Vec<Item>) -> Result<Option<Value>, Stop> {
    if items.len() > 1 {
        return Err(stop("can only compare one element at a time".to_owned(), &[]));
    }
    Ok(items.pop().map(Option::unwrap_or_default))
}

fn field(input: &[Item], key: &[u8]) -> Found {
    let entry = |item: &Item| item.as_ref()?.as_map()?.get_bytes(key);
    let items: Vec<Item> = input.iter().filter_map(entry).map(Some).collect();
    if items.is_empty() && !input.is_empty() {
        return Err(stop(format!("{} is not found", String::from_utf8_lossy(key)), &[]));
    }
    Ok(items)
}

fn slice(input: &[Item], wanted: &Slice) -> Found {
    let mut items = Vec::new();
    for value in input {
        let list = match value {
            Some(Value::Nil) => continue,
            Some(Value::List(list)) => list.items(),
            other => {
                let name = other.as_ref().map_or_else(|| "no value".into(), Value::type_name);
                return Err(stop(format!("{name} is not array or slice"), input));
            }
        };
        let Some(places) = wanted.places(list.len()).map_err(|error| stop(error, input))? else { break };
        items.extend(places.filter_map(|place| list.get(place)).cloned().map(Some));
    }
    Ok(items)
}

/// What lies directly in a value. A string holds bytes.
fn inner(value: &Value) -> Vec<Item> {
    match value {
        Value::Map(map) => {
            let mut entries = map.entries();
            entries.sort_by(|(one, _), (other, _)| one.cmp(other));
            entries.into_iter().map(|(_, value)| Some(value)).collect()
        }
        Value::List(list) => list.items().iter().cloned().map(Some).collect(),
        Value::Str(text) => {
            let byte = |byte: &u8| Some(Value::Int(IntKind::Uint8, i64::from(*byte)));
            text.as_bytes().iter().map(byte).collect()
        }
        _ => Vec::new(),
    }
}

/// The values that hold something, and all such values in them, the outer ones first.
fn containers(input: &[Item]) -> Found {
    let mut items = Vec::new();
    let mut ahead: Vec<Item> = input.iter().rev().cloned().collect();
    while let Some(item) = ahead.pop() {
        let below = item.as_ref().map(inner).unwrap_or_default();
        if !below.is_empty() {
            items.push(item);
            ahead.extend(below.into_iter().rev());
            bounded(items.len() + ahead.len())?;
        }
    }
    Ok(items)
}

fn bounded(found: usize) -> Result<(), Stop> {
    if found > MAX_ITEMS {
        return Err(stop(format!("the template finds more than {MAX_ITEMS} items"), &[]));
    }
    Ok(())
}

fn stop(error: String, items: &[Item]) -> Stop {
    Stop { error, items: items.to_vec() }
}

impl Stop {
    fn with(self, items: &[Item]) -> Self {
        Self { items: items.to_vec(), ..self }
    }
}
