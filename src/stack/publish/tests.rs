use std::collections::BTreeMap;
use std::sync::Arc;

use super::*;
use crate::diag::Sink;
use crate::source::Tree;
use crate::span::{Source, Span};
use crate::stack::Text;

fn load(text: &str) -> (Option<PublishFile>, Vec<String>) {
    let files = BTreeMap::from([("publish.yaml".to_owned(), Arc::from(text.as_bytes()))]);
    let mut sink = Sink::new();
    let file = load_publish(&Tree::memory(files, ""), &mut sink).ok().flatten();
    let said = |problem: &crate::diag::Diagnostic| {
        format!("{problem}{}", problem.help.as_ref().map(|help| format!("; {help}")).unwrap_or_default())
    };
    (file, sink.diagnostics().iter().map(said).collect())
}

#[test]
fn everything_that_can_be_said() {
    let (file, problems) = load(
        "apiVersion: kiln/v1alpha1\nkind: Publish\ntarget: {repo: \"https://git.example.com/m.git\", branch: main}\n\
         owner: fleet\nlayout: directories\npaths: {clusters: \"clusters/{name}/\", engine: ./engine}\nsplit: component\n\
         preserve: [\"**/NOTES.md\", CODEOWNERS]\nlimits: {maxDeletePercent: 10, maxDeleteFiles: 200}\n\
         mode: pull-request\nemit: {kustomization: true, flux: true, argocd: applicationset, hydratorMetadata: true}\n\
         commit: {author: \"ci <ci@example.com>\", sign: false, trailers: true}\nsecrets: sealed-only\n",
    );
    assert_eq!(problems, Vec::<String>::new());
    let file = file.unwrap();
    assert_eq!(file.repo.unwrap().value, "https://git.example.com/m.git");
    assert_eq!(file.clusters.unwrap().value, "clusters/{name}");
    assert_eq!(file.engine.unwrap().value, "engine");
    assert_eq!(file.limits, DeleteLimits { percent: Some(10), files: Some(200) });
    assert_eq!((file.mode, file.secrets), (Mode::PullRequest, SecretRule::SealedOnly));
    assert!(file.emit.argocd.as_ref().is_some_and(|argocd| !argocd.applications));
    assert_eq!(file.commit.author, Author { name: "ci".into(), email: "ci@example.com".into() });
    assert_eq!(file.commit.sign, Some(false));
}

#[test]
fn an_empty_file_has_defaults() {
    let (file, problems) = load("kind: Publish\n");
    assert!(problems.is_empty());
    let file = file.unwrap();
    assert_eq!((file.layout, file.mode, file.secrets), (Layout::Directories, Mode::Push, SecretRule::Deny));
    assert_eq!(file.limits, DeleteLimits { percent: Some(20), files: None });
    assert!(file.commit.trailers && file.commit.sign.is_none());
}

#[test]
fn mistakes_are_told_where_they_are() {
    for (text, expected) in [
        ("layuot: directories\n", "publish.yaml:1:1: error[publish.unknown-key]"),
        ("layout: directory\n", "did you mean `directories`?"),
        ("owner: a/b\n", "`a/b` cannot be an owner"),
        ("owner: a..b\n", "cannot be an owner"),
        ("paths: {clusters: ../x}\n", "`clusters` must be a plain path"),
        ("activePath: .git/x\n", "`activePath` must be a plain path"),
        ("limits: {maxDeletePercent: 101}\n", "`maxDeletePercent` must be a number from 0 to 100"),
        ("commit: {author: ci}\n", "`author` must read `Name <address>`"),
        ("emit: {argocd: helm}\n", "`argocd` must be `applicationset` or `application`"),
        ("secrets: maybe\n", "`secrets` must be one of `deny`, `allow`, `sealed-only`"),
    ] {
        let (file, problems) = load(text);
        assert!(file.is_none() && problems.len() == 1 && problems[0].contains(expected), "{text}: {problems:?}");
    }
}

#[test]
fn folders_are_filled_with_names_and_labels() {
    let source = Source::new("publish.yaml", "clusters/{stage}/{output}");
    let pattern = Text { value: source.text().to_owned(), place: Span::new(&source, 0..source.text().len()) };
    let labels = BTreeMap::from([("stage".to_owned(), "production".to_owned())]);
    assert_eq!(fill_folder(&pattern, "a", "eu/a", &labels).unwrap(), "clusters/production/eu/a");
    assert!(fill_folder(&pattern, "a", "a", &BTreeMap::new()).unwrap_err().message.contains("`{stage}`"));
}
