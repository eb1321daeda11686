use super::*;
use crate::diag::Diagnostic;
use crate::span::Source;
use crate::stack::Reading;
use crate::stack::fields::{FieldCodes, FieldRules};
use crate::yaml::parse_document;

const CODES: FieldCodes = FieldCodes {
    unknown_key: crate::diag::Code("publish.unknown-key"),
    duplicate_key: crate::diag::Code("publish.duplicate-key"),
    wrong_type: crate::diag::Code("publish.wrong-type"),
};

fn read(text: &str) -> (EmitSpec, Vec<String>) {
    let source = Source::new("publish.yaml", text);
    let document = parse_document(&source).unwrap();
    let rules = FieldRules { source: &source, json: false, reading: Reading::Strict, codes: CODES };
    let mut problems: Vec<Diagnostic> = Vec::new();
    let spec = read_emit(&rules, &document.root, &mut problems);
    (spec, problems.into_iter().map(|problem| problem.message).collect())
}

#[test]
fn words_switch_on_and_maps_say_more() {
    let (spec, problems) = read("{kustomization: true, flux: true, argocd: application, hydratorMetadata: true}");
    assert!(problems.is_empty(), "{problems:?}");
    assert!(spec.kustomization && spec.hydrator_metadata && spec.flux.is_some() && spec.argocd.unwrap().applications);
    let (spec, problems) = read("{flux: false, argocd: false}");
    assert!(problems.is_empty() && !spec.has_engine());
    let (spec, problems) = read(
        "flux: {interval: 1h30m, timeout: 1.5m, dependsOn: {b: [a]}, serviceAccountName: 'apply-{name}'}\n\
         argocd: {form: applicationset, server: 'https://{name}.example.com', clusterKinds: []}\n",
    );
    assert!(problems.is_empty(), "{problems:?}");
    let (flux, argo) = (spec.flux.unwrap(), spec.argocd.unwrap());
    assert_eq!((flux.depends_on[0].0.value.as_str(), flux.depends_on[0].1[0].value.as_str()), ("b", "a"));
    assert!(!argo.applications && argo.cluster_kinds.is_some_and(|kinds| kinds.is_empty()));
}

#[test]
fn mistakes_are_named() {
    for (text, expected) in [
        ("{helm: true}", "unknown key `helm` in `emit`"),
        ("{flux: {intervall: 1m}}", "unknown key `intervall` in `emit.flux`"),
        ("{flux: yes please}", "`flux` must be `true`, `false` or a map of settings"),
        ("{flux: {interval: soon}}", "`interval` must be a duration such as `10m` or `1h30m`"),
        ("{flux: {interval: '5'}}", "`interval` must be a duration such as `10m` or `1h30m`"),
        ("{flux: {source: Fleet_1}}", "`source` must be a name of a Kubernetes object: small letters, digits and `-`"),
        ("{flux: {dependsOn: {a: b}}}", "`a` must be a list of clusters, not a string"),
        ("{argocd: set}", "`argocd` must be `applicationset` or `application`"),
        ("{argocd: {form: many}}", "`form` must be `applicationset` or `application`"),
        ("{argocd: {prune: maybe}}", "`prune` must be a boolean, not a string"),
    ] {
        assert_eq!(read(text).1, [expected], "{text}");
    }
}
