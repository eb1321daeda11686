use std::collections::BTreeMap;
use std::sync::Arc;

use super::UnitKey;
use crate::config::Scope;
use crate::gotmpl;
use crate::helm::{Compat, KubeVersion};
use crate::jinja;
use crate::render::{Context, Engine, Randomness, RenderUnit, UnitHooks};
use crate::source::Tree;
use crate::stack::Reading;
use crate::value::Frozen;

fn tree(shown: &str, files: &[(&str, &str)]) -> Tree {
    let files = files.iter().map(|(name, text)| ((*name).to_owned(), Arc::from(text.as_bytes()))).collect();
    Tree::memory(files, shown)
}

const CHART: &[(&str, &str)] =
    &[("Chart.yaml", "{apiVersion: v2, name: x, version: 1.0.0}"), ("templates/a.yaml", "a")];

pub fn unit(engine: Engine) -> RenderUnit {
    RenderUnit {
        address: Arc::from("root/x"),
        name: Arc::from("x"),
        output: Arc::from("x.yaml"),
        engine,
        shadowed: false,
        scope: Arc::new(Scope::default()),
        environments: Arc::from([]),
        cluster: None,
        remote: false,
        place: None,
        overrides: Arc::from([]),
        hooks: UnitHooks::default(),
    }
}

fn context() -> Context {
    Context {
        reading: Reading::Strict,
        kube_version: KubeVersion::default_of_helm(),
        api_versions: Arc::from([]),
        randomness: Randomness::Seeded { seed: Arc::from(*b"seed"), now: 0 },
        limits: gotmpl::Limits::default(),
        template_limits: jinja::Limits::default(),
        vars: Frozen::Nil,
        charts: Arc::default(),
        contents: Arc::default(),
    }
}

fn key(engine: Engine) -> Option<UnitKey> {
    UnitKey::of(&unit(engine), &context())
}

#[test]
fn keys_do_not_depend_on_places() {
    let at = |shown: &str| key(Engine::Helm { chart: tree(shown, CHART) });
    assert_eq!(at("one"), at("two"));
    assert!(at("one").is_some());
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in CHART {
        let place = folder.path().join("deep").join(name);
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        std::fs::write(place, text).unwrap();
    }
    let chart = Tree::directory(folder.path(), "").subtree("deep").unwrap();
    assert_eq!(key(Engine::Helm { chart }), at("one"));
}

#[test]
fn each_input_of_a_chart_counts() {
    let chart = |files: &[(&str, &str)]| Engine::Helm { chart: tree("", files) };
    let with = |change: &dyn Fn(&mut RenderUnit, &mut Context)| {
        let (mut unit, mut context) = (unit(chart(CHART)), context());
        change(&mut unit, &mut context);
        UnitKey::of(&unit, &context)
    };
    let more = [CHART, &[("notes.txt", "n")]].concat();
    let other = [CHART[0], ("templates/a.yaml", "b")];
    let ignored = [CHART, &[(".helmignore", "templates")]].concat();
    let mut keys = vec![
        with(&|_, _| ()),
        key(chart(&more)),
        key(chart(&other)),
        key(chart(&ignored)),
        with(&|unit, _| unit.name = Arc::from("y")),
        with(&|unit, _| unit.address = Arc::from("root/y")),
        with(&|_, context| context.reading = Reading::Fabrikate),
        with(&|_, context| context.kube_version = KubeVersion::parse("1.30", Compat::V3).unwrap()),
        with(&|_, context| context.api_versions = Arc::from(["a/v1".to_owned()])),
        with(&|_, context| context.randomness = Randomness::Seeded { seed: Arc::from(*b"seed"), now: 1 }),
        with(&|_, context| context.randomness = Randomness::Refused { seed: Arc::from(*b"seed"), now: 0 }),
        with(&|_, context| context.limits.fuel = 1),
    ];
    assert!(keys.iter().all(Option::is_some));
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), 12);
    // A place says where messages point, and the output where text goes.
    assert_eq!(with(&|unit, _| unit.output = Arc::from("z.yaml")), with(&|_, _| ()));
    assert_eq!(with(&|_, context| context.randomness = Randomness::System), None);
}

#[test]
fn other_engines_have_keys_as_far_as_they_can_be_read() {
    let files = [("a.yaml", "x"), ("b.txt", "y"), ("c/d.yaml", "z")];
    let manifests = |files: &[(&str, &str)]| key(Engine::Static { tree: tree("", files), http: false });
    assert!(manifests(&files).is_some());
    // What is left out counts with its name, as a warning gives it, and not with what it holds.
    assert_eq!(manifests(&files), manifests(&[files[0], ("b.txt", "other"), files[2]]));
    assert_ne!(manifests(&files), manifests(&[files[0], ("e.txt", "y"), files[2]]));
    assert_ne!(manifests(&files), manifests(&[files[0], files[1], ("c/d.yaml", "other")]));
    let templates = |files: &[(&str, &str)]| key(Engine::Template { tree: tree("", files) });
    assert_ne!(templates(&files), templates(&[files[0], files[1], ("c/d.yaml", "other")]));
    let one = |name: &str| key(Engine::Template { tree: tree("", &files).subtree(name).unwrap() });
    assert_ne!(one("a.yaml"), one("c/d.yaml"));
    assert_eq!(one("missing"), None);
    assert!(key(Engine::Static { tree: Tree::memory(BTreeMap::new(), ""), http: false }).is_some());
    assert_eq!(key(Engine::Container), None);
}
