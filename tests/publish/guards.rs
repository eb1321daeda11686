use crate::support::Place;

/// R-PB-1: what changes nothing makes no commit.
#[test]
fn a_run_that_changes_nothing_makes_no_commit() {
    let place = Place::new();
    let first = place.publish(&["-o", "json"]).expect(0).json();
    assert_eq!(first["changed"], true);
    let tip = place.tip("main");
    assert_eq!(first["commit"].as_str().unwrap(), tip.unwrap().to_string());
    assert_eq!(place.publish(&["-o", "json"]).expect(0).json()["changed"], false);
    place.write("README.md", "Read me.\n");
    place.commit("Only a readme");
    let again = place.publish(&["-o", "json"]).expect(0).json();
    assert_eq!((&again["changed"], place.tip("main")), (&false.into(), tip));
}

/// R-PB-2: what others keep on the branch stays, byte for byte and with its mode.
#[test]
fn foreign_files_stay() {
    let place = Place::new();
    let foreign = [
        ("policies/x.yaml", Some("# ours\r\nkind: Policy\n")),
        ("clusters/a/NOTES.md", Some("note")),
        (".github/workflows/ci.yml", Some("on: push\n")),
        ("README.md", Some("hello\n")),
    ];
    place.edit("main", &foreign);
    place.publish(&[]).expect(0);
    place.bump(2);
    place.publish(&[]).expect(0);
    let files = place.files("main");
    for (name, text) in foreign {
        assert_eq!(files.get(name).map(String::as_str), text, "{name}");
    }
    assert_eq!(place.names("main").len(), 6 + foreign.len());
}

/// R-PB-3: a renamed component's old file goes away with the commit that brings the new one.
#[test]
fn stale_files_go_with_the_same_commit() {
    let place = Place::new();
    place.publish(&[]).expect(0);
    place.replace("component.yaml", "name: web,", "name: site,");
    place.replace("config/common.yaml", "web:", "site:");
    place.commit("Rename");
    place.publish(&[]).expect(0);
    let expected: Vec<String> = ["a", "b", "c"]
        .iter()
        .flat_map(|name| ["db", "site"].map(|file| format!("clusters/{name}/{file}.yaml")))
        .collect();
    assert_eq!((place.names("main"), place.count("main")), (expected, 2));
}

/// R-PB-4: manifests of somebody else's make are not taken over unasked.
#[test]
fn a_branch_with_manifests_is_adopted_only_when_asked() {
    let place = Place::new();
    let tip = place
        .edit("main", &[("clusters/a/legacy.yaml", Some("kind: Legacy\n")), ("clusters/b/db.yaml", Some("x: 1\n"))]);
    place.publish(&[]).expect(5).says("publish.unmanaged").says("clusters/a/legacy.yaml");
    assert_eq!(place.tip("main"), Some(tip));
    place.publish(&["--adopt"]).expect(0);
    let files = place.files("main");
    assert_eq!(files["clusters/a/legacy.yaml"], "kind: Legacy\n");
    assert!(files["clusters/b/db.yaml"].contains("ConfigMap") && files.contains_key(".kiln/owners/fleet.json"));
}

/// R-PB-6 and R-PB-17: late jobs of older commits, also after one that changed nothing.
#[test]
fn older_commits_do_not_overwrite_newer_ones() {
    let place = Place::new();
    let old = place.bump(2);
    let new = place.bump(3);
    place.publish(&[]).expect(0);
    let tip = place.tip("main");
    place.checkout(old);
    place.publish(&[]).expect(5).says("stale source");
    assert_eq!(place.tip("main"), tip);
    place.publish(&["--allow-rollback"]).expect(0);
    assert!(place.message("main").contains(&format!("Kiln-Rollback-From: {new}")));
}

#[test]
fn a_reverted_change_does_not_come_back_late() {
    let place = Place::new();
    place.publish(&[]).expect(0);
    let tip = place.tip("main");
    let changed = place.bump(2);
    place.bump(1);
    assert_eq!(place.publish(&["-o", "json"]).expect(0).json()["changed"], false);
    place.checkout(changed);
    place.publish(&[]).expect(5).says("stale source");
    assert_eq!(place.tip("main"), tip);
}

#[test]
fn histories_that_are_cut_off_or_apart_are_told() {
    let place = Place::new();
    place.publish(&[]).expect(0);
    let source = git2::Repository::open(place.source()).unwrap();
    let who = git2::Signature::new("t", "t@example.invalid", &git2::Time::new(1_800_000_000, 0)).unwrap();
    let tree = source.head().unwrap().peel_to_tree().unwrap();
    let apart = source.commit(None, &who, &who, "Another beginning", &tree, &[]).unwrap();
    place.checkout(apart);
    place.publish(&[]).expect(5).says("which is no ancestor of");
}

/// R-PB-8: a matrix that lost most of its clusters.
#[test]
fn too_much_is_not_deleted() {
    let place = Place::new();
    let clusters: String = (0..40).map(|at| format!("- {{name: c{at}, labels: {{stage: s}}}}\n")).collect();
    place.write("clusters.yaml", &format!("clusters:\n{clusters}"));
    place.commit("Forty");
    place.publish(&[]).expect(0);
    let tip = place.tip("main");
    place.write("clusters.yaml", "clusters:\n- {name: c0, labels: {stage: s}}\n");
    place.commit("Truncated");
    place.publish(&[]).expect(5).says("would delete 78 files (97 %)");
    place.publish(&["--max-delete", "100%"]).expect(5).says("publish.removes-clusters");
    assert_eq!(place.tip("main"), tip);
    place.publish(&["--allow-delete"]).expect(0);
    assert_eq!(place.names("main"), ["clusters/c0/db.yaml", "clusters/c0/web.yaml"]);
    assert!(place.message("main").starts_with("render: 39 clusters from "), "{}", place.message("main"));
}

/// R-PB-9: an edit by hand is shown, and overwritten only when asked.
#[test]
fn edits_by_hand_are_found() {
    let place = Place::new();
    place.publish(&[]).expect(0);
    place.edit("main", &[("clusters/a/web.yaml", Some("by: hand\n")), ("clusters/b/db.yaml", None)]);
    place.publish(&[]).expect(5).says("publish.drift").says("+by: hand").says("clusters/b/db.yaml");
    place.publish(&["--overwrite-drift"]).expect(0);
    assert!(place.message("main").contains("Kiln-Overwrote: clusters/a/web.yaml"));
    assert!(place.files("main")["clusters/a/web.yaml"].contains("Deployment"));
}

#[test]
fn owners_share_a_branch_and_keep_off_each_others_files() {
    let place = Place::new();
    place.publish(&["--cluster", "a"]).expect(0);
    place.publish(&["--owner", "second", "--cluster", "a"]).expect(5).says("belongs to the owner `fleet`");
    place.publish(&["--owner", "second", "--cluster", "b"]).expect(0);
    place.bump(2);
    place.publish(&["--owner", "second", "--cluster", "b"]).expect(0);
    let files = place.files("main");
    assert!(
        files["clusters/a/web.yaml"].contains("replicas: 1") && files["clusters/b/web.yaml"].contains("replicas: 2")
    );
    assert!(files.contains_key(".kiln/owners/fleet.json") && files.contains_key(".kiln/owners/second.json"));
}

#[test]
fn partial_runs_touch_their_clusters_only() {
    let place = Place::new();
    place.publish(&[]).expect(0);
    let old = place.bump(2);
    place.bump(3);
    place.publish(&["-l", "stage=production"]).expect(0);
    let files = place.files("main");
    assert!(
        files["clusters/a/web.yaml"].contains("replicas: 1") && files["clusters/c/web.yaml"].contains("replicas: 3")
    );
    // An older commit is late for those clusters, and not for the others.
    place.checkout(old);
    place.publish(&["--cluster", "b"]).expect(5).says("stale source");
    place.publish(&["--cluster", "a"]).expect(0);
    assert!(place.files("main")["clusters/a/web.yaml"].contains("replicas: 2"));
}

#[test]
fn disabled_clusters_keep_their_files() {
    let place = Place::new();
    place.publish(&[]).expect(0);
    place.replace("clusters.yaml", "{name: c,", "{name: c, disabled: true,");
    place.commit("Disable");
    place.publish(&[]).expect(0);
    assert_eq!(place.names("main").len(), 6);
    place.publish(&["--prune-disabled", "--allow-delete"]).expect(0);
    assert_eq!(place.names("main").len(), 4);
}

#[test]
fn nothing_rendered_is_nothing_published() {
    let place = Place::new();
    place.publish(&[]).expect(0);
    place.write("component.yaml", "name: shop\n");
    place.write("config/common.yaml", "");
    place.commit("Emptied");
    place.publish(&[]).expect(5).says("publish.empty");
    assert_eq!(place.names("main").len(), 6);
}

#[test]
fn preserved_paths_are_left_as_they_are() {
    let place = Place::new();
    place.publish(&[]).expect(0);
    place.write(
        "publish.yaml",
        "target: {repo: ../target.git, branch: main}\nowner: fleet\npreserve: [\"clusters/a/db.yaml\"]\n",
    );
    place.commit("Preserve");
    place.edit("main", &[("clusters/a/db.yaml", Some("kept: true\n"))]);
    place.publish(&[]).expect(0).says("left alone: clusters/a/db.yaml");
    assert_eq!(place.files("main")["clusters/a/db.yaml"], "kept: true\n");
}

#[test]
fn a_dry_run_shows_the_difference_and_changes_nothing() {
    let place = Place::new();
    let shown = place.publish(&["--dry-run"]).expect(0).out;
    assert!(shown.contains("+ clusters/a/db.yaml") && shown.contains("+++ b/clusters/a/db.yaml"), "{shown}");
    assert_eq!(place.tip("main"), None);
    assert!(place.target().references().unwrap().next().is_none());
}
