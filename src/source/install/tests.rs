mod at_once;
mod mirrors;

use std::fs;
use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;

use super::*;
use crate::diag::{Blame, Sink};
use crate::source::fixture::{self, Say, WebServer};
use crate::source::{Asker, Lock, Pin, Request, Rewrites, SourceSpec, Store, Trust};

pub(super) struct Project {
    pub(super) folder: TempDir,
    pub(super) options: FetchOptions,
}

impl Project {
    pub(super) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let mut options = FetchOptions::of_project(folder.path());
        options.allow_insecure = vec!["127.0.0.1".to_owned()];
        options.timeout = Duration::from_secs(20);
        Self { folder, options }
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn store(&self) -> Store {
        Store::of_project(self.path())
    }

    pub(super) fn run(
        &self,
        lock: Option<Lock>,
        pins: Pins<'_>,
        specs: &[SourceSpec],
    ) -> (Lock, Vec<Option<Pin>>, Sink) {
        let requests: Vec<Request> = specs
            .iter()
            .map(|spec| Request { spec: spec.clone(), asker: Asker::named("root.app", Trust::Project) })
            .collect();
        self.ask(lock, pins, &requests)
    }

    pub(super) fn ask(
        &self,
        lock: Option<Lock>,
        pins: Pins<'_>,
        requests: &[Request],
    ) -> (Lock, Vec<Option<Pin>>, Sink) {
        let fetcher = Fetcher::new(self.store(), self.options.clone());
        let mut sink = Sink::new();
        let mut install = Install::begin(&fetcher, lock, pins);
        let pins = install.ask(requests, &mut sink);
        (install.finish(), pins, sink)
    }

    /// Installs one source that must work.
    pub(super) fn install(&self, spec: &SourceSpec) -> (Lock, Pin) {
        let (lock, pins, sink) = self.run(None, Pins::Keep, std::slice::from_ref(spec));
        assert!(!sink.has_errors(), "{:?}", sink.diagnostics());
        (lock, pins.into_iter().next().unwrap().unwrap())
    }

    /// Installs one source that must fail; gives the message.
    pub(super) fn refusal(&self, spec: SourceSpec) -> (String, Blame) {
        let (lock, pins, sink) = self.run(None, Pins::Keep, &[spec]);
        assert_eq!(pins, [None]);
        assert!(lock.is_empty());
        let diagnostic = &sink.diagnostics()[0];
        (diagnostic.message.clone(), diagnostic.blame)
    }
}

fn git(url: impl AsRef<Path>, version: &str, branch: &str) -> SourceSpec {
    SourceSpec::git(url.as_ref().to_str().unwrap(), version, branch)
}

#[test]
fn a_local_repository_is_resolved_by_branch_tag_commit_and_default() {
    let project = Project::new();
    let (path, first) = fixture::repository(project.path(), "r.git", &[("a.txt", "1"), ("d/b.yaml", "b: 1\n")]);
    let repository = git2::Repository::open(&path).unwrap();
    fixture::tag(&repository, "v1", first);
    let second = fixture::commit(&repository, "refs/heads/main", &[("a.txt", "2")]);
    let resolved = |version: &str, branch: &str| project.install(&git(&path, version, branch)).1.resolved().to_owned();
    assert_eq!(resolved("", ""), second.to_string());
    assert_eq!(resolved("v1", ""), first.to_string());
    assert_eq!(resolved("v1", "main"), first.to_string(), "version wins over branch");
    assert_eq!(resolved("", "main"), second.to_string());
    assert_eq!(resolved("", "v1"), first.to_string(), "a tag works as branch");
    assert_eq!(resolved("origin/main", ""), second.to_string());
    assert_eq!(resolved(&first.to_string(), ""), first.to_string());
    assert_eq!(resolved(&first.to_string()[..10], ""), first.to_string());

    let (_, pin) = project.install(&git(&path, "v1", ""));
    let tree = project.store().open(&pin).unwrap();
    assert_eq!(&*tree.read("a.txt").unwrap(), b"1");
    assert_eq!(&*tree.subtree("d").unwrap().read("b.yaml").unwrap(), b"b: 1\n");

    let other = Project::new();
    let (_, pin) = other.install(&git(&path, "", ""));
    let folder = fs::read_dir(other.path().join(".kiln/store/git")).unwrap().next().unwrap().unwrap().path();
    let store = git2::Repository::open(folder).unwrap();
    let kept = store.find_commit(git2::Oid::from_str(pin.resolved()).unwrap()).unwrap();
    assert!(kept.parent(0).is_err(), "no history is kept");
}

#[test]
fn dot_git_may_lack_or_be_too_much_and_mirrors_are_reached_by_rewriting() {
    let mut project = Project::new();
    let (_, commit) = fixture::repository(project.path(), "m/org/r.git", &[("a", "1")]);
    fixture::repository(project.path(), "m/org/bare", &[("a", "1")]);
    let rule = format!("https://example.invalid/=file://{}/m/", project.path().display());
    project.options.rewrites = Rewrites::parse([&*rule]).unwrap();
    let (lock, pin) = project.install(&git("https://example.invalid/org/r", "", ""));
    assert_eq!(pin.resolved(), commit.to_string());
    let (spec, _) = lock.entries().next().unwrap();
    assert_eq!(spec.url(), "https://example.invalid/org/r", "the lock records what was asked");
    project.install(&git("https://example.invalid/org/bare.git", "", ""));
}

#[test]
fn pins_are_kept_until_renewed() {
    let project = Project::new();
    let (path, first) = fixture::repository(project.path(), "r.git", &[("a", "1")]);
    let spec = git(&path, "", "main");
    let (lock, _) = project.install(&spec);
    assert_eq!(lock.seed.len(), 32);
    let repository = git2::Repository::open(&path).unwrap();
    let second = fixture::commit(&repository, "refs/heads/main", &[("a", "2")]);

    let specs = std::slice::from_ref(&spec);
    let (kept, pins, _) = project.run(Some(lock.clone()), Pins::Keep, specs);
    assert_eq!(pins[0].as_ref().unwrap().resolved(), first.to_string());
    assert_eq!(kept, lock);

    let (renewed, pins, _) = project.run(Some(lock.clone()), Pins::Renew, specs);
    assert_eq!(pins[0].as_ref().unwrap().resolved(), second.to_string());
    assert_eq!((&renewed.seed, &renewed.created), (&lock.seed, &lock.created));

    let picks = |request: &Request| request.asker.address == "root.other";
    let (_, pins, _) = project.run(Some(lock.clone()), Pins::RenewSome(&picks), specs);
    assert_eq!(pins[0].as_ref().unwrap().resolved(), first.to_string());

    // What is no longer asked for is dropped.
    let (dropped, _, _) = project.run(Some(lock.clone()), Pins::Keep, &[]);
    assert!(dropped.is_empty());

    // A pinned commit is had again from a repository that moved on.
    fs::remove_dir_all(project.path().join(".kiln/store")).unwrap();
    let (_, pins, sink) = project.run(Some(lock), Pins::Locked, specs);
    assert!(!sink.has_errors(), "{:?}", sink.diagnostics());
    assert_eq!(pins[0].as_ref().unwrap().resolved(), first.to_string());
}

#[test]
fn locked_and_offline_refuse_what_is_new() {
    let mut project = Project::new();
    let (path, _) = fixture::repository(project.path(), "r.git", &[("a", "1")]);
    let spec = git(&path, "", "");
    let (_, pins, sink) = project.run(None, Pins::Locked, std::slice::from_ref(&spec));
    assert_eq!((pins, sink.diagnostics()[0].blame), (vec![None], Blame::Policy));

    let (lock, _) = project.install(&spec);
    project.options.offline = true;
    let (_, pins, _) = project.run(Some(lock.clone()), Pins::Keep, std::slice::from_ref(&spec));
    assert!(pins[0].is_some(), "what is in the store needs no network");
    fs::remove_dir_all(project.path().join(".kiln/store")).unwrap();
    let (_, pins, sink) = project.run(Some(lock), Pins::Keep, &[spec]);
    assert_eq!((pins, sink.diagnostics()[0].blame), (vec![None], Blame::World));
}

#[test]
fn a_damaged_store_is_told_when_reading_and_healed_when_installing() {
    let project = Project::new();
    let (path, _) = fixture::repository(project.path(), "r.git", &[("a.txt", &"text ".repeat(500))]);
    let spec = git(&path, "", "");
    let (lock, pin) = project.install(&spec);
    let store = fs::read_dir(project.path().join(".kiln/store/git")).unwrap().next().unwrap().unwrap().path();
    let pack = fs::read_dir(store.join("objects/pack"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|extension| extension == "pack"))
        .unwrap();
    let mut bytes = fs::read(&pack).unwrap();
    let length = bytes.len();
    for byte in &mut bytes[12..length - 20] {
        *byte ^= 0x55;
    }
    fs::remove_file(&pack).unwrap();
    fs::write(&pack, bytes).unwrap();
    let read = project.store().open(&pin).map(|tree| tree.read("a.txt").is_ok());
    assert!(!matches!(read, Ok(true)));

    let (_, pins, sink) = project.run(Some(lock), Pins::Locked, &[spec]);
    assert!(!sink.has_errors(), "{:?}", sink.diagnostics());
    assert_eq!(pins, [Some(pin.clone())]);
    assert_eq!(project.store().open(&pin).unwrap().read("a.txt").unwrap().len(), 2500);
}

#[test]
fn refs_that_do_not_exist_are_told_with_the_nearest_name() {
    let project = Project::new();
    let (path, _) = fixture::repository(project.path(), "r.git", &[("a", "1")]);
    assert!(project.refusal(git(&path, "mian", "")).0.contains("there is no commit, tag or branch `mian`"));
    assert!(project.refusal(git(&path, "HEAD~3:../../x", "")).0.contains("not a valid version"));
    assert!(project.refusal(git(&path, "", "a b")).0.contains("not a valid branch"));
    assert!(project.refusal(git(&path, "0123456789", "")).0.contains("there is no commit `0123456789`"));
    assert!(project.refusal(git(&path, &"0".repeat(40), "")).0.contains("not found"));
    let empty = project.path().join("empty.git");
    crate::source::git::create_bare(&empty).unwrap();
    assert!(project.refusal(git(&empty, "", "")).0.contains("is empty"));
    assert!(project.refusal(git(project.path().join("none"), "", "")).0.contains("no git repository"));
}

#[test]
fn links_stay_inside_and_submodules_are_told() {
    let project = Project::new();
    let files = [
        ("a.yaml", "a: 1"),
        ("@in", "d/../a.yaml"),
        ("d/x", "x"),
        ("@dir", "d"),
        ("@out", "../../../etc/passwd"),
        ("@abs", "/etc/passwd"),
        ("@loop", "loop"),
        ("%sub", &"1".repeat(40)),
        ("l.yaml", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"),
    ];
    let (path, _) = fixture::repository(project.path(), "r.git", &files);
    let (_, pins, sink) = project.run(None, Pins::Keep, &[git(&path, "", "")]);
    let told: Vec<&str> = sink.diagnostics().iter().map(|diagnostic| &*diagnostic.message).collect();
    assert!(told[0].contains("submodules") && told[0].contains("`sub`"), "{told:?}");
    assert!(told[1].contains("LFS") && told[1].contains("`l.yaml`"), "{told:?}");
    let tree = project.store().open(pins[0].as_ref().unwrap()).unwrap();
    assert_eq!(&*tree.read("in").unwrap(), b"a: 1");
    assert_eq!(&*tree.read("dir/x").unwrap(), b"x");
    assert!(tree.is_dir("sub") && tree.list("sub").unwrap().is_empty());
    for name in ["out", "abs"] {
        assert!(tree.read(name).unwrap_err().to_string().contains("leads outside of"), "{name}");
    }
    assert!(tree.read("loop").unwrap_err().to_string().contains("too many levels"));
    assert!(tree.read("l.yaml").unwrap_err().to_string().contains("LFS"));
}

#[test]
fn git_over_http_is_shallow_and_carries_the_token_to_its_host_only() {
    if !fixture::git_serves() {
        return;
    }
    let mut project = Project::new();
    let (path, first) = fixture::repository(project.path(), "r.git", &[("a", "1")]);
    let repository = git2::Repository::open(&path).unwrap();
    fixture::tag(&repository, "v1", first);
    let second = fixture::commit(&repository, "refs/heads/main", &[("a", "2")]);
    let third = fixture::commit(&repository, "refs/heads/main", &[("a", "3")]);
    let root = project.path().to_owned();
    let server = WebServer::start(move |request| match request.header("authorization") {
        Some(_) => fixture::smart_answer(&root, request),
        None => Say("401 Unauthorized", vec!["WWW-Authenticate: Basic realm=\"x\"".to_owned()], Vec::new()),
    });
    let url = format!("{}/r.git", server.url);
    let (message, blame) = project.refusal(SourceSpec::git(&url, "", ""));
    assert!(message.contains("401") && blame == Blame::World, "{message}");

    project.options.access.add(&*url, "KILN_TEST_UNSET_VARIABLE");
    let (message, _) = project.refusal(SourceSpec::git(&url, "", ""));
    assert!(message.contains("KILN_TEST_UNSET_VARIABLE"), "{message}");

    // Any variable that is surely set serves as a token.
    project.options.access = crate::source::Access::default();
    project.options.access.add(&*url, "CARGO_MANIFEST_DIR");
    let specs = [
        SourceSpec::git(&url, "", ""),
        SourceSpec::git(&url, "v1", ""),
        SourceSpec::git(&url, &second.to_string(), ""),
        SourceSpec::git(&url, &second.to_string()[..12], ""),
    ];
    let (lock, pins, sink) = project.run(None, Pins::Keep, &specs);
    assert!(!sink.has_errors(), "{:?}", sink.diagnostics());
    let commits: Vec<String> = pins.iter().map(|pin| pin.as_ref().unwrap().resolved().to_owned()).collect();
    assert_eq!(commits, [third, first, second, second].map(|commit| commit.to_string()));
    let tree = project.store().open(pins[2].as_ref().unwrap()).unwrap();
    assert_eq!(&*tree.read("a").unwrap(), b"2");

    use base64::Engine;
    let secret = env!("CARGO_MANIFEST_DIR");
    let expected = format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{secret}:")));
    let last = server.heard().pop().unwrap();
    assert_eq!(last.header("authorization"), Some(&*expected));
    assert!(!last.path.contains(secret) && !lock.text().unwrap().contains(secret));
}

#[test]
fn git_over_its_own_protocol() {
    if !fixture::git_serves() {
        return;
    }
    let project = Project::new();
    let (path, first) = fixture::repository(project.path(), "r.git", &[("a", "1")]);
    let second = fixture::commit(&git2::Repository::open(&path).unwrap(), "refs/heads/main", &[("a", "2")]);
    let url = format!("{}/r.git", fixture::git_daemon(project.path().to_owned()));
    let specs = [SourceSpec::git(&url, "", ""), SourceSpec::git(&url, &first.to_string(), "")];
    let (_, pins, sink) = project.run(None, Pins::Keep, &specs);
    assert!(!sink.has_errors(), "{:?}", sink.diagnostics());
    assert_eq!(pins[0].as_ref().unwrap().resolved(), second.to_string());
    assert_eq!(pins[1].as_ref().unwrap().resolved(), first.to_string());
}

#[test]
fn servers_that_misbehave_are_told_apart() {
    let project = Project::new();
    let server = WebServer::start(|request| match request.path.split('?').next().unwrap() {
        "/html/info/refs" => Say("200 OK", vec!["Content-Type: text/html".to_owned()], b"<html>".to_vec()),
        "/away/info/refs" => Say("302 Found", vec!["Location: http://127.0.0.2:1/stolen".to_owned()], Vec::new()),
        "/file/info/refs" => Say("302 Found", vec!["Location: file:///etc/passwd".to_owned()], Vec::new()),
        "/round/info/refs" => Say("302 Found", vec!["Location: /round/info/refs".to_owned()], Vec::new()),
        "/err/info/refs" => Say(
            "200 OK",
            vec!["Content-Type: application/x-git-upload-pack-advertisement".to_owned()],
            b"001e# service=git-upload-pack\n0000001fERR \x1b[2Jowned access denied".to_vec(),
        ),
        _ => Say::not_found(),
    });
    for (path, word) in [
        ("html", "no git repository"),
        ("away", "redirect to another host"),
        ("file", "protocol is not allowed"),
        ("round", "redirects more than"),
        ("nothing", "404"),
        ("err", "remote"),
    ] {
        let (message, _) = project.refusal(SourceSpec::git(format!("{}/{path}", server.url), "", ""));
        assert!(message.contains(word), "{path}: {message}");
        assert!(!message.contains('\u{1b}'), "{message}");
    }
    let (message, _) = project.refusal(SourceSpec::git("git://127.0.0.1:1/x", "", ""));
    assert!(message.contains("cannot connect"), "{message}");
    let (message, _) = project.refusal(SourceSpec::git("https://no-such-host.invalid/x", "", ""));
    assert!(message.contains("resolve"), "{message}");
}

#[test]
fn charts_are_chosen_fetched_and_pinned_by_digest() {
    let project = Project::new();
    let archives = ["1.0.0", "1.2.0", "2.0.0-rc.1"].map(|version| (version, fixture::chart("web", version)));
    let mut index = "apiVersion: v1\nentries:\n  web:\n".to_owned();
    for (version, bytes) in &archives {
        let digest = crate::source::digest::sha256_hex(bytes);
        index.push_str(&format!("  - {{version: {version}, urls: [charts/web-{version}.tgz], digest: {digest}}}\n"));
    }
    index.push_str(
        "  bad:\n  - {version: 1.0.0, urls: [charts/web-1.0.0.tgz], digest: '00'}\n  none:\n  - {version: 1.0.0}\n",
    );
    let server = WebServer::start(move |request| match &*request.path {
        "/repo/index.yaml" => Say::ok(index.clone()),
        path => match archives.iter().find(|(version, _)| path == format!("/repo/charts/web-{version}.tgz")) {
            Some((_, bytes)) => Say::ok(bytes.clone()),
            None => Say::not_found(),
        },
    });
    let url = format!("{}/repo", server.url);
    let (_, _, sink) = project.run(None, Pins::Keep, &[SourceSpec::git(&*url, "", "")]);
    assert!(sink.diagnostics()[0].help.as_ref().unwrap().contains("method: helm"), "taken for git, it is recognised");
    let before = server.count("/repo/index.yaml");
    let specs = ["", "^1.0.0", "1.0.0", ">=1.0.0-0"].map(|version| SourceSpec::chart(&*url, "web", version));
    let (lock, pins, sink) = project.run(None, Pins::Keep, &specs);
    assert!(!sink.has_errors(), "{:?}", sink.diagnostics());
    let versions: Vec<&str> = pins.iter().map(|pin| pin.as_ref().unwrap().resolved()).collect();
    assert_eq!(versions, ["1.2.0", "1.2.0", "1.0.0", "2.0.0-rc.1"]);
    assert_eq!(server.count("/repo/index.yaml"), before + 1, "the index is fetched once");
    let tree = project.store().open(pins[0].as_ref().unwrap()).unwrap();
    assert!(tree.is_file("Chart.yaml"));
    assert_eq!(tree.display("Chart.yaml"), "web-1.2.0.tgz/Chart.yaml");

    // Another constraint that the pin satisfies too keeps the pin, without asking.
    let (_, pins, _) = project.run(Some(lock), Pins::Keep, &[SourceSpec::chart(&*url, "web", "~1.0.0")]);
    assert_eq!(pins[0].as_ref().unwrap().resolved(), "1.0.0");
    assert_eq!(server.count("/repo/index.yaml"), before + 1);

    let refusal = |chart: &str, version: &str| project.refusal(SourceSpec::chart(&*url, chart, version)).0;
    assert!(refusal("wbe", "").contains("chart `wbe` not found"));
    assert!(refusal("web", "9.9.9").contains("`9.9.9`"));
    assert!(refusal("web", "nonsense!").contains("no version or constraint"));
    assert!(refusal("bad", "").contains("differs from its digest in the index"));
    assert!(refusal("none", "").contains("has no URL"));
    assert!(refusal("../web", "").contains("not the name of a chart"));
}

#[test]
fn a_damaged_archive_is_fetched_again() {
    let project = Project::new();
    let server = WebServer::start(|request| match &*request.path {
        "/index.yaml" => Say::ok("apiVersion: v1\nentries: {web: [{version: 1.0.0, urls: [web.tgz]}]}"),
        "/web.tgz" => Say::ok(fixture::chart("web", "1.0.0")),
        _ => Say::not_found(),
    });
    let spec = SourceSpec::chart(&*server.url, "web", "");
    let (lock, pin) = project.install(&spec);
    let file = project.path().join(format!(".kiln/store/charts/{}.tgz", pin.sha256()));
    fs::write(&file, b"xx").unwrap();
    let error = project.store().open(&pin).unwrap_err();
    assert!(error.message.contains("differs from its digest") && error.blame == Blame::Policy);
    let (_, pins, sink) = project.run(Some(lock), Pins::Locked, &[spec]);
    assert!(!sink.has_errors(), "{:?}", sink.diagnostics());
    assert_eq!(pins, [Some(pin.clone())]);
    assert_eq!(server.count("/index.yaml"), 1, "a pinned archive needs no index");
    project.store().open(&pin).unwrap();
    fs::remove_file(&file).unwrap();
    let error = project.store().open(&pin).unwrap_err();
    assert_eq!((error.code.0, error.blame), ("source.missing", Blame::World));
}

#[test]
fn an_archive_that_changed_behind_its_url_is_refused() {
    let project = Project::new();
    let (path, folder) = (project.path().join("m.yaml"), project.path().to_owned());
    fs::write(&path, "a: 1\n").unwrap();
    let server = WebServer::start(move |_| Say::ok(fs::read(folder.join("m.yaml")).unwrap()));
    let spec = SourceSpec::http(format!("{}/m.yaml", server.url));
    let (lock, pin) = project.install(&spec);
    assert_eq!(&*project.store().open(&pin).unwrap().read("m.yaml").unwrap(), b"a: 1\n");
    fs::write(&path, "a: 2\n").unwrap();
    fs::remove_dir_all(project.path().join(".kiln/store")).unwrap();
    let (_, _, sink) = project.run(Some(lock), Pins::Keep, &[spec]);
    let diagnostic = &sink.diagnostics()[0];
    assert!(diagnostic.message.contains("no longer what the lock says"), "{}", diagnostic.message);
    assert_eq!(diagnostic.blame, Blame::Policy);
}

#[test]
fn bad_indexes_and_error_pages_are_refused() {
    let project = Project::new();
    let bomb = format!(
        "apiVersion: v1\na: &a [x,x,x,x,x,x,x,x,x,x]\n{}entries: {{}}\n",
        ('b'..='k')
            .map(|at| {
                let before = (at as u8 - 1) as char;
                format!("{at}: &{at} [{}]\n", vec![format!("*{before}"); 10].join(","))
            })
            .collect::<String>()
    );
    let server = WebServer::start(move |request| match &*request.path {
        "/empty/index.yaml" => Say::ok(""),
        "/html/index.yaml" => Say::ok("<html>Sign in</html>"),
        "/noversion/index.yaml" => Say::ok("entries: {}"),
        "/bomb/index.yaml" => Say::ok(bomb.clone()),
        "/short/index.yaml" => Say("200 OK", vec!["Content-Length: 100000".to_owned()], b"apiVersion: v1".to_vec()),
        _ => Say::not_found(),
    });
    for (path, word) in
        [("empty", "is empty"), ("html", "HTML"), ("noversion", "apiVersion"), ("bomb", "index"), ("nothing", "404")]
    {
        let (message, _) = project.refusal(SourceSpec::chart(format!("{}/{path}", server.url), "web", ""));
        assert!(message.contains(word) && message.contains("/index.yaml"), "{path}: {message}");
    }
    let (message, _) = project.refusal(SourceSpec::http(format!("{}/page.yaml", server.url)));
    assert!(message.contains("404"), "{message}");
}

#[test]
fn charts_come_from_registries_with_tokens_of_their_own() {
    let project = Project::new();
    let archive = fixture::chart("web", "1.2.0+b1");
    let digest = crate::source::digest::sha256_hex(&archive);
    let manifest = format!(
        r#"{{"layers": [{{"mediaType": "application/vnd.cncf.helm.chart.content.v1.tar+gzip", "digest": "sha256:{digest}"}}]}}"#
    );
    let blob = format!("/v2/org/web/blobs/sha256:{digest}");
    let server = WebServer::start(move |request| {
        let path = request.path.split('?').next().unwrap();
        if path == "/token" {
            return Say::ok(r#"{"token": "granted"}"#);
        }
        if request.header("authorization") != Some("Bearer granted") {
            let host = request.header("host").unwrap();
            let challenge = format!("WWW-Authenticate: Bearer realm=\"http://{host}/token\",service=\"r\",scope=\"s\"");
            return Say("401 Unauthorized", vec![challenge], Vec::new());
        }
        match path {
            "/v2/org/web/tags/list" => Say::ok(r#"{"tags": ["1.0.0", "1.2.0_b1", "2.0.0-rc.1", "latest"]}"#),
            "/v2/org/web/manifests/1.2.0_b1" => Say::ok(manifest.clone()),
            path if path == blob => Say::ok(archive.clone()),
            _ => Say::not_found(),
        }
    });
    let url = format!("{}/org", server.url.replace("http://", "oci://"));
    let (lock, pin) = project.install(&SourceSpec::chart(&*url, "web", "^1"));
    assert_eq!((pin.resolved(), pin.sha256()), ("1.2.0+b1", &*digest));
    assert_eq!(server.count("/token?service=r&scope=s"), 1);
    assert!(!lock.text().unwrap().contains("granted"));

    // The pin alone finds the blob again.
    fs::remove_dir_all(project.path().join(".kiln/store")).unwrap();
    let (_, pins, sink) = project.run(Some(lock), Pins::Locked, &[SourceSpec::chart(&*url, "web", "^1")]);
    assert!(!sink.has_errors(), "{:?}", sink.diagnostics());
    assert_eq!(pins, [Some(pin)]);
    assert_eq!(server.heard().iter().filter(|request| request.path.contains("/tags/")).count(), 2);
    assert!(project.refusal(SourceSpec::chart(&*url, "other", "1.0.0")).0.contains("404"));
}

#[test]
fn who_asks_decides_what_may_be_reached() {
    let project = Project::new();
    let (path, _) = fixture::repository(project.path(), "r.git", &[("a", "1")]);
    let request = |trust| Request { spec: git(&path, "", ""), asker: Asker::named("root.dep", trust) };
    let (lock, pins, sink) = project.ask(None, Pins::Keep, &[request(Trust::Project), request(Trust::Fetched)]);
    assert!(pins[0].is_some() && pins[1].is_none());
    assert_eq!(sink.diagnostics()[0].blame, Blame::Policy);
    let (_, entry) = lock.entries().next().unwrap();
    assert_eq!(entry.asked_by.len(), 1);
}
