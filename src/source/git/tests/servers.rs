use std::fs;
use std::path::Path;
use std::process::Command;

use git2::Repository;

use super::*;
use crate::source::error::{NOT_FOUND, UNAUTHORIZED};
use crate::source::fixture::{self, Framing, GitDaemon, Say, Sshd, WebServer, http_backend, unauthorized};

/// A repository with three commits on `main`, of which the first is tagged.
struct Example {
    folder: TempDir,
    commits: [Oid; 3],
}

impl Example {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let (path, first) = fixture::repository(folder.path(), "r.git", &[("a", "1"), ("d/b", "b")]);
        let repository = Repository::open(path).unwrap();
        fixture::tag(&repository, "v1.0.0", first);
        let second = fixture::commit(&repository, "refs/heads/main", &[("a", "2")]);
        let third = fixture::commit(&repository, "refs/heads/main", &[("a", &"3".repeat(5000))]);
        Self { folder, commits: [first, second, third] }
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    fn repository(&self) -> Repository {
        Repository::open(self.root().join("r.git")).unwrap()
    }

    /// Everything that can be asked of it.
    fn check(&self, client: &Client, url: &str) {
        let [first, second, third] = self.commits;
        let found = |ask: &GitAsk| client.fetch(url, ask).unwrap_or_else(|error| panic!("{ask:?}: {error}"));
        let tip = found(&branch("main"));
        assert_eq!((tip.commit, tip.reference.as_deref()), (third, Some("refs/heads/main")));
        assert_eq!(client.text(&tip, "a"), "3".repeat(5000));
        assert_eq!(found(&version("^1.0")).commit, first);
        assert_eq!(found(&version(&second.to_string())).commit, second);
        assert_eq!(found(&version(&second.to_string()[..12])).commit, second);
        assert_eq!(found(&locked(second, "main")).commit, second);
        assert_eq!(found(&GitAsk { version: None, branch: None, locked: None, before: None }).commit, third);
        let error = client.fetch(url, &branch("mian")).unwrap_err();
        assert_eq!((error.code, error.help.as_deref()), (NOT_FOUND, Some("did you mean `main`?")));
        assert_eq!(client.left(), 0);
    }
}

#[test]
fn the_smart_protocol_however_answers_end() {
    if !fixture::git_serves() {
        return;
    }
    for framing in [Framing::Length, Framing::Close, Framing::Chunks, Framing::Gzip] {
        let example = Example::new();
        let root = example.root().to_owned();
        let server = WebServer::framed(framing, move |request| http_backend(&root, &[], request));
        example.check(&Client::new(), &format!("{}/r.git", server.url));
    }
}

#[test]
fn one_commit_is_fetched_without_the_others_where_the_server_goes_along() {
    if !fixture::git_serves() {
        return;
    }
    let example = Example::new();
    let [_, second, third] = example.commits;
    let root = example.root().to_owned();
    let any = "uploadpack.allowAnySHA1InWant=true";
    let server = WebServer::start(move |request| http_backend(&root, &[any], request));
    let (client, url) = (Client::new(), format!("{}/r.git", server.url));
    assert_eq!(client.fetch(&url, &branch("main")).unwrap().commit, third);
    assert_eq!(client.fetch(&url, &locked(second, "main")).unwrap().commit, second);
    let asked: Vec<u8> = server.heard().into_iter().flat_map(|request| request.body).collect();
    let asked = String::from_utf8_lossy(&asked).into_owned();
    assert!(asked.contains(&format!("want {second}")) && asked.matches("deepen 1").count() >= 2, "{asked}");
    let store = open_bare(&client.path()).unwrap();
    assert!(
        store.find_commit(second).is_ok() && store.find_commit(example.commits[0]).is_err(),
        "no history comes along"
    );
}

#[test]
fn servers_without_shallow_fetches_are_asked_for_more() {
    if !fixture::git_serves() {
        return;
    }
    let example = Example::new();
    let root = example.root().to_owned();
    // The server's list of what it can do loses a word; requests that use it are refused.
    let server = WebServer::start(move |request| {
        if request.body.windows(7).any(|window| window == b"deepen ") {
            return Say("500 Internal Server Error", Vec::new(), Vec::new());
        }
        let Say(status, headers, mut body) = http_backend(&root, &[], request);
        while let Some(at) = body.windows(9).position(|window| window == b" shallow ") {
            body[at..at + 9].copy_from_slice(b" sha__ow ");
        }
        Say(status, headers, body)
    });
    example.check(&Client::new(), &format!("{}/r.git", server.url));
}

#[test]
fn logins_are_asked_for_and_stay_with_the_repository() {
    if !fixture::git_serves() {
        return;
    }
    let example = Example::new();
    let root = example.root().to_owned();
    let server = WebServer::start(move |request| {
        if request.path.starts_with("/old.git/") {
            let moved = request.path.replacen("/old.git/", "/r.git/", 1);
            return Say("301 Moved", vec![format!("Location: {moved}")], Vec::new());
        }
        // `me:s3cret`
        match request.header("authorization") {
            Some("Basic bWU6czNjcmV0") => http_backend(&root, &[], request),
            _ => unauthorized(),
        }
    });
    let url = format!("{}/r.git", server.url);
    let error = Client::new().fetch(&url, &branch("main")).unwrap_err();
    assert_eq!(error.code, UNAUTHORIZED);
    let with = |variable: &str, value: &str| {
        let environment = Environment::of([("GIT_CONFIG_NOSYSTEM", "1"), (variable, value)]);
        Client { environment, ..Client::new() }
    };
    example.check(&with("KILN_TOKEN_R", &format!("{url} me:s3cret")), &url);
    let netrc = example.root().join("netrc");
    fs::write(&netrc, "machine 127.0.0.1 login me password s3cret").unwrap();
    let client = with("NETRC", netrc.to_str().unwrap());
    example.check(&client, &url);
    example.check(&client, &format!("{}/old.git", server.url));
    let wrong = with("KILN_TOKEN_R", &format!("{url} me:other"));
    let error = format!("{:?}", wrong.fetch(&url, &branch("main")).unwrap_err());
    assert!(error.contains("`KILN_TOKEN_R`") && !error.contains("other"), "{error}");
}

#[test]
fn plain_files_are_told_apart_from_no_repository_at_all() {
    let id = "0123456789abcdef0123456789abcdef01234567";
    let server = WebServer::start(move |_| {
        Say("200 OK", vec!["Content-Type: text/plain".to_owned()], format!("{id}\trefs/heads/main\n").into_bytes())
    });
    let error = Client::new().fetch(&format!("{}/r.git", server.url), &branch("main")).unwrap_err();
    assert!(error.message.contains("dumb protocol"), "{error}");
}

#[test]
fn the_daemon_of_git() {
    if !fixture::git_serves() {
        return;
    }
    let example = Example::new();
    let Some(daemon) = GitDaemon::start(example.root()) else { return };
    let url = format!("{}/r.git", daemon.url);
    let client = Client::new();
    example.check(&client, &url);

    // F14: the history is rewritten behind a lock.
    let [first, second, third] = example.commits;
    let repository = example.repository();
    repository.reference("refs/heads/main", first, true, "back").unwrap();
    repository.find_reference("refs/tags/v1.0.0").unwrap().delete().unwrap();
    let fourth = fixture::commit(&repository, "refs/heads/main", &[("a", "4")]);
    let held = client.fetch(&url, &locked(third, "main")).unwrap();
    assert_eq!(held.commit, third, "what the store has is not asked for again");
    forget(&repository, &[second, third]);
    let error = Client::new().fetch(&url, &locked(third, "main")).unwrap_err();
    assert!(error.message.contains("history was rewritten"), "{error}");
    assert!(error.message.contains(&third.to_string()) && error.message.contains(&fourth.to_string()), "{error}");
}

/// Removes commits that no ref leads to any more.
fn forget(repository: &Repository, commits: &[Oid]) {
    for commit in commits {
        let id = commit.to_string();
        fs::remove_file(repository.path().join("objects").join(&id[..2]).join(&id[2..])).unwrap();
    }
}

#[test]
fn ssh_to_a_real_server() {
    if !fixture::git_serves() {
        return;
    }
    let example = Example::new();
    let Some(sshd) = Sshd::start(example.root()) else { return };
    let path = std::env::var("PATH").unwrap();
    let variables = [("PATH", &*path), ("GIT_SSH_COMMAND", &*sshd.client)];
    let client = Client { environment: Environment::of(variables), ..Client::new() };
    let url = |folder: &Path| format!("ssh://{}@127.0.0.1:{}{}/r.git", sshd.user, sshd.port, folder.display());
    example.check(&client, &url(example.root()));
    let error = client.fetch(&url(&example.root().join("it's not there")), &branch("main")).unwrap_err();
    assert!(error.message.contains("ssh: "), "{error}");
    // A host whose key is not the known one.
    fs::write(example.root().join("known_hosts"), "").unwrap();
    let error = client.fetch(&url(example.root()), &branch("other")).unwrap_err();
    assert!(error.message.contains("Host key verification failed"), "{error}");
}

#[test]
fn replaced_objects_alternates_and_hooks_of_a_repository_mean_nothing() {
    let example = Example::new();
    let [first, _, third] = example.commits;
    let path = example.root().join("r.git");
    let repository = example.repository();
    repository.reference(&format!("refs/replace/{third}"), first, true, "x").unwrap();
    let canary = example.root().join("canary");
    for hook in ["post-checkout", "pre-auto-gc", "reference-transaction", "fsmonitor-watchman"] {
        let file = path.join("hooks").join(hook);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, format!("#!/bin/sh\ntouch {}\n", canary.display())).unwrap();
        let _ = Command::new("chmod").arg("+x").arg(&file).status();
    }
    let client = Client::new();
    let found = client.fetch(path.to_str().unwrap(), &branch("main")).unwrap();
    assert_eq!((found.commit, client.text(&found, "a")), (third, "3".repeat(5000)));
    assert!(!canary.exists());
}
