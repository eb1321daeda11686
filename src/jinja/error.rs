use std::error::Error as _;
use std::ops::Range;
use std::sync::PoisonError;

use indexmap::IndexMap;
use minijinja::{Error, ErrorKind};

use crate::diag::{Code, Diagnostic, nearest};
use crate::source::Tree;
use crate::span::Span;
use crate::value::Frozen;

use super::renderer::Sources;

/// Turns minijinja's error into a diagnostic: the innermost template first, then each include that
/// led there.
pub fn diagnose(problem: &Error, tree: &Tree, sources: &Sources, variables: &IndexMap<String, Frozen>) -> Diagnostic {
    let mut chain = vec![problem];
    let mut deepest = problem;
    while let Some(next) = deepest.source().and_then(|error| error.downcast_ref::<Error>()) {
        chain.push(next);
        deepest = next;
    }
    let code = match deepest.kind() {
        ErrorKind::SyntaxError | ErrorKind::InvalidDelimiter => Code("template.syntax"),
        ErrorKind::UndefinedError => Code("template.undefined"),
        ErrorKind::OutOfFuel => Code("template.limit"),
        _ => Code("template.render"),
    };
    let mut diagnostic = Diagnostic::error(code, message(deepest));
    for (depth, error) in chain.iter().rev().enumerate() {
        let Some(span) = place(error, tree, sources) else { continue };
        diagnostic = diagnostic.at(span, if depth == 0 { "" } else { "included from here" });
    }
    match help(deepest, variables) {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

fn message(error: &Error) -> String {
    match (error.kind(), error.detail()) {
        (ErrorKind::OutOfFuel, _) => "the template did more work than its limit allows".to_owned(),
        // minijinja names the operation, not what is wrong with it.
        (_, Some(detail))
            if detail.starts_with("unable to calculate") && (detail.ends_with("/ 0") || detail.ends_with("% 0")) =>
        {
            format!("division by zero: {detail}")
        }
        (kind, Some(detail)) => format!("{kind}: {detail}"),
        (kind, None) => kind.to_string(),
    }
}

fn place(error: &Error, tree: &Tree, sources: &Sources) -> Option<Span> {
    let name = error.name()?;
    let sources = sources.lock().unwrap_or_else(PoisonError::into_inner);
    let source = match sources.get(name) {
        Some(source) => source.clone(),
        None => crate::span::Source::new(tree.display(name), error.template_source()?),
    };
    let range = error.range().filter(|range| range.end <= source.text().len()).unwrap_or_else(|| {
        let start = source.line_start(error.line().unwrap_or(1));
        let line = source.text()[start..].lines().next().unwrap_or_default();
        let indent = line.len() - line.trim_start().len();
        start + indent..start + line.trim_end().len().max(indent)
    });
    Some(Span::new(&source, range))
}

/// For an undefined `config.a.b`, the nearest key that exists where the chain breaks.
fn help(error: &Error, variables: &IndexMap<String, Frozen>) -> Option<String> {
    match error.kind() {
        ErrorKind::UndefinedError => {
            let chain = undefined_chain(error)?;
            let mut parts = chain.split('.');
            let first = parts.next()?;
            let Some(mut value) = variables.get(first) else {
                let near = nearest(first, variables.keys().map(String::as_str))?;
                return Some(format!("did you mean `{near}`?"));
            };
            for part in parts {
                match value.get(part) {
                    Some(next) => value = next,
                    None => {
                        let keys: Vec<&str> = value.as_map()?.iter().filter_map(|(key, _)| key.as_str()).collect();
                        return Some(match nearest(part, keys.iter().copied()) {
                            Some(near) => format!(
                                "did you mean `{near}`? Set `{part}` in the configuration, or give it a value with `| default(…)`"
                            ),
                            None => format!(
                                "set `{part}` in the component's configuration, or give it a value with `| default(…)`"
                            ),
                        });
                    }
                }
            }
            None
        }
        ErrorKind::OutOfFuel => Some("simplify the loops, or raise `limits.fuel` in `kiln.yaml`".to_owned()),
        ErrorKind::TemplateNotFound => {
            Some("included files are looked up below the component's template folder".to_owned())
        }
        _ => None,
    }
}

/// The dotted name in backticks that minijinja's message starts with, else the failing text itself.
fn undefined_chain(error: &Error) -> Option<String> {
    if let Some(quoted) = error.detail().and_then(|detail| detail.split('`').nth(1)) {
        return Some(quoted.to_owned());
    }
    let range: Range<usize> = error.range()?;
    let text = error.template_source()?.get(range)?;
    Some(text.trim().to_owned())
}

#[cfg(test)]
mod tests;
