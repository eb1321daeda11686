//! Helm's errors as diagnostics: the template's place and, where a value caused it, the value's.

use std::sync::Arc;

use crate::diag::{Code, Diagnostic};
use crate::gotmpl::{ExecError, Unclosed};
use crate::helm::{Chart, LoadError, RenderCause, RenderError, place_of};
use crate::source::{Tree, TreeError};
use crate::span::{Source, Span};
use crate::value::Str;

use super::super::RenderUnit;
use super::super::manifests::at;
use super::origin;

/// A chart that cannot be loaded.
pub fn loading(unit: &RenderUnit, tree: &Tree, error: &LoadError) -> Diagnostic {
    if let Some(modified) = error.tree.as_deref().filter(|error| matches!(error, TreeError::Modified { .. })) {
        return at(unit, modified.diagnostic(Code("chart.load")));
    }
    let shown = tree.display("");
    let here = if shown.is_empty() { "the component's folder".to_owned() } else { format!("`{shown}`") };
    let source = error.file.as_ref().and_then(|file| {
        let bytes = tree.read(file).ok()?;
        Some(Source::new(tree.display(file), String::from_utf8_lossy(&bytes)))
    });
    let diagnostic = Diagnostic::error(Code("chart.load"), format!("no chart can be loaded from {here}: {error}"));
    let diagnostic = match (&source, &error.yaml) {
        (Some(source), Some(yaml)) => match yaml.to_diagnostic(source).labels.into_iter().next() {
            Some(label) => diagnostic.at(label.span, ""),
            None => diagnostic,
        },
        (Some(source), None) => diagnostic.at(place_of(source, &error.at), ""),
        (None, _) => diagnostic,
    };
    let missing = !tree.is_dir("") || !tree.is_file("Chart.yaml");
    let diagnostic = at(unit, diagnostic);
    if missing {
        diagnostic.help("correct `source` and `path`; if the chart is fetched, run `kiln install`")
    } else {
        diagnostic
    }
}

/// A chart that cannot be rendered.
pub fn rendering(unit: &RenderUnit, tree: &Tree, chart: &Arc<Chart>, error: &RenderError) -> Diagnostic {
    let text = error.to_string();
    let message = text.trim_end();
    let code = match error.cause() {
        RenderCause::Chart(_) => Code("chart.refused"),
        RenderCause::Name => Code("chart.release-name"),
        RenderCause::Values => Code("chart.values"),
        RenderCause::Schema(_) => Code("chart.schema"),
        RenderCause::KubeVersion => Code("chart.kube-version"),
        RenderCause::Parse(_) | RenderCause::Exec(_) => Code("chart.template"),
        RenderCause::Manifest(_) => Code("chart.manifest"),
        RenderCause::File => Code("chart.load"),
    };
    let diagnostic = Diagnostic::error(code, message);
    match error.cause() {
        RenderCause::Exec(exec) => at(unit, executing(unit, tree, chart, exec, diagnostic)),
        RenderCause::Parse(parse) => {
            let source = template(tree, chart, &parse.name);
            let place = source.as_ref().map(|source| line(source, parse.line as usize, 0));
            let (begun, word) = match &parse.unclosed {
                Some(Unclosed::Action(range)) => (Some(range), "the action begins here; is it closed?"),
                Some(Unclosed::Block(range)) => (Some(range), "this has no `{{ end }}`"),
                None => (None, ""),
            };
            let begun = source.zip(begun).map(|(source, range)| Span::new(&source, range.clone()));
            at(unit, diagnostic.maybe_at(place, "").maybe_at(begun, word))
        }
        RenderCause::Manifest(manifest) => {
            let source = Source::new(format!("{} (rendered)", manifest.path), manifest.document.as_str());
            let place = manifest.yaml.to_diagnostic(&source).labels.into_iter().next();
            let place = place.map_or_else(|| Span::new(&source, 0..0), |label| label.span);
            at(unit, diagnostic.at(place, "in what the template produced"))
        }
        RenderCause::Schema(misfits) => {
            let mut diagnostic = diagnostic;
            for misfit in misfits {
                let reads: Vec<Str> =
                    ["Values"].into_iter().chain(misfit.at.iter().map(String::as_str)).map(Str::from).collect();
                if let Some(found) = origin::of_value(unit, tree, chart, &misfit.subcharts, &reads) {
                    diagnostic = diagnostic.at(found.span, found.text);
                }
            }
            at(unit, diagnostic).help("correct the values in the component's configuration")
        }
        RenderCause::Name => at(unit, diagnostic)
            .help("the component's name is the release's: lower-case letters, digits and `-`, 53 at most"),
        RenderCause::Chart(keys) => at(unit, diagnostic.maybe_at(metadata(tree, keys), "")),
        RenderCause::KubeVersion => at(unit, diagnostic.maybe_at(metadata(tree, &["kubeVersion".to_owned()]), "")),
        RenderCause::Values | RenderCause::File => at(unit, diagnostic),
    }
}

/// A place in the chart's `Chart.yaml`.
fn metadata(tree: &Tree, keys: &[String]) -> Option<Span> {
    let bytes = tree.read("Chart.yaml").ok()?;
    Some(place_of(&Source::new(tree.display("Chart.yaml"), String::from_utf8_lossy(&bytes)), keys))
}

fn executing(
    unit: &RenderUnit,
    tree: &Tree,
    chart: &Arc<Chart>,
    exec: &ExecError,
    mut diagnostic: Diagnostic,
) -> Diagnostic {
    let innermost = exec.innermost();
    let mut chain = vec![exec];
    while let Some(next) = chain.last().and_then(|error| error.cause.as_deref()) {
        chain.push(next);
    }
    for (depth, error) in chain.iter().rev().enumerate() {
        let Some(source) = template(tree, chart, &error.template) else { continue };
        let place = line(&source, error.line as usize, error.col as usize);
        diagnostic = diagnostic.at(place, if depth == 0 { "" } else { "called from here" });
    }
    let found = origin::of_value(unit, tree, chart, &subcharts(&exec.template), &innermost.reads);
    match found {
        Some(found) => diagnostic.at(found.span, found.text),
        None => diagnostic,
    }
}

/// The names of the subcharts that a template's path leads through.
fn subcharts(path: &str) -> Vec<String> {
    let parts: Vec<&str> = path.split('/').collect();
    parts.windows(2).skip(1).step_by(2).take_while(|pair| pair[0] == "charts").map(|pair| pair[1].to_owned()).collect()
}

/// The text of a template by the path that Helm names it with (`chart/charts/sub/templates/a.yaml`).
fn template(tree: &Tree, chart: &Arc<Chart>, path: &str) -> Option<Arc<Source>> {
    let mut owner = chart;
    let mut rest = path.split_once('/')?.1;
    let mut shown = String::new();
    for name in subcharts(path) {
        owner = owner.charts.iter().find(|child| child.name() == name)?;
        rest = rest.strip_prefix("charts/")?.split_once('/')?.1;
        shown.push_str(&format!("charts/{name}/"));
    }
    let file = owner.templates.iter().find(|file| file.name == rest)?;
    let text = String::from_utf8_lossy(&file.data);
    Some(Source::new(tree.display(&format!("{shown}{rest}")), text))
}

/// The span from a column (0-based, in bytes) of a line to the end of the action there.
fn line(source: &Arc<Source>, line: usize, col: usize) -> Span {
    let start = source.line_start(line);
    let text = source.text()[start..].lines().next().unwrap_or_default();
    let mut from = col.min(text.len());
    while !text.is_char_boundary(from) {
        from -= 1;
    }
    let to = text[from..].find("}}").map_or(text.trim_end().len(), |at| from + at);
    let to = from + text[from..to.max(from)].trim_end_matches(['-', ' ']).len();
    Span::new(source, start + from..start + to.max(from))
}
