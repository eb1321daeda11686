//! `values.schema.json`: coalesced values against the schema of each chart, in Helm's words.
//!
//! Nothing is fetched and no file is read: a schema may refer only to itself and to the drafts. Errors
//! that Helm prints in random order are sorted.

mod cost;
mod everyday;
mod finding;
mod format;
mod words;

use std::fmt::Write as _;

use boon::{CompileError, Compiler, Draft, ErrorKind, SchemaIndex, Schemas, UrlLoader};
use serde_json::{Map as JsonMap, Number, Value as Json};

use crate::golang::regexp::Regexp;
use crate::golang::{json, strconv};
use crate::span::Source;
use crate::value::{Frozen, IntKind, Map, Value};
use crate::yaml;

use finding::{Finding, findings};

use super::Misfit;
use super::assembly::{Assembly, MemberId};

/// The address that Helm gives to a chart's schema.
const LOCATION: &str = "file:///values.schema.json";

/// The most values at fault that are located for one chart.
const MAX_PLACES: usize = 100;

/// Checks the values of a chart and its subcharts. The error is Helm's text and the values at fault, in
/// the order of the text.
pub fn validate(charts: &Assembly, id: MemberId, values: &Map) -> Result<(), (String, Vec<Misfit>)> {
    let mut complaints = Complaints::default();
    check_chart(charts, id, values, &mut complaints);
    let Complaints { text, misfits, .. } = complaints;
    if text.is_empty() {
        return Ok(());
    }
    let text = format!("values don't meet the specifications of the schema(s) in the following chart(s):\n{text}");
    Err((text, misfits))
}

/// Checks values against the schema of one chart. The error is Helm's text.
pub fn check_one(schema: &[u8], values: &Map) -> Result<(), String> {
    check_values(schema, values).map_err(|unfit| unfit.text)
}

#[derive(Default)]
struct Complaints {
    text: String,
    misfits: Vec<Misfit>,
    /// The subcharts on the way to the chart being checked.
    subcharts: Vec<String>,
}

fn check_chart(charts: &Assembly, id: MemberId, values: &Map, complaints: &mut Complaints) {
    if let Some(schema) = &charts.chart(id).schema
        && let Err(unfit) = check_values(&schema.data, values)
    {
        let _ = write!(complaints.text, "{}:\n{}", charts.name(id), unfit.text);
        let subcharts = &complaints.subcharts;
        complaints.misfits.extend(unfit.places.into_iter().map(|at| Misfit { subcharts: subcharts.clone(), at }));
    }
    for child in charts.children(id) {
        match values.get(charts.name(*child)) {
            None | Some(Value::Nil) => {}
            Some(Value::Map(section)) => {
                complaints.subcharts.push(charts.name(*child).to_owned());
                check_chart(charts, *child, &section, complaints);
                complaints.subcharts.pop();
            }
            Some(other) => {
                let name = charts.name(*child);
                let ty = other.type_name();
                complaints.misfits.push(Misfit { subcharts: complaints.subcharts.clone(), at: vec![name.to_owned()] });
                let _ = write!(complaints.text, "{name}:\ninvalid type for values: expected object (map), got {ty}\n");
            }
        }
    }
}

/// Values that a schema refuses.
struct Unfit {
    /// Helm's text.
    text: String,
    /// The keys and indices that lead to each value at fault.
    places: Vec<Vec<String>>,
}

impl From<String> for Unfit {
    /// The schema itself is at fault.
    fn from(text: String) -> Self {
        Self { text, places: Vec::new() }
    }
}

fn check_values(text: &[u8], values: &Map) -> Result<(), Unfit> {
    let schema = json::unmarshal(text).map_err(|error| json_error(text, error))?;
    let values = Frozen::of(&Value::Map(values.clone()));
    if everyday::is_met(&schema, &values) {
        return Ok(());
    }
    let (schema, values) = (json_of(&schema), json_of(&values));
    if !cost::is_affordable(&schema, &values) {
        return Err(format!("the schema asks for too much work: the limit is {} checks\n", cost::MAX_CHECKS).into());
    }
    let (schemas, index) = compile(schema)?;
    schemas.validate(&values, index).or_else(|error| {
        let text = std::str::from_utf8(text).unwrap_or_default();
        let document = yaml::parse_json_document(&Source::new("values.schema.json", text)).ok();
        let source = words::Source::new(document.as_ref(), LOCATION);
        let found = findings(error.causes.iter().collect(), error.schema_url, &[], &source);
        let unfit = Unfit {
            text: found.iter().map(|finding| finding.text(0)).collect(),
            places: found.iter().take(MAX_PLACES).map(place).collect(),
        };
        if unfit.text.is_empty() { Ok(()) } else { Err(unfit) }
    })
}

/// The keys and indices that lead to the value at fault: as deep as there is only one cause.
fn place(finding: &Finding) -> Vec<String> {
    if let [cause] = finding.causes.as_slice() {
        return place(cause);
    }
    finding.at.iter().chain(&finding.surplus).cloned().collect()
}

/// What Helm's way of reading a schema says of a text that is no JSON.
fn json_error(text: &[u8], error: String) -> String {
    match error.as_str() {
        _ if text.trim_ascii().is_empty() => "EOF".to_owned(),
        "unexpected end of JSON input" => "unexpected EOF".to_owned(),
        other if other.ends_with("after top-level value") => "invalid character after top-level value".to_owned(),
        _ => error,
    }
}

fn compile(schema: Json) -> Result<(Schemas, SchemaIndex), String> {
    let mut compiler = Compiler::new();
    compiler.set_default_draft(Draft::V2020_12);
    compiler.use_loader(Box::new(Refusing));
    format::register(&mut compiler);
    if let Some(draft) = schema.get("$schema").and_then(Json::as_str)
        && !draft.contains(':')
    {
        let draft = quoted(draft.split('#').next().unwrap_or_default());
        return Err(format!("failing loading {draft}: no URLLoader registered for {draft}"));
    }
    let mut schemas = Schemas::new();
    compiler.add_resource(LOCATION, schema).map_err(|error| compile_error(&error))?;
    let index = compiler.compile(LOCATION, &mut schemas).map_err(|error| compile_error(&error))?;
    Ok((schemas, index))
}

/// Answers requests for other documents.
struct Refusing;

impl UrlLoader for Refusing {
    fn load(&self, url: &str) -> Result<Json, Box<dyn std::error::Error>> {
        if url.starts_with("urn:") {
            // Helm takes a name that it cannot resolve for a schema that allows everything.
            return Ok(Json::Bool(true));
        }
        match url.strip_prefix("file://") {
            Some(path) => Err(format!("open {path}: no such file or directory").into()),
            None if url.starts_with("http:") || url.starts_with("https:") => {
                Err("schemas are not fetched while rendering".into())
            }
            None => Err(format!("no URLLoader registered for {}", quoted(url)).into()),
        }
    }
}

fn quoted(text: &str) -> String {
    strconv::quote(text.as_bytes())
}

fn compile_error(error: &CompileError) -> String {
    match error {
        CompileError::LoadUrlError { url, src } => format!("failing loading {}: {src}", quoted(url)),
        CompileError::ValidationError { url, src } => {
            let mut text = String::new();
            if let ErrorKind::Schema { url } = &src.kind {
                let _ = write!(text, "jsonschema validation failed with {}", words::quote(url));
            }
            let unread = words::Source::new(None, LOCATION);
            let found = findings(src.causes.iter().collect(), src.schema_url, &[], &unread);
            let causes: String = found.iter().map(|finding| finding.text(0)).collect();
            let url = format!("{}#", url.trim_end_matches('#'));
            format!("{} is not valid against metaschema: {text}\n{}", quoted(&url), causes.trim_end_matches('\n'))
        }
        CompileError::UnsupportedDraft { url } => format!("draft {} is not supported", quoted(url)),
        CompileError::MetaSchemaCycle { url } => format!("cycle in resolving $schema in {}", quoted(url)),
        CompileError::InvalidJsonPointer(url) => format!("invalid json-pointer {}", quoted(url)),
        CompileError::JsonPointerNotFound(url) => format!("json-pointer in {} not found", quoted(url)),
        CompileError::AnchorNotFound { url, reference } => {
            format!("anchor in {} not found in schema {}", quoted(reference), quoted(url))
        }
        CompileError::InvalidRegex { url, regex, src } => {
            let why = Regexp::compile(regex).err().unwrap_or_else(|| src.to_string());
            format!("invalid regex {} at {}: {why}", quoted(regex), quoted(url))
        }
        error => format!("{error:#}"),
    }
}

fn json_of(data: &Frozen) -> Json {
    match data {
        Frozen::Nil => Json::Null,
        Frozen::Bool(value) => Json::Bool(*value),
        Frozen::Int(IntKind::Uint64, value) => Json::Number(value.cast_unsigned().into()),
        Frozen::Int(_, value) => Json::Number((*value).into()),
        Frozen::Float(value) if value.fract() == 0.0 && value.abs() < 9e15 => Json::Number((*value as i64).into()),
        Frozen::Float(value) => Number::from_f64(*value).map_or(Json::Null, Json::Number),
        Frozen::Str(text) => Json::String(text.to_str_lossy().into_owned()),
        Frozen::List(items) => Json::Array(items.iter().map(json_of).collect()),
        Frozen::Map(entries) => {
            let entries = entries.iter().map(|(key, value)| (key.to_str_lossy().into_owned(), json_of(value)));
            Json::Object(entries.collect::<JsonMap<_, _>>())
        }
    }
}

#[cfg(test)]
mod tests;
