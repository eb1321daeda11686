use std::collections::BTreeSet;

use serde_json::Value;

use super::*;

/// What each kind of object may have, as far as it is written here: `path type`, a `!` after what is required.
/// `[]` stands for the items of a list, `*` for any key.
const FIELDS: &str = include_str!("../../../testdata/output/engine-fields.txt");

fn site(name: &str) -> Site {
    Site {
        name: name.to_owned(),
        labels: [("stage".to_owned(), "prod".to_owned()), ("note".to_owned(), "not a label value!".to_owned())].into(),
        folder: format!("clusters/{name}"),
        branch: "main".to_owned(),
        flux: FluxSite { name: name.to_owned(), ..FluxSite::default() },
        argo: ArgoDestination { name: name.to_owned(), cluster: name.to_owned(), ..ArgoDestination::default() },
    }
}

fn repository() -> Repository {
    Repository { url: "https://git.example.com/platform/manifests.git".to_owned(), hidden: vec![".kiln/".to_owned()] }
}

fn parse(content: &[u8]) -> Value {
    serde_yaml::from_slice(content).unwrap()
}

/// Holds that an object has only fields of its kind, of the right types, and all that it needs.
fn check(content: &[u8]) {
    let object = parse(content);
    let kind = object["kind"].as_str().unwrap();
    let mut lines = FIELDS.lines().skip_while(|line| *line != format!("# {kind}")).skip(1).peekable();
    assert!(lines.peek().is_some(), "no table for {kind}");
    let fields: Vec<(&str, &str)> = lines
        .take_while(|line| !line.starts_with('#'))
        .filter(|line| !line.is_empty())
        .map(|line| line.split_once(' ').unwrap())
        .collect();
    let mut seen = BTreeSet::new();
    walk(&object, String::new(), &mut |path, value| {
        let matches = |pattern: &str| {
            let (pattern, path): (Vec<&str>, Vec<&str>) = (pattern.split('.').collect(), path.split('\t').collect());
            pattern.len() == path.len() && pattern.iter().zip(&path).all(|(one, other)| *one == "*" || one == other)
        };
        let found = fields.iter().find(|(pattern, _)| matches(pattern));
        let (pattern, kind_of) = found.unwrap_or_else(|| panic!("{kind} has no field {}", path.replace('\t', ".")));
        let is_right = match kind_of.trim_end_matches('!') {
            "string" => value.is_string(),
            "bool" => value.is_boolean(),
            "map" => value.is_object(),
            "list" => value.is_array(),
            exact => value.as_str() == Some(exact),
        };
        assert!(is_right, "{kind}: {} is {value}", path.replace('\t', "."));
        seen.insert(*pattern);
    });
    for (pattern, kind_of) in &fields {
        let parent = pattern.rsplit_once('.').map_or("", |(parent, _)| parent);
        if kind_of.ends_with('!') && (parent.is_empty() || seen.contains(parent)) {
            assert!(seen.contains(pattern), "{kind} lacks {pattern}");
        }
    }
}

fn walk(value: &Value, path: String, see: &mut impl FnMut(&str, &Value)) {
    if !path.is_empty() {
        see(&path, value);
    }
    let join = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}\t{key}") };
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| walk(value, join(key), see)),
        Value::Array(items) => items.iter().for_each(|item| walk(item, join("[]"), see)),
        _ => {}
    }
}

#[test]
fn names_are_those_of_objects() {
    for (text, expected) in [("a", "a"), ("Prod_East", "prod-east"), ("eu/west.1", "eu-west-1"), ("-x-", "x")] {
        assert_eq!(dns_label(text).unwrap(), expected);
    }
    assert_eq!(dns_label("__"), Err(NameError::Impossible("__".to_owned())));
    assert_eq!(dns_label(&"a".repeat(63)).unwrap().len(), 63);
    assert_eq!(dns_label(&"a".repeat(64)), Err(NameError::TooLong("a".repeat(64))));
}

#[test]
fn a_kustomization_names_each_manifest_once_and_sorted() {
    let files: [(&str, &[u8]); 7] = [
        ("z.yaml", b"kind: A\n"),
        ("a/b.yml", b"---\n# note\nkind: B\n"),
        ("a.yaml", b"kind: C"),
        ("root.yaml", b""),
        ("only.yaml", b"---\n# Source: nothing\n\n---\n"),
        ("NOTES.md", b"text"),
        ("cluster.json", b"{\"a\": 1}"),
    ];
    let (path, content) = kustomization_file(files.into_iter());
    assert_eq!(path, "kustomization.yaml");
    assert_eq!(
        String::from_utf8(content).unwrap(),
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n- a.yaml\n- a/b.yml\n- z.yaml\n"
    );
}

#[test]
fn flux_gets_a_source_and_a_kustomization_for_each_cluster() {
    let mut second = site("Prod_East");
    second.flux = FluxSite {
        name: "Prod_East".to_owned(),
        service_account: Some("apply".to_owned()),
        target_namespace: Some("apps".to_owned()),
        kube_config: Some("prod-east-kubeconfig".to_owned()),
        depends_on: vec!["a".to_owned()],
    };
    let settings =
        FluxSettings { secret: Some("auth".to_owned()), timeout: Some("5m".to_owned()), ..FluxSettings::default() };
    let files = flux_objects(&settings, &repository(), &[site("a"), second]).unwrap();
    let paths: Vec<&str> = files.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(paths, ["source/manifests.yaml", "a.yaml", "prod-east.yaml"]);
    files.iter().for_each(|(_, content)| check(content));
    assert_eq!(parse(&files[0].1)["spec"]["ignore"], "/.kiln/\n");
    assert_eq!(parse(&files[1].1)["metadata"]["labels"], serde_json::json!({"stage": "prod"}));
    assert_eq!(
        String::from_utf8(files[2].1.clone()).unwrap(),
        "apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  labels:
    stage: prod
  name: prod-east
  namespace: flux-system
spec:
  dependsOn:
  - name: a
  interval: 10m
  kubeConfig:
    secretRef:
      name: prod-east-kubeconfig
  path: ./clusters/Prod_East
  prune: true
  serviceAccountName: apply
  sourceRef:
    kind: GitRepository
    name: manifests
  targetNamespace: apps
  timeout: 5m
  wait: true
"
    );
}

#[test]
fn branches_have_sources_of_their_own() {
    let (mut one, mut two) = (site("a"), site("b"));
    (one.branch, two.branch) = ("env/staging".to_owned(), "env/production".to_owned());
    let files = flux_objects(&FluxSettings::default(), &repository(), &[one, two]).unwrap();
    let paths: Vec<&str> = files.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(
        paths,
        ["source/manifests-env-production.yaml", "source/manifests-env-staging.yaml", "a.yaml", "b.yaml"]
    );
    assert_eq!(parse(&files[2].1)["spec"]["sourceRef"]["name"], "manifests-env-staging");
}

#[test]
fn two_clusters_never_share_an_object() {
    let expected = NameError::Taken {
        kind: "Application",
        name: "a-b".to_owned(),
        one: "a_b".to_owned(),
        other: "a/b".to_owned(),
    };
    let found = argo_objects(&ArgoSettings::default(), &repository(), &[site("a_b"), site("a/b")], true);
    assert_eq!(found, Err(expected));
    assert!(flux_objects(&FluxSettings::default(), &repository(), &[site("a_b"), site("a/b")]).is_err());
}

#[test]
fn argo_gets_a_project_and_applications() {
    for kustomized in [true, false] {
        for form in [ArgoForm::Applications, ArgoForm::ApplicationSet] {
            for cascade in [true, false] {
                let settings = ArgoSettings {
                    form,
                    cascade,
                    sync_options: vec!["CreateNamespace=true".to_owned()],
                    cluster_kinds: vec!["rbac.authorization.k8s.io/ClusterRole".to_owned(), "Namespace".to_owned()],
                    ..ArgoSettings::default()
                };
                let mut second = site("b");
                second.argo.server = Some("https://b.example.com".to_owned());
                second.argo.namespace = Some("apps".to_owned());
                let files = argo_objects(&settings, &repository(), &[site("a"), second], kustomized).unwrap();
                files.iter().for_each(|(_, content)| check(content));
                let paths: Vec<&str> = files.iter().map(|(path, _)| path.as_str()).collect();
                let objects = match form {
                    ArgoForm::Applications => vec!["projects/manifests.yaml", "a.yaml", "b.yaml"],
                    ArgoForm::ApplicationSet => vec!["projects/manifests.yaml", "applicationset.yaml"],
                };
                assert_eq!(paths, objects);
                let project = parse(&files[0].1);
                assert_eq!(
                    project["spec"]["destinations"],
                    serde_json::json!([{"name": "a", "namespace": "*"}, {"namespace": "*", "server": "https://b.example.com"}])
                );
                let source = match form {
                    ArgoForm::Applications => parse(&files[1].1)["spec"]["source"].clone(),
                    ArgoForm::ApplicationSet => parse(&files[1].1)["spec"]["template"]["spec"]["source"].clone(),
                };
                assert_eq!(source.get("directory").is_some(), !kustomized);
            }
        }
    }
}

/// What an ApplicationSet makes of its template for one cluster.json: fields between braces are looked up.
fn rendered(template: &Value, parameters: &Value) -> Value {
    match template {
        Value::String(text) => {
            let field = text.strip_prefix("{{ .").and_then(|rest| rest.strip_suffix(" }}"));
            match field {
                Some(field) => {
                    let value = field.split('.').fold(parameters, |value, key| &value[key]);
                    Value::from(value.as_str().unwrap_or_else(|| panic!("no {field} in {parameters}")))
                }
                None => template.clone(),
            }
        }
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), rendered(value, parameters))).collect(),
        Value::Array(items) => items.iter().map(|item| rendered(item, parameters)).collect(),
        other => other.clone(),
    }
}

#[test]
fn an_application_set_makes_a_hundred_applications() {
    let sites: Vec<Site> = (0..100).map(|at| site(&format!("cluster-{at}"))).collect();
    let settings = ArgoSettings::default();
    let files = argo_objects(&settings, &repository(), &sites, true).unwrap();
    let set = parse(&files[1].1);
    let generator = &set["spec"]["generators"][0]["git"];
    assert_eq!(generator["files"], serde_json::json!([{"path": "clusters/*/cluster.json"}]));
    let mut names = BTreeSet::new();
    for site in &sites {
        let (path, content) = cluster_file(&settings, site).unwrap();
        assert_eq!(path, "cluster.json");
        let mut parameters: Value = serde_json::from_slice(&content).unwrap();
        // What the generator adds.
        assert!(parameters.get("path").is_none());
        parameters["path"] = serde_json::json!({"path": site.folder});
        let mut application = rendered(&set["spec"]["template"], &parameters);
        application["apiVersion"] = Value::from("argoproj.io/v1alpha1");
        application["kind"] = Value::from("Application");
        check(&serde_json::to_vec(&application).unwrap());
        assert_eq!(application["spec"]["source"]["path"], site.folder.as_str());
        assert_eq!(application["spec"]["destination"]["name"], site.name.as_str());
        assert_eq!(application["spec"]["source"]["targetRevision"], "main");
        names.insert(application["metadata"]["name"].as_str().unwrap().to_owned());
    }
    assert_eq!(names.len(), 100);
}
