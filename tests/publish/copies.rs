//! Copies of clusters for a while, published and removed.

use std::fs;

use crate::support::{Ended, Place};

const COPY: [&str; 6] = ["--cluster", "a", "--name-suffix", "-pr42", "--namespace", "pr-42"];
/// 2023-11-20, before all that expires below.
const NOW: &str = "1700438400";
/// 2023-11-23.
const LATER: &str = "1700697600";

fn publish(place: &Place, words: &[&str]) -> Ended {
    publish_at(place, NOW, words)
}

/// Publishes at a time, in seconds since 1970.
fn publish_at(place: &Place, now: &str, words: &[&str]) -> Ended {
    let mut command = place.command(&[&["publish"], words].concat());
    Ended::of(&command.env("SOURCE_DATE_EPOCH", now).output().unwrap())
}

/// The files of a folder of the branch, by their names below it.
fn below(place: &Place, folder: &str) -> Vec<String> {
    let files = place.files("main");
    files.keys().filter_map(|path| path.strip_prefix(folder)).map(str::to_owned).collect()
}

#[test]
fn a_copy_is_published_beside_its_cluster_and_runs_of_the_fleet_leave_it() {
    let place = Place::new();
    publish(&place, &[]).expect(0);
    let before = place.files("main");
    publish(&place, &[&COPY[..], &["--set", "web:replicas=5", "--expires", "7d"]].concat()).expect(0);
    let files = place.files("main");
    let web = &files["clusters/a-pr42/web.yaml"];
    assert!(web.contains("name: web-pr42") && web.contains("namespace: pr-42") && web.contains("replicas: 5"), "{web}");
    for (path, text) in &before {
        assert!(path.starts_with(".kiln/") || &files[path] == text, "{path}");
    }
    let message = place.message("main");
    assert!(message.contains("\nKiln-Copy: a-pr42\nKiln-Expires: 2023-11-27T00:00:00Z\n"), "{message}");
    let record = &files[".kiln/owners/fleet.json"];
    assert!(record.contains("\"a-pr42\": {") && record.contains("\"expires\": \"2023-11-27T00:00:00Z\""), "{record}");

    // Nothing changes: the same again, and the whole fleet, which does not know the copy.
    let tip = place.tip("main");
    publish(&place, &[&COPY[..], &["--set", "web:replicas=5", "--expires", "7d"]].concat()).expect(0);
    publish(&place, &[]).expect(0);
    assert_eq!(place.tip("main"), tip);
    place.bump(3);
    publish(&place, &[]).expect(0);
    assert_eq!(below(&place, "clusters/a-pr42/"), ["db.yaml", "web.yaml"]);
    assert!(place.files("main")[".kiln/owners/fleet.json"].contains("\"a-pr42\": {"));
    assert!(!place.message("main").contains("Kiln-Copy"));
}

#[test]
fn copies_that_expired_or_have_no_branch_are_removed_and_nothing_else() {
    let place = Place::new();
    publish(&place, &[]).expect(0);
    let before = place.files("main");
    publish(&place, &[&COPY[..], &["--expires", "2023-11-22"]].concat()).expect(0);
    publish(&place, &["--cluster", "b", "--name-suffix", "-pr43", "--namespace", "pr-43"]).expect(0);
    let named = ["--cluster", "c", "--name-suffix", "-x", "--namespace", "x", "--for-branch", "feature/x"];
    publish(&place, &named).expect(0);
    place.edit("main", &[("clusters/b-pr43/NOTES.md", Some("mine"))]);

    let tip = place.tip("main");
    publish(&place, &["--prune-copies"]).expect(0).says("nothing changes");
    assert_eq!(place.tip("main"), tip);
    publish_at(&place, LATER, &["--prune-copies", "--dry-run"])
        .expect(0)
        .says("a-pr42: would be removed (expired 2023-11-23T00:00:00Z)");
    assert_eq!(place.tip("main"), tip);
    publish_at(&place, LATER, &["--prune-copies"]).expect(0).says("a-pr42: removed (expired 2023-11-23T00:00:00Z)");
    assert!(below(&place, "clusters/a-pr42/").is_empty());
    let message = place.message("main");
    assert!(message.starts_with("prune: 1 copy\n\n- a-pr42: expired"), "{message}");
    assert!(message.contains("\nKiln-Pruned: a-pr42 (expired 2023-11-23T00:00:00Z)\n"), "{message}");
    assert_eq!(below(&place, "clusters/b-pr43/").len(), 3);

    let list = place.folder.path().join("branches");
    fs::write(&list, "* main\n  feature/x\n").unwrap();
    let list = list.display().to_string();
    let pruned = publish(&place, &["--prune-copies", "--branches", &list, "-o", "json"]).expect(0);
    pruned.says("left alone: clusters/b-pr43/NOTES.md");
    assert_eq!(below(&place, "clusters/b-pr43/"), ["NOTES.md"]);
    assert_eq!(below(&place, "clusters/c-x/").len(), 2);
    fs::write(&list, "").unwrap();
    publish(&place, &["--prune-copies", "--branches", &list]).expect(3).says("the list of branches is empty");
    // The target itself has no branch of that name.
    let target = place.folder.path().join("target.git").display().to_string();
    publish(&place, &["--prune-copies", "--branches-of", &target]).expect(0).says("c-x: removed (no branch feature/x)");
    let mut after = place.files("main");
    assert_eq!(after.remove("clusters/b-pr43/NOTES.md").as_deref(), Some("mine"));
    assert_eq!(after, before);
}

#[test]
fn branches_of_copies_go_their_own_ways() {
    let place = Place::new();
    let first = place.bump(1);
    publish(&place, &[]).expect(0);
    let main = place.bump(2);
    publish(&place, &[]).expect(0);
    // A branch that began before what is published of main, and is rebased later.
    place.checkout(first);
    let branch = place.bump(7);
    publish(&place, &COPY).expect(0);
    let newer = place.bump(8);
    publish(&place, &COPY).expect(0);
    place.checkout(branch);
    publish(&place, &COPY).expect(5).says("stale source");
    place.checkout(main);
    let rebased = place.bump(9);
    assert_ne!(rebased, newer);
    publish(&place, &COPY).expect(0);
    assert!(place.files("main")["clusters/a-pr42/web.yaml"].contains("replicas: 9"));
    // The fleet is not held up by what only a copy was made of.
    place.checkout(main);
    publish(&place, &[]).expect(0);
    place.bump(3);
    publish(&place, &[]).expect(0);
    place.checkout(first);
    publish(&place, &[]).expect(5).says("stale source");
    assert!(place.files("main")["clusters/a/web.yaml"].contains("replicas: 3"));
}

#[test]
fn engines_are_told_of_a_copy_as_long_as_it_is_there() {
    let place = Place::new();
    place.write(
        "publish.yaml",
        "target: {repo: ../target.git, branch: main}\nowner: fleet\nemit: {kustomization: true, flux: {url: \
         'https://git.example.com/m.git', kubeConfig: '{name}-kubeconfig'}}\n",
    );
    place.commit("Flux");
    publish(&place, &[]).expect(0);
    let before = place.files("main");
    publish(&place, &[&COPY[..], &["--expires", "1d"]].concat()).expect(0);
    let object = place.files("main")["engine/flux/a-pr42.yaml"].clone();
    assert!(object.contains("path: ./clusters/a-pr42") && object.contains("a-kubeconfig"), "{object}");
    place.bump(4);
    publish(&place, &[]).expect(0);
    assert_eq!(place.files("main")["engine/flux/a-pr42.yaml"], object);
    publish_at(&place, LATER, &["--prune-copies"]).expect(0);
    let after = place.files("main");
    assert_eq!(after.keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>());
}

#[test]
fn copies_are_kept_and_pruned_in_folders_too() {
    let place = Place::new();
    let folder = place.folder.path().join("out");
    fs::create_dir(&folder).unwrap();
    let to = folder.display().to_string();
    publish(&place, &["--to", &to]).expect(0);
    publish(&place, &[&COPY[..], &["--to", &to, "--expires", "1d"]].concat()).expect(0);
    place.bump(2);
    publish(&place, &["--to", &to]).expect(0);
    assert!(folder.join("clusters/a-pr42/web.yaml").is_file());
    publish_at(&place, LATER, &["--to", &to, "--prune-copies"]).expect(0);
    assert!(!folder.join("clusters/a-pr42").exists() && folder.join("clusters/a/web.yaml").is_file());
}

#[test]
fn foreign_copies_and_clusters_are_never_pruned() {
    let place = Place::new();
    publish(&place, &[]).expect(0);
    publish(&place, &[&COPY[..], &["--owner", "other", "--expires", "2020-01-01"]].concat()).expect(0);
    let tip = place.tip("main");
    publish(&place, &["--prune-copies"]).expect(0).says("nothing changes");
    assert_eq!(place.tip("main"), tip);
    publish(&place, &["--prune-copies", "--owner", "nobody"]).expect(0);
    assert_eq!(place.tip("main"), tip);
    publish(&place, &["--prune-copies", "--owner", "other"]).expect(0).says("a-pr42: removed");
    // What was edited by hand is not lost silently.
    publish(&place, &[&COPY[..], &["--expires", "2020-01-01"]].concat()).expect(0);
    place.edit("main", &[("clusters/a-pr42/web.yaml", Some("edited"))]);
    publish(&place, &["--prune-copies"]).expect(5).says("edited by somebody else");
    publish(&place, &["--prune-copies", "--overwrite-drift"]).expect(0);
    assert!(below(&place, "clusters/a-pr42/").is_empty());
}
