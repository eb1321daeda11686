use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Cluster, Selector, load_clusters};
use crate::diag::{Diagnostic, Severity, Sink};
use crate::source::Tree;

fn load_files(files: &[(&str, &str)]) -> (Vec<Cluster>, Vec<Diagnostic>) {
    let files: BTreeMap<String, Arc<[u8]>> =
        files.iter().map(|(path, text)| ((*path).to_owned(), Arc::from(text.as_bytes()))).collect();
    let mut sink = Sink::new();
    let file = load_clusters(&Tree::memory(files, ""), &mut sink).ok().flatten();
    (file.map(|file| file.clusters).unwrap_or_default(), sink.into_diagnostics())
}

fn load(text: &str) -> Vec<Cluster> {
    let (clusters, problems) = load_files(&[("clusters.yaml", text)]);
    assert_eq!(problems.iter().map(Diagnostic::to_string).collect::<Vec<_>>(), Vec::<String>::new());
    clusters
}

/// Expects errors only, and gives the first with its help.
#[track_caller]
fn refused(text: &str) -> String {
    let (clusters, problems) = load_files(&[("clusters.yaml", text)]);
    assert!(clusters.is_empty() && problems[0].severity == Severity::Error, "{problems:?}");
    format!("{}; {}", problems[0], problems[0].help.as_deref().unwrap_or_default())
}

fn layers(cluster: &Cluster) -> Vec<&str> {
    cluster.layers.iter().map(|layer| layer.value.as_str()).collect()
}

fn names(clusters: &[Cluster]) -> Vec<&str> {
    clusters.iter().map(|cluster| cluster.name.value.as_str()).collect()
}

#[test]
fn no_file_is_no_clusters() {
    let mut sink = Sink::new();
    assert!(load_clusters(&Tree::memory(BTreeMap::new(), ""), &mut sink).unwrap().is_none());
    assert!(load("").is_empty());
}

#[test]
fn defaults_and_placeholders() {
    let clusters = load(
        "apiVersion: kiln/v1alpha1\nkind: ClusterMatrix\ndefaults:\n  layers: ['installations/{name}', '{provider}-{region}', '{provider}']\n  output: 'by/{provider}/{name}'\n  labels: {provider: aws}\nclusters:\n- {name: a, labels: {region: eu}}\n- {name: b, labels: {provider: kvm, region: x}, layers: [only], output: b, disabled: true, allowFailure: true}\n",
    );
    assert_eq!(layers(&clusters[0]), ["installations/a", "aws-eu", "aws"]);
    assert_eq!(clusters[0].output.value, "by/aws/a");
    assert_eq!(layers(&clusters[1]), ["only"]);
    assert!(clusters[1].disabled && clusters[1].allow_failure && !clusters[0].disabled);
    let plain = load("clusters: [{name: c}]\n");
    assert_eq!(plain[0].output.value, "c");
}

#[test]
fn an_unknown_placeholder_is_an_error_at_its_place_and_once() {
    let text = "defaults:\n  layers: ['x/{provder}']\nclusters:\n- {name: a, labels: {provider: p}}\n- {name: b, labels: {provider: p}}\n";
    let (_, problems) = load_files(&[("clusters.yaml", text)]);
    assert_eq!(problems.len(), 1);
    assert!(
        problems[0]
            .to_string()
            .starts_with("clusters.yaml:2:15: error[clusters.placeholder]: unknown placeholder `{provder}`")
    );
    assert_eq!(problems[0].help.as_deref(), Some("did you mean `{provider}`?"));
    assert_eq!(problems[0].labels[0].span.text(), "{provder}");
    assert!(refused("clusters: [{name: a, layers: ['{name']}]\n").contains("other half"));
    assert!(refused("clusters: [{name: a, layers: ['a}']}]\n").contains("other half"));
}

#[test]
fn mistakes_are_errors() {
    assert!(
        refused("clustres: []\n").ends_with("unknown key `clustres` in the cluster file; did you mean `clusters`?")
    );
    assert!(refused("clusters: [{name: a, allowfailure: true}]\n").ends_with("did you mean `allowFailure`?"));
    assert!(refused("clusters: [{layers: [a]}]\n").contains("needs a `name`"));
    assert!(refused("clusters: [{name: a, labels: {size: 3}}]\n").contains("write it in quotes"));
    assert!(refused("clusters: [{name: a, labels: {name: b}}]\n").contains("cannot be called `name`"));
    assert!(refused("clusters: [{name: a, components: {onyl: [x]}}]\n").ends_with("did you mean `only`?"));
    assert!(refused("clusters: [{name: a, components: {only: []}}]\n").contains("names no component"));
    assert!(refused("clusters: [{name: a, kubeVersion: latest}]\n").contains("no version of Kubernetes"));
    assert!(refused("clusters: [{name: 'a b'}]\n").contains("cannot be the name"));
    assert!(refused("kind: Project\n").contains("must be `ClusterMatrix`"));
}

#[test]
fn names_and_outputs_are_unique() {
    assert!(refused("clusters: [{name: a}, {name: a}]\n").contains("two clusters are named `a`"));
    let same = refused("clusters: [{name: a, output: x}, {name: b, output: x}]\n");
    assert!(same.contains("the clusters `a` and `b` write to the same folder, `x`"), "{same}");
    assert!(refused("clusters: [{name: a, output: X}, {name: b, output: x}]\n").contains("same folder"));
    assert!(refused("clusters: [{name: a}, {name: b, output: a/b}]\n").contains("into one another's folders"));
    for output in ["../x", "/x", "a//b", ".kiln", "a\\b", "c:d", "."] {
        let said = refused(&format!("clusters: [{{name: a, output: '{output}'}}]\n"));
        assert!(said.contains("cannot be the output folder of `a`"), "{output}: {said}");
    }
}

#[test]
fn components_of_a_cluster() {
    let filter = &load("clusters: [{name: a, components: {except: [fleet/svc-06]}}]\n")[0].components;
    assert!(filter.includes("fleet") && filter.includes("fleet/svc-060") && !filter.includes("fleet/svc-06/x"));
    let filter = &load("clusters: [{name: a, components: {only: [fleet/mid], except: [fleet/mid/b]}}]\n")[0].components;
    assert!(!filter.includes("fleet") && filter.leads_on("fleet") && !filter.leads_on("fleet/other"));
    assert!(filter.includes("fleet/mid/a") && !filter.includes("fleet/mid/b"));
}

#[test]
fn a_cross_product_has_a_fixed_order() {
    let text = "matrix:\n  name: '{stage}-{region}'\n  axes: {stage: [staging, prod], region: [east, west, central]}\n  exclude: [{stage: staging, region: central}]\n  include:\n  - {stage: prod, region: west, size: big}\n  - {stage: dev, region: lab}\n  layers: ['{stage}', '{region}']\n";
    let clusters = load(text);
    assert_eq!(names(&clusters), ["staging-east", "staging-west", "prod-east", "prod-west", "prod-central", "dev-lab"]);
    assert_eq!(layers(&clusters[5]), ["dev", "lab"]);
    assert_eq!(clusters[3].labels.get("size").map(String::as_str), Some("big"));
    let short =
        load("matrix:\n  name: '{stage}-{region}'\n  stage: [staging, prod]\n  region: [east, west, central]\n");
    assert_eq!(short.len(), 6);
    assert_eq!(names(&short)[..2], ["staging-east", "staging-west"]);
}

#[test]
fn mistakes_in_a_cross_product() {
    let matrix =
        |rest: &str| refused(&format!("matrix:\n  name: '{{stage}}'\n  axes: {{stage: [staging, prod]}}\n{rest}"));
    assert!(matrix("  exclude: [{stge: prod}]\n").ends_with("did you mean `stage`?"));
    assert!(matrix("  exclude: [{stage: prd}]\n").ends_with("did you mean `prod`?"));
    assert!(matrix("  exclude: [{}]\n").contains("names no axis"));
    assert!(matrix("  include: [{size: big}]\n").contains("needs a value for the axis `stage`"));
    assert!(matrix("  includes: []\n").ends_with("did you mean `include`?"));
    assert!(refused("matrix: {name: '{x}', axes: {stage: [a]}}\n").contains("there is no axis `x`"));
    assert!(refused("matrix: {name: '{x}', axes: {x: [a, a]}}\n").contains("stands twice"));
    assert!(refused("matrix: {axes: {stage: [a]}}\n").contains("needs a `name`"));
    assert!(refused("matrix: {name: x}\n").contains("needs `axes`"));
    assert!(refused("matrix: {name: same, axes: {x: [a, b]}}\n").contains("two clusters are named `same`"));
}

#[test]
fn a_cross_product_is_bounded() {
    let values: Vec<String> = (0..1000).map(|at| format!("v{at}")).collect();
    let axis = values.join(", ");
    let said =
        refused(&format!("matrix: {{name: '{{a}}{{b}}{{c}}', axes: {{a: [{axis}], b: [{axis}], c: [{axis}]}}}}\n"));
    assert!(said.contains("more than 100000 clusters"), "{said}");
}

#[test]
fn clusters_are_discovered() {
    let both = [
        ("clusters.yaml", "glob: clusters/*/cluster.yaml\ndefaults: {layers: ['{name}', '{stage}']}\n"),
        ("clusters/blue/cluster.yaml", "labels: {stage: prod}\n"),
        ("clusters/green/cluster.yaml", "kind: Cluster\nname: verde\nlabels: {stage: test}\n"),
        ("clusters/empty/notes.txt", ""),
        ("clusters/.hidden/cluster.yaml", "x: y"),
    ];
    let (clusters, problems) = load_files(&both);
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(names(&clusters), ["blue", "verde"]);
    assert_eq!(layers(&clusters[0]), ["blue", "prod"]);
    let (clusters, _) = load_files(&[("clusters.yaml", "clusters: {glob: [c/*.yaml]}\n"), ("c/red.yaml", "")]);
    assert_eq!(names(&clusters), ["red"]);
    let (_, problems) = load_files(&[("clusters.yaml", "glob: c/*.yaml\n"), ("c/red.yaml", "labls: {}\n")]);
    assert!(problems[0].to_string().starts_with("c/red.yaml:1:1: error[clusters.unknown-key]"));
    let (_, problems) = load_files(&[("clusters.yaml", "glob: c/*.yaml\n")]);
    assert_eq!(problems[0].severity, Severity::Warning);
    assert!(refused("glob: ../*.yaml\n").contains("cannot be part of a pattern"));
}

#[test]
fn capability_profiles() {
    let files = [
        (
            "clusters.yaml",
            "defaults: {apiVersions: {file: caps/api.txt}}\nclusters:\n- {name: a, kubeVersion: '1.31'}\n- {name: b, apiVersions: [x/v1]}\n- {name: c, apiVersions: {file: caps/list.yaml}}\n",
        ),
        ("caps/api.txt", "apps/v1\nmonitoring.coreos.com/v1\nv1\n"),
        ("caps/list.yaml", "- y/v1\n- y/v1/Kind\n"),
    ];
    let (clusters, problems) = load_files(&files);
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(clusters[0].profile.api_versions, ["apps/v1", "monitoring.coreos.com/v1", "v1"]);
    assert_eq!(clusters[0].profile.kube_version.as_ref().map(|text| text.value.as_str()), Some("1.31"));
    assert_eq!(clusters[1].profile.api_versions, ["x/v1"]);
    assert_eq!(clusters[2].profile.api_versions, ["y/v1", "y/v1/Kind"]);
    assert!(!clusters[0].profile.same(&clusters[1].profile));
    assert!(refused("clusters: [{name: a, apiVersions: {file: nope.yaml}}]\n").contains("does not exist"));
    assert!(refused("clusters: [{name: a, apiVersions: {path: nope.yaml}}]\n").contains("unknown key `path`"));
    assert!(refused("clusters: [{name: a, apiVersions: x/v1}]\n").contains("must be a list or"));
}

#[test]
fn selectors_as_in_kubernetes() {
    let labels: BTreeMap<String, String> =
        [("provider", "aws"), ("stage", "production")].map(|(key, value)| (key.to_owned(), value.to_owned())).into();
    let fits = |text: &str| text.parse::<Selector>().unwrap().matches("blue", &labels);
    for text in [
        "provider=aws",
        "provider==aws,stage!=testing",
        "stage",
        "!owner",
        "owner!=me",
        "provider in (aws, kvm)",
        "provider notin (kvm),stage in (production)",
        "owner notin (x)",
        "name=blue",
        " provider = aws ",
    ] {
        assert!(fits(text), "{text}");
    }
    for text in ["provider=kvm", "stage!=production", "owner", "!stage", "name!=blue", "provider in (kvm)", "provider="]
    {
        assert!(!fits(text), "{text}");
    }
    for text in ["", ",", "a=b,", "a in b", "a in (b", "a) b", "a is (b)", "a b", "!", "=x"] {
        assert!(text.parse::<Selector>().is_err(), "{text}");
    }
}
