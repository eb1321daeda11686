use std::collections::BTreeSet;
use std::fs;

use crate::project::{Project, clusters};

/// The folders of clusters that a root has.
fn folders(project: &Project, root: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(project.path(root)).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).filter(|name| name != ".kiln").collect()
}

/// Runs all shards, each into a root of its own, and gives the roots.
fn shards(project: &Project, count: usize) -> Vec<String> {
    (1..=count)
        .map(|index| {
            let out = format!("out-{index}");
            project.kiln(&["generate", "--shard", &format!("{index}/{count}"), "-O", &out]).exits(0);
            out
        })
        .collect()
}

fn merge(project: &Project, out: &str, parts: &[String]) -> crate::project::Run {
    let mut words = vec!["merge", out];
    words.extend(parts.iter().map(String::as_str));
    project.kiln(&words)
}

#[test]
fn shards_are_disjoint_and_their_join_is_what_one_run_gives() {
    for count in [1, 2, 3, 20] {
        let project = Project::new();
        project.kiln(&["generate", "-O", "whole"]).exits(0);
        let parts = shards(&project, count);
        let mut all = BTreeSet::new();
        for part in &parts {
            for folder in folders(&project, part) {
                assert!(all.insert(folder), "double");
            }
        }
        assert_eq!(all.len(), 9);
        merge(&project, "joined", &parts).says(0, &["9 clusters of", "27 added"]);
        assert_eq!(project.tree("joined"), project.tree("whole"));
        // A later run finds its own files there.
        project.kiln(&["generate", "-O", "joined"]).says(0, &["0 added, 0 changed, 0 removed, 27 unchanged"]);
        merge(&project, "joined", &parts).says(0, &["0 added, 0 changed, 0 removed, 27 unchanged"]);
        project.write("component.yaml", "name: shop\nsubcomponents:\n- {name: rules, type: static, path: rules}\n");
        for file in fs::read_dir(project.path("config")).unwrap().flatten().filter(|entry| entry.path().is_file()) {
            fs::write(file.path(), "").unwrap();
        }
        for at in 1..=9 {
            project.write(&format!("config/sites/c{at}.yaml"), "");
        }
        project.kiln(&["generate", "-O", "joined"]).says(0, &["18 removed"]);
    }
}

#[test]
fn one_cluster_more_moves_no_other() {
    let project = Project::new();
    let before: Vec<_> = shards(&project, 4).iter().map(|part| folders(&project, part)).collect();
    project.write("clusters.yaml", &format!("{}- {{name: another, layers: [testing]}}\n", clusters()));
    let after: Vec<_> = shards(&project, 4).iter().map(|part| folders(&project, part)).collect();
    let mut news = 0;
    for (before, after) in before.iter().zip(&after) {
        assert!(before.is_subset(after));
        news += after.len() - before.len();
    }
    assert_eq!(news, 1);
}

#[test]
fn shards_of_one_run_may_share_a_root() {
    let project = Project::new();
    project.kiln(&["generate", "-O", "whole"]).exits(0);
    // What an earlier run in other parts left behind is not taken for a part of this one.
    project.kiln(&["generate", "--shard", "1/2", "-O", "shared"]).exits(0);
    for index in 1..=3 {
        project.kiln(&["generate", "--shard", &format!("{index}/3"), "-O", "shared"]).exits(0);
    }
    merge(&project, "joined", &["shared".to_owned()]).says(0, &["9 clusters of 3 parts"]);
    assert_eq!(project.tree("joined"), project.tree("whole"));
    merge(&project, "shared", &["shared".to_owned()]).says(0, &["27 unchanged"]);
    assert_eq!(project.tree("shared"), project.tree("whole"));
    merge(&project, "joined", &["shared".to_owned()]).says(1, &["merge.no-record"]);
}

#[test]
fn schedulers_say_which_part_is_meant() {
    let project = Project::new();
    let run = |words: &[&str], variables: &[(&str, &str)]| {
        let words = [&["generate", "-q", "-O", "out"], words].concat();
        let _ = fs::remove_dir_all(project.path("out"));
        let done = project.command(&words).envs(variables.iter().copied()).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        folders(&project, "out")
    };
    let second = run(&["--shard", "2/3"], &[]);
    assert!(!second.is_empty() && second.len() < 9);
    let job = ("JOB_COMPLETION_INDEX", "1");
    for (words, variables) in [
        (&["--shard", "auto"][..], &[job, ("JOB_COMPLETIONS", "3")][..]),
        (&["--shard"], &[job, ("JOB_COMPLETIONS", "3")]),
        (&["--shard=auto/3"], &[job]),
        (&[], &[job, ("JOB_COMPLETIONS", "3"), ("KILN_SHARD", "auto")]),
        (&["--shard", "auto"], &[("CI_NODE_INDEX", "2"), ("CI_NODE_TOTAL", "3")]),
        (&["--shard", "auto"], &[("BUILDKITE_PARALLEL_JOB", "1"), ("BUILDKITE_PARALLEL_JOB_COUNT", "3")]),
    ] {
        assert_eq!(run(words, variables), second, "{words:?} {variables:?}");
    }
    // Without `--shard` a scheduler's variables mean nothing.
    assert_eq!(run(&[], &[job, ("JOB_COMPLETIONS", "3")]).len(), 9);
    project.kiln(&["generate", "--shard"]).says(3, &["usage.shard", "CI_NODE_INDEX"]);
    project.kiln(&["generate", "--shard", "4/3"]).says(3, &["no shard 4 of 3"]);
    project.kiln(&["generate", "prod", "--shard", "1/3"]).says(3, &["usage.clusters", "--shard"]);
}

#[test]
fn selections_are_shared_out_too_and_an_empty_part_is_fine() {
    let project = Project::new();
    project.kiln(&["generate", "-l", "stage=prod", "-O", "whole"]).exits(0);
    let parts: Vec<String> = (1..=8).map(|index| format!("out-{index}")).collect();
    let mut empty = 0;
    for (at, part) in parts.iter().enumerate() {
        let shard = format!("{}/8", at + 1);
        project.kiln(&["generate", "-l", "stage=prod", "--shard", &shard, "-O", part]).exits(0);
        empty += usize::from(folders(&project, part).is_empty());
    }
    assert!(empty > 0);
    merge(&project, "joined", &parts).says(0, &["5 clusters of 8 parts"]);
    assert_eq!(project.tree("joined"), project.tree("whole"));
}

#[test]
fn parts_that_do_not_fit_are_refused_and_nothing_is_written() {
    let project = Project::new();
    let parts = shards(&project, 3);
    let refused = |out: &str, parts: &[String], code: i32, words: &[&str]| {
        merge(&project, out, parts).says(code, words);
        assert!(folders(&project, out).is_empty());
    };
    let missing: Vec<String> = folders(&project, "out-2").into_iter().collect();
    refused("j1", &[parts[0].clone(), parts[2].clone()], 1, &["merge.missing", "shard 2 of 3 is missing", &missing[0]]);
    refused("j1", &parts[..1], 1, &["shards 2, 3 of 3 are missing"]);
    refused("j1", &[parts.as_slice(), &parts[..1]].concat(), 1, &["merge.double", "shard 1 of 3 is there twice"]);
    refused("j1", &["charts".to_owned()], 1, &["merge.no-record"]);

    // A file that changed on the way, or that got lost.
    let folder = folders(&project, "out-2").into_iter().next().unwrap();
    let file = format!("out-2/{folder}/web.yaml");
    let text = project.read(&file);
    project.write(&file, &format!("{text}# more\n"));
    refused("j1", &parts, 4, &["merge.modified", &folder]);
    fs::remove_file(project.path(&file)).unwrap();
    refused("j1", &parts, 4, &["merge.modified"]);
    project.write(&file, &text);
    // A hand-made file beside them is nobody's part.
    project.write(&format!("out-2/{folder}/NOTES.md"), "mine");
    merge(&project, "j2", &parts).exits(0);
    assert!(!project.path(&format!("j2/{folder}/NOTES.md")).exists());

    // Another revision of the project.
    project.write("config/prod.yaml", "subcomponents: {web: {config: {replicas: 4}}}\n");
    project.kiln(&["generate", "--shard", "2/3", "-O", "out-2"]).exits(0);
    refused("j1", &parts, 4, &["merge.mismatch", "the digest of the plan"]);
    project.kiln(&["generate", "--shard", "2/4", "-O", "out-2"]).exits(0);
    refused("j1", &parts, 4, &["the number of shards"]);
    // Another kiln, another lock, and no record at all.
    let record = "out-1/.kiln/shards/1-of-3.json";
    let text = project.read(record);
    let others = vec!["out-1".to_owned(), "out-3".to_owned()];
    project
        .write(record, &text.replace(&format!("\"kiln\": \"{}\"", env!("CARGO_PKG_VERSION")), "\"kiln\": \"0.0.9\""));
    refused("j1", &others, 4, &["the version of kiln", "0.0.9"]);
    project.write(record, &text.replace("\"lock\": \"sha256:", "\"lock\": \"sha256:0"));
    refused("j1", &others, 4, &["the digest of kiln.lock"]);
    project.write(record, &text.replace("\"schema\": 1", "\"schema\": 2"));
    refused("j1", &others, 1, &["merge.no-record", "schema is 2"]);
    project.write(record, "{");
    refused("j1", &others, 1, &["merge.no-record"]);
    project.write(record, &text.replace("\"output\": \"c", "\"output\": \"../c"));
    refused("j1", &others[..1], 1, &["merge"]);
}

#[test]
fn clusters_that_failed_are_missed_unless_they_may() {
    let project = Project::new();
    project.write("config/sites/c4.yaml", "subcomponents: {db: {config: {size: -1}}}\n");
    let parts: Vec<String> = (1..=3).map(|index| format!("out-{index}")).collect();
    let run = || {
        let mut codes = Vec::new();
        for (at, part) in parts.iter().enumerate() {
            let shard = format!("{}/3", at + 1);
            codes.push(project.kiln(&["generate", "--keep-going", "--shard", &shard, "-O", part]).0.status.code());
        }
        codes.sort();
        codes
    };
    assert_eq!(run(), [Some(0), Some(0), Some(1)]);
    merge(&project, "joined", &parts).says(1, &["merge.missing", "c4 was not written"]);
    project.write("clusters.yaml", &clusters().replace("{name: c4,", "{name: c4, allowFailure: true,"));
    assert_eq!(run(), [Some(0); 3]);
    project.kiln(&["generate", "-O", "whole"]).exits(0);
    merge(&project, "joined", &parts).says(0, &["8 clusters of 3 parts"]);
    assert_eq!(project.tree("joined"), project.tree("whole"));
}

#[test]
fn a_dry_run_of_a_merge_writes_nothing() {
    let project = Project::new();
    let parts = shards(&project, 2);
    project.kiln(&["merge", "--dry-run", "joined", &parts[0], &parts[1]]).says(0, &["27 added"]);
    assert!(!project.path("joined").exists());
    project.kiln(&["generate", "--shard", "1/2", "--dry-run", "-O", "dry"]).exits(0);
    assert!(!project.path("dry").exists());
}
