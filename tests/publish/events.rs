use std::fs;

use serde_json::Value;

use crate::support::Place;

/// Runs `publish --events` and reads what it wrote.
fn events(place: &Place, more: &[&str]) -> Vec<Value> {
    let file = place.folder.path().join("events.jsonl");
    place.publish(&[&["--events", &file.display().to_string()], more].concat()).expect(0);
    let text = fs::read_to_string(file).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Cluster, component and files of each event.
fn what(events: &[Value]) -> Vec<String> {
    let payloads = events.iter().map(|event| &event["payload"]);
    payloads
        .map(|payload| format!("{} {} {}", payload["cluster"], payload["component"], payload["files"]).replace('"', ""))
        .collect()
}

/// R-DR-5: one event for each component of a cluster that changes, of the commit on the branch.
#[test]
fn events_tell_each_component_of_a_cluster_that_changed() {
    let place = Place::new();
    let first = events(&place, &[]);
    assert_eq!(first.len(), 6, "{first:?}");
    for event in &first {
        assert!(event["payload"]["from"].is_null() && event["payload"]["to"].is_string(), "{event}");
    }
    assert!(events(&place, &[]).is_empty());

    place.replace("web/web.yaml", "spec: {", "spec: {template: {spec: {containers: [{name: w, image: 'acme/w:1'}]}}, ");
    place.bump(2);
    let tip = place.tip("main").unwrap().to_string();
    let planned = events(&place, &["--dry-run"]);
    assert_eq!(place.tip("main").unwrap().to_string(), tip);
    let done = events(&place, &[]);
    let expected = ["a", "b", "c"].map(|name| format!("{name} shop/web [clusters/{name}/web.yaml]"));
    assert_eq!((what(&planned), what(&done)), (expected.to_vec(), expected.to_vec()));

    let tip = place.tip("main").unwrap().to_string();
    assert!(planned[0]["payload"]["commit"].is_null());
    for event in &done {
        assert_eq!((&event["ref"], &event["payload"]["commit"]), (&tip.clone().into(), &tip.clone().into()));
        assert_eq!(event["environment"], event["payload"]["cluster"]);
        assert!(event["payload"]["from"].is_string() && event["payload"]["from"] != event["payload"]["to"], "{event}");
        assert_eq!(event["payload"]["images"], serde_json::json!({"from": [], "to": ["acme/w:1"]}));
        assert_eq!((&event["auto_merge"], &event["required_contexts"]), (&false.into(), &serde_json::json!([])));
    }
}

#[test]
fn events_tell_what_was_removed_and_what_a_folder_got() {
    let place = Place::new();
    let folder = place.folder.path().join("out").display().to_string();
    fs::create_dir(&folder).unwrap();
    assert_eq!(events(&place, &["--to", &folder, "--cluster", "a"]).len(), 2);
    place.publish(&[]).expect(0);
    place.replace("component.yaml", "  - {name: db, type: template, path: ./db}\n", "");
    place.commit("Without a database");
    for more in [&["--allow-delete"][..], &["--allow-delete", "--to", &folder, "--cluster", "a"]] {
        let removed = events(&place, more);
        assert_eq!(removed.len(), if more.len() > 1 { 1 } else { 3 }, "{removed:?}");
        assert!(removed.iter().all(|event| event["payload"]["to"].is_null()), "{removed:?}");
    }
}

/// Values that the command line sets reach what is published, and its digest of the input.
#[test]
fn values_are_set_above_all_layers() {
    let place = Place::new();
    place.publish(&["--set", "web:replicas=7"]).expect(0);
    assert!(place.files("main")["clusters/b/web.yaml"].contains("replicas: 7"), "{:?}", place.files("main"));
    let digest = |place: &Place| {
        let message = place.message("main");
        message.lines().find(|line| line.starts_with("Kiln-Config-Digest")).unwrap().to_owned()
    };
    let set = digest(&place);
    place.publish(&[]).expect(0);
    assert!(place.files("main")["clusters/b/web.yaml"].contains("replicas: 1"));
    assert_ne!(digest(&place), set);
    place.publish(&["--set", "nobody:replicas=7"]).expect(3).says("nobody");
}
