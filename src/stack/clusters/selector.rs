use std::collections::BTreeMap;
use std::str::FromStr;

/// A label selector in the grammar of `kubectl -l`: requirements joined by commas, all of which must
/// hold. `name` stands for the cluster's name.
///
/// `key=value`, `key==value`, `key!=value`, `key in (a, b)`, `key notin (a, b)`, `key`, `!key`. As in
/// Kubernetes `!=` and `notin` also hold where there is no such label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector {
    requirements: Vec<Requirement>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Requirement {
    key: String,
    rule: Rule,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Rule {
    In(Vec<String>),
    NotIn(Vec<String>),
    Exists,
    Missing,
}

/// A text that is no selector.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SelectorError(String);

impl Selector {
    /// Whether a cluster fits.
    pub fn matches(&self, name: &str, labels: &BTreeMap<String, String>) -> bool {
        self.requirements.iter().all(|requirement| {
            let value =
                if requirement.key == "name" { Some(name) } else { labels.get(&requirement.key).map(String::as_str) };
            let is_one_of = |values: &[String]| value.is_some_and(|value| values.iter().any(|known| known == value));
            match &requirement.rule {
                Rule::In(values) => is_one_of(values),
                Rule::NotIn(values) => !is_one_of(values),
                Rule::Exists => value.is_some(),
                Rule::Missing => value.is_none(),
            }
        })
    }

    /// The labels that it asks for; `name` is none.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.requirements.iter().map(|requirement| requirement.key.as_str()).filter(|key| *key != "name")
    }
}

impl FromStr for Selector {
    type Err = SelectorError;

    fn from_str(text: &str) -> Result<Self, SelectorError> {
        let requirements = split(text)?.into_iter().map(requirement).collect::<Result<_, _>>()?;
        Ok(Self { requirements })
    }
}

/// The parts between commas that stand outside of parentheses.
fn split(text: &str) -> Result<Vec<&str>, SelectorError> {
    let (mut parts, mut start, mut open) = (Vec::new(), 0, false);
    for (at, char) in text.char_indices() {
        match char {
            '(' if !open => open = true,
            ')' if open => open = false,
            '(' | ')' => return Err(SelectorError(format!("`{text}` has a parenthesis too many"))),
            ',' if !open => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    if open {
        return Err(SelectorError(format!("`{text}` lacks a closing parenthesis")));
    }
    parts.push(&text[start..]);
    Ok(parts)
}

fn requirement(part: &str) -> Result<Requirement, SelectorError> {
    let part = part.trim();
    let made = |key: &str, rule| {
        let key = key.trim();
        let is_plain = |char: char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_' | '.' | '/');
        match !key.is_empty() && key.chars().all(is_plain) {
            true => Ok(Requirement { key: key.to_owned(), rule }),
            false => Err(SelectorError(format!("`{part}` is no requirement: write `label=value` or `label!=value`"))),
        }
    };
    let one = |value: &str| vec![value.trim().to_owned()];
    if let Some((key, value)) = part.split_once("!=") {
        return made(key, Rule::NotIn(one(value)));
    }
    if let Some((key, value)) = part.split_once("==").or_else(|| part.split_once('=')) {
        return made(key, Rule::In(one(value)));
    }
    if let Some((before, values)) = part.strip_suffix(')').and_then(|part| part.split_once('(')) {
        let values = values.split(',').map(|value| value.trim().to_owned()).collect();
        let mut words = before.split_whitespace();
        return match (words.next(), words.next(), words.next()) {
            (Some(key), Some("in"), None) => made(key, Rule::In(values)),
            (Some(key), Some("notin"), None) => made(key, Rule::NotIn(values)),
            _ => Err(SelectorError(format!("`{part}` is no requirement: write `label in (a, b)`"))),
        };
    }
    match part.strip_prefix('!') {
        Some(key) => made(key, Rule::Missing),
        None => made(part, Rule::Exists),
    }
}
