use super::*;
use crate::golang;
use crate::helm::compat::Compat;
use crate::value::{Map, Value};

fn json(values: &Map) -> String {
    String::from_utf8(golang::json::marshal(&Value::Map(values.clone()), false).unwrap()).unwrap()
}

fn after(lines: &[&str]) -> Result<String, String> {
    let values = Map::new();
    for line in lines {
        set(line, &values, Compat::V3)?;
    }
    Ok(json(&values))
}

#[test]
fn assignments() {
    for (line, expected) in [
        ("a=1,b.c=x", r#"{"a":1,"b":{"c":"x"}}"#),
        ("a=TRUE,b=False,c=nUll", r#"{"a":true,"b":false,"c":null}"#),
        ("a=007,b=0,c=-3,d=1.5,e=+5", r#"{"a":"007","b":0,"c":-3,"d":"1.5","e":5}"#),
        (r"a\.b=1\,2", r#"{"a.b":"1,2"}"#),
        ("a={1,x,},b={}", r#"{"a":[1,"x",""],"b":[""]}"#),
        ("a[1].b=1", r#"{"a":[null,{"b":1}]}"#),
        ("a[0][1]=x", r#"{"a":[[null,"x"]]}"#),
        ("a=", r#"{"a":""}"#),
        ("a[0]", r#"{"a":[]}"#),
        ("a=1,", r#"{"a":1}"#),
    ] {
        assert_eq!(after(&[line]).as_deref(), Ok(expected), "{line}");
    }
    assert_eq!(after(&["l={a,b}", "l[1]=c"]).as_deref(), Ok(r#"{"l":["a","c"]}"#));
}

#[test]
fn mistakes() {
    for (line, expected) in [
        ("a", r#"key "a" has no value"#),
        ("a,b=1", r#"key "a" has no value (cannot end with ,)"#),
        ("a={b", "list must terminate with '}'"),
        ("a[x]=1", r#"error parsing index: strconv.Atoi: parsing "x": invalid syntax"#),
        ("a[0=1", "error parsing index: EOF"),
        ("a[-1]=1", "negative -1 index not allowed"),
        ("a[65537]=1", "index of 65537 is greater than maximum supported index of 65536"),
        ("a[0]x=1", "unexpected data at end of array index: ['x']"),
        ("a=1,a.b=2", "unable to parse key: interface conversion: interface {} is int64, not map[string]interface {}"),
        ("a.=1", r#"key map "a" has no value"#),
    ] {
        assert_eq!(after(&[line]), Err(expected.to_owned()), "{line}");
    }
    let deep = format!("{}a=1", "a.".repeat(31));
    assert_eq!(
        after(&[&deep]),
        Err("value name nested level is greater than maximum supported nested level of 30".to_owned())
    );
}

#[test]
fn json_values() {
    let values = Map::new();
    set_json(r#"a={"b":[1,"x,y"]} ,c=null,d[1]=true,e="#, &values, Compat::V3).unwrap();
    assert_eq!(json(&values), r#"{"a":{"b":[1,"x,y"]},"c":null,"d":[null,true],"e":null}"#);
    assert!(set_json("a={", &Map::new(), Compat::V3).is_err());
}

#[test]
fn strings_and_literals() {
    let values = Map::new();
    set_string("a=1,b={2,true}", &values, Compat::V3).unwrap();
    set_literal(r"c.d=x,y=\,{", &values, Compat::V3).unwrap();
    set_literal("l[0]=1", &values, Compat::V3).unwrap();
    assert_eq!(json(&values), r#"{"a":"1","b":["2","true"],"c":{"d":"x,y=\\,{"},"l":["1"]}"#);
}
