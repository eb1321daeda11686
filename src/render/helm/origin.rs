//! From a template's read of `.Values.a.b` to the line that set the value.

use std::sync::Arc;

use crate::helm::Chart;
use crate::source::Tree;
use crate::span::{Source, Span};
use crate::value::Str;
use crate::yaml::{self, Document, Node};

use super::super::RenderUnit;

/// Where a value comes from, or would have to come from.
pub struct Found {
    /// The place.
    pub span: Span,
    /// What to say about it.
    pub text: String,
}

/// The origin of the value that a template read. `subcharts` leads from the component's chart to the
/// chart whose template it was; `reads` starts with `Values`.
pub fn of_value(unit: &RenderUnit, tree: &Tree, chart: &Chart, subcharts: &[String], reads: &[Str]) -> Option<Found> {
    let (first, rest) = reads.split_first()?;
    if *first != "Values" || rest.is_empty() {
        return None;
    }
    let below: Vec<String> = rest.iter().map(|part| part.to_string()).collect();
    let is_global = below.first().is_some_and(|part| part == "global");
    let path: Vec<String> = if is_global { below.clone() } else { [subcharts, below.as_slice()].concat() };
    let name = below.join(".");
    if let Some(origin) = unit.scope.origin_at(&path) {
        return Some(Found { text: format!("`{name}` is set here, in `{}`", origin.layer), span: origin.span });
    }
    // A key that a set map lacks is looked for where the map was set, before any default of that map.
    let defaults = Defaults::of(chart, tree, subcharts);
    if let Some(span) = defaults.as_ref().and_then(|defaults| defaults.place(&below)) {
        return Some(Found { span, text: format!("`{name}` is the chart's default") });
    }
    for length in (1..path.len()).rev() {
        let Some(origin) = unit.scope.origin_at(&path[..length]) else { continue };
        let shown = path[..length].join(".");
        let text = format!("`{shown}` is set here, in `{}`, without `{}`", origin.layer, path[length]);
        return Some(Found { span: origin.span, text });
    }
    let defaults = defaults?;
    (1..below.len()).rev().find_map(|length| {
        let span = defaults.place(&below[..length])?;
        Some(Found {
            span,
            text: format!("the chart's default of `{}` has no `{}`", below[..length].join("."), below[length]),
        })
    })
}

struct Defaults {
    document: Document,
}

impl Defaults {
    fn of(chart: &Chart, tree: &Tree, subcharts: &[String]) -> Option<Self> {
        let mut file = chart.values_file.as_ref()?;
        let mut owner = chart;
        let mut shown = String::new();
        for name in subcharts {
            owner = owner.charts.iter().find(|child| child.name() == name)?;
            file = owner.values_file.as_ref()?;
            shown.push_str(&format!("charts/{name}/"));
        }
        let text = std::str::from_utf8(&file.data).ok()?;
        let source: Arc<Source> = Source::new(tree.display(&format!("{shown}{}", file.name)), text);
        Some(Self { document: yaml::parse_document(&source).ok()? })
    }

    fn place(&self, path: &[String]) -> Option<Span> {
        let mut node: &Node = &self.document.root;
        let mut key = None;
        for part in path {
            let (own, value) = node.entry(part)?;
            key = Some(own);
            node = value;
        }
        Some(self.document.span(key?))
    }
}
