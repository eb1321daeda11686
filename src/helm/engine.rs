use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::gotmpl::{ExecError, Limits, MissingKey, Options, ParseError};
use crate::value::{Map, MapType, Value};

use super::assembly::Assembly;
use super::compat::Compat;
use super::compiled::SourceText;
use super::error::RenderError;
use super::functions::{MESSAGE_END, MESSAGE_START, without_no_value};
use super::host::ReleaseHost;
use super::objects::{Context, values_methods};
use super::trace;

/// Executes all templates of a release in Helm's order: deeper paths first, then from the end of the
/// alphabet. Files whose names begin with `_` are only there to be included.
/// Gives the outputs by template name. Templates that are not compiled yet are parsed on so many threads.
pub fn execute(
    charts: &Assembly,
    contexts: &BTreeMap<String, Context>,
    host: &mut ReleaseHost,
    limits: &Limits,
    threads: usize,
) -> Result<BTreeMap<String, Vec<u8>>, RenderError> {
    let mut order: Vec<(&String, &Context)> = contexts.iter().collect();
    order.sort_by_cached_key(|(name, _)| Reverse((name.bytes().filter(|byte| *byte == b'/').count(), *name)));
    let texts: Vec<SourceText<'_>> = (order.iter())
        .map(|(name, context)| SourceText { name, text: &charts.chart(context.chart).templates[context.file].data })
        .collect();
    let root = charts.chart(Assembly::ROOT);
    let compat = root.compat;
    let set = root.compiled.get(&texts, compat, threads).map_err(parse_error)?;
    let options = Options { missing_key: MissingKey::Zero, limits: limits.clone(), map_methods: Some(values_methods) };
    let mut run = set.run(&options, host);
    let mut rendered = BTreeMap::new();
    for (name, context) in order {
        if name.rsplit('/').next().is_some_and(|base| base.starts_with('_')) {
            continue;
        }
        let template = Map::from_iter([
            ("Name".into(), Value::str(name.as_str())),
            ("BasePath".into(), Value::str(context.base_path.as_str())),
        ]);
        let ty = MapType::Values(compat.values_type());
        context.data.insert("Template", Value::Map(template.with_type(ty)));
        let data = Value::Map(context.data.with_type(ty));
        ReleaseHost::of(run.host()).begin(name);
        let output = run.execute(name, &data).map_err(|error| exec_error(error, compat))?;
        rendered.insert(name.clone(), without_no_value(output));
    }
    Ok(rendered)
}

/// Helm shows the place and the last part of Go's message.
fn parse_error(error: Box<ParseError>) -> RenderError {
    let text = error.to_string();
    let mut parts = text.split(": ").skip(1);
    let place = parts.next().unwrap_or_default();
    let message = parts.last().unwrap_or(place);
    RenderError::parse(format!("parse error at ({place}): {message}"), error)
}

/// Of a failure that a chart's author called for, Helm shows only the outermost place and the message.
/// Of all others, Helm 4 shows each step on a line of its own.
fn exec_error(error: Box<ExecError>, compat: Compat) -> RenderError {
    let text = error.to_string();
    let mut parts = text.splitn(3, ": ").skip(1);
    let place = parts.next().unwrap_or_default();
    let rest = parts.next().unwrap_or_default();
    let called_for = rest.find(MESSAGE_START).map(|at| at + MESSAGE_START.len()).and_then(|start| {
        let end = rest.rfind(MESSAGE_END).filter(|end| *end >= start)?;
        Some(format!("execution error at ({place}): {}", &rest[start..end]))
    });
    let told = called_for.or_else(|| if compat.tells_failures_in_blocks() { trace::blocks(&error) } else { None });
    RenderError::exec(told.unwrap_or(text), error)
}
