mod tables;

use std::any::Any;
use std::sync::Arc;

use super::tables as all_tables;
use crate::gotmpl::{Call, CallError, Host, Running, Site, TextError};
use crate::value::{Str, Value};

/// A host whose random bytes depend on the place of the call only, and whose time stands still.
struct Fixed;

impl Host for Fixed {
    fn fill_random(&mut self, site: &Site, buffer: &mut [u8]) -> Result<(), CallError> {
        for (index, byte) in buffer.iter_mut().enumerate() {
            *byte = index as u8 ^ site.line as u8 ^ (site.col as u8).rotate_left(4);
        }
        Ok(())
    }

    fn now(&mut self, _: &Site) -> Result<(i64, u32), CallError> {
        Ok((1_700_000_000, 500_000_000))
    }

    fn as_any(&mut self) -> &mut dyn Any {
        self
    }
}

impl Running for Fixed {
    fn execute(&mut self, _: &Str, _: &Value) -> Result<Vec<u8>, CallError> {
        Err("no templates here".into())
    }

    fn execute_text(&mut self, _: &str, _: &Str, _: &Value) -> Result<Vec<u8>, TextError> {
        Err(TextError::Parse("no templates here".to_owned()))
    }

    fn host(&mut self) -> &mut dyn Host {
        self
    }
}

/// Calls a function with arguments that fit its signature; `line` decides about random values.
pub(super) fn call_at(line: u32, name: &str, args: &[Value]) -> Result<Value, String> {
    let func = all_tables().iter().flat_map(|table| table.iter()).find(|func| func.name == name).unwrap();
    let site = Site { function: func.name, template: Arc::from("t"), line, col: 0 };
    let mut exec = Fixed;
    let mut call = Call::at(site, &mut exec);
    (func.run)(&mut call, args).map_err(|error| match error {
        CallError::Message(message) => message,
        CallError::Template(error) | CallError::Wrapped(_, error) => error.to_string(),
    })
}

fn call(name: &str, args: &[Value]) -> Result<Value, String> {
    call_at(1, name, args)
}

fn text(value: &Value) -> String {
    String::from_utf8(value.as_bytes().unwrap().to_vec()).unwrap()
}

#[test]
fn names_are_unique_and_complete() {
    let mut names: Vec<&str> = all_tables().iter().flat_map(|table| table.iter()).map(|func| func.name).collect();
    names.sort_unstable();
    let all = names.len();
    names.dedup();
    assert_eq!(names.len(), all);
    assert_eq!(all, 209, "all of Sprig but env and expandenv");
}

#[test]
fn random_results_repeat_with_the_seed() {
    let functions: [(&str, &[Value]); 9] = [
        ("randAlphaNum", &[Value::int(20)]),
        ("randAlpha", &[Value::int(20)]),
        ("randNumeric", &[Value::int(20)]),
        ("randAscii", &[Value::int(20)]),
        ("randBytes", &[Value::int(20)]),
        ("shuffle", &["abcdefghijklmnopqrst".into()]),
        ("uuidv4", &[]),
        ("encryptAES", &["key".into(), "text".into()]),
        ("genPrivateKey", &["ecdsa".into()]),
    ];
    for (name, args) in functions {
        let made = |line| text(&call_at(line, name, args).unwrap());
        assert_eq!(made(1), made(1), "{name}");
        assert_ne!(made(1), made(2), "{name}");
    }
}

#[test]
fn every_number_of_the_range_comes_up() {
    let mut seen = [false; 5];
    for line in 0..200 {
        let Value::Int(_, number) = call_at(line, "randInt", &[Value::int(-2), Value::int(3)]).unwrap() else {
            panic!()
        };
        seen[usize::try_from(number + 2).unwrap()] = true;
    }
    assert_eq!(seen, [true; 5]);
}

#[test]
fn results_out_of_proportion_are_refused() {
    let huge = Value::int(1 << 40);
    let refused: [(&str, &[Value]); 7] = [
        ("repeat", &[huge.clone(), "x".into()]),
        ("indent", &[huge.clone(), "x".into()]),
        ("until", std::slice::from_ref(&huge)),
        ("seq", std::slice::from_ref(&huge)),
        ("untilStep", &[Value::int(i64::MIN), Value::int(i64::MAX), Value::int(1)]),
        ("randAlphaNum", std::slice::from_ref(&huge)),
        ("randBytes", std::slice::from_ref(&huge)),
    ];
    for (name, args) in refused {
        assert!(call(name, args).unwrap_err().starts_with("result is too large: "), "{name}");
    }
}

#[test]
fn values_that_contain_themselves_end() {
    let cyclic = || {
        let map = crate::value::Map::new();
        map.insert("self", Value::Map(map.clone()));
        Value::Map(map)
    };
    assert!(call("deepCopy", &[cyclic()]).unwrap_err().contains("contains itself"));
    assert!(call("merge", &[cyclic(), cyclic()]).unwrap_err().contains("contain themselves"));
}

#[test]
fn merging_fills_in_place() {
    let target = Value::map([("n", Value::map([("x", Value::int(1))]))]);
    let source = Value::map([("n", Value::map([("y", Value::int(2))]))]);
    let merged = call("merge", &[target.clone(), source]).unwrap();
    assert!(merged.as_map().unwrap().same(target.as_map().unwrap()));
    assert!(target.as_map().unwrap().get("n").unwrap().as_map().unwrap().contains("y"));
}

#[test]
fn sorting_leaves_its_operand() {
    let operand = Value::strings(["b", "a"]);
    let sorted = call("sortAlpha", std::slice::from_ref(&operand)).unwrap();
    assert_eq!(sorted.as_list().unwrap().items()[0].as_bytes(), Some(&b"a"[..]));
    assert_eq!(operand.as_list().unwrap().items()[0].as_bytes(), Some(&b"b"[..]));
}

#[test]
fn copies_keep_versions() {
    let version = call("semver", &["1.2.3".into()]).unwrap();
    let copy = call("deepCopy", &[Value::list(vec![version.clone()])]).unwrap();
    assert!(crate::value::deep_equal(&copy.as_list().unwrap().items()[0], &version));
}
