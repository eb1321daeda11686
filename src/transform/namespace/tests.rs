use super::*;

fn inject(text: &str, rule: InjectionRule<'_>) -> String {
    let mut objects = [Object { text: text.to_owned(), identity: None }];
    inject_namespace(&mut objects, "foo", rule, "out.yaml").unwrap();
    objects[0].text.clone()
}

#[test]
fn the_field_is_inserted_and_every_other_byte_stays() {
    let everywhere = InjectionRule::Everywhere;
    assert_eq!(
        inject("# Source: a\nkind: A # x\nmetadata:\n  # c\n  name: a\n  annotations:\n    n: \"0644\"\n", everywhere),
        "# Source: a\nkind: A # x\nmetadata:\n  # c\n  namespace: foo\n  name: a\n  annotations:\n    n: \"0644\"\n"
    );
    assert_eq!(inject("metadata: {name: a}\nkind: A\n", everywhere), "metadata: {namespace: foo, name: a}\nkind: A\n");
    assert_eq!(inject("metadata: {}\n", everywhere), "metadata: {namespace: foo}\n");
    assert_eq!(inject("metadata:\n  name: a\n  namespace:\n", everywhere), "metadata:\n  name: a\n  namespace: foo\n");
    assert_eq!(inject("metadata:\n  namespace: ~\n", everywhere), "metadata:\n  namespace: foo\n");
    assert_eq!(
        inject("{\"metadata\": {\"name\": \"a\"}}", everywhere),
        "{\"metadata\": {namespace: foo, \"name\": \"a\"}}"
    );
}

#[test]
fn existing_namespaces_and_missing_metadata_are_left_alone() {
    for text in [
        "metadata:\n  namespace: own\n",
        "metadata:\n  namespace: ''\n",
        "metadata:\n",
        "metadata: null\n",
        "kind: A\n",
    ] {
        assert_eq!(inject(text, InjectionRule::Everywhere), text);
    }
}

#[test]
fn the_strict_rule_knows_scopes_and_lists() {
    let scopes = Scopes::default();
    let rule = InjectionRule::Namespaced(&scopes);
    let role = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: a\n";
    assert_eq!(inject(role, rule), role);
    assert_ne!(inject(role, InjectionRule::Everywhere), role);
    assert_eq!(
        inject(
            "apiVersion: v1\nkind: List\nitems:\n- kind: A\n  metadata:\n    name: a\n- apiVersion: v1\n  kind: Namespace\n  metadata: {name: n}\n",
            rule
        ),
        "apiVersion: v1\nkind: List\nitems:\n- kind: A\n  metadata:\n    namespace: foo\n    name: a\n- apiVersion: v1\n  kind: Namespace\n  metadata: {name: n}\n"
    );
}

#[test]
fn a_namespace_that_reads_as_a_number_is_quoted() {
    let mut objects = [Object { text: "metadata:\n  name: a\n".to_owned(), identity: None }];
    inject_namespace(&mut objects, "123", InjectionRule::Everywhere, "out.yaml").unwrap();
    assert_eq!(objects[0].text, "metadata:\n  namespace: \"123\"\n  name: a\n");
}

#[test]
fn aliased_metadata_is_an_error_with_a_place() {
    let mut objects = [Object { text: "x: &m {name: a}\nmetadata: *m\n".to_owned(), identity: None }];
    let error = inject_namespace(&mut objects, "foo", InjectionRule::Everywhere, "out.yaml").unwrap_err();
    assert!(error.to_string().contains("out.yaml:2:"), "{error}");
}

#[test]
fn values_read_as_fabrikate_writes_them() {
    let everywhere = InjectionRule::Everywhere;
    assert_eq!(
        inject("metadata: {name: a}\nf: 1.0\no: 0644\nx: 0x10\ns: \"1.0\"\nv: 1.5\n", everywhere),
        "metadata: {namespace: foo, name: a}\nf: 1\no: 420\nx: 16\ns: \"1.0\"\nv: 1.5\n"
    );
    assert_eq!(inject("a:\n  b: |\n    t", everywhere), "a:\n  b: |-\n    t");
    assert_eq!(inject("a:\n  b: |2+\n    t", everywhere), "a:\n  b: |2-\n    t");
    assert_eq!(inject("a:\n  b: |\n    t\n", everywhere), "a:\n  b: |\n    t\n");
    let scopes = Scopes::default();
    assert_eq!(inject("f: 1.0\n", InjectionRule::Namespaced(&scopes)), "f: 1.0\n");
}
