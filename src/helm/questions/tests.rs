use std::collections::BTreeMap;
use std::sync::Arc;

use super::*;
use crate::helm::{load, render};
use crate::source::Tree;
use crate::yaml;

fn chart(files: &[(&str, &str)]) -> Arc<Chart> {
    let meta = ("Chart.yaml", "{apiVersion: v2, name: x, version: 1.0.0}");
    let files = files.iter().chain([&meta]).map(|(name, text)| ((*name).to_owned(), Arc::from(text.as_bytes())));
    load(&Tree::memory(files.collect::<BTreeMap<_, _>>(), "")).unwrap()
}

fn options() -> ReleaseOptions {
    let entropy = Entropy::Seeded { seed: Arc::from(*b"s"), address: Arc::from("a"), time: (0, 0) };
    ReleaseOptions { record_reads: true, entropy, ..ReleaseOptions::new("r") }
}

fn values(text: &str) -> Frozen {
    Frozen::Map(yaml::load_map(text.as_bytes()).unwrap())
}

fn asked(chart: &Arc<Chart>, text: &str, options: &ReleaseOptions) -> (Questions, Digest) {
    let release = render(chart, &values(text), options).unwrap();
    let questions = Questions::of(&release.reads.unwrap(), &options.entropy).unwrap();
    let packed = questions.pack();
    assert_eq!(Questions::unpack(&packed).as_ref(), Some(&questions));
    for end in 0..packed.len() {
        let _ = Questions::unpack(&packed[..end]);
    }
    let answers = questions.answers(chart, &values(text), options).unwrap();
    (questions, answers)
}

const TEMPLATE: (&str, &str) = (
    "templates/a.yaml",
    "{{ $_ := set .Values \"made\" 1 }}a: {{ .Values.image.tag }}\nb: {{ toYaml .Values.deep | nindent 2 }}\nc: {{ .Files.Get \"f\" }}\n\
     d: {{ range .Values.list }}{{ .a }}{{ end }}\ne: {{ .Values.nope }}\nf: {{ .Capabilities.APIVersions.Has \"x/v1\" }}\n",
);
const VALUES: (&str, &str) =
    ("values.yaml", "image: {tag: t, repository: r}\ndeep: {x: 1}\nlist: [{a: 1, b: 2}]\nother: 1\n");

#[test]
fn only_what_was_asked_counts() {
    let files = [TEMPLATE, VALUES, ("f", "1"), ("README.md", "read me")];
    let (plain, options) = (chart(&files), options());
    let (questions, before) = asked(&plain, "image: {tag: u}", &options);
    let with = |text: &str| questions.answers(&plain, &values(text), &options).ok();
    for same in [
        "image: {tag: u, repository: z}",
        "image: {tag: u}\nother: 3\nmore: 1",
        "image: {tag: u}\nlist: [{a: 1, b: 3}]",
    ] {
        assert_eq!(with(same), Some(before), "{same}");
    }
    for other in [
        "image: {tag: v}",
        "{}",
        "image: {tag: u}\ndeep: {x: 2}",
        "image: {tag: u}\ndeep: {y: 1}",
        "image: {tag: u}\nlist: [{a: 2, b: 2}]",
        "image: {tag: u}\nlist: [{a: 1}, {a: 1}]",
        "image: {tag: u}\nnope: ''",
        // Nobody reads it, and Helm warns.
        "image: {tag: u}\nother: {a: 1}",
    ] {
        assert_ne!(with(other), Some(before), "{other}");
    }
    let of = |chart: &Arc<Chart>| questions.answers(chart, &values("image: {tag: u}"), &options).ok();
    assert_eq!(of(&chart(&[TEMPLATE, VALUES, ("f", "1"), ("README.md", "other")])), Some(before));
    assert_ne!(of(&chart(&[TEMPLATE, VALUES, ("f", "2")])), Some(before));
    assert_ne!(of(&chart(&[TEMPLATE, VALUES])), Some(before));
    assert_ne!(of(&chart(&[("templates/a.yaml", "a: 1"), VALUES, ("f", "1")])), Some(before));
    let other_values = ("values.yaml", "image: {tag: t, repository: r}\ndeep: {x: 1}\nlist: [{a: 1, b: 2}]\nother: 1");
    assert_ne!(of(&chart(&[TEMPLATE, other_values, ("f", "1")])), Some(before));
}

#[test]
fn capabilities_and_seeds_count_for_those_that_ask() {
    let answers = |template: &str, options: &ReleaseOptions| {
        let chart = chart(&[("templates/a.yaml", template)]);
        let (questions, _) = asked(&chart, "{}", &self::options());
        questions.answers(&chart, &values("{}"), options).unwrap()
    };
    let entropy = Entropy::Seeded { seed: Arc::from(*b"other"), address: Arc::from("a"), time: (0, 0) };
    let changes = [
        ReleaseOptions { api_versions: vec!["x/v1".to_owned()], ..options() },
        ReleaseOptions { api_versions: vec!["y/v1".to_owned()], ..options() },
        ReleaseOptions {
            kube_version: crate::helm::KubeVersion::parse("1.30", crate::helm::Compat::V3).unwrap(),
            ..options()
        },
        ReleaseOptions { entropy, ..options() },
    ];
    let cases = [
        ("a: 1", [true, true, true, true]),
        ("a: {{ .Capabilities.APIVersions.Has \"x/v1\" }}", [false, true, true, true]),
        ("a: {{ .Capabilities.APIVersions }}", [false, false, true, true]),
        ("a: {{ .Capabilities.KubeVersion }}", [true, true, false, true]),
        ("a: {{ randAlpha 3 }}", [true, true, true, false]),
    ];
    for (template, same) in cases {
        for (options, same) in changes.iter().zip(same) {
            assert_eq!(answers(template, options) == answers(template, &self::options()), same, "{template}");
        }
    }
    let release = render(
        &chart(&[("templates/a.yaml", "a: {{ now }}")]),
        &values("{}"),
        &ReleaseOptions { entropy: Entropy::System, ..options() },
    );
    assert_eq!(Questions::of(&release.unwrap().reads.unwrap(), &Entropy::System), None);
}

#[test]
fn subcharts_answer_through_their_parents() {
    let sub = |file: &'static str, text: &'static str| (file, text);
    let files = [
        (
            "Chart.yaml",
            "{apiVersion: v2, name: x, version: 1.0.0, dependencies: [{name: sub, version: 1.0.0, condition: sub.enabled}]}",
        ),
        sub("charts/sub/Chart.yaml", "{apiVersion: v2, name: sub, version: 1.0.0}"),
        sub("charts/sub/values.yaml", "own: 1\nunread: 1\n"),
        sub("charts/sub/templates/a.yaml", "a: {{ .Values.own }}{{ .Values.global.g }}{{ .Files.Get \"f\" }}"),
        sub("charts/sub/f", "1"),
    ];
    let load = |files: &[(&str, &str)]| {
        let files = files.iter().map(|(name, text)| ((*name).to_owned(), Arc::from(text.as_bytes())));
        load(&Tree::memory(files.collect::<BTreeMap<_, _>>(), "")).unwrap()
    };
    let (chart, options) = (load(&files), options());
    let (questions, before) = asked(&chart, "global: {g: 1}", &options);
    let with = |text: &str| questions.answers(&chart, &values(text), &options).ok();
    assert_eq!(with("global: {g: 1, h: 2}\nsub: {unread: 2}"), Some(before));
    for other in [
        "global: {g: 2}",
        "sub: {global: {g: 2}}",
        "global: {g: 1}\nsub: {own: 2}",
        "global: {g: 1}\nsub: {enabled: false}",
    ] {
        assert_ne!(with(other), Some(before), "{other}");
    }
    let mut changed = files;
    changed[4].1 = "2";
    assert_ne!(questions.answers(&load(&changed), &values("global: {g: 1}"), &options).ok(), Some(before));
}
