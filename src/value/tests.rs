use super::*;

fn sample() -> Frozen {
    Frozen::map(vec![
        ("b".into(), Frozen::map(vec![("x".into(), Frozen::Float(1.0))])),
        ("a".into(), Frozen::list(vec![Frozen::map(vec![("k".into(), Frozen::str("v"))]), Frozen::Nil])),
        ("s".into(), Frozen::str("text")),
    ])
}

#[test]
fn a_frozen_container_has_one_twin_per_value() {
    let value = Value::from(&sample());
    let map = value.as_map().unwrap();
    let first = map.get("b").unwrap();
    first.as_map().unwrap().insert("y", Value::Bool(true));
    let second = map.get("b").unwrap();
    assert!(second.as_map().unwrap().contains("y"), "a write through one reference is seen through the other");
    let items = map.get("a").unwrap();
    items.as_list().unwrap().items()[0].as_map().unwrap().insert("k2", Value::Nil);
    let again = map.get("a").unwrap();
    assert!(again.as_list().unwrap().items()[0].as_map().unwrap().contains("k2"));
}

#[test]
fn releases_do_not_see_each_other() {
    let frozen = sample();
    let one = Value::from(&frozen);
    one.as_map().unwrap().get("b").unwrap().as_map().unwrap().insert("x", Value::Nil);
    let two = Value::from(&frozen);
    assert!(deep_equal(
        &two.as_map().unwrap().get("b").unwrap().as_map().unwrap().get("x").unwrap(),
        &Value::Float(1.0)
    ));
    assert_eq!(Frozen::of(&two), frozen);
}

#[test]
fn entries_are_sorted_and_later_duplicates_win() {
    let frozen = Frozen::map(vec![
        ("b".into(), Frozen::Nil),
        ("a".into(), Frozen::Bool(false)),
        ("a".into(), Frozen::Bool(true)),
    ]);
    let keys: Vec<String> = frozen.as_map().unwrap().iter().map(|(key, _)| key.to_string()).collect();
    assert_eq!(keys, ["a", "b"]);
    assert_eq!(frozen.get("a"), Some(&Frozen::Bool(true)));
}

#[test]
fn deep_equality_is_typed() {
    assert!(!deep_equal(&Value::int(1), &Value::int64(1)));
    assert!(!deep_equal(&Value::int(1), &Value::Float(1.0)));
    assert!(!deep_equal(&Value::List(List::nil(ListType::Any)), &Value::list(vec![])));
    assert!(!deep_equal(&Value::strings(["a"]), &Value::list(vec!["a".into()])));
    assert!(deep_equal(&Value::from(&sample()), &Value::from(&sample())));
}

#[test]
fn the_nil_map_reads_as_empty_and_refuses_writes() {
    let map = Map::nil(MapType::Any);
    assert!(map.is_nil() && map.is_empty() && !Value::Map(map.clone()).truth());
    assert!(!map.insert("a", Value::Nil));
    assert_eq!(Value::Map(map).type_name(), "map[string]interface {}");
}

#[test]
fn twins_stay_the_same_when_the_map_becomes_writable() {
    let value = Value::from(&sample());
    let map = value.as_map().unwrap();
    assert!(map.as_frozen().is_some());
    let twin = map.get("b").unwrap();
    assert!(map.as_frozen().is_none(), "what is below may be written to");
    map.insert("new", Value::Nil);
    twin.as_map().unwrap().insert("y", Value::Bool(true));
    assert!(map.get("b").unwrap().as_map().unwrap().contains("y"));
    let keys: Vec<String> = map.entries().iter().map(|(key, _)| key.to_string()).collect();
    assert_eq!(keys, ["a", "b", "new", "s"]);
}
