//! Where in a chart's files an error has its cause, as far as Helm's own text does not say.

use std::fs;
use std::path::Path;

use crate::gotmpl::Unclosed;
use crate::helm::{Chart, LoadError, Misfit, RenderCause, RenderError, place_of};
use crate::source::{ArchiveBudget, Naming, Tree, unpack_tgz};
use crate::span::{Source, Span};
use crate::value::Frozen;

/// The place of what keeps a chart from being loaded.
pub fn of_loading(path: &Path, error: &LoadError) -> Vec<String> {
    let file = error.file.as_deref();
    let Some(source) = file.and_then(|file| read(&files(path)?, file)) else { return Vec::new() };
    let place = match error.yaml.as_ref().and_then(|yaml| yaml.offset) {
        Some(offset) => Span::new(&source, offset as usize..offset as usize),
        None => place_of(&source, &error.at),
    };
    vec![place.to_string()]
}

/// The places of what keeps a chart from being rendered with the user's values.
pub fn of_rendering(path: &Path, chart: &Chart, values: &Frozen, error: &RenderError) -> Vec<String> {
    let Some(tree) = files(path) else { return Vec::new() };
    let metadata =
        |keys: &[String]| read(&tree, "Chart.yaml").map(|source| place_of(&source, keys).to_string()).into_iter();
    match error.cause() {
        RenderCause::Chart(keys) => metadata(keys).collect(),
        RenderCause::KubeVersion => metadata(&["kubeVersion".to_owned()]).collect(),
        RenderCause::Schema(misfits) => {
            misfits.iter().filter_map(|misfit| default(&tree, chart, values, misfit)).collect()
        }
        RenderCause::Parse(parse) => {
            let (begun, word) = match &parse.unclosed {
                Some(Unclosed::Action(range)) => (range, "the action that begins here may be unclosed"),
                Some(Unclosed::Block(range)) => (range, "what begins here has no `{{ end }}`"),
                None => return Vec::new(),
            };
            // Below the chart's own name stand the paths of its folder.
            let file = parse.name.split_once('/').map(|(_, file)| file);
            let source = file.and_then(|file| read(&tree, file));
            source.map(|source| format!("{}: {word}", Span::new(&source, begun.clone()))).into_iter().collect()
        }
        RenderCause::Name
        | RenderCause::Values
        | RenderCause::File
        | RenderCause::Exec(_)
        | RenderCause::Manifest(_) => Vec::new(),
    }
}

/// The chart's default that does not satisfy a schema, unless the user set the value.
fn default(tree: &Tree, chart: &Chart, values: &Frozen, misfit: &Misfit) -> Option<String> {
    let whole: Vec<String> = misfit.subcharts.iter().chain(&misfit.at).cloned().collect();
    if holds(values, &whole) {
        return None;
    }
    if holds(&chart.values, &whole) {
        return Some(place_of(&read(tree, "values.yaml")?, &whole).to_string());
    }
    let folder: String = misfit.subcharts.iter().map(|name| format!("charts/{name}/")).collect();
    Some(place_of(&read(tree, &format!("{folder}values.yaml"))?, &misfit.at).to_string())
}

fn holds(values: &Frozen, at: &[String]) -> bool {
    let Some((step, rest)) = at.split_first() else { return true };
    let below = match values {
        Frozen::Map(_) => values.get(step),
        Frozen::List(items) => step.parse().ok().and_then(|index: usize| items.get(index)),
        _ => None,
    };
    below.is_some_and(|below| holds(below, rest))
}

/// The files of a chart, packed or not.
fn files(path: &Path) -> Option<Tree> {
    let shown = path.to_string_lossy();
    if path.is_dir() {
        return Some(Tree::chart_directory(path, &*shown));
    }
    unpack_tgz(&fs::read(path).ok()?, &shown, Naming::DropFirstSegment, &mut ArchiveBudget::default()).ok()
}

fn read(tree: &Tree, file: &str) -> Option<std::sync::Arc<Source>> {
    let text = tree.read(file).ok()?;
    Some(Source::new(tree.display(file), String::from_utf8_lossy(&text)))
}
