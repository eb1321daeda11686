use super::{Planned, Reader, fabrikate, refused, strict};

fn app(policy: &str, prod: &str, common: &str, reader: Reader) -> Planned {
    let stack = format!("name: root\nsubcomponents:\n- {{name: app, type: helm, path: chart, merge: {policy}}}\n");
    let layer = |text: &str| format!("subcomponents: {{app: {{config: {text}}}}}\n");
    let (prod, common) = (layer(prod), layer(common));
    let files = [
        ("component.yaml", stack.as_str()),
        ("chart/Chart.yaml", "name: c\nversion: 1.0.0\n"),
        ("config/prod.yaml", &prod),
        ("config/common.yaml", &common),
    ];
    reader(&files, &["prod"])
}

const KIT: &str = "{lists: index, paths: {\"**.env\": {byKey: name}}, null: ignore}";

#[test]
fn lists_of_four_tools() {
    for reader in [strict, fabrikate] {
        let values = |policy: &str, high: &str, low: &str| {
            app(policy, &format!("{{l: {high}}}"), &format!("{{l: {low}}}"), reader).values("root/app")
        };
        assert_eq!(values("{}", "[9]", "[1, 2]"), "map[l:[9 1 2]]");
        assert_eq!(values("{lists: concat}", "[9]", "[1, 2]"), "map[l:[9 1 2]]");
        assert_eq!(values(KIT, "[9]", "[1, 2]"), "map[l:[9 2]]");
        assert_eq!(values(KIT, "[1, 2, 3]", "[9]"), "map[l:[1 2 3]]");
        assert_eq!(values(KIT, "[{role: r}]", "[{app: a}, {tier: t}]"), "map[l:[map[role:r] map[tier:t]]]");
        assert_eq!(values(KIT, "[null, 5]", "[1, 2]"), "map[l:[1 5]]");
        assert_eq!(values("{lists: replace}", "[9]", "[1, 2]"), "map[l:[9]]");
        assert_eq!(values("{lists: replace}", "[]", "[1, 2]"), "map[l:[]]");
    }
}

#[test]
fn items_by_key_keep_their_order() {
    let high = "{c: {env: [{name: B, value: high}, {name: C, value: new}]}}";
    let low = "{c: {env: [{name: A, value: low}, {name: B, value: low, more: 1}]}}";
    let expected = "map[c:map[env:[map[name:A value:low] map[more:1 name:B value:high] map[name:C value:new]]]]";
    for reader in [strict, fabrikate] {
        assert_eq!(app(KIT, high, low, reader).values("root/app"), expected);
    }
    let planned = app(KIT, high, low, strict);
    let at = |key| planned.unit("root/app").scope.origin_at(&["c", "env", "1", key]).unwrap().layer;
    assert_eq!((&*at("value"), &*at("more")), ("prod", "common"));
    let message = refused(&app(KIT, "{env: [{value: 1}]}", low, strict).or_else_common(KIT));
    assert!(message.contains("an item of `env` has no `name`"), "{message}");
}

impl Planned {
    /// A plan whose lower list is there, so that the items are compared.
    fn or_else_common(self, policy: &str) -> Self {
        app(policy, "{env: [{value: 1}]}", "{env: [{name: A}]}", strict)
    }
}

#[test]
fn nulls_of_three_tools() {
    let values = |policy: &str, reader| {
        app(policy, "{a: null, m: null, n: null}", "{a: 1, m: {k: 1}}", reader).values("root/app")
    };
    assert_eq!(values("{}", fabrikate), "map[a:1 m:map[k:1] n:<nil>]");
    assert_eq!(values("{null: ignore}", strict), "map[a:1 m:map[k:1] n:<nil>]");
    assert_eq!(values("{}", strict), "map[a:<nil> m:<nil> n:<nil>]");
    assert_eq!(values("{null: delete}", fabrikate), "map[a:<nil> m:<nil> n:<nil>]");
    assert_eq!(values("{null: keep}", fabrikate), "map[a:<nil> m:<nil> n:<nil>]");
}

#[test]
fn a_null_takes_away_what_is_below_it_only() {
    let stack = "name: root\ntype: helm\npath: chart\n";
    let files = [
        ("component.yaml", stack),
        ("chart/Chart.yaml", "name: c\nversion: 1.0.0\n"),
        ("config/high.yaml", "config: {m: {new: 1}, l: [3]}\n"),
        ("config/mid.yaml", "config: {m: null, l: []}\n"),
        ("config/common.yaml", "config: {m: {old: 1}, l: [1]}\n"),
    ];
    assert_eq!(strict(&files, &["high", "mid"]).values("root"), "map[l:[3] m:map[new:1]]");
}

#[test]
fn deleted_values_are_absent_for_templates() {
    let layer = ("config/common.yaml", "config: {a: null, m: {b: null, c: 1}}\n");
    let keys = |policy: &str| {
        let stack = format!("name: root\ntype: template\npath: t\nmerge: {policy}\n");
        strict(&[("component.yaml", stack.as_str()), ("t/x.yaml", ""), layer], &[]).values("root")
    };
    assert_eq!(keys("{null: delete}"), "map[m:map[c:1]]");
    assert_eq!(keys("{null: keep}"), "map[a:<nil> m:map[b:<nil> c:1]]");
}

#[test]
fn rules_of_paths() {
    let policy = "{lists: replace, paths: {tolerations: concat, \"*.args\": index, \"whole\": replace}}";
    let high = "{tolerations: [1], main: {args: [a]}, other: [x], whole: {a: 1}}";
    let low = "{tolerations: [2], main: {args: [b, c]}, other: [y], whole: {b: 1}}";
    let expected = "map[main:map[args:[a c]] other:[x] tolerations:[1 2] whole:map[a:1]]";
    assert_eq!(app(policy, high, low, strict).values("root/app"), expected);
}

#[test]
fn a_policy_is_that_of_the_file_that_writes_it() {
    let layer = "config: {l: [1]}\nsubcomponents: {in: {config: {l: [1]}}, own: {config: {l: [1]}}}\n";
    let high = "config: {l: [9]}\nsubcomponents: {in: {config: {l: [9]}}, own: {config: {l: [9]}}}\n";
    let files = [
        (
            "component.yaml",
            "name: root\nmerge: {lists: replace}\nsubcomponents:\n- {name: in, type: helm, path: chart}\n- {name: own, source: ./own}\n",
        ),
        ("own/component.yaml", "name: own\ntype: helm\npath: ../chart\n"),
        ("chart/Chart.yaml", "name: c\nversion: 1.0.0\n"),
        ("config/prod.yaml", high),
        ("config/common.yaml", layer),
    ];
    let planned = strict(&files, &["prod"]);
    let values = |address| planned.values(address);
    assert_eq!((values("root"), values("root/in")), ("map[l:[9]]".into(), "map[l:[9]]".into()));
    assert_eq!(values("root/own"), "map[l:[9 1]]");
}

#[test]
fn unknown_words_are_errors() {
    let cases = [
        ("{lists: concatenate}", "unknown word `concatenate` for `merge.lists`"),
        ("{lists: {byName: x}}", "`merge.lists` must be a word or `{byKey: KEY}`"),
        ("{null: drop}", "unknown word `drop` for `merge.null`"),
        ("{paths: {a: first}}", "unknown word `first` for `merge.paths.a`"),
        ("{paths: {a..b: index}}", "`a..b` is no path of values: it has an empty part"),
    ];
    for (policy, expected) in cases {
        for reader in [strict, fabrikate] {
            let message = refused(&app(policy, "{}", "{}", reader));
            assert!(message.contains(expected) && message.starts_with("component.yaml:3:"), "{message}");
        }
    }
    assert!(refused(&app("{list: index}", "{}", "{}", strict)).contains("unknown key `list` in `merge`"));
}
