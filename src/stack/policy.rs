use std::sync::Arc;

use super::fields::{FieldRules, Fields};
use crate::diag::{Code, Diagnostic, nearest};
use crate::span::Span;
use crate::value::Str;
use crate::yaml::Node;

const INVALID: Code = Code("component.merge-rule");
const WORDS: [&str; 3] = ["concat", "replace", "index"];
const NULLS: [&str; 3] = ["delete", "keep", "ignore"];

/// How the values of a component are merged: what `merge:` of its definition says. What it leaves
/// open is decided by how the project is read.
#[derive(Clone, Debug, Default)]
pub struct MergePolicy {
    /// What becomes of two lists.
    pub lists: Option<ListRule>,
    /// What becomes of a `null` over something else.
    pub null: Option<NullRule>,
    /// Rules for single paths, in the order of the file.
    pub paths: Vec<PathRule>,
    /// Where it is written.
    pub place: Option<Span>,
}

/// What becomes of a list over another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListRule {
    /// The higher items come first, then the lower ones: Fabrikate's rule.
    Concat,
    /// The higher list alone: Helm's rule.
    Replace,
    /// Each higher item replaces the lower one in its place.
    Index,
    /// Maps with the same value below this key are merged, in the order of the lower list; others follow.
    ByKey(Str),
}

/// What becomes of a `null` over something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NullRule {
    /// The key is gone.
    Delete,
    /// The `null` is the value.
    Keep,
    /// The lower value stays.
    Ignore,
}

/// A rule for the values at some paths.
#[derive(Clone, Debug)]
pub struct PathRule {
    /// The path as written.
    pub pattern: String,
    /// What becomes of values there. [`ListRule::Replace`] counts for maps too.
    pub rule: ListRule,
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Key(Str),
    One,
    Any,
}

impl MergePolicy {
    /// The rule for the value at a path: that of the pattern with the fewest `**`, then the fewest `*`;
    /// of equals the later one.
    pub fn at(&self, path: &[Str]) -> Option<&ListRule> {
        let fitting = self.paths.iter().filter(|rule| fits(&rule.parts, path));
        fitting.rev().min_by_key(|rule| rule.vagueness()).map(|rule| &rule.rule)
    }
}

impl PathRule {
    fn vagueness(&self) -> (usize, usize) {
        let count = |wanted: &Part| self.parts.iter().filter(|part| *part == wanted).count();
        (count(&Part::Any), count(&Part::One))
    }
}

impl std::fmt::Display for ListRule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ListRule::Concat => f.write_str("concat"),
            ListRule::Replace => f.write_str("replace"),
            ListRule::Index => f.write_str("index"),
            ListRule::ByKey(key) => write!(f, "byKey: {key}"),
        }
    }
}

impl NullRule {
    /// The word of the rule.
    pub fn word(self) -> &'static str {
        match self {
            NullRule::Delete => "delete",
            NullRule::Keep => "keep",
            NullRule::Ignore => "ignore",
        }
    }
}

fn fits(parts: &[Part], path: &[Str]) -> bool {
    match (parts.split_first(), path.split_first()) {
        (None, rest) => rest.is_none(),
        (Some((Part::Any, rest)), _) => {
            fits(rest, path) || path.split_first().is_some_and(|(_, below)| fits(parts, below))
        }
        (Some(_), None) => false,
        (Some((Part::One, rest)), Some((_, below))) => fits(rest, below),
        (Some((Part::Key(key), rest)), Some((own, below))) => key == own && fits(rest, below),
    }
}

/// Reads `merge:` of a component.
pub(super) fn read_policy(
    rules: &FieldRules<'_>,
    fields: &Fields<'_>,
    problems: &mut Vec<Diagnostic>,
) -> Option<Arc<MergePolicy>> {
    let node = fields.get("merge")?;
    let map = rules.map("merge", node, problems)?;
    map.check(&["lists", "null", "paths"], "`merge`", problems);
    let mut policy = MergePolicy { place: Some(rules.span(node)), ..MergePolicy::default() };
    if let Some(node) = map.get("lists") {
        policy.lists = list_rule("lists", rules, node, problems);
    }
    if let Some(node) = map.get("null") {
        policy.null = match node.as_str() {
            Some("delete") => Some(NullRule::Delete),
            Some("keep") => Some(NullRule::Keep),
            Some("ignore") => Some(NullRule::Ignore),
            _ => {
                problems.push(unknown("null", rules, node, &NULLS, NULLS.join(", ")));
                None
            }
        };
    }
    if let Some(paths) = map.get("paths").and_then(|node| rules.map("merge.paths", node, problems)) {
        paths.check_duplicates(problems);
        for (key, value) in paths.entries() {
            let pattern = key.as_str().unwrap_or_default();
            let parts = parts(pattern).map_err(|why| {
                let message = format!("`{}` is no path of values: {why}", pattern.escape_debug());
                let help = "write keys with dots between them; `*` is any key or item, `**` any number of them";
                problems.push(Diagnostic::error(INVALID, message).at(rules.span(key), "").help(help));
            });
            let rule = list_rule(&format!("paths.{pattern}"), rules, value, problems);
            if let (Ok(parts), Some(rule)) = (parts, rule) {
                policy.paths.push(PathRule { pattern: pattern.to_owned(), rule, parts });
            }
        }
    }
    Some(Arc::new(policy))
}

/// A word, or `{byKey: name}`.
fn list_rule(key: &str, rules: &FieldRules<'_>, node: &Node, problems: &mut Vec<Diagnostic>) -> Option<ListRule> {
    if node.as_map().is_some() {
        let entries = node.as_map().unwrap_or_default();
        if let [(own, name)] = entries
            && own.as_str() == Some("byKey")
            && let Some(name) = name.as_str().filter(|name| !name.is_empty())
        {
            return Some(ListRule::ByKey(Str::from(name)));
        }
        let message = format!("`merge.{key}` must be a word or `{{byKey: KEY}}`");
        problems.push(Diagnostic::error(INVALID, message).at(rules.span(node), ""));
        return None;
    }
    match node.as_str() {
        Some("concat") => Some(ListRule::Concat),
        Some("replace") => Some(ListRule::Replace),
        Some("index") => Some(ListRule::Index),
        _ => {
            let choices = format!("{} or {{byKey: KEY}}", WORDS.join(", "));
            problems.push(unknown(key, rules, node, &WORDS, choices));
            None
        }
    }
}

fn unknown(key: &str, rules: &FieldRules<'_>, node: &Node, known: &[&str], choices: String) -> Diagnostic {
    let Some(word) = node.as_str() else {
        return rules.wrong_type(&format!("merge.{key}"), node, "a word").help(format!("use one of: {choices}"));
    };
    let message = format!("unknown word `{}` for `merge.{key}`", word.escape_debug());
    let problem = Diagnostic::error(INVALID, message).at(rules.span(node), "");
    match nearest(word, known.iter().copied()) {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None => problem.help(format!("use one of: {choices}")),
    }
}

/// Splits `a."b.c".*.**`.
fn parts(pattern: &str) -> Result<Vec<Part>, &'static str> {
    let mut parts = Vec::new();
    let mut rest = pattern;
    loop {
        let end = match rest.strip_prefix('"') {
            Some(quoted) => {
                let end = quoted.find('"').ok_or("a quote is not closed")?;
                parts.push(Part::Key(Str::from(&quoted[..end])));
                end + 2
            }
            None => {
                let end = rest.find('.').unwrap_or(rest.len());
                parts.push(match &rest[..end] {
                    "" => return Err("it has an empty part"),
                    "*" => Part::One,
                    "**" => Part::Any,
                    key => Part::Key(Str::from(key)),
                });
                end
            }
        };
        match rest[end..].strip_prefix('.') {
            Some(more) => rest = more,
            None if rest[end..].is_empty() => return Ok(parts),
            None => return Err("a quoted key must be followed by a dot"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(rules: &[(&str, ListRule)]) -> MergePolicy {
        let paths = rules.iter().map(|(pattern, rule)| PathRule {
            pattern: (*pattern).to_owned(),
            rule: rule.clone(),
            parts: parts(pattern).unwrap(),
        });
        MergePolicy { paths: paths.collect(), ..MergePolicy::default() }
    }

    #[test]
    fn the_most_exact_pattern_counts() {
        let by_name = ListRule::ByKey(Str::from("name"));
        let policy = policy(&[
            ("a.env", ListRule::Index),
            ("**.env", by_name.clone()),
            ("*.env", ListRule::Replace),
            ("\"x.y\".z", ListRule::Concat),
        ]);
        let at = |path: &[&str]| policy.at(&path.iter().map(|part| Str::from(*part)).collect::<Vec<_>>()).cloned();
        assert_eq!(at(&["a", "env"]), Some(ListRule::Index));
        assert_eq!(at(&["b", "env"]), Some(ListRule::Replace));
        assert_eq!(at(&["b", "c", "env"]), Some(by_name.clone()));
        assert_eq!(at(&["env"]), Some(by_name));
        assert_eq!(at(&["x.y", "z"]), Some(ListRule::Concat));
        assert_eq!((at(&["env", "x"]), at(&[])), (None, None));
    }

    #[test]
    fn patterns_that_are_no_paths() {
        for pattern in ["", "a..b", "a.", "\"a", "\"a\"b"] {
            assert!(parts(pattern).is_err(), "{pattern}");
        }
    }
}
