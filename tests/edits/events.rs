//! Deployment events in and out, and the image that a component must have.

use crate::project::Project;

fn project() -> Project {
    Project::new(&[
        ("kiln.yaml", "events: {components: {acme/node-auth: auth}}\n"),
        (
            "component.yaml",
            "name: shop\nsubcomponents:\n- {name: auth, type: helm, path: chart}\n- {name: web, type: helm, path: chart}\n",
        ),
        ("chart/Chart.yaml", "apiVersion: v2\nname: chart\nversion: 1.0.0\n"),
        ("chart/values.yaml", "image: {repository: acme/app, tag: v0}\n"),
        (
            "chart/templates/pod.yaml",
            "apiVersion: v1\nkind: Pod\nmetadata: {name: {{ .Release.Name }}}\nspec:\n  containers:\n  - {name: app, image: \"{{ .Values.image.repository }}:{{ .Values.image.tag }}\"}\n  - {name: side, image: \"ops/side:1\"}\n",
        ),
        ("clusters.yaml", "defaults: {layers: [\"installations/{name}\"]}\nclusters: [{name: amber}, {name: birch}]\n"),
        (
            "config/installations/amber.yaml",
            "# amber\nsubcomponents:\n  auth: # ours\n    config: {image: {tag: old}} # é\n",
        ),
        ("config/installations/birch.yaml", "config: {}\n"),
    ])
}

fn event(id: u64, environment: &str, rest: &str) -> String {
    format!(
        "{{\"id\": {id}, \"environment\": \"{environment}\", \"repository_url\": \"https://api.example.com/repos/acme/node-auth\"{rest}}}"
    )
}

#[test]
fn an_event_for_another_chart_pins_nothing() {
    let project = project();
    let before = project.read("config/installations/amber.yaml");
    let apply = |chart: &str| {
        project
            .write("e.json", &event(7, "amber", &format!(", \"sha\": \"0a1b\", \"payload\": {{\"chart\": {chart}}}")));
        project.kiln(&["event", "apply", "e.json", "--no-generate"])
    };
    for (chart, told) in [
        ("\"2.0.0\"", "the event asks for the chart `2.0.0`, but `shop/auth` renders `chart 1.0.0`"),
        ("\"other@1.0.0\"", "the event asks for the chart `other 1.0.0`, but `shop/auth` renders `chart 1.0.0`"),
        ("{\"name\": \"chart\"}", "`payload.chart` names no version"),
    ] {
        apply(chart).exits(1, &[told]);
        assert_eq!(project.read("config/installations/amber.yaml"), before);
    }
    apply("\"chart@v1.0.0\"").exits(0, &["pinned `shop/auth` by the event 7"]);
}

#[test]
fn an_event_pins_its_component_and_compiles_for_its_cluster() {
    let project = project();
    project.kiln(&["generate"]).exits(0, &[]);
    let birch = project.read("generated/birch/auth.yaml");
    project.write("e.json", &event(42, "amber", ", \"sha\": \"0a1b2c\""));
    project.kiln(&["event", "apply", "e.json"]).exits(0, &["pinned `shop/auth` by the event 42"]);
    let text = project.read("config/installations/amber.yaml");
    let expected = "# amber\nsubcomponents:\n  auth: # ours\n    config: {image: {tag: 0a1b2c}} # é\n    event: 42\n";
    assert_eq!(text, expected);
    assert!(project.read("generated/amber/auth.yaml").contains("acme/app:0a1b2c"));
    assert!(project.read("generated/amber/web.yaml").contains("acme/app:v0"));
    assert_eq!(project.read("generated/birch/auth.yaml"), birch);
    // Again: nothing to do. Older: refused. Newer: taken.
    project.kiln(&["event", "apply", "e.json"]).exits(0, &["nothing to change"]);
    project.write("old.json", &event(41, "amber", ", \"sha\": \"ffff\""));
    project.kiln(&["event", "apply", "old.json"]).exits(5, &["the event 41 is older than the event 42"]);
    assert_eq!(project.read("config/installations/amber.yaml"), expected);
    project.write(
        "new.json",
        &event(43, "amber", ", \"ref\": \"v3\", \"payload\": {\"images\": {\"acme/app\": \":v4\"}}"),
    );
    project.kiln(&["event", "apply", "new.json", "--no-generate"]).exits(0, &[]);
    assert_eq!(project.read("config/installations/amber.yaml"), expected.replace("0a1b2c", "v4").replace("42", "43"));
    assert!(project.read("generated/amber/auth.yaml").contains("acme/app:0a1b2c"));
}

#[test]
fn what_an_event_does_not_know_is_refused() {
    let project = project();
    let before = project.read("config/installations/amber.yaml");
    project.write("e.json", &event(1, "ambre", ", \"sha\": \"1\""));
    project.kiln(&["event", "apply", "e.json"]).exits(1, &["there is no cluster `ambre`", "`amber`"]);
    project.write("e.json", &event(1, "amber", ", \"sha\": \"1\"").replace("node-auth", "node-wbe"));
    project.kiln(&["event", "apply", "e.json"]).exits(1, &["no component `node-wbe`", "events.components"]);
    project.kiln(&["event", "apply", "e.json", "--component", "web", "--dry-run"]).exits(0, &["pinned `shop/web`"]);
    project.write("e.json", &event(1, "amber", ", \"payload\": {\"images\": {\"acme/other\": \":2\"}}"));
    project.kiln(&["event", "apply", "e.json"]).exits(1, &["not known which value"]);
    project.write("e.json", "{\"id\": 1}");
    project.kiln(&["event", "apply", "e.json"]).exits(1, &["has no `environment`"]);
    assert_eq!(project.read("config/installations/amber.yaml"), before);
}

#[test]
fn changes_are_told_as_events() {
    let project = project();
    project.kiln(&["generate", "--events", "out.jsonl"]).exits(0, &[]);
    assert_eq!(project.read("out.jsonl").lines().count(), 4);
    project.kiln(&["generate", "--events", "out.jsonl"]).exits(0, &[]);
    assert_eq!(project.read("out.jsonl"), "");
    project.kiln(&["image", "set", "acme/app=:v9", "--file", "config/installations/amber.yaml"]).exits(0, &[]);
    project.kiln(&["generate", "--events", "out.jsonl"]).exits(0, &[]);
    let text = project.read("out.jsonl");
    let event: serde_json::Value = serde_json::from_str(text.trim_end()).unwrap();
    assert_eq!((event["environment"].as_str(), event["task"].as_str()), (Some("amber"), Some("deploy")));
    assert_eq!(
        (event["auto_merge"].as_bool(), event["required_contexts"].as_array().map(Vec::len)),
        (Some(false), Some(0))
    );
    let payload = &event["payload"];
    assert_eq!((payload["component"].as_str(), payload["cluster"].as_str()), (Some("auth"), Some("amber")));
    assert_eq!(payload["files"][0], "auth.yaml");
    assert_eq!(payload["images"]["to"][0], "acme/app:v9");
    assert!(payload["from"] != payload["to"] && payload["to"].as_str().unwrap().starts_with("sha256:"));
}

#[test]
fn events_come_of_the_run_that_writes_and_only_when_it_succeeds() {
    let project = project();
    let stack = project.read("component.yaml");
    project.write("component.yaml", &format!("{stack}hooks: {{before-generate: ['echo ran >> hooks.log']}}\n"));
    let run = |words: &[&str]| project.kiln(&[&["generate", "--allow-hooks", "--events", "out.jsonl"], words].concat());
    // What would change is told too, and then happens.
    run(&["--dry-run"]).exits(0, &[]);
    let promised = project.read("out.jsonl");
    assert_eq!(promised.lines().count(), 4);
    project.write("hooks.log", "");
    run(&[]).exits(0, &[]);
    assert_eq!(project.read("out.jsonl"), promised);
    assert_eq!(project.read("hooks.log"), "ran\nran\n", "once for each cluster");
    run(&["--check"]).exits(0, &[]);
    assert_eq!(project.read("out.jsonl"), "");

    // What fails tells nothing, what goes on neither.
    project.write("out.jsonl", "of an earlier run\n");
    project.write("config/installations/birch.yaml", "subcomponents: {web: {config: {image: text}}}\n");
    project.write("config/installations/amber.yaml", "subcomponents: {web: {config: {image: {tag: v7}}}}\n");
    run(&[]).exits(1, &[]);
    assert!(!project.read("generated/amber/web.yaml").contains("v7"));
    run(&["--keep-going"]).exits(1, &[]);
    assert!(project.read("generated/amber/web.yaml").contains("v7"));
    assert_eq!(project.read("out.jsonl"), "of an earlier run\n");

    // A removed component is told with what it had.
    project.write("config/installations/birch.yaml", "config: {}\n");
    let web = "- {name: web, type: helm, path: chart}\n";
    project.write("component.yaml", &stack.replace(web, ""));
    project.write("config/installations/amber.yaml", "config: {}\n");
    project.kiln(&["generate", "--cluster", "amber", "--events", "kiln.yaml/out.jsonl"]).exits(6, &[]);
    project.kiln(&["generate", "--cluster", "birch", "--events", "out.jsonl"]).exits(0, &[]);
    let event: serde_json::Value = serde_json::from_str(project.read("out.jsonl").trim_end()).unwrap();
    assert_eq!(event["description"], "removes web on birch");
    assert!(event["payload"]["to"].is_null() && event["payload"]["images"]["from"][0] == "acme/app:v0");
}

#[test]
fn a_component_must_have_the_image_that_was_built() {
    let project = project();
    let generate = |words: &[&str]| project.kiln(&[&["generate"], words].concat());
    project.write("clusters.yaml", "clusters: [{name: amber, layers: [installations/amber]}]\n");
    generate(&["--require-image-sha", "old", "--component", "auth"]).exits(0, &[]);
    generate(&["--require-image-sha", "0a1b", "--component", "auth"])
        .exits(1, &["no image of `shop/auth` has `0a1b`", "acme/app:old"]);
    generate(&["--require-image-sha", "side", "--component", "auth"]).exits(0, &[]);
    generate(&["--require-image-sha", "side", "--component", "auth", "--primary", "app"])
        .exits(1, &["the container `app`"]);
    generate(&["--require-image-sha", "old", "--component", "auth", "--primary", "app"]).exits(0, &[]);
    generate(&["--require-image-sha", "old", "--component", "auht"]).exits(1, &["no component `auht`", "`auth`"]);
    generate(&["--require-image-sha", "old"]).exits(3, &[]);
    generate(&["installations/amber", "--require-image-sha", "nope", "--component", "auth"]).exits(1, &["no image"]);
}
