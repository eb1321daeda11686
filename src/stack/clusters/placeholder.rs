use std::collections::BTreeMap;

use crate::diag::{Code, Diagnostic, nearest};
use crate::span::Span;
use crate::stack::Text;

const PLACEHOLDER: Code = Code("clusters.placeholder");

/// Fills in `{name}` and `{label}`. An unknown placeholder is an error at its very place.
pub(in crate::stack) fn fill(
    template: &Text,
    name: Option<&str>,
    labels: &BTreeMap<String, String>,
    problems: &mut Vec<Diagnostic>,
) -> Option<Text> {
    let mut out = String::with_capacity(template.value.len());
    let mut rest = template.value.as_str();
    while let Some(at) = rest.find(['{', '}']) {
        out.push_str(&rest[..at]);
        let inner = rest[at..].strip_prefix('{').and_then(|inner| Some((inner, inner.find(['{', '}'])?)));
        let Some((inner, end)) = inner.filter(|(inner, end)| inner[*end..].starts_with('}')) else {
            let message = format!("`{}` has a brace without its other half", template.value.escape_debug());
            let help = "placeholders are `{name}` and the labels of the cluster, such as `{stage}`";
            problems.push(Diagnostic::error(PLACEHOLDER, message).at(template.place.clone(), "").help(help));
            return None;
        };
        let word = &inner[..end];
        match name.filter(|_| word == "name").or_else(|| labels.get(word).map(String::as_str)) {
            Some(value) => out.push_str(value),
            None => {
                problems.push(unknown(template, word, name, labels));
                return None;
            }
        }
        rest = &inner[end + 1..];
    }
    out.push_str(rest);
    Some(Text { value: out, place: template.place.clone() })
}

fn unknown(template: &Text, word: &str, name: Option<&str>, labels: &BTreeMap<String, String>) -> Diagnostic {
    let whose = name.map(|name| format!("the cluster `{name}` has no label `{word}`"));
    let message = whose.unwrap_or_else(|| format!("there is no axis `{word}`"));
    let message = format!("unknown placeholder `{{{word}}}`: {message}", word = word.escape_debug());
    // The text may be quoted or folded: the placeholder is looked for in what is written.
    let written = format!("{{{word}}}");
    let place = match template.place.text().find(&written) {
        Some(at) => {
            let start = template.place.start as usize + at;
            Span::new(&template.place.source, start..start + written.len())
        }
        None => template.place.clone(),
    };
    let problem = Diagnostic::error(PLACEHOLDER, message).at(place, "");
    let known = || name.map(|_| "name").into_iter().chain(labels.keys().map(String::as_str));
    match nearest(word, known()) {
        Some(near) => problem.help(format!("did you mean `{{{near}}}`?")),
        None => problem.help(format!("there are: {}", known().collect::<Vec<_>>().join(", "))),
    }
}
