//! Helm's own template functions, which stand over Sprig's of the same names.

use crate::golang::{json, strconv, toml};
use crate::gotmpl::{Call, CallError, Func, TextError};
use crate::sprig::{PARSED_BYTES, marshalled};
use crate::value::{Frozen, Map, Param, Signature, Str, Value};
use crate::yaml;

use super::host::ReleaseHost;
use super::lookup::Lookup;

type Outcome = Result<Value, CallError>;
type Run = fn(&mut Call<'_>, &[Value]) -> Outcome;

const fn fixed(name: &'static str, params: &'static [Param], run: Run) -> Func {
    Func { name, signature: Signature::fixed(params), run }
}

const ANY: &[Param] = &[Param::Any];
const TEXT: &[Param] = &[Param::Str];
const TEXT_AND_ANY: &[Param] = &[Param::Str, Param::Any];

/// The functions.
pub static TABLE: &[Func] = &[
    fixed("include", TEXT_AND_ANY, include),
    fixed("tpl", TEXT_AND_ANY, tpl),
    fixed("required", TEXT_AND_ANY, required),
    fixed("fail", TEXT, fail),
    fixed("lookup", &[Param::Str, Param::Str, Param::Str, Param::Str], lookup),
    fixed("getHostByName", TEXT, get_host_by_name),
    fixed("toYaml", ANY, |call, args| bounded(call, |out| yaml::to_yaml_in(out, &args[0])).map(trimmed)),
    fixed("toYamlPretty", ANY, |call, args| bounded(call, |out| yaml::to_yaml_pretty_in(out, &args[0])).map(trimmed)),
    fixed("fromYaml", TEXT, |call, args| Ok(map_or_error(yaml::load_map(parsed(call, args)?).map(Frozen::Map)))),
    fixed("fromYamlArray", TEXT, |call, args| {
        Ok(list_or_error(yaml::load_list(parsed(call, args)?).map(Frozen::List)))
    }),
    fixed("toJson", ANY, |call, args| bounded(call, |out| json::marshal_to(out, &args[0], true)).map(Value::str)),
    fixed("fromJson", TEXT, |call, args| Ok(from_json(parsed(call, args)?))),
    fixed("fromJsonArray", TEXT, |call, args| Ok(from_json_array(parsed(call, args)?))),
    fixed("toToml", ANY, to_toml),
    fixed("fromToml", TEXT, |call, args| Ok(toml::unmarshal(parsed(call, args)?).unwrap_or_else(error_map))),
];

/// Those that only Helm 4 has: they fail where a value cannot be marshalled.
pub static MUST_TABLE: &[Func] = &[
    fixed("mustToYaml", ANY, |call, args| Ok(trimmed(marshalled(call, |out| yaml::to_yaml_in(out, &args[0]))??))),
    fixed("mustToJson", ANY, |call, args| {
        Ok(Value::str(marshalled(call, |out| json::marshal_to(out, &args[0], true))??))
    }),
    fixed("mustToToml", ANY, |call, args| Ok(Value::str(toml_text(call, args)??))),
];

/// The marks that `required` and `fail` put around their message, so that it can be found in the
/// chain of errors; Helm's own.
pub const MESSAGE_START: &str = "HELM_ERR_START";
/// The mark behind the message.
pub const MESSAGE_END: &str = "HELM_ERR_END";

/// What Go's template engine prints for a missing value, which Helm removes from all output.
pub const NO_VALUE: &[u8] = b"<no value>";

/// The value in TOML, or why it has no such form. Nil makes the encoder panic.
fn toml_text(call: &mut Call<'_>, args: &[Value]) -> Result<Result<Vec<u8>, String>, CallError> {
    match &args[0] {
        Value::Nil => Err("reflect: call of reflect.Value.Type on zero Value".into()),
        value => marshalled(call, |out| toml::marshal_to(out, value)),
    }
}

/// `toYaml`: without the final line break; nothing when the value cannot be marshalled.
pub fn yaml_text(value: &Value) -> Value {
    trimmed(yaml::to_yaml(value).unwrap_or_default())
}

/// Helm swallows the errors of marshalling; a result out of proportion stays one.
fn bounded(
    call: &mut Call<'_>,
    marshal: impl FnOnce(&mut Vec<u8>) -> Result<(), String>,
) -> Result<Vec<u8>, CallError> {
    Ok(marshalled(call, marshal)?.unwrap_or_default())
}

/// The text to be parsed, after paying for reading it and for what it will take.
fn parsed<'a>(call: &mut Call<'_>, args: &'a [Value]) -> Result<&'a [u8], CallError> {
    let text = bytes(args);
    call.exec.reserve(PARSED_BYTES * text.len() as u64)?;
    call.exec.charge(text.len() as u64)?;
    Ok(text)
}

fn trimmed(mut text: Vec<u8>) -> Value {
    if text.last() == Some(&b'\n') {
        text.pop();
    }
    Value::str(text)
}

/// Removes what stands for missing values.
pub fn without_no_value(text: Vec<u8>) -> Vec<u8> {
    let Some(first) = find(&text, NO_VALUE) else { return text };
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_slice();
    let mut next = Some(first);
    while let Some(at) = next {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at + NO_VALUE.len()..];
        next = find(rest, NO_VALUE);
    }
    out.extend_from_slice(rest);
    out
}

/// The first place of a text that is not empty.
fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    memchr::memchr_iter(wanted[0], text).find(|at| text[*at..].starts_with(wanted))
}

fn bytes(args: &[Value]) -> &[u8] {
    args[0].as_bytes().unwrap_or_default()
}

fn include(call: &mut Call<'_>, args: &[Value]) -> Outcome {
    let Value::Str(name) = &args[0] else { return Ok(Value::Nil) };
    host(call, |host| host.enter(name))?;
    let output = call.exec.execute(name, &args[1]);
    host(call, |host| host.leave(name));
    output.map(Value::str)
}

fn host<T>(call: &mut Call<'_>, act: impl FnOnce(&mut ReleaseHost) -> T) -> T {
    act(ReleaseHost::of(call.exec.host()))
}

fn lookup(call: &mut Call<'_>, args: &[Value]) -> Outcome {
    let text = |at: usize| String::from_utf8_lossy(args[at].as_bytes().unwrap_or_default()).into_owned();
    let asked = Lookup { api_version: text(0), kind: text(1), namespace: text(2), name: text(3) };
    let site = call.site();
    Ok(ReleaseHost::of(call.exec.host()).lookup(asked, &site))
}

fn get_host_by_name(call: &mut Call<'_>, args: &[Value]) -> Outcome {
    let Value::Str(name) = &args[0] else { return Ok(Value::Nil) };
    host(call, |host| host.address_of(name))
}

fn tpl(call: &mut Call<'_>, args: &[Value]) -> Outcome {
    let Value::Str(text) = &args[0] else { return Ok(Value::Nil) };
    if find(text.as_bytes(), b"{{").is_none() {
        return Ok(match find(text.as_bytes(), NO_VALUE) {
            Some(_) => Value::str(without_no_value(text.as_bytes().to_vec())),
            None => args[0].clone(),
        });
    }
    match call.exec.execute_text("gotpl", text, &args[1]) {
        Ok(output) => Ok(Value::str(without_no_value(output))),
        Err(TextError::Parse(message)) => {
            Err(format!("cannot parse template {}: {message}", strconv::quote(text.as_bytes())).into())
        }
        Err(TextError::Exec(error)) => {
            let shown = strconv::quote(text.as_bytes());
            Err(CallError::Wrapped(format!("error during tpl function execution for {shown}: "), error))
        }
    }
}

fn required(call: &mut Call<'_>, args: &[Value]) -> Outcome {
    let missing = match &args[1] {
        Value::Nil => true,
        Value::Str(text) => text.is_empty(),
        _ => false,
    };
    if !missing {
        return Ok(args[1].clone());
    }
    // The places are those of Helm's source, which its notes begin with.
    let line = if matches!(args[1], Value::Nil) { 206 } else { 214 };
    let note = || format!("engine.go:{line}: [INFO] Missing required value: {}", message(&args[0]));
    if host(call, |host| host.excuses(note)) { Ok(Value::str("")) } else { fail_with(&args[0]) }
}

/// An error is the result, but for nil the encoder itself breaks down.
fn to_toml(call: &mut Call<'_>, args: &[Value]) -> Outcome {
    Ok(toml_text(call, args)?.map_or_else(Value::from, Value::str))
}

fn fail(call: &mut Call<'_>, args: &[Value]) -> Outcome {
    let note = || format!("engine.go:227: [INFO] Fail: {}", message(&args[0]));
    if host(call, |host| host.excuses(note)) { Ok(Value::str("")) } else { fail_with(&args[0]) }
}

fn message(value: &Value) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(value.as_bytes().unwrap_or_default())
}

fn fail_with(text: &Value) -> Outcome {
    let message = message(text);
    Err(format!("{MESSAGE_START}{message}{MESSAGE_END}").into())
}

/// What was read before a number out of range stays beside the error.
fn from_json(text: &[u8]) -> Value {
    match json_as(text, "map[string]interface {}") {
        Ok((value, None)) => map_or_error::<String>(Ok(value)),
        Ok((value, Some(error))) => {
            let value = Value::from(&value);
            if let Value::Map(map) = &value {
                map.insert("Error", Value::str(error));
            }
            value
        }
        Err(error) => error_map(error),
    }
}

fn from_json_array(text: &[u8]) -> Value {
    list_or_error(json_as(text, "[]interface {}").and_then(|(value, error)| error.map_or(Ok(value), Err)))
}

/// The value of a JSON text that is null or of the given type, and the error for a number out of range.
fn json_as(text: &[u8], ty: &'static str) -> Result<(Frozen, Option<String>), String> {
    let (value, error) = json::unmarshal_partly(text)?;
    let found = match (&value, ty) {
        // A number out of range at the top is nil here.
        (Frozen::Nil, _) if error.is_some() => "number",
        (Frozen::Nil, _) | (Frozen::Map(_), "map[string]interface {}") | (Frozen::List(_), "[]interface {}") => {
            return Ok((value, error));
        }
        (Frozen::Bool(_), _) => "bool",
        (Frozen::Int(..) | Frozen::Float(_), _) => "number",
        (Frozen::Str(_), _) => "string",
        (Frozen::List(_), _) => "array",
        (Frozen::Map(_), _) => "object",
    };
    Err(format!("json: cannot unmarshal {found} into Go value of type {ty}"))
}

fn map_or_error<E: ToString>(result: Result<Frozen, E>) -> Value {
    match result {
        Ok(Frozen::Nil) => Value::Map(Map::nil(crate::value::MapType::Any)),
        Ok(value) => Value::from(&value),
        Err(error) => error_map(error),
    }
}

/// The map that a parser gives in place of its error.
fn error_map(error: impl ToString) -> Value {
    Value::map([(Str::from("Error"), Value::str(error.to_string()))])
}

fn list_or_error<E: ToString>(result: Result<Frozen, E>) -> Value {
    match result {
        Ok(Frozen::Nil) => Value::List(crate::value::List::nil(crate::value::ListType::Any)),
        Ok(value) => Value::from(&value),
        Err(error) => Value::list(vec![Value::str(error.to_string())]),
    }
}
