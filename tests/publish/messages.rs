//! Messages that need a repository, word by word. Those that need none are in `testdata/errors`.

use std::fs;

use crate::support::Place;

/// The commit id's first digits, as messages show them.
fn short(id: git2::Oid) -> String {
    id.to_string()[..12].to_owned()
}

#[track_caller]
fn assert_said(found: &str, wanted: &str) {
    assert_eq!(found, wanted, "\n{found}");
}

#[test]
fn a_branch_that_cannot_move_forward() {
    let place = Place::new();
    place.publish(&["--branch", "staging"]).expect(0);
    let promote =
        |words: &[&str]| place.kiln(&[&["promote", "--from", "staging", "--to", "production"], words].concat());
    assert_said(
        &place.kiln(&["promote", "--from", "stagin", "--to", "production"]).expect(5).err,
        "promote.branch\n\n  x ../target.git has no branch `stagin`\n  help: did you mean `staging`?\n",
    );
    promote(&[]).expect(0);
    let hotfix = place.edit("production", &[("clusters/b/web.yaml", Some("hot: fix\n"))]);
    let other = place.edit("production", &[("clusters/c/web.yaml", Some("hot: fix\n"))]);
    place.bump(2);
    place.publish(&["--branch", "staging"]).expect(0);
    assert_said(
        &promote(&[]).expect(5).err,
        &format!(
            "promote.not-fast-forward\n\n  x `production` cannot move forward to `staging`: these commits are only on `production`:\n  \
             |   {} By hand\n  |   {} By hand\n  help: bring what they do into the source and publish it to `staging`; then put `production` onto it by hand once\n",
            short(other),
            short(hotfix)
        ),
    );
}

#[test]
fn a_source_that_is_not_as_it_was_committed() {
    let place = Place::new();
    place.write("config/common.yaml", "subcomponents: {web: {config: {replicas: 9}}}\n");
    assert_said(
        &place.publish(&["--require-clean"]).expect(5).err,
        "publish.dirty-source\n\n  x the source is not as it was committed: `config/common.yaml`\n  help: commit them, or leave out `--require-clean`\n",
    );
    assert_said(&place.publish(&["--quiet"]).expect(0).err, "");
}

#[test]
fn an_owner_whose_files_were_edited_and_removed() {
    let place = Place::new();
    place.publish(&[]).expect(0);
    place.edit("main", &[("clusters/b/db.yaml", None)]);
    assert_said(
        &place.publish(&[]).expect(5).err,
        "publish.drift\n\n  x `clusters/b/db.yaml` on the branch `main` was edited by somebody else since it was published:\n  \
         | --- a/clusters/b/db.yaml\n  | +++ /dev/null\n  | @@ -1,5 +0,0 @@\n  | ----\n  | -apiVersion: v1\n  | -kind: ConfigMap\n  \
         | -metadata: {name: db}\n  | -data: {stage: \"production\"}\n  \
         help: bring the edit into the source, or overwrite it with `--overwrite-drift`\n",
    );
}

#[cfg(unix)]
#[test]
fn a_server_that_refuses() {
    use crate::support::{has, hook};
    if !has("git") {
        return;
    }
    let place = Place::new();
    hook(&place, "pre-receive", "echo 'no pushes on Fridays' >&2\nexit 1");
    assert_said(
        &place.publish(&[]).expect(5).err,
        "publish.refused\n\n  x the server refuses the push to main of ../target.git:\n  | no pushes on Fridays\n  \
         | refs/heads/main: pre-receive hook declined\n  | refs/kiln/state/fleet/main: pre-receive hook declined\n  \
         help: check the protection of the branch, the server's hooks and what the credentials may do\n",
    );
    hook(&place, "pre-receive", "exit 0");
    hook(&place, "update", "case $1 in refs/heads/*) ;; *) echo branches only >&2; exit 1;; esac");
    let said = place.publish(&[]).expect(0).err;
    let warning = said.split_inclusive('\n').filter(|line| !line.contains("; rendered ")).collect::<String>();
    assert_said(
        &warning,
        "publish.state\n\n  ! ../target.git keeps neither refs nor notes of kiln: branches only\n  \
         | error: hook declined to update refs/notes/kiln-state/fleet/main\n  | refs/heads/main: atomic push failure\n  \
         | refs/notes/kiln-state/fleet/main: hook declined\n  \
         help: only the trailers of the last commit tell which source was published: a late run of an older one is noticed \
         only when that one changed something\n",
    );
}

#[test]
fn a_history_that_cannot_be_read() {
    let place = Place::new();
    place.publish(&["--branch", "staging"]).expect(0);
    let tip = place.tip("staging").unwrap();
    // Every push came as a pack.
    fs::remove_dir_all(place.folder.path().join("target.git/objects/pack")).unwrap();
    let ended = place.kiln(&["promote", "--from", "staging", "--to", "production"]).expect(6);
    let wanted = format!(
        "promote.history\n\n  x the history of the branches cannot be read: object not found - no match for id ({tip})\n  \
         help: remove `.kiln/publish` and try again\n"
    );
    assert_said(&ended.err, &wanted);
}
