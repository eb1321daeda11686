//! The functions and objects of `testdata/gen/gotmpl/funcs.go`.

use std::borrow::Cow;

use crate::golang::fmt;
use crate::gotmpl::{Call, CallError, Func};
use crate::value::{IntKind, Kind, Map, MapType, Object, Param, Signature, Value};

const ANY: Param = Param::Any;

pub static TABLE: &[Func] = &[
    func("str", &[Param::Str], |_, args| Ok(Value::str(format!("<{}>", text(&args[0]))))),
    func("num", &[Param::Int], same),
    func("num64", &[Param::Int64], same),
    func("unum", &[Param::Uint32], same),
    func("flt", &[Param::Float64], same),
    func("boolean", &[Param::Bool], same),
    func("mapping", &[Param::Map], len),
    func("strmap", &[Param::StrMap], len),
    func("items", &[Param::List], len),
    func("strs", &[Param::StrList], len),
    func("bytes", &[Param::Bytes], len),
    func("anything", &[ANY], same),
    func("kind", &[ANY], |_, args| Ok(Value::str(args[0].type_name()))),
    func("repeat", &[Param::Int, Param::Str], |_, args| match &args[0] {
        Value::Int(_, count) if *count < 0 => Err("strings: negative Repeat count".into()),
        Value::Int(_, count) => Ok(Value::str(text(&args[1]).repeat(*count as usize))),
        _ => unreachable!(),
    }),
    more("joined", &[Param::Str], Param::Str, |_, args| {
        let parts: Vec<String> = args[1..].iter().map(text).collect();
        Ok(Value::str(parts.join(&text(&args[0]))))
    }),
    func("fails", &[Param::Str], |_, args| Err(format!("failed: {}", text(&args[0])).into())),
    more("list", &[], ANY, |_, args| Ok(Value::list(args.to_vec()))),
    more("dict", &[], ANY, |_, args| {
        let entries = args.chunks_exact(2).map(|pair| (fmt::sprint(&pair[..1]), pair[1].clone()));
        Ok(Value::map(entries))
    }),
    func("set", &[Param::Map, Param::Str, ANY], |_, args| {
        args[0].as_map().unwrap().insert(text(&args[1]), args[2].clone());
        Ok(args[0].clone())
    }),
    func("split", &[Param::Str], |_, args| {
        let map: Map = [("_0".into(), args[0].clone())].into_iter().collect();
        Ok(Value::Map(map.with_type(MapType::Str)))
    }),
    more("words", &[], Param::Str, |_, args| Ok(Value::strings(args.iter().map(text)))),
    func("i64", &[Param::Float64], |_, args| Ok(Value::int64(float(&args[0]) as i64))),
    func("u8", &[Param::Float64], |_, args| Ok(Value::Int(IntKind::Uint8, i64::from(float(&args[0]) as i64 as u8)))),
    func("thing", &[], |_, _| Ok(Value::from(Thing))),
    func("accept", &[Param::Named("*main.Thing")], |_, args| match &args[0] {
        Value::Nil => Err("runtime error: invalid memory address or nil pointer dereference".into()),
        _ => Ok(Value::str("t1")),
    }),
    func("names", &[], |_, _| Ok(Value::from(Names))),
    func("include", &[Param::Str, ANY], |call, args| {
        let Value::Str(name) = &args[0] else { unreachable!() };
        call.exec.execute(name, &args[1]).map(Value::str)
    }),
    func("tpl", &[Param::Str, ANY], |call, args| {
        let Value::Str(source) = &args[0] else { unreachable!() };
        match call.exec.execute_text("gotpl", source, &args[1]) {
            Ok(out) => Ok(Value::str(out)),
            Err(crate::gotmpl::TextError::Parse(message)) => Err(format!("cannot parse: {message}").into()),
            Err(crate::gotmpl::TextError::Exec(cause)) => Err(CallError::Wrapped("in text: ".to_owned(), cause)),
        }
    }),
    func("charge", &[Param::Int], |call, args| match &args[0] {
        Value::Int(_, steps) => call.exec.charge(*steps as u64).map(|()| Value::Nil),
        _ => unreachable!(),
    }),
];

type Body = fn(&mut Call<'_>, &[Value]) -> Result<Value, CallError>;

const fn func(name: &'static str, params: &'static [Param], run: Body) -> Func {
    Func { name, signature: Signature::fixed(params), run }
}

const fn more(name: &'static str, params: &'static [Param], rest: Param, run: Body) -> Func {
    Func { name, signature: Signature::variadic(params, rest), run }
}

fn same(_: &mut Call<'_>, args: &[Value]) -> Result<Value, CallError> {
    Ok(args[0].clone())
}

fn len(_: &mut Call<'_>, args: &[Value]) -> Result<Value, CallError> {
    let len = match &args[0] {
        Value::Map(map) => map.len(),
        Value::List(list) => list.len(),
        Value::Object(object) => object.container().and_then(|inner| Some(inner.as_map()?.len())).unwrap(),
        other => panic!("{other:?}"),
    };
    Ok(Value::int(len as i64))
}

fn text(value: &Value) -> String {
    match value {
        Value::Str(text) => text.to_string(),
        other => panic!("{other:?}"),
    }
}

fn float(value: &Value) -> f64 {
    match value {
        Value::Float(value) => *value,
        other => panic!("{other:?}"),
    }
}

/// `*Thing`.
struct Thing;

impl Object for Thing {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed("*main.Thing")
    }

    fn kind(&self) -> Kind {
        Kind::Ptr
    }

    fn field(&self, name: &str) -> Option<Value> {
        Some(match name {
            "Name" => Value::str("t1"),
            "Count" => Value::int(2),
            "Attrs" => Value::map([("k", Value::str("v"))]),
            "Next" => Value::Nil,
            _ => return None,
        })
    }

    fn method(&self, name: &str) -> Option<&'static Signature> {
        const TEXT: Signature = Signature::fixed(&[Param::Str]);
        const NONE: Signature = Signature::fixed(&[]);
        const INTS: Signature = Signature::variadic(&[Param::Int], Param::Int);
        match name {
            "Hello" | "Fail" => Some(&TEXT),
            "Plain" => Some(&NONE),
            "Sum" => Some(&INTS),
            _ => None,
        }
    }

    fn call(&self, name: &str, args: &[Value]) -> Result<Value, String> {
        match name {
            "Hello" => Ok(Value::str(format!("hello {} from t1", text(&args[0])))),
            "Plain" => Ok(Value::str("plain")),
            "Fail" => Err(text(&args[0])),
            _ => Ok(Value::int(args.iter().map(|arg| if let Value::Int(_, n) = arg { *n } else { 0 }).sum())),
        }
    }

    fn print(&self) -> Vec<u8> {
        b"{t1 2 map[k:v] <nil>}".to_vec()
    }

    fn print_copy(&self) -> Vec<u8> {
        b"&{t1 2 map[k:v] <nil>}".to_vec()
    }

    fn to_data(&self) -> Value {
        Value::Nil
    }
}

/// A named `map[string]string`.
struct Names;

impl Object for Names {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed("main.Names")
    }

    fn kind(&self) -> Kind {
        Kind::Map
    }

    fn method(&self, name: &str) -> Option<&'static Signature> {
        const TEXT: Signature = Signature::fixed(&[Param::Str]);
        (name == "Get").then_some(&TEXT)
    }

    fn call(&self, _name: &str, args: &[Value]) -> Result<Value, String> {
        let found = if text(&args[0]) == "a" { "A" } else { "" };
        Ok(Value::str(format!("got {found}")))
    }

    fn container(&self) -> Option<Value> {
        let map: Map = [("a".into(), Value::str("A"))].into_iter().collect();
        Some(Value::Map(map.with_type(MapType::Str)))
    }

    fn print(&self) -> Vec<u8> {
        b"map[a:A]".to_vec()
    }

    fn to_data(&self) -> Value {
        Value::Nil
    }
}
