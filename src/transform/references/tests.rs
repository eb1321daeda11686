use super::table::{Named, ROWS};
use super::{Inventory, references};
use crate::k8s::Identity;
use crate::span::Source;
use crate::yaml;

fn identity(kind: &str, name: &str, namespace: Option<&str>) -> Identity {
    let (group, kind) = kind.rsplit_once('/').unwrap_or(("", kind));
    let api_version = if group.is_empty() { "v1".to_owned() } else { format!("{group}/v1") };
    Identity { api_version, kind: kind.into(), name: name.into(), namespace: namespace.map(Into::into) }
}

/// The names that an object refers to, of an inventory of kinds, names and namespaces.
fn found(of: &Identity, text: &str, there: &[(&str, &str, Option<&str>)]) -> Vec<String> {
    let nothing = yaml::parse_document(&Source::new("", "{}")).unwrap();
    let mut inventory = Inventory::default();
    for (kind, name, namespace) in there {
        inventory.add(&identity(kind, name, *namespace), &nothing.root);
    }
    let document = yaml::parse_document(&Source::new("", text)).unwrap();
    let found = references(&document.root, of, &inventory);
    found.iter().map(|reference| reference.name.as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_line_of_the_table_is_read() {
    let lines = include_str!("references.tsv").lines().filter(|line| !line.starts_with('#'));
    let wanted: usize = lines.map(|line| if line.contains("{container}") { 3 } else { 1 }).sum();
    assert_eq!(ROWS.len(), wanted);
    assert!(ROWS.iter().any(|row| row.named == Named::Ruled));
}

#[test]
fn pods_are_found_wherever_they_are_made() {
    let pod = "containers: [{envFrom: [{configMapRef: {name: c}}, {secretRef: {name: s}}]}]";
    let there = [("ConfigMap", "c", None), ("Secret", "s", None)];
    for (kind, text) in [
        ("Pod", format!("spec: {{{pod}}}")),
        ("PodTemplate", format!("template: {{spec: {{{pod}}}}}")),
        ("apps/Deployment", format!("spec: {{template: {{spec: {{{pod}}}}}}}")),
        ("argoproj.io/Rollout", format!("spec: {{template: {{spec: {{{pod}}}}}}}")),
        ("batch/CronJob", format!("spec: {{jobTemplate: {{spec: {{template: {{spec: {{{pod}}}}}}}}}}}")),
    ] {
        assert_eq!(found(&identity(kind, "x", None), &text, &there), ["c", "s"], "{kind}");
    }
    let other = format!("spec: {{somewhere: {{spec: {{{pod}}}}}}}");
    assert!(found(&identity("apps/Deployment", "x", None), &other, &there).is_empty());
}

#[test]
fn kinds_and_namespaces_that_are_told_must_fit() {
    let hpa = identity("autoscaling/HorizontalPodAutoscaler", "x", Some("a"));
    let text = "spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}";
    assert_eq!(found(&hpa, text, &[("apps/Deployment", "web", Some("a"))]), ["web"]);
    assert_eq!(found(&hpa, text, &[("apps/Deployment", "web", None)]), ["web"]);
    assert!(found(&hpa, text, &[("apps/StatefulSet", "web", Some("a"))]).is_empty());
    assert!(found(&hpa, text, &[("argoproj.io/Deployment", "web", Some("a"))]).is_empty());
    assert!(found(&hpa, text, &[("apps/Deployment", "web", Some("b"))]).is_empty());

    let binding = identity("rbac.authorization.k8s.io/RoleBinding", "x", Some("a"));
    let text = "subjects: [{kind: ServiceAccount, name: web, namespace: b}, {kind: User, name: web}]\n\
                roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: web}";
    let there = [("ServiceAccount", "web", Some("b")), ("rbac.authorization.k8s.io/Role", "web", Some("a"))];
    assert_eq!(found(&binding, text, &there), ["web"]);
    let there = [("ServiceAccount", "web", Some("a")), ("rbac.authorization.k8s.io/ClusterRole", "web", None)];
    assert_eq!(found(&binding, text, &there), ["web"]);
}

#[test]
fn roles_name_what_their_rules_are_about() {
    let role = identity("rbac.authorization.k8s.io/Role", "x", None);
    let text = "rules: [{resources: [configmaps, networkpolicies/status], resourceNames: [one, two, three]}]";
    let there =
        [("ConfigMap", "one", None), ("Secret", "two", None), ("networking.k8s.io/NetworkPolicy", "three", None)];
    assert_eq!(found(&role, text, &there), ["one", "three"]);
}

#[test]
fn secrets_that_a_controller_makes_are_known() {
    let pod = identity("Pod", "x", None);
    let text = "spec: {containers: [], imagePullSecrets: [{name: a}, {name: b}]}";
    assert_eq!(found(&pod, text, &[("bitnami.com/SealedSecret", "a", None)]), ["a"]);
    let object = yaml::parse_document(&Source::new("", "spec: {target: {name: b}}")).unwrap();
    let mut inventory = Inventory::default();
    inventory.add(&identity("external-secrets.io/ExternalSecret", "a", None), &object.root);
    let document = yaml::parse_document(&Source::new("", text)).unwrap();
    assert!(references(&document.root, &pod, &inventory).is_empty());
}
