use super::suffix_names;
use crate::k8s::{Object, Scopes, identify};
use crate::transform::move_to_namespace;

fn objects(texts: &[&str]) -> Vec<Object> {
    texts.iter().map(|text| Object { text: (*text).to_owned(), identity: identify(text).ok() }).collect()
}

fn suffixed(texts: &[&str]) -> Vec<String> {
    let mut objects = objects(texts);
    suffix_names(&mut [("f.yaml", &mut objects)], "-x").unwrap();
    for object in &objects {
        let read = identify(&object.text).unwrap();
        assert_eq!(object.identity.as_ref(), Some(&read), "{}", object.text);
    }
    objects.into_iter().map(|object| object.text).collect()
}

#[test]
fn names_and_references_follow_and_other_text_stays() {
    let config = "# mine\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: \"web\"   # quoted\ndata: {name: web}\n";
    let deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: 'web', labels: {app: web}}\nspec:\n  \
                      template:\n    spec:\n      containers:\n      - name: web\n        envFrom:\n        - configMapRef: \
                      {name: web}\n        - configMapRef: {name: other}\n";
    let made = suffixed(&[config, deployment]);
    assert_eq!(made[0], config.replace("\"web\"", "\"web-x\""));
    assert_eq!(made[1], deployment.replace("'web'", "'web-x'").replace("{name: web}", "{name: web-x}"));
}

#[test]
fn some_kinds_keep_their_names() {
    let texts = [
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n",
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: b}\n",
        "apiVersion: apiregistration.k8s.io/v1\nkind: APIService\nmetadata: {name: v1.c}\n",
        "apiVersion: v1\nkind: Pod\nmetadata: {generateName: a-}\n",
    ];
    assert_eq!(suffixed(&texts), texts);
}

#[test]
fn items_of_lists_and_names_that_read_as_numbers_are_renamed() {
    let text = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Service\n  metadata:\n    name: a\n- {apiVersion: \
                v1, kind: Secret, metadata: {name: '1'}}\n";
    assert_eq!(suffixed(&[text])[0], text.replace("name: a", "name: a-x").replace("'1'", "'1-x'"));
}

#[test]
fn aliases_of_a_name_keep_what_they_read_as() {
    let text = "apiVersion: v1\nkind: Service\nmetadata: {name: &n web}\nspec: {selector: {app: *n, tier: back}}\n";
    let wanted =
        "apiVersion: v1\nkind: Service\nmetadata: {name: &n web-x}\nspec: {selector: {app: web, tier: back}}\n";
    assert_eq!(suffixed(&[text]), [wanted]);
    let text = "apiVersion: v1\nkind: Service\nspec: {selector: {app: &n web}}\nmetadata: {name: *n}\n";
    assert_eq!(suffixed(&[text]), [text.replace("*n", "web-x")]);
}

#[test]
fn names_that_no_server_takes_are_refused() {
    let long = format!("apiVersion: v1\nkind: Service\nmetadata: {{name: {}}}\n", "a".repeat(62));
    let problems = suffix_names(&mut [("f.yaml", &mut objects(&[&long]))], "-x").unwrap_err();
    assert_eq!(problems.len(), 1);
    assert!(problems[0].message.contains("must be no more than 63 characters"), "{}", problems[0].message);
    let broken = Object { text: "a: [".to_owned(), identity: None };
    assert!(suffix_names(&mut [("f.yaml", &mut vec![broken])], "-x").is_err());
}

#[test]
fn references_go_from_file_to_file() {
    let mut one = objects(&["apiVersion: v1\nkind: Service\nmetadata: {name: api}\n"]);
    let mut other = objects(&[
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: all}\nspec: {defaultBackend: {service: \
         {name: api}}}\n",
    ]);
    suffix_names(&mut [("a", &mut one), ("b", &mut other)], "-x").unwrap();
    assert!(other[0].text.contains("service: {name: api-x}"), "{}", other[0].text);
}

#[test]
fn everything_moves_to_the_namespace_with_what_names_it() {
    let mut all = objects(&[
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: team}\n",
        "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: web\n  namespace: team\n",
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: web\n",
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: web}\nsubjects:\n- {kind: \
         ServiceAccount, name: web, namespace: team}\n- {kind: ServiceAccount, name: other, namespace: kube-system}\n",
    ]);
    move_to_namespace(&mut [("f", &mut all)], "pr-1", &Scopes::default()).unwrap();
    let texts: Vec<&str> = all.iter().map(|object| object.text.as_str()).collect();
    assert_eq!(texts[0], "apiVersion: v1\nkind: Namespace\nmetadata: {name: pr-1}\n");
    assert_eq!(texts[1], "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: web\n  namespace: pr-1\n");
    assert_eq!(texts[2], "apiVersion: v1\nkind: Secret\nmetadata:\n  namespace: pr-1\n  name: web\n");
    assert!(texts[3].contains("name: web, namespace: pr-1"), "{}", texts[3]);
    assert!(texts[3].contains("name: other, namespace: kube-system"), "{}", texts[3]);
    assert!(!texts[3].contains("metadata: {namespace"), "{}", texts[3]);
}

#[test]
fn two_objects_do_not_become_one() {
    let mut all = objects(&[
        "apiVersion: v1\nkind: Secret\nmetadata: {name: web, namespace: a}\n",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: web, namespace: b}\n",
    ]);
    let problems = move_to_namespace(&mut [("f", &mut all)], "pr-1", &Scopes::default()).unwrap_err();
    assert!(problems[0].message.contains("in the namespaces `a` and `b`"), "{}", problems[0].message);
}
