//! `values.schema.json`: coalesced values against the schema of each chart, in Helm's words.
//!
//! Nothing is fetched and no file is read: a schema may refer only to itself and to the drafts. Errors
//! that Helm prints in random order are sorted.

mod cost;
mod everyday;

use std::fmt::Write as _;

use boon::{
    CompileError, Compiler, Draft, ErrorKind, InstanceToken, SchemaIndex, Schemas, Type, UrlLoader, ValidationError,
};
use serde_json::{Map as JsonMap, Number, Value as Json};

use crate::golang::{float, json, strconv};
use crate::value::{Frozen, IntKind, Map, Value};

use super::Misfit;
use super::assembly::{Assembly, MemberId};

/// The address that Helm gives to a chart's schema.
const LOCATION: &str = "file:///values.schema.json";

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

fn check_values(schema: &[u8], values: &Map) -> Result<(), Unfit> {
    let schema = json::unmarshal(schema)?;
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
        let mut unfit = Unfit { text: String::new(), places: Vec::new() };
        for cause in sorted(&error.causes) {
            print(cause, 0, &mut unfit.text);
            unfit.places.push(place(cause));
        }
        if unfit.text.is_empty() { Ok(()) } else { Err(unfit) }
    })
}

/// The keys and indices that lead to the value at fault: as deep as there is only one cause.
fn place(error: &ValidationError<'_, '_>) -> Vec<String> {
    if let [cause] = sorted(&error.causes).as_slice() {
        return place(cause);
    }
    let mut steps: Vec<String> = (error.instance_location.tokens.iter())
        .map(|token| match token {
            InstanceToken::Prop(name) => name.to_string(),
            InstanceToken::Item(index) => index.to_string(),
        })
        .collect();
    if let ErrorKind::AdditionalProperties { got } = &error.kind {
        steps.extend(got.iter().min().map(ToString::to_string));
    }
    steps
}

fn compile(schema: Json) -> Result<(Schemas, SchemaIndex), String> {
    let mut compiler = Compiler::new();
    compiler.set_default_draft(Draft::V2020_12);
    compiler.use_loader(Box::new(Refusing));
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
            None => Err("schemas are not fetched while rendering".into()),
        }
    }
}

fn compile_error(error: &CompileError) -> String {
    let quoted = |text: &str| strconv::quote(text.as_bytes());
    match error {
        CompileError::LoadUrlError { url, src } => format!("failing loading {}: {src}", quoted(url)),
        CompileError::ValidationError { url, src } => {
            let mut text = String::new();
            if let ErrorKind::Schema { url } = &src.kind {
                let _ = write!(text, "jsonschema validation failed with {}", quote(url));
            }
            let mut causes = String::new();
            for cause in sorted(&src.causes) {
                print(cause, 0, &mut causes);
            }
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
            format!("invalid regex {} at {}: {src}", quoted(regex), quoted(url))
        }
        error => format!("{error:#}"),
    }
}

/// Causes that stand, in a fixed order: by place, then by text.
fn sorted<'e, 's, 'v>(causes: &'e [ValidationError<'s, 'v>]) -> Vec<&'e ValidationError<'s, 'v>> {
    let mut causes: Vec<_> = causes.iter().filter(|cause| stands(cause)).collect();
    causes.sort_by_cached_key(|cause| {
        let mut text = String::new();
        print(cause, 0, &mut text);
        (cause.instance_location.to_string(), text)
    });
    causes
}

/// Helm divides numbers exactly as they are written, the validator in binary: 0.3 is a multiple of 0.1.
fn stands(error: &ValidationError<'_, '_>) -> bool {
    match &error.kind {
        ErrorKind::MultipleOf { got, want } => !is_decimal_multiple(got, want),
        ErrorKind::Group | ErrorKind::Reference { .. } | ErrorKind::AllOf => {
            error.causes.is_empty() || error.causes.iter().any(stands)
        }
        _ => true,
    }
}

fn is_decimal_multiple(got: &Number, want: &Number) -> bool {
    let scaled = |number: &Number, places: u32| -> Option<i128> {
        let text = float::format(number.as_f64()?, b'f', -1);
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let zeros = usize::try_from(places).ok()?.checked_sub(fraction.len())?;
        format!("{whole}{fraction}{}", "0".repeat(zeros)).parse().ok()
    };
    match (scaled(got, 18), scaled(want, 18)) {
        (Some(got), Some(want)) if want != 0 => got % want == 0,
        _ => false,
    }
}

/// One error and those below it, each on a line of its own.
fn print(error: &ValidationError<'_, '_>, indent: usize, out: &mut String) {
    let causes = sorted(&error.causes);
    if let (ErrorKind::Reference { .. } | ErrorKind::Group, [cause]) = (&error.kind, causes.as_slice()) {
        return print(cause, indent, out);
    }
    let _ = writeln!(
        out,
        "{:indent$}- at {}: {}",
        "",
        quote(&error.instance_location.to_string()),
        words(&error.kind),
        indent = indent * 2
    );
    for cause in causes {
        print(cause, indent + 1, out);
    }
}

fn words(kind: &ErrorKind<'_, '_>) -> String {
    match kind {
        ErrorKind::Group | ErrorKind::Reference { .. } => "validation failed".to_owned(),
        ErrorKind::Schema { url } => format!("jsonschema validation failed with {}", quote(url)),
        ErrorKind::ContentSchema => "'contentSchema' failed".to_owned(),
        ErrorKind::PropertyName { prop } => format!("invalid propertyName {}", quote(prop)),
        ErrorKind::RefCycle { url, kw_loc1, kw_loc2 } => format!(
            "both {kw_loc1} and {kw_loc2} resolve to {} causing reference cycle",
            strconv::quote(url.as_bytes())
        ),
        ErrorKind::FalseSchema => "false schema".to_owned(),
        ErrorKind::Type { got, want } => {
            format!("got {got}, want {}", join(want.iter().map(|ty: Type| ty.to_string()), " or "))
        }
        ErrorKind::Enum { want } if want.iter().any(is_compound) => "'enum' failed".to_owned(),
        ErrorKind::Enum { want } if want.len() == 1 => format!("value must be {}", shown(&want[0])),
        ErrorKind::Enum { want } => format!("value must be one of {}", join(want.iter().map(shown), ", ")),
        ErrorKind::Const { want } if is_compound(want) => "'const' failed".to_owned(),
        ErrorKind::Const { want } => format!("value must be {}", shown(want)),
        ErrorKind::Format { got, want, err } => format!("{} is not valid {want}: {err}", shown(got)),
        ErrorKind::MinProperties { got, want } => counts("minProperties", *got, *want),
        ErrorKind::MaxProperties { got, want } => counts("maxProperties", *got, *want),
        ErrorKind::AdditionalProperties { got } => {
            let mut names: Vec<&str> = got.iter().map(AsRef::as_ref).collect();
            names.sort_unstable();
            format!("additional properties {} not allowed", join(names.into_iter().map(quote), ", "))
        }
        ErrorKind::Required { want } => match want.as_slice() {
            [one] => format!("missing property {}", quote(one)),
            all => format!("missing properties {}", join(all.iter().map(|name| quote(name)), ", ")),
        },
        ErrorKind::Dependency { prop, missing } | ErrorKind::DependentRequired { prop, missing } => {
            let missing = join(missing.iter().map(|name| quote(name)), ", ");
            format!("properties {missing} required, if {} exists", quote(prop))
        }
        ErrorKind::MinItems { got, want } => counts("minItems", *got, *want),
        ErrorKind::MaxItems { got, want } => counts("maxItems", *got, *want),
        ErrorKind::MinContains { got, want } if got.is_empty() => {
            format!("min {} items required to match contains schema, but none matched", grouped(*want))
        }
        ErrorKind::MinContains { got, want } => matched("min", got, *want),
        ErrorKind::MaxContains { got, want } => matched("max", got, *want),
        ErrorKind::Contains => "no items match contains schema".to_owned(),
        ErrorKind::UniqueItems { got: [a, b] } => format!("items at {} and {} are equal", grouped(*a), grouped(*b)),
        ErrorKind::AdditionalItems { got } => format!("last {} additionalItem(s) not allowed", grouped(*got)),
        ErrorKind::MinLength { got, want } => counts("minLength", *got, *want),
        ErrorKind::MaxLength { got, want } => counts("maxLength", *got, *want),
        ErrorKind::Pattern { got, want } => format!("{} does not match pattern {}", quote(got), quote(want)),
        ErrorKind::ContentEncoding { want, err } => format!("value is not {} encoded: {err}", quote(want)),
        ErrorKind::ContentMediaType { want, err, .. } => format!("value if not of mediatype {}: {err}", quote(want)),
        ErrorKind::Minimum { got, want } => numbers("minimum", got, want),
        ErrorKind::Maximum { got, want } => numbers("maximum", got, want),
        ErrorKind::ExclusiveMinimum { got, want } => numbers("exclusiveMinimum", got, want),
        ErrorKind::ExclusiveMaximum { got, want } => numbers("exclusiveMaximum", got, want),
        ErrorKind::MultipleOf { got, want } => numbers("multipleOf", got, want),
        ErrorKind::Not => "'not' failed".to_owned(),
        ErrorKind::AllOf => "'allOf' failed".to_owned(),
        ErrorKind::AnyOf => "'anyOf' failed".to_owned(),
        ErrorKind::OneOf(None) => "'oneOf' failed, none matched".to_owned(),
        ErrorKind::OneOf(Some((a, b))) => {
            format!("'oneOf' failed, subschemas {}, {} matched", grouped(*a), grouped(*b))
        }
    }
}

fn join(items: impl Iterator<Item = String>, separator: &str) -> String {
    items.collect::<Vec<_>>().join(separator)
}

fn counts(keyword: &str, got: usize, want: usize) -> String {
    format!("{keyword}: got {}, want {}", grouped(got), grouped(want))
}

fn matched(bound: &str, got: &[usize], want: usize) -> String {
    let places = join(got.iter().map(usize::to_string), " ");
    let (want, count) = (grouped(want), grouped(got.len()));
    format!("{bound} {want} items required to match contains schema, but matched {count} items at {places}")
}

fn numbers(keyword: &str, got: &Number, want: &Number) -> String {
    format!("{keyword}: got {}, want {}", english(got), english(want))
}

fn is_compound(value: &Json) -> bool {
    matches!(value, Json::Array(_) | Json::Object(_))
}

fn shown(value: &Json) -> String {
    match value {
        Json::Null => "<nil>".to_owned(),
        Json::String(text) => quote(text),
        Json::Array(_) | Json::Object(_) => "value".to_owned(),
        Json::Bool(value) => value.to_string(),
        Json::Number(number) => number.to_string(),
    }
}

/// A text in single quotes, with Go's escapes.
fn quote(text: &str) -> String {
    let quoted = strconv::quote(text.as_bytes()).replace("\\\"", "\"").replace('\'', "\\'");
    format!("'{}'", &quoted[1..quoted.len() - 1])
}

/// An integer with a comma between groups of three digits.
fn grouped(number: usize) -> String {
    let mut out = String::new();
    let digits = number.to_string();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number as `golang.org/x/text` prints it for English: `1,000.25`, `3×10²¹`.
fn english(number: &Number) -> String {
    const SUPERSCRIPTS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let text = float::format(number.as_f64().unwrap_or_default(), b'g', -1);
    if let Some((mantissa, exponent)) = text.split_once('e') {
        let exponent = exponent.chars().filter_map(|char| match char {
            '+' => None,
            '-' => Some('⁻'),
            digit => Some(SUPERSCRIPTS[digit.to_digit(10).unwrap_or(0) as usize]),
        });
        return format!("{mantissa}×10{}", exponent.collect::<String>());
    }
    let (sign, plain) = text.strip_prefix('-').map_or(("", text.as_str()), |rest| ("-", rest));
    let (whole, fraction) = plain.split_once('.').map_or((plain, None), |(whole, fraction)| (whole, Some(fraction)));
    let whole = whole.parse().map_or_else(|_| whole.to_owned(), grouped);
    match fraction {
        Some(fraction) => format!("{sign}{whole}.{fraction}"),
        None => format!("{sign}{whole}"),
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
