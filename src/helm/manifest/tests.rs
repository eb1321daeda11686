use super::*;

const ALONE: Workers = Workers { threads: 1, stack_bytes: 1 << 20 };

fn pieces(text: &str) -> Vec<String> {
    split(text.as_bytes(), Compat::V3).into_iter().map(|piece| String::from_utf8_lossy(piece).into_owned()).collect()
}

#[test]
fn splitting_follows_helms_pattern() {
    assert_eq!(pieces("---\na: 1\n---\nb: 2\n"), ["a: 1", "b: 2"]);
    assert_eq!(pieces("a: 1\n---foo: 1"), ["a: 1", "foo: 1"]);
    assert_eq!(pieces("a: 1\n ---\nb: 2"), ["a: 1\n ---\nb: 2"]);
    assert_eq!(pieces("a: 1\n\n---\n---\nb: 2"), ["a: 1", "---\nb: 2"]);
    assert_eq!(pieces("a: |\n  x\n\n---\nb: 2"), ["a: |\n  x", "b: 2"]);
    assert_eq!(pieces("x---\n"), ["x---"]);
    assert_eq!(pieces("---"), Vec::<String>::new());
    assert_eq!(pieces(" \n"), Vec::<String>::new());
}

#[test]
fn helm_4_keeps_the_ends_of_documents() {
    let pieces = |text: &'static str| -> Vec<&str> {
        split(text.as_bytes(), Compat::V4).into_iter().map(|piece| std::str::from_utf8(piece).unwrap()).collect()
    };
    assert_eq!(pieces("---\na: 1\n---\nb: 2\n"), ["a: 1\n", "b: 2\n"]);
    assert_eq!(pieces("a: 1\n---foo: 1"), ["a: 1\n", "foo: 1"]);
    assert_eq!(pieces("a: 1\n\n---\n---\n\n  b: 2"), ["a: 1\n\n", "b: 2"]);
    assert_eq!(pieces("a: 1\n ---\nb: 2"), ["a: 1\n ---\nb: 2"]);
    assert_eq!(pieces("--- \t# x\n---\n \n"), ["# x\n"]);
    assert_eq!(pieces("---"), Vec::<&str>::new());
}

#[test]
fn webhooks_have_their_place_in_helm_4() {
    let kinds = ["Zoo", "ValidatingWebhookConfiguration", "Ant", "MutatingWebhookConfiguration", "APIService"];
    let text = kinds.map(|kind| format!("kind: {kind}\n")).join("---\n");
    let order = |compat| {
        let sorted = sort([("c/templates/a.yaml", text.as_bytes())], compat, ALONE).unwrap();
        sorted.manifests.into_iter().map(|manifest| manifest.kind).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(order(Compat::V4), "APIService MutatingWebhookConfiguration ValidatingWebhookConfiguration Ant Zoo");
    assert_eq!(order(Compat::V3), "APIService Ant MutatingWebhookConfiguration ValidatingWebhookConfiguration Zoo");
}

#[test]
fn kinds_are_installed_in_order_and_hooks_apart() {
    let text = "kind: Zoo\n---\nkind: Service\nmetadata: {name: s}\n---\nkind: ConfigMap\n---\nkind: Ant\n---\n\
                kind: Job\nmetadata: {annotations: {helm.sh/hook: 'pre-install, test', helm.sh/hook-weight: '-5'}}\n---\n\
                kind: Job\nmetadata: {annotations: {helm.sh/hook: crd-install}}\n";
    let sorted = sort([("c/templates/a.yaml", text.as_bytes())], Compat::V3, ALONE).unwrap();
    let kinds: Vec<&str> = sorted.manifests.iter().map(|manifest| manifest.kind.as_str()).collect();
    assert_eq!(kinds, ["ConfigMap", "Service", "Ant", "Zoo"]);
    assert_eq!(sorted.manifests[1].name, "s");
    assert_eq!(sorted.hooks.len(), 1);
    assert_eq!(sorted.hooks[0].events, [HookEvent::PreInstall, HookEvent::Test]);
    assert_eq!(sorted.hooks[0].weight, -5);
    assert!(sorted.hooks[0].is_test());
    assert_eq!(sorted.warnings, [r#"info: skipping unknown hook: "crd-install""#]);
}

#[test]
fn documents_must_be_maps() {
    let error = sort([("c/templates/a.yaml", &b"a: 1\n---\n- 1\n"[..])], Compat::V3, ALONE).unwrap_err();
    assert_eq!(error.document, "- 1");
    assert_eq!(
        error.message,
        "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type \
         releaseutil.SimpleHead"
    );
}

#[test]
fn definitions_with_the_hook_of_helm_2_are_kept_apart() {
    let text = b"kind: CustomResourceDefinition\nmetadata:\n  name: a\n  annotations: {helm.sh/hook: crd-install}\n---\nkind: Job\nmetadata:\n  name: b\n  annotations: {helm.sh/hook: crd-install}\n";
    let sorted = sort([("c/templates/crd.yaml", &text[..])], Compat::V3, ALONE).unwrap();
    assert!(sorted.manifests.is_empty() && sorted.hooks.is_empty());
    assert_eq!(sorted.crd_hooks.iter().map(|manifest| manifest.name.as_str()).collect::<Vec<_>>(), ["a"]);
    assert_eq!(sorted.warnings.len(), 2);
}
