use std::fs;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use crate::support::Place;

/// R-PB-7: killed at any moment, the branch is old or new, and the next run goes on.
#[test]
fn a_killed_run_leaves_the_branch_old_or_new() {
    let place = Place::new();
    place.publish(&[]).expect(0);
    let (mut old, mut seen) = (place.files("main"), [0, 0]);
    for round in 0..20 {
        place.bump(100 + round);
        let mut child = place.command(&["publish"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        thread::sleep(Duration::from_millis(u64::from(round) * 3));
        child.kill().unwrap();
        child.wait().unwrap();
        let now = place.files("main");
        let is_old = now == old;
        let wanted = format!("replicas: {}", 100 + round);
        assert!(
            is_old || ["a", "b", "c"].iter().all(|name| now[&format!("clusters/{name}/web.yaml")].contains(&wanted))
        );
        seen[usize::from(is_old)] += 1;
        place.publish(&[]).expect(0);
        old = place.files("main");
    }
    assert_eq!(seen[0] + seen[1], 20);
}

/// R-PB-7: whatever becomes of the cache, the next run is right.
#[test]
fn a_broken_cache_is_made_anew() {
    let place = Place::new();
    place.publish(&[]).expect(0);
    let cache = place.source().join(".kiln/publish");
    let mut files: Vec<_> =
        walkdir::WalkDir::new(&cache).into_iter().flatten().filter(|entry| entry.file_type().is_file()).collect();
    files.truncate(12);
    for (at, file) in files.iter().enumerate() {
        match at % 2 {
            0 => drop(fs::remove_file(file.path())),
            _ => drop(fs::write(file.path(), "xx")),
        }
        place.bump(200 + u32::try_from(at).unwrap());
        place.publish(&[]).expect(0);
    }
    assert_eq!(place.count("main"), 1 + files.len());
    // One that cannot be written is told.
    fs::remove_dir_all(&cache).unwrap();
    fs::write(&cache, "in the way").unwrap();
    place.publish(&[]).expect(6).says("publish.cache");
}

#[test]
fn a_damaged_record_is_told() {
    let place = Place::new();
    place.publish(&[]).expect(0);
    place.edit("main", &[(".kiln/owners/fleet.json", Some("{"))]);
    place.publish(&[]).expect(5).says("publish.damaged");
}

#[test]
fn a_target_that_is_not_there_is_told() {
    let place = Place::new();
    place.publish(&["--repo", "../nowhere.git"]).expect(6).says("is no git repository");
    place.publish(&["--repo", "https://user:secret-word-of-mine@127.0.0.1:1/x.git"]).expect(4);
    let ended = place.publish(&["--repo", "https://user:secret-word-of-mine@127.0.0.1:1/x.git"]);
    assert!(!ended.err.contains("secret-word-of-mine"), "{}", ended.err);
}
