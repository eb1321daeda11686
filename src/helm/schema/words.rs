//! The words of one error, as Helm prints them.

use boon::{ErrorKind, Type, ValidationError};
use serde_json::{Number, Value as Json};

use crate::golang::regexp::Regexp;
use crate::golang::{float, strconv};
use crate::yaml::{Document, Node};

use super::format::uri_reference;

/// The text of the schema, for what the validator does not keep: patterns and numbers as they are written.
pub struct Source<'d> {
    document: Option<&'d Document>,
    /// The schema's address.
    location: &'d str,
}

impl<'d> Source<'d> {
    /// The schema at an address; `None` for a schema whose text is not at hand.
    pub fn new(document: Option<&'d Document>, location: &'d str) -> Self {
        Self { document, location }
    }

    /// The value of a keyword of the schema that an error comes from.
    fn keyword(&self, error: &ValidationError<'_, '_>, keyword: &str) -> Option<&'d Node> {
        let pointer = error.schema_url.strip_prefix(self.location)?.strip_prefix('#')?;
        let mut node = &self.document?.root;
        for token in pointer.split('/').skip(1) {
            node = step(node, &unescaped(token).replace("~1", "/").replace("~0", "~"))?;
        }
        node.get(keyword)
    }
}

/// The token of an address without its percent signs.
pub fn unescaped(token: &str) -> String {
    let mut bytes = Vec::with_capacity(token.len());
    let mut parts = token.split('%');
    bytes.extend_from_slice(parts.next().unwrap_or_default().as_bytes());
    for part in parts {
        match part.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => bytes.push(byte),
            None => bytes.push(b'%'),
        }
        bytes.extend_from_slice(part.get(2..).unwrap_or_default().as_bytes());
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn step<'d>(node: &'d Node, token: &str) -> Option<&'d Node> {
    match node.as_seq() {
        Some(items) => items.get(token.parse::<usize>().ok()?),
        None => node.get(token),
    }
}

/// Helm divides numbers exactly as they are written, the validator in binary: 0.3 is a multiple of 0.1.
pub fn stands(error: &ValidationError<'_, '_>) -> bool {
    match &error.kind {
        ErrorKind::MultipleOf { got, want } => !is_decimal_multiple(got, want),
        // The drafts' own schemas check by other rules.
        ErrorKind::Format { got, want: "uri-reference", .. } => {
            got.as_str().is_none_or(|text| uri_reference(text).is_err())
        }
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

/// The line of an error, without its place.
pub fn words(error: &ValidationError<'_, '_>, source: &Source<'_>) -> String {
    let written = |keyword| source.keyword(error, keyword);
    match &error.kind {
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
        ErrorKind::Enum { want } => {
            let written = written("enum").and_then(Node::as_seq).unwrap_or_default();
            let values = want.iter().enumerate().map(|(at, value)| shown(value, written.get(at)));
            let must = if want.len() == 1 { "value must be" } else { "value must be one of" };
            format!("{must} {}", join(values, ", "))
        }
        ErrorKind::Const { want } if is_compound(want) => "'const' failed".to_owned(),
        ErrorKind::Const { want } => format!("value must be {}", shown(want, written("const"))),
        ErrorKind::Format { got, want, err } => {
            format!("{} is not valid {want}: {}", shown(got, None), format_error(got, want, &err.to_string()))
        }
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
        ErrorKind::Pattern { got, want } => {
            let pattern = written("pattern").and_then(Node::as_str).unwrap_or(want);
            format!("{} does not match pattern {}", quote(got), quote(pattern))
        }
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

/// What a schema's own check says of a format; the drafts' own schemas check with other words.
fn format_error(got: &Json, format: &str, error: &str) -> String {
    match (got, format) {
        (Json::String(text), "regex") => Regexp::compile(text).err().unwrap_or_else(|| error.to_owned()),
        (Json::String(text), "uri-reference") => uri_reference(text).err().unwrap_or_else(|| error.to_owned()),
        _ => error.to_owned(),
    }
}

/// A value of a schema; numbers stay as they are written.
fn shown(value: &Json, written: Option<&Node>) -> String {
    match value {
        Json::Null => "<nil>".to_owned(),
        Json::String(text) => quote(text),
        Json::Array(_) | Json::Object(_) => "value".to_owned(),
        Json::Bool(value) => value.to_string(),
        Json::Number(number) => written.and_then(Node::as_str).map_or_else(|| number.to_string(), ToOwned::to_owned),
    }
}

/// A text in single quotes, with Go's escapes.
pub fn quote(text: &str) -> String {
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
