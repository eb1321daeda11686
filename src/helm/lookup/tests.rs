use super::*;

const RECORDED: &str = "\
apiVersion: v1
kind: Secret
metadata: {name: b, namespace: web}
data: {password: c2VjcmV0}
---
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Secret, metadata: {name: a, namespace: web-2}}
- {apiVersion: v1, kind: Namespace, metadata: {name: web, generation: 3, weight: 1.5, size: 2.0, large: 18446744073709551615}}
---
# Servers leave the type of a typed list's items to the list.
apiVersion: v1
kind: SecretList
items: [{metadata: {name: a, namespace: web}}]
---
";

fn resources(text: &str) -> Result<Resources, String> {
    let mut resources = Resources::default();
    resources.read(&Source::new("recorded.yaml", text)).map(|()| resources)
}

fn ask(resources: Option<&str>, words: [&str; 4]) -> (Value, LookupUse) {
    let resources = resources.map(|text| Arc::new(self::resources(text).unwrap()));
    let mut answers = Answers::new(resources);
    let [api_version, kind, namespace, name] = words.map(str::to_owned);
    let site = Site { function: "lookup", template: Arc::from("gotpl"), line: 1, col: 2 };
    let asked = Lookup { api_version, kind, namespace, name };
    let answer = answers.answer(asked, &Arc::from("a/templates/x.yaml"), &site);
    (answer, answers.into_uses().remove(0))
}

fn field(value: &Value, path: &[&str]) -> Value {
    path.iter().fold(value.clone(), |value, key| value.as_map().unwrap().get(key).unwrap_or(Value::Nil))
}

fn names(words: [&str; 4]) -> Vec<String> {
    let (list, _) = ask(Some(RECORDED), words);
    let items = field(&list, &["items"]);
    let name =
        |item: &Value| ["namespace", "name"].map(|key| field(item, &["metadata", key])).map(|part| format!("{part:?}"));
    items
        .as_list()
        .unwrap()
        .items()
        .iter()
        .map(|item| name(item).join("/").replace("Str(\"", "").replace("\")", ""))
        .collect()
}

#[test]
fn one_object_is_found_by_namespace_and_name() {
    let (secret, _) = ask(Some(RECORDED), ["v1", "Secret", "web", "b"]);
    assert_eq!(field(&secret, &["data", "password"]).as_bytes(), Some(&b"c2VjcmV0"[..]));
    let (item, _) = ask(Some(RECORDED), ["v1", "Secret", "web", "a"]);
    assert_eq!(field(&item, &["kind"]).as_bytes(), Some(&b"Secret"[..]));
    for absent in [["v1", "Secret", "web", "c"], ["v1", "Secret", "", "b"], ["v2", "Secret", "web", "b"]] {
        assert!(ask(Some(RECORDED), absent).0.as_map().unwrap().is_empty(), "{absent:?}");
    }
}

#[test]
fn objects_without_a_namespace_lie_in_all_of_them() {
    for namespace in ["", "web"] {
        let (found, _) = ask(Some(RECORDED), ["v1", "Namespace", namespace, "web"]);
        assert!(!found.as_map().unwrap().is_empty());
    }
}

#[test]
fn lists_have_the_order_of_a_cluster() {
    assert_eq!(names(["v1", "Secret", "", ""]).len(), 3);
    assert!(names(["v1", "Secret", "", ""])[0].contains("web-2"));
    assert_eq!(names(["v1", "Secret", "web", ""]).len(), 2);
    let (list, _) = ask(Some(RECORDED), ["v1", "ConfigMap", "web", ""]);
    assert_eq!(field(&list, &["kind"]).as_bytes(), Some(&b"ConfigMapList"[..]));
    assert!(field(&list, &["items"]).as_list().unwrap().items().is_empty());
}

#[test]
fn numbers_are_those_of_a_clusters_json() {
    let (namespace, _) = ask(Some(RECORDED), ["v1", "Namespace", "", "web"]);
    let number = |key| field(&namespace, &["metadata", key]);
    assert!(matches!(number("generation"), Value::Int(IntKind::Int64, 3)));
    assert!(matches!(number("size"), Value::Int(IntKind::Int64, 2)));
    assert!(matches!(number("weight"), Value::Float(1.5)));
    assert!(matches!(number("large"), Value::Float(large) if large == 18446744073709551615.0));
}

#[test]
fn answers_do_not_see_what_templates_do_to_others() {
    let resources = Arc::new(resources(RECORDED).unwrap());
    let mut answers = Answers::new(Some(resources));
    let site = Site { function: "lookup", template: Arc::from("t"), line: 1, col: 2 };
    let asked = Lookup { api_version: "v1".into(), kind: "Secret".into(), namespace: "web".into(), name: "b".into() };
    let mut answer = || answers.answer(asked.clone(), &Arc::from("t"), &site);
    answer().as_map().unwrap().insert("kind", Value::str("changed"));
    assert_eq!(field(&answer(), &["kind"]).as_bytes(), Some(&b"Secret"[..]));
}

#[test]
fn without_resources_the_answer_is_empty_and_the_question_is_recorded() {
    let (answer, used) = ask(None, ["v1", "Secret", "web", ""]);
    assert!(answer.as_map().unwrap().is_empty());
    assert!(!used.is_answered);
    assert_eq!(used.subject(), "all Secret (v1) in web");
    assert_eq!(used.place(), "gotpl:1:3 for a/templates/x.yaml");
}

#[test]
fn what_is_no_object_is_refused_with_its_place() {
    for (text, expected) in [
        ("a: 1\n---\n- 1\n", "recorded.yaml:1:1: the object has no `apiVersion`"),
        ("---\n- 1\n", "recorded.yaml:2:1: the document is no Kubernetes object"),
        ("apiVersion: v1\n", "recorded.yaml:1:1: the object has no `kind`"),
        ("{apiVersion: v1, kind: Secret}", "recorded.yaml:1:1: the object has no `metadata.name`"),
        ("{apiVersion: v1, kind: List, items: [1]}", "recorded.yaml:1:1: an item of the list is no object"),
    ] {
        assert_eq!(resources(text).unwrap_err(), expected);
    }
    assert!(resources("a: [").unwrap_err().starts_with("recorded.yaml: yaml: line 1: "));
}
