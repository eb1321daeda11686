//! Edits as commits: on the newest commit of the remote, whoever else pushes.

use std::path::Path;

use git2::{Repository, RepositoryInitOptions, Signature};

use crate::project::{Project, command};

const SERVICES: usize = 8;

/// A bare repository with one commit of these files on `main`.
fn remote(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut options = RepositoryInitOptions::new();
    options.bare(true).initial_head("main").external_template(false);
    let repository = Repository::init_opts(folder.path(), &options).unwrap();
    commit(&repository, files, "first");
    folder
}

/// Makes a commit on `main` of a bare repository.
fn commit(repository: &Repository, files: &[(&str, &str)], message: &str) {
    let parent = repository.find_reference("refs/heads/main").ok().map(|head| head.peel_to_commit().unwrap());
    let mut update = git2::build::TreeUpdateBuilder::new();
    for (path, text) in files {
        update.upsert(*path, repository.blob(text.as_bytes()).unwrap(), git2::FileMode::Blob);
    }
    let empty = repository.find_tree(repository.treebuilder(None).unwrap().write().unwrap()).unwrap();
    let base = parent.as_ref().map_or(empty, |parent| parent.tree().unwrap());
    let tree = repository.find_tree(update.create_updated(repository, &base).unwrap()).unwrap();
    let who = Signature::now("somebody", "somebody@example.com").unwrap();
    let parents: Vec<&git2::Commit<'_>> = parent.iter().collect();
    repository.commit(Some("refs/heads/main"), &who, &who, message, &tree, &parents).unwrap();
}

fn clone(remote: &Path) -> Project {
    let project = Project::new(&[]);
    Repository::clone(&format!("file://{}", remote.display()), project.path("clone")).unwrap();
    project
}

/// The messages on `main`, the newest first.
fn messages(repository: &Path) -> Vec<String> {
    let repository = Repository::open(repository).unwrap();
    let mut walk = repository.revwalk().unwrap();
    walk.push_ref("refs/heads/main").unwrap();
    walk.map(|id| repository.find_commit(id.unwrap()).unwrap().message().unwrap().to_owned()).collect()
}

fn content(repository: &Path, path: &str) -> String {
    let repository = Repository::open(repository).unwrap();
    let tree = repository.find_reference("refs/heads/main").unwrap().peel_to_tree().unwrap();
    let blob = tree.get_path(Path::new(path)).unwrap().to_object(&repository).unwrap();
    String::from_utf8(blob.as_blob().unwrap().content().to_vec()).unwrap()
}

fn values(tag: &str) -> String {
    let service =
        |at: usize| format!("  svc-{at}: # é\r\n    image: {{repository: acme/svc-{at}, tag: \"{tag}\"}}\r\n");
    format!("\u{FEFF}config:\r\n{}", (0..SERVICES).map(service).collect::<String>())
}

#[test]
fn eight_jobs_that_set_images_of_one_file_make_eight_commits() {
    let before = values("1");
    let remote = remote(&[("stack/component.yaml", "name: shop\n"), ("stack/config/common.yaml", &before)]);
    let clones: Vec<Project> = (0..SERVICES).map(|_| clone(remote.path())).collect();
    let runs: Vec<_> = clones
        .iter()
        .enumerate()
        .map(|(at, project)| {
            let word = format!("acme/svc-{at}=:2");
            let words = ["image", "set", &word, "--push", "--retries", "40", "-o", "json"];
            let mut command = command(&project.path("clone/stack"), &words);
            command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap()
        })
        .collect();
    for run in runs {
        let output = run.wait_with_output().unwrap();
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(printed.contains("\"changed\": true") && printed.contains("\"branch\": \"main\""), "{printed}");
    }
    let mut told = messages(remote.path());
    assert_eq!(told.pop().unwrap(), "first");
    told.sort();
    let expected: Vec<String> = (0..SERVICES).map(|at| format!("Set acme/svc-{at} to 2\n")).collect();
    assert_eq!(told, expected);
    assert_eq!(content(remote.path(), "stack/config/common.yaml"), values("2"));
}

#[test]
fn several_images_are_one_commit_and_the_clone_follows() {
    let remote = remote(&[("component.yaml", "name: shop\n"), ("config/common.yaml", &values("1"))]);
    let project = clone(remote.path());
    let kiln = |words: &[&str]| crate::project::Run(command(&project.path("clone"), words).output().unwrap());
    let words = ["image", "set", "acme/svc-0=:2", "acme/svc-1=:3", "--commit", "-m", "Bump\n\nBy CI", "--push"];
    kiln(&words).exits(0, &["pushed", "`main`"]);
    assert_eq!(messages(remote.path()), ["Bump\n\nBy CI\n", "first"]);
    assert_eq!(project.read("clone/config/common.yaml"), content(remote.path(), "config/common.yaml"));
    let local = Repository::open(project.path("clone")).unwrap();
    assert!(local.statuses(None).unwrap().is_empty());
    let tip = |name: &str| local.find_reference(name).unwrap().target().unwrap();
    assert_eq!(tip("refs/heads/main"), tip("refs/remotes/origin/main"));
    // Nothing to do makes no commit.
    let told = kiln(&[&words[..], &["-o", "json"]].concat()).exits(0, &["nothing to change"]);
    assert!(told.contains("\"changed\": false") && told.contains("\"commit\": null"), "{told}");
    kiln(&[&words[..], &["--fail-if-unchanged"]].concat()).exits(2, &[]);
    assert_eq!(messages(remote.path()).len(), 2);
    // Others pushed: the edit is done on what they pushed, and the clone gets that too.
    let bare = Repository::open(remote.path()).unwrap();
    commit(&bare, &[("config/common.yaml", &values("7")), ("NOTES.md", "theirs")], "theirs");
    kiln(&["image", "set", "acme/svc-2=:8", "--push"]).exits(0, &["pushed"]);
    let after = values("7").replace("acme/svc-2, tag: \"7\"", "acme/svc-2, tag: \"8\"");
    assert_eq!(content(remote.path(), "config/common.yaml"), after);
    assert_eq!(
        (project.read("clone/config/common.yaml"), project.read("clone/NOTES.md")),
        (after, "theirs".to_owned())
    );
    assert_eq!(tip("refs/heads/main"), tip("refs/remotes/origin/main"));
    // What is gone there meanwhile is an error, and nothing is pushed.
    commit(&bare, &[("config/common.yaml", "config: {}\n")], "emptied");
    kiln(&["image", "set", "acme/svc-2=:9", "--push"]).exits(1, &["nothing says the image"]);
    assert_eq!(messages(remote.path())[0], "emptied");
}

#[test]
fn charts_and_bindings_are_those_of_the_commit() {
    let remote = remote(&[
        ("stack/component.yaml", "name: shop\nsubcomponents:\n- {name: web, type: helm, path: chart}\n"),
        ("stack/chart/Chart.yaml", "apiVersion: v2\nname: chart\nversion: 1.0.0\n"),
        ("stack/chart/values.yaml", "image: {repository: acme/old, tag: v0}\n"),
        ("stack/config/common.yaml", "subcomponents:\n  web:\n    config:\n      image: {tag: v1}\n"),
    ]);
    let project = clone(remote.path());
    let bare = Repository::open(remote.path()).unwrap();
    commit(&bare, &[("stack/chart/values.yaml", "image: {repository: acme/new, tag: v0}\n")], "renamed");
    let kiln = |words: &[&str]| crate::project::Run(command(&project.path("clone/stack"), words).output().unwrap());
    kiln(&["image", "set", "acme/old=:v2", "--push"]).exits(1, &["nothing says the image `acme/old`"]);
    kiln(&["image", "set", "acme/new=:v2", "--push"]).exits(0, &["config/common.yaml:4:20"]);
    assert!(content(remote.path(), "stack/config/common.yaml").ends_with("image: {tag: v2}\n"));
    assert!(project.read("clone/stack/config/common.yaml").ends_with("image: {tag: v2}\n"));
}

#[test]
fn files_with_changes_of_their_own_are_left_alone() {
    let remote = remote(&[("component.yaml", "name: shop\n"), ("config/common.yaml", &values("1"))]);
    let project = clone(remote.path());
    let kiln = |words: &[&str]| crate::project::Run(command(&project.path("clone"), words).output().unwrap());
    project.write("clone/component.yaml", "name: shop # mine\n");
    let words = ["image", "set", "acme/svc-0=:2", "--push"];
    kiln(&words).exits(0, &["left as they were", "changes that are not committed"]);
    assert!(content(remote.path(), "config/common.yaml").contains("acme/svc-0, tag: \"2\""));
    assert_eq!(project.read("clone/config/common.yaml"), values("1"));
    assert_eq!(project.read("clone/component.yaml"), "name: shop # mine\n");
}

#[test]
fn without_a_push_the_commit_is_made_here() {
    let remote = remote(&[("component.yaml", "name: shop\n"), ("config/common.yaml", "# c\nconfig: {a: 1}\n")]);
    let project = clone(remote.path());
    let kiln = |words: &[&str]| crate::project::Run(command(&project.path("clone"), words).output().unwrap());
    kiln(&["set", "a=2", "--commit", "--author", "CI <ci@example.com>"]).exits(0, &["committed"]);
    kiln(&["add", "web", "--source", "./web", "--commit"]).exits(0, &[]);
    kiln(&["remove", "web", "--commit"]).exits(0, &[]);
    let told = messages(&project.path("clone"));
    assert_eq!(told.len(), 4);
    assert_eq!(told[2], "set 1 value in config/common.yaml\n");
    assert_eq!(project.read("clone/config/common.yaml"), "# c\nconfig: {a: 2}\n");
    let local = Repository::open(project.path("clone")).unwrap();
    assert!(local.statuses(None).unwrap().is_empty());
    let first = local.find_reference("HEAD").unwrap().peel_to_commit().unwrap().parent(0).unwrap().parent(0).unwrap();
    assert_eq!(first.author().to_string(), "CI <ci@example.com>");
    assert_eq!(messages(remote.path()).len(), 1);
    // A change that is not committed stays what it is.
    project.write("clone/config/common.yaml", "# mine\nconfig: {a: 2}\n");
    kiln(&["set", "a=3", "--commit"]).exits(1, &["changes that are not committed"]);
    assert_eq!(project.read("clone/config/common.yaml"), "# mine\nconfig: {a: 2}\n");
    // Commits that are not pushed stay here.
    let restored = "# c\nconfig: {a: 2}\n";
    project.write("clone/config/common.yaml", restored);
    kiln(&["set", "b=1", "--push"]).exits(0, &["commits that are not pushed"]);
    assert_eq!(content(remote.path(), "config/common.yaml"), "# c\nconfig: {a: 1, b: 1}\n");
    assert_eq!(project.read("clone/config/common.yaml"), restored);
}

#[test]
fn what_cannot_be_pushed_is_told() {
    let remote = remote(&[("component.yaml", "name: shop\n"), ("config/common.yaml", "config: {a: 1}\n")]);
    let project = clone(remote.path());
    let kiln = |words: &[&str]| crate::project::Run(command(&project.path("clone"), words).output().unwrap());
    kiln(&["set", "a=2", "--push", "--onto", "nosuch"]).exits(1, &["has no branch `nosuch`"]);
    kiln(&["set", "a=2", "--push", "--remote", "nosuch"]).exits(1, &["no remote `nosuch`"]);
    let outside = Project::new(&[("config/common.yaml", "config: {a: 1}\n")]);
    outside.kiln(&["set", "a=2", "--commit"]).exits(1, &["in no git repository"]);
    assert_eq!(outside.read("config/common.yaml"), "config: {a: 1}\n");
    let url = format!("file://{}", remote.path().display());
    kiln(&["set", "a=2", "--push", "--remote", &url, "--onto", "main", "--dry-run"]).exits(0, &[]);
    assert_eq!(messages(remote.path()).len(), 1);
    kiln(&["set", "a=2", "--push", "--remote", &url, "--onto", "main"]).exits(0, &["pushed"]);
    assert_eq!(content(remote.path(), "config/common.yaml"), "config: {a: 2}\n");
}

/// Edits are signed as git's own configuration says, made here or on the remote's newest commit.
#[test]
fn commits_of_edits_are_signed_as_git_would() {
    let has = |program: &str, word: &str| std::process::Command::new(program).arg(word).output().is_ok();
    if !has("git", "--version") || !has("ssh-keygen", "-?") {
        eprintln!("SKIPPED: no `git` or no `ssh-keygen`");
        return;
    }
    let remote = remote(&[("component.yaml", "name: shop\n"), ("config/common.yaml", &values("1"))]);
    let project = clone(remote.path());
    let home = tempfile::tempdir().unwrap();
    let key = home.path().join("key");
    let keygen = ["-q", "-t", "ed25519", "-N", "", "-C", "ci@example.com", "-f"];
    assert!(std::process::Command::new("ssh-keygen").args(keygen).arg(&key).output().unwrap().status.success());
    let allowed = home.path().join("allowed");
    let public = std::fs::read_to_string(home.path().join("key.pub")).unwrap();
    std::fs::write(&allowed, format!("* {public}")).unwrap();
    let config = format!(
        "[commit]\n\tgpgsign = true\n[gpg]\n\tformat = ssh\n[user]\n\tsigningkey = {}\n[gpg \"ssh\"]\n\tallowedSignersFile = {}\n",
        key.display(),
        allowed.display()
    );
    std::fs::write(home.path().join(".gitconfig"), config).unwrap();
    for (word, flag, repository) in
        [("acme/svc-0=:2", "--commit", project.path("clone")), ("acme/svc-1=:2", "--push", remote.path().to_owned())]
    {
        if flag == "--push" {
            // What is here and was not pushed would be in the way.
            let local = Repository::open(project.path("clone")).unwrap();
            let first = local.revparse_single("HEAD~1").unwrap();
            local.reset(&first, git2::ResetType::Hard, None).unwrap();
        }
        let mut kiln = command(&project.path("clone"), &["image", "set", word, flag]);
        let run = kiln.env("HOME", home.path()).output().unwrap();
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        let mut git = std::process::Command::new("git");
        git.args(["-C", &repository.display().to_string(), "verify-commit", "main"]).env("HOME", home.path());
        let verified = git.env("GIT_CONFIG_NOSYSTEM", "1").output().unwrap();
        assert!(verified.status.success(), "{flag}: {}", String::from_utf8_lossy(&verified.stderr));
    }
    std::fs::write(home.path().join(".gitconfig"), "[commit]\n\tgpgsign = true\n[gpg]\n\tformat = ssh\n").unwrap();
    let mut kiln = command(&project.path("clone"), &["image", "set", "acme/svc-2=:2", "--commit"]);
    crate::project::Run(kiln.env("HOME", home.path()).output().unwrap()).exits(1, &["user.signingkey"]);
}

/// The clone follows what others pushed, too: new files, modes, files and folders that are gone, line endings as
/// git checks them out here. The index follows as well.
#[test]
fn files_follow_what_others_pushed_meanwhile() {
    let remote = remote(&[
        ("component.yaml", "name: shop\n"),
        ("config/common.yaml", "config: {a: 1}\n"),
        ("gone/below/x.txt", "x\n"),
        ("kept/y.txt", "y\n"),
        ("kept/z.txt", "z\n"),
    ]);
    for crlf in [false, true] {
        let project = clone(remote.path());
        let local = Repository::open(project.path("clone")).unwrap();
        local.config().unwrap().set_bool("core.autocrlf", crlf).unwrap();
        let bare = Repository::open(remote.path()).unwrap();
        let parent = bare.find_reference("refs/heads/main").unwrap().peel_to_commit().unwrap();
        let mut update = git2::build::TreeUpdateBuilder::new();
        if parent.tree().unwrap().get_path(Path::new("gone")).is_ok() {
            update.remove("gone/below/x.txt").remove("kept/z.txt");
        }
        let blob = |text: &str| bare.blob(text.as_bytes()).unwrap();
        update.upsert("new/folder/run.sh", blob(&format!("echo {crlf}\n")), git2::FileMode::BlobExecutable);
        update.upsert("kept/y.txt", blob(&format!("y {crlf}\n")), git2::FileMode::Blob);
        let tree = bare.find_tree(update.create_updated(&bare, &parent.tree().unwrap()).unwrap()).unwrap();
        let who = Signature::now("somebody", "somebody@example.com").unwrap();
        bare.commit(Some("refs/heads/main"), &who, &who, "meanwhile", &tree, &[&parent]).unwrap();

        let words = ["set", if crlf { "a=3" } else { "a=2" }, "--push"];
        let said = crate::project::Run(command(&project.path("clone"), &words).output().unwrap()).exits(0, &["pushed"]);
        assert!(!said.contains("left as they were"), "{said}");
        let end = if crlf { "\r\n" } else { "\n" };
        assert_eq!(project.read("clone/kept/y.txt"), format!("y {crlf}{end}"));
        assert_eq!(project.read("clone/new/folder/run.sh"), format!("echo {crlf}{end}"));
        assert!(!project.path("clone/gone").exists() && !project.path("clone/kept/z.txt").exists());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &str| project.path(path).metadata().unwrap().permissions().mode() & 0o111;
            assert!(mode("clone/new/folder/run.sh") != 0 && mode("clone/kept/y.txt") == 0);
        }
        assert!(local.statuses(None).unwrap().is_empty(), "the index has not followed");
        let tips = [&local, &bare].map(|side| side.find_reference("refs/heads/main").unwrap().target());
        assert_eq!(tips[0], tips[1]);
    }
}

/// As after a kill between the files and the branch: the files are as the remote has them, the branch is not.
#[test]
fn files_that_are_ahead_of_the_branch_are_no_changes_of_ones_own() {
    let remote = remote(&[("component.yaml", "name: shop\n"), ("config/common.yaml", "config: {a: 1}\n")]);
    let project = clone(remote.path());
    let kiln = |words: &[&str]| crate::project::Run(command(&project.path("clone"), words).output().unwrap());
    commit(&Repository::open(remote.path()).unwrap(), &[("config/common.yaml", "config: {a: 2}\n")], "meanwhile");
    project.write("clone/config/common.yaml", "config: {a: 2}\n");
    kiln(&["set", "a=3", "--push"]).exits(0, &["pushed"]);
    assert_eq!(project.read("clone/config/common.yaml"), "config: {a: 3}\n");
    assert!(Repository::open(project.path("clone")).unwrap().statuses(None).unwrap().is_empty());
    // A file that git does not know stands where a new one belongs.
    commit(&Repository::open(remote.path()).unwrap(), &[("new.txt", "theirs\n")], "more");
    project.write("clone/new.txt", "mine\n");
    kiln(&["set", "a=4", "--push"]).exits(0, &["left as they were", "in the way"]);
    assert_eq!(project.read("clone/new.txt"), "mine\n");
    assert_eq!(project.read("clone/config/common.yaml"), "config: {a: 3}\n");
    assert!(content(remote.path(), "config/common.yaml").contains("a: 4"));
}
