use super::super::table::{Differences, rows, show, text, value};
use super::*;
use crate::value::Map;

#[test]
fn values_print_as_go_prints_them() {
    let mut differences = Differences::default();
    for row in rows("fmt") {
        let args: Vec<Value> = row[1].as_array().unwrap().iter().map(value).collect();
        let (what, ours) = match &row[0] {
            serde_json::Value::Null => ("Sprint".to_owned(), sprint(&args)),
            serde_json::Value::Bool(_) => ("Sprintln".to_owned(), sprintln(&args)),
            format => (show(&text(format)), sprintf(&text(format), &args)),
        };
        differences.compare(format_args!("{what} {}", row[1]), show(&ours), show(&text(&row[2])));
    }
    differences.finish();
}

#[test]
fn a_map_inside_itself_is_cut() {
    let map = Map::new();
    map.insert("again", Value::Map(map.clone()));
    map.insert("list", Value::list(vec![Value::Map(map.clone())]));
    assert_eq!(show(&sprint(&[Value::Map(map)])), "map[again:... list:[...]]");
}

#[test]
fn deep_nesting_is_cut() {
    let mut value = Value::Nil;
    for _ in 0..3000 {
        value = Value::list(vec![value]);
    }
    let printed = sprint(&[value]);
    assert_eq!(printed.len(), 2 * 1001 + CUT.len());
}

#[test]
fn actions_print_nil_as_no_value() {
    let mut out = Vec::new();
    print_action(&mut out, &Value::Nil);
    print_action(&mut out, &Value::list(vec![Value::Nil]));
    assert_eq!(show(&out), "<no value>[<nil>]");
}

#[test]
fn addresses_do_not_vary() {
    assert_eq!(
        show(&sprintf(b"%p %p %p", &[Value::list(vec![]), Value::Map(Map::new()), Value::int(1)])),
        "0xc000000000 0xc000000000 %!p(int=1)"
    );
}
