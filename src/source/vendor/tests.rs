use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::*;
use crate::diag::{Blame, Sink};
use crate::source::{
    Asker, FetchOptions, Fetcher, Install, Lock, Pin, Pins, Request, Rewrites, SourceError, SourceSpec, Store, Trust,
    fixture,
};

const TWINS: [(&str, &str); 8] = [
    (".gitignore", "*.tgz\n"),
    ("@inside", "web/values.yaml"),
    ("@outside", "../../../etc/passwd"),
    ("%module", "1234567890123456789012345678901234567890"),
    ("README", "one"),
    ("readme", "two"),
    ("web/values.yaml", "a: 1\r\n"),
    ("web/wide\u{e4}.txt", "x"),
];

/// A project whose lock pins a commit, two charts of the same name, and a file.
struct Site {
    top: TempDir,
    lock: Lock,
}

impl Site {
    fn new() -> Self {
        let top = TempDir::new().unwrap();
        let mut site = Self { top, lock: Lock::default() };
        fixture::repository(site.path(), "remote/platform.git", &TWINS);
        for repository in ["remote/a", "remote/b"] {
            fs::create_dir_all(site.path().join(repository)).unwrap();
            let archive = fixture::chart("web", if repository.ends_with('a') { "1.0.0" } else { "1.0.0+b" });
            fs::write(site.path().join(repository).join("web.tgz"), archive).unwrap();
            let index = "apiVersion: v1\nentries:\n  web:\n  - {name: web, version: 1.0.0, urls: [web.tgz]}\n";
            fs::write(site.path().join(repository).join("index.yaml"), index).unwrap();
        }
        fs::write(site.path().join("remote/ns.yaml"), "kind: Namespace\n").unwrap();
        let specs = [
            SourceSpec::git("https://git.invalid/platform.git", "", ""),
            SourceSpec::chart("https://git.invalid/a", "web", ""),
            SourceSpec::chart("https://git.invalid/b", "web", ""),
            SourceSpec::http("https://git.invalid/ns.yaml"),
        ];
        site.lock = site.install(&specs);
        site
    }

    fn install(&self, specs: &[SourceSpec]) -> Lock {
        let mut options = FetchOptions::of_project(self.project());
        let rule = format!("https://git.invalid/=file://{}/remote/", self.path().display());
        options.rewrites = Rewrites::parse([&*rule]).unwrap();
        let fetcher = Fetcher::new(self.store(), options);
        let mut install = Install::begin(&fetcher, None, Pins::Keep);
        let asker = Asker::named("root.app", Trust::Project);
        let requests: Vec<Request> =
            specs.iter().map(|spec| Request { spec: spec.clone(), asker: asker.clone() }).collect();
        let mut sink = Sink::new();
        install.ask(&requests, &mut sink);
        assert!(!sink.has_errors(), "{:?}", sink.diagnostics());
        install.finish()
    }

    fn path(&self) -> &Path {
        self.top.path()
    }

    fn project(&self) -> PathBuf {
        self.path().join("project")
    }

    fn store(&self) -> Store {
        Store::at(self.path().join("store"))
    }

    fn vendor(&self) -> Result<Vendored, SourceError> {
        fs::create_dir_all(self.project()).unwrap();
        let vendor = Vendor::open(&self.project(), "")?;
        write_vendor(&self.project(), "", &self.lock, &self.store().with_vendor(vendor))
    }

    /// A store that has nothing of its own.
    fn vendored(&self) -> Store {
        let vendor = Vendor::open(&self.project(), "").unwrap().unwrap();
        Store::at(self.path().join("nothing")).with_vendor(Some(vendor))
    }

    fn differences(&self) -> Vec<String> {
        let found = compare_vendor(&self.project(), "", &self.lock).unwrap();
        found.iter().map(ToString::to_string).collect()
    }

    fn pin(&self, of: impl Fn(&Pin) -> bool) -> Pin {
        self.lock.entries().map(|(_, entry)| &entry.pin).find(|pin| of(pin)).unwrap().clone()
    }

    fn git(&self) -> Pin {
        self.pin(|pin| matches!(pin, Pin::Git { .. }))
    }

    /// The folder of the commit.
    fn commit(&self) -> PathBuf {
        let mut found = fs::read_dir(self.project().join("vendor/git")).unwrap().flatten();
        found.find(|entry| entry.path().extension().is_none()).unwrap().path()
    }
}

#[test]
fn everything_pinned_is_read_from_the_folder_as_from_the_store() {
    let site = Site::new();
    let done = site.vendor().unwrap();
    assert_eq!((done.sources, done.folder.as_str()), (4, "vendor"));
    assert!(site.differences().is_empty(), "{:?}", site.differences());
    assert_eq!(site.vendor().unwrap().changes, []);

    let (stored, vendored) = (site.store(), site.vendored());
    for (_, entry) in site.lock.entries() {
        vendored.check(&entry.pin).unwrap().unwrap();
        let (one, other) = (stored.open(&entry.pin).unwrap(), vendored.open(&entry.pin).unwrap());
        same(&one, &other, "");
    }
    let git = vendored.open(&site.git()).unwrap();
    assert_eq!(&*git.read("inside").unwrap(), b"a: 1\r\n");
    assert!(git.read("outside").unwrap_err().to_string().contains("leads outside of"));
    assert_eq!((&*git.read("README").unwrap(), &*git.read("readme").unwrap()), (&b"one"[..], &b"two"[..]));

    let commit = site.commit();
    assert!(fs::symlink_metadata(commit.join("inside")).unwrap().is_symlink());
    assert!(fs::symlink_metadata(commit.join("outside")).unwrap().is_file(), "links that lead out are no links");
    assert!(!commit.join(".gitignore").exists() && !commit.join("readme").exists());
    let charts: Vec<String> = names(&site.project().join("vendor/charts"));
    assert_eq!(charts.len(), 2);
    assert!(charts.contains(&"web-1.0.0.tgz".to_owned()), "{charts:?}");
    assert_eq!(names(&site.project().join("vendor/files")), ["ns.yaml"]);
    assert!(names(&site.project().join(".kiln")).iter().all(|name| !name.starts_with("vendor.n")));
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn same(one: &crate::source::Tree, other: &crate::source::Tree, path: &str) {
    let listed = |tree: &crate::source::Tree| match tree.list(path) {
        Ok(entries) => entries,
        // A link that leads out makes a folder unreadable as a whole, in both.
        Err(error) => {
            assert!(matches!(error, crate::source::TreeError::Escapes { .. }), "{error}");
            Vec::new()
        }
    };
    let entries = listed(one);
    assert_eq!(entries, listed(other));
    for entry in entries {
        let below = if path.is_empty() { entry.name } else { format!("{path}/{}", entry.name) };
        match entry.kind {
            crate::source::EntryKind::Dir => same(one, other, &below),
            crate::source::EntryKind::File => assert_eq!(one.read(&below).unwrap(), other.read(&below).unwrap()),
        }
    }
}

#[test]
fn an_edited_file_is_refused_with_its_name_and_both_digests() {
    let site = Site::new();
    site.vendor().unwrap();
    let file = site.commit().join("web/values.yaml");
    fs::write(&file, "a: 2\n").unwrap();
    let git = site.git();
    let error = site.vendored().open(&git).unwrap().read("web/values.yaml").unwrap_err();
    let digests = [b"a: 1\r\n", &b"a: 2\n"[..]].map(crate::source::sha256_hex);
    let text = error.to_string();
    assert!(
        text.contains("/web/values.yaml` was modified: expected sha256:")
            && text.contains(" of https://git.invalid/platform.git@"),
        "{text}"
    );
    assert!(digests.iter().all(|digest| text.contains(digest)), "{text}");
    let refused = site.vendored().check(&git).unwrap().unwrap_err();
    assert_eq!((refused.blame, refused.code.0), (Blame::Policy, "source.modified"));
    assert_eq!(site.differences().len(), 1);
    assert!(site.differences()[0].starts_with("~ vendor/git/platform-"));

    // A link in its place proves nothing either, and what kiln restores is what the lock pins.
    fs::remove_file(&file).unwrap();
    symlink("/etc/hostname", &file).unwrap();
    assert!(site.vendored().open(&git).unwrap().read("web/values.yaml").is_err());
    assert_eq!(site.vendor().unwrap().changes.len(), 1);
    assert_eq!(fs::read(&file).unwrap(), b"a: 1\r\n");

    fs::remove_file(&file).unwrap();
    let gone = site.vendored().open(&git).unwrap().read("web/values.yaml").unwrap_err().to_string();
    assert!(gone.ends_with("found no file"), "{gone}");
}

#[test]
fn edited_lists_archives_and_files_are_refused() {
    let site = Site::new();
    site.vendor().unwrap();
    let mut list = site.commit().into_os_string();
    list.push(".files");
    let text = fs::read_to_string(&list).unwrap();
    fs::write(&list, text.replacen("100644", "100755", 1)).unwrap();
    let error = site.vendored().open(&site.git()).unwrap_err();
    assert!(error.message.contains(".files` was modified"), "{error}");
    fs::write(&list, "nonsense").unwrap();
    assert!(site.vendored().open(&site.git()).unwrap_err().message.contains("line 1 makes no sense"));

    let chart = site.project().join("vendor/charts/web-1.0.0.tgz");
    fs::write(&chart, fixture::chart("web", "6.6.6")).unwrap();
    fs::write(site.project().join("vendor/files/ns.yaml"), "kind: Pod\n").unwrap();
    let refused = |of: fn(&Pin) -> bool| {
        let pins = site.lock.entries().map(|(_, entry)| &entry.pin).filter(|pin| of(pin));
        pins.filter_map(|pin| site.vendored().open(pin).err()).map(|error| error.message).collect::<Vec<_>>()
    };
    assert_eq!(refused(|pin| matches!(pin, Pin::Chart { .. })).len(), 1);
    assert!(
        refused(|pin| matches!(pin, Pin::Http { .. }))[0]
            .starts_with("`vendor/files/ns.yaml` was modified: expected sha256:")
    );
}

#[test]
fn other_peoples_files_are_told_and_stay() {
    let site = Site::new();
    fs::create_dir_all(site.project().join("vendor")).unwrap();
    fs::write(site.project().join("vendor/mine.txt"), "mine").unwrap();
    let error = site.vendor().unwrap_err();
    assert!(error.message.contains("`mine.txt`"), "{error}");
    assert_eq!(names(&site.project().join("vendor")), ["mine.txt"]);

    fs::remove_file(site.project().join("vendor/mine.txt")).unwrap();
    site.vendor().unwrap();
    fs::write(site.commit().join("web/notes.orig"), "mine").unwrap();
    assert!(site.vendor().unwrap_err().message.contains("web/notes.orig`"));
    assert_eq!(site.differences().len(), 1);
    assert!(site.differences()[0].starts_with("- vendor/git/platform-"));
    assert!(site.commit().join("web/notes.orig").is_file());
}

#[test]
fn what_is_no_longer_pinned_goes_and_a_moved_pin_keeps_its_place() {
    let mut site = Site::new();
    site.vendor().unwrap();
    let before = site.commit();
    let repository = git2::Repository::open(site.path().join("remote/platform.git")).unwrap();
    fixture::commit(&repository, "refs/heads/main", &[("web/values.yaml", "a: 2\n")]);
    site.lock = site.install(&[SourceSpec::git("https://git.invalid/platform.git", "", "")]);
    assert!(!site.differences().is_empty());
    assert_eq!(Vendor::open(&site.project(), "").unwrap().unwrap().missing(&site.lock).len(), 1);
    site.vendor().unwrap();
    assert_eq!(names(&before), ["web"]);
    assert_eq!(names(&site.project().join("vendor")), [".gitattributes", ".gitignore", "git", "kiln-vendor.yaml"]);

    // Two commits of one repository lie side by side.
    let first = repository.find_reference("refs/heads/main").unwrap().peel_to_commit().unwrap().parent_id(0).unwrap();
    site.lock = site.install(&[
        SourceSpec::git("https://git.invalid/platform.git", "", ""),
        SourceSpec::git("https://git.invalid/platform.git", &first.to_string(), ""),
    ]);
    site.vendor().unwrap();
    assert_eq!(names(&site.project().join("vendor/git")).iter().filter(|name| !name.contains('.')).count(), 2);
}

#[test]
fn a_failure_leaves_the_old_folder() {
    let mut site = Site::new();
    site.vendor().unwrap();
    let before = site.lock.clone();
    site.lock.insert(
        &SourceSpec::http("https://git.invalid/gone.yaml"),
        Pin::Http { url: "https://git.invalid/gone.yaml".to_owned(), sha256: "a".repeat(64) },
        "root.x",
    );
    let error = site.vendor().unwrap_err();
    assert_eq!(error.blame, Blame::World);
    assert!(error.message.contains("has https://git.invalid/gone.yaml"), "{error}");
    site.lock = before;
    assert!(site.differences().is_empty(), "{:?}", site.differences());
    assert_eq!(site.vendor().unwrap().changes, []);

    // A killed run may leave the folder set aside where folders cannot be exchanged.
    let state = site.project().join(".kiln");
    fs::rename(site.project().join("vendor"), state.join("vendor.old")).unwrap();
    fs::create_dir(state.join("vendor.new")).unwrap();
    assert_eq!(site.vendor().unwrap().changes, []);
    assert!(!state.join("vendor.new").exists());
}

#[test]
fn manifests_that_lead_elsewhere_are_refused() {
    let site = Site::new();
    site.vendor().unwrap();
    let path = site.project().join("vendor/kiln-vendor.yaml");
    let good = fs::read_to_string(&path).unwrap();
    let refused = |from: &str, to: &str| {
        assert!(good.contains(from), "{good}");
        fs::write(&path, good.replacen(from, to, 1)).unwrap();
        Vendor::open(&site.project(), "").unwrap_err().message
    };
    for (from, to, words) in [
        ("place: files/", "place: files/../../", "is no place"),
        ("place: files/ns.yaml", "place: /etc/passwd", "is no place"),
        ("version: 1", "version: 2", "has version 2"),
        ("sha256:", "sha256:x", "is no digest"),
        ("sha256:", "md5:", "is no digest"),
        ("place:", "plaice:", "unknown field"),
    ] {
        let message = refused(from, to);
        assert!(message.starts_with("`vendor/kiln-vendor.yaml`: ") && message.contains(words), "{message}");
    }
}

#[test]
fn executable_files_stay_executable() {
    let site = Site::new();
    let path = site.path().join("remote/tools.git");
    let repository = crate::source::git::create_bare(&path).unwrap();
    let blob = repository.blob(b"#!/bin/sh\n").unwrap();
    let mut builder = repository.treebuilder(None).unwrap();
    builder.insert("run", blob, 0o100_755).unwrap();
    let tree = repository.find_tree(builder.write().unwrap()).unwrap();
    let who = git2::Signature::new("t", "t@example.invalid", &git2::Time::new(0, 0)).unwrap();
    repository.set_head("refs/heads/main").unwrap();
    repository.commit(Some("refs/heads/main"), &who, &who, "x", &tree, &[]).unwrap();
    let mut site = site;
    site.lock = site.install(&[SourceSpec::git("https://git.invalid/tools.git", "", "")]);
    site.vendor().unwrap();
    let mode = fs::metadata(site.commit().join("run")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o755);
}
