//! What holds for all edits of all documents: reading what was edited gives the edit of what was read, and bytes
//! that the edit is not about stay.

use kiln::span::Source;
use kiln::value::{Frozen, IntKind, Str};
use kiln::yaml::edit::{Step, append, remove, set, show_path};
use kiln::yaml::{Document, Node, load_node_native, parse_stream};

use crate::documents::{Random, write};

const SEEDS: u64 = 6000;

#[derive(Debug)]
enum Edit {
    Set(Frozen),
    Append(Frozen),
    Remove,
}

#[test]
fn reading_after_an_edit_is_editing_what_was_read() {
    let mut tally = Tally::default();
    let failures: Vec<String> = (0..SEEDS).filter_map(|seed| tally.check(seed).err()).collect();
    let first: Vec<&str> = failures.iter().take(8).map(String::as_str).collect();
    assert!(failures.is_empty(), "{} of {SEEDS}:\n{}", failures.len(), first.join("\n----\n"));
    let Tally { done, refused, opinions } = tally;
    assert!(done > 4000, "{done} edits were made");
    assert!(opinions > 1500, "{opinions} second opinions were heard");
    assert!(refused * 8 < done, "{refused} edits were refused");
}

#[derive(Default)]
struct Tally {
    done: usize,
    refused: usize,
    opinions: usize,
}

impl Tally {
    /// Makes one edit of one document.
    fn check(&mut self, seed: u64) -> Result<(), String> {
        let mut random = Random::new(seed + 1);
        let written = write(&mut random);
        let source = Source::new("law.yaml", written.text.as_str());
        let Some((documents, before)) = read(&written.text) else { return Ok(()) };
        let at = random.below(documents.len());
        let Some((path, edit)) = wish(&mut random, &before[at]) else { return Ok(()) };
        let Some(wanted) = changed(&before[at], &path, &edit) else { return Ok(()) };
        let document = &documents[at];
        let result = match &edit {
            Edit::Set(value) => set(document, &path, value),
            Edit::Append(value) => append(document, &path, value),
            Edit::Remove => remove(document, &path),
        };
        let context = format!("seed {seed}, {edit:?} `{}` of document {at} in\n{}\n", show_path(&path), source.text());
        let after = match result {
            Ok(after) => after,
            Err(_) if written.has_anchors => {
                self.refused += 1;
                return Ok(());
            }
            Err(error) => return Err(format!("{context}refused: {error}")),
        };
        let context = format!("{context}gives\n{after}\n");
        let (_, values) = read(&after).ok_or_else(|| format!("not YAML: {context}"))?;
        let mut expected = before.clone();
        expected[at] = wanted;
        if values != expected {
            return Err(format!("another value: {context}"));
        }
        if let Some(what) = touched(document, &path, &edit, &after) {
            return Err(format!("{what}: {context}"));
        }
        match second_opinion(source.text(), &before, &after, &expected) {
            Some(true) => self.opinions += 1,
            Some(false) => return Err(format!("another reader: {context}")),
            None => {}
        }
        self.done += 1;
        Ok(())
    }
}

/// The documents of a text and their values; `None` when it cannot be read.
fn read(text: &str) -> Option<(Vec<Document>, Vec<Frozen>)> {
    let source = Source::new("law.yaml", text);
    let documents = parse_stream(&source).ok()?;
    let values = documents.iter().map(|document| load_node_native(&document.root).ok()).collect::<Option<Vec<_>>>()?;
    (!documents.is_empty()).then_some((documents, values))
}

fn wish(random: &mut Random, value: &Frozen) -> Option<(Vec<Step>, Edit)> {
    let mut all = Vec::new();
    paths(value, &mut Vec::new(), &mut all);
    let (path, found) = random.pick(&all).clone();
    let new = new_value(random);
    Some(match random.below(5) {
        0 | 1 if !path.is_empty() => (path, Edit::Set(new)),
        2 if !path.is_empty() => (path, Edit::Remove),
        3 if matches!(found, Frozen::List(_)) => (path, Edit::Append(new)),
        _ if matches!(found, Frozen::Map(_) | Frozen::Nil) => {
            let mut path = path;
            for _ in 0..=random.below(3) {
                let key = *random.pick(&["new", "new key", "yes", "1", "a#b", "é", "x.y", "- z", "'q'", ""]);
                path.push(Step::from(key));
            }
            (path, Edit::Set(new))
        }
        _ if !path.is_empty() => (path, Edit::Set(new)),
        _ => return None,
    })
}

fn new_value(random: &mut Random) -> Frozen {
    let text = |text: &str| Frozen::str(text);
    match random.below(14) {
        0 => text("v2"),
        1 => text("1.10"),
        2 => text("yes"),
        3 => text(""),
        4 => text("a: b # c"),
        5 => text("one\ntwo\n"),
        6 => text("é 日本"),
        7 => text("it's \"q\""),
        8 => Frozen::Int(IntKind::Int, 7),
        9 => Frozen::Bool(false),
        10 => Frozen::Nil,
        11 => Frozen::Float(1.5),
        12 => Frozen::list(vec![text("x"), Frozen::map(vec![("k".into(), text("null"))])]),
        _ => Frozen::map(vec![("k".into(), Frozen::list(Vec::new())), ("l m".into(), text("# x"))]),
    }
}

fn paths(value: &Frozen, path: &mut Vec<Step>, all: &mut Vec<(Vec<Step>, Frozen)>) {
    all.push((path.clone(), value.clone()));
    match value {
        Frozen::List(items) => {
            for (at, item) in items.iter().enumerate() {
                path.push(Step::Index(at));
                paths(item, path, all);
                path.pop();
            }
        }
        Frozen::Map(map) => {
            for (key, item) in map.iter() {
                path.push(Step::Key(key.to_string()));
                paths(item, path, all);
                path.pop();
            }
        }
        _ => {}
    }
}

/// The value after an edit, by the plainest means.
fn changed(value: &Frozen, path: &[Step], edit: &Edit) -> Option<Frozen> {
    let Some((step, rest)) = path.split_first() else {
        return match (edit, value) {
            (Edit::Set(new), _) => Some(new.clone()),
            (Edit::Append(new), Frozen::List(items)) => {
                Some(Frozen::list(items.iter().cloned().chain([new.clone()]).collect()))
            }
            _ => None,
        };
    };
    let gone = rest.is_empty() && matches!(edit, Edit::Remove);
    match (step, value) {
        (Step::Key(key), Frozen::Map(_) | Frozen::Nil) => {
            let mut entries: Vec<(Str, Frozen)> = match value {
                Frozen::Map(map) => map.iter().map(|(key, value)| (key.clone(), value.clone())).collect(),
                _ => Vec::new(),
            };
            match entries.iter().position(|(own, _)| own == key.as_str()) {
                Some(at) if gone => drop(entries.remove(at)),
                Some(at) => entries[at].1 = changed(&entries[at].1, rest, edit)?,
                None => entries.push((key.as_str().into(), changed(&Frozen::Nil, rest, edit)?)),
            }
            Some(Frozen::map(entries))
        }
        (Step::Index(at), Frozen::List(items)) => {
            let mut items = items.to_vec();
            if gone {
                items.remove(*at);
            } else {
                items[*at] = changed(&items[*at], rest, edit)?;
            }
            Some(Frozen::list(items))
        }
        _ => None,
    }
}

/// Checks that only bytes of the value itself were replaced, and that nothing but new text was added or old text
/// removed where that is what the edit is. Says what else was touched.
fn touched(document: &Document, path: &[Step], edit: &Edit, after: &str) -> Option<&'static str> {
    let before = document.source.text();
    let same = before.bytes().zip(after.bytes()).take_while(|(old, new)| old == new).count();
    let longest = before.len().min(after.len()) - same;
    let tail = before.bytes().rev().zip(after.bytes().rev()).take(longest).take_while(|(old, new)| old == new).count();
    match (edit, walk(&document.root, path)) {
        _ if *after == *before => None,
        (Edit::Remove, _) => {
            let only = above(&document.root, path).is_some_and(|holder| size(holder) == 1);
            (!only && same + tail != after.len()).then_some("more than removed")
        }
        (Edit::Append(_), Some(list)) if size(list) > 0 && before.ends_with('\n') => {
            (same + tail != before.len()).then_some("more than added")
        }
        (Edit::Set(_), Some(node)) => {
            // The value, with its anchor, and what separates it from its key.
            let start = key_end(document, path).min(node.outer() as usize);
            if same < start {
                return Some("something before the value");
            }
            let only_adds = same + tail == before.len();
            (!only_adds && before.len() - tail > rest_of_line(before, node.end as usize))
                .then_some("something behind the value")
        }
        (Edit::Set(_), None) => {
            let holder = deepest(&document.root, path);
            // A block scalar at the very end loses its line break in the header instead.
            (size(holder) > 0 && before.ends_with('\n') && same + tail != before.len()).then_some("more than added")
        }
        _ => None,
    }
}

fn rest_of_line(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |len| at + len + 1)
}

/// Where the key of the value at a path ends, or the dash of its item begins.
fn key_end(document: &Document, path: &[Step]) -> usize {
    let Some((last, above)) = path.split_last() else { return 0 };
    let Some(holder) = walk(&document.root, above) else { return 0 };
    match last {
        Step::Key(key) => {
            let entry = holder.as_map().unwrap_or_default().iter().rev().find(|(own, _)| own.as_str() == Some(key));
            entry.map_or(0, |(key, _)| key.end as usize)
        }
        Step::Index(0) => holder.start as usize,
        Step::Index(at) => holder.as_seq().map_or(0, |items| items[at - 1].end as usize),
    }
}

fn walk<'n>(node: &'n Node, path: &[Step]) -> Option<&'n Node> {
    path.iter().try_fold(node, |node, step| match step {
        Step::Key(key) => {
            let named = |own: &Node| own.as_str() == Some(key) || key_of(own).as_deref() == Some(key);
            node.as_map()?.iter().rev().find(|(own, _)| named(own)).map(|(_, value)| value)
        }
        Step::Index(at) => node.as_seq()?.get(*at),
    })
}

/// A key that is no string, as values name it.
fn key_of(key: &Node) -> Option<String> {
    match load_node_native(key).ok()? {
        Frozen::Bool(value) => Some(value.to_string()),
        Frozen::Int(_, value) => Some(value.to_string()),
        _ => None,
    }
}

fn above<'n>(root: &'n Node, path: &[Step]) -> Option<&'n Node> {
    path.split_last().and_then(|(_, above)| walk(root, above))
}

/// The last node on the way of a path.
fn deepest<'n>(root: &'n Node, path: &[Step]) -> &'n Node {
    (0..=path.len()).rev().find_map(|end| walk(root, &path[..end])).unwrap_or(root)
}

fn size(node: &Node) -> usize {
    node.as_map().map(<[_]>::len).or_else(|| node.as_seq().map(<[_]>::len)).unwrap_or(0)
}

/// Whether another reader, which reads the text before the edit as we do, reads the text after it as we do, too;
/// `None` when it has its own mind about the text before.
fn second_opinion(text: &str, before: &[Frozen], after: &str, expected: &[Frozen]) -> Option<bool> {
    their_values(text).filter(|theirs| theirs == before)?;
    Some(their_values(after).as_deref() == Some(expected))
}

fn their_values(text: &str) -> Option<Vec<Frozen>> {
    use serde::Deserialize;
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let mut values = Vec::new();
    for document in serde_yaml::Deserializer::from_str(text) {
        let mut value = serde_yaml::Value::deserialize(document).ok()?;
        value.apply_merge().ok()?;
        values.push(theirs(&value)?);
    }
    Some(values)
}

fn theirs(value: &serde_yaml::Value) -> Option<Frozen> {
    Some(match value {
        serde_yaml::Value::Null => Frozen::Nil,
        serde_yaml::Value::Bool(value) => Frozen::Bool(*value),
        serde_yaml::Value::Number(number) => match number.as_i64() {
            Some(value) => Frozen::Int(IntKind::Int, value),
            None => Frozen::Float(number.as_f64()?),
        },
        serde_yaml::Value::String(text) => Frozen::str(text.as_str()),
        serde_yaml::Value::Sequence(items) => Frozen::list(items.iter().map(theirs).collect::<Option<Vec<_>>>()?),
        serde_yaml::Value::Mapping(entries) => Frozen::map(
            entries
                .iter()
                .map(|(key, value)| Some((key.as_str()?.into(), theirs(value)?)))
                .collect::<Option<Vec<_>>>()?,
        ),
        serde_yaml::Value::Tagged(_) => return None,
    })
}
