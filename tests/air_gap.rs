//! Carrying what a lock pins: `kiln vendor`, `kiln bundle`, mirrors and `kiln cache`, as processes, with
//! the first store and the repositories gone.

#[path = "harness/settings.rs"]
mod settings;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use settings::without_settings;

const CHART: &str = "apiVersion: v2\nname: db\nversion: 1.2.0\n";
const COMPONENTS: &str = "name: shop
subcomponents:
- {name: platform, method: git, source: 'https://git.example.com/platform.git', version: v1.0.0}
- {name: db, type: helm, method: helm, source: 'https://charts.example.com', path: db, version: ^1.0.0}
- {name: namespaces, type: static, method: http, source: 'https://files.example.com/namespaces.yaml'}
";

/// A project, a store, and what its sources are.
struct Site {
    top: TempDir,
}

impl Site {
    /// `strict` tells whether there is a `kiln.yaml`.
    fn new(strict: bool) -> Self {
        let site = Self { top: TempDir::new().unwrap() };
        let write = |path: &str, text: &str| {
            let path = site.path(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write(
            "remote/platform/component.yaml",
            "name: platform\nsubcomponents:\n- {name: web, type: helm, path: web}\n",
        );
        write("remote/platform/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n");
        write("remote/platform/web/templates/web.yaml", "kind: ConfigMap\nmetadata: {name: web}\n");
        write("remote/platform/web/.helmignore", "*.orig\n");
        commit(&site.path("remote/platform"));
        write("db/Chart.yaml", CHART);
        write("db/templates/db.yaml", "kind: ConfigMap\nmetadata: {name: db}\n");
        fs::create_dir_all(site.path("remote/charts")).unwrap();
        let packed =
            Command::new("tar").current_dir(site.top.path()).args(["czf", "remote/charts/db.tgz", "db"]).status();
        assert!(packed.unwrap().success());
        write(
            "remote/charts/index.yaml",
            "apiVersion: v1\nentries:\n  db:\n  - {name: db, version: 1.2.0, urls: [db.tgz]}\n",
        );
        write("remote/files/namespaces.yaml", "kind: Namespace\nmetadata: {name: shop}\n");
        write("project/component.yaml", COMPONENTS);
        if strict {
            write("project/kiln.yaml", "");
        }
        site
    }

    fn path(&self, path: &str) -> PathBuf {
        self.top.path().join(path)
    }

    /// Mirrors of everything on this machine.
    fn rules(&self) -> String {
        let remote = self.path("remote").display().to_string();
        format!(
            "https://git.example.com/platform.git=file://{remote}/platform,\
             https://charts.example.com=file://{remote}/charts,https://files.example.com=file://{remote}/files"
        )
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kiln"));
        without_settings(&mut command);
        command.args(words).current_dir(self.path("project")).env("HOME", self.path("home"));
        command.env("KILN_REWRITE", self.rules());
        command
    }

    fn run(&self, words: &[&str]) -> (i32, String) {
        let Output { status, stdout, stderr } = self.command(words).output().unwrap();
        let printed = [String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr)].concat();
        (status.code().unwrap(), printed)
    }

    /// What a command prints that must succeed.
    fn fine(&self, words: &[&str]) -> String {
        let (code, printed) = self.run(words);
        assert_eq!(code, 0, "{words:?}: {printed}");
        printed
    }

    /// What a command prints that must fail in this way.
    fn fails(&self, expected: i32, words: &[&str]) -> String {
        let (code, printed) = self.run(words);
        assert_eq!(code, expected, "{words:?}: {printed}");
        printed
    }

    fn lock(&self) -> String {
        fs::read_to_string(self.path("project/kiln.lock")).unwrap()
    }

    fn generated(&self) -> Vec<(String, String)> {
        contents(&self.path("project/generated"))
    }

    /// Removes what was generated, the stores, and the sources.
    fn cut_off(&self) {
        for folder in ["project/generated", "project/.kiln", "home", "remote"] {
            let _ = fs::remove_dir_all(self.path(folder));
        }
    }
}

/// The files below a folder, at any depth.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() { found.extend(files_below(&path)) } else { found.push(path) }
    }
    found
}

fn commit(folder: &Path) {
    let options = &mut git2::RepositoryInitOptions::new();
    let repository = git2::Repository::init_opts(folder, options.initial_head("main")).unwrap();
    let mut index = repository.index().unwrap();
    index.add_all(["*"], git2::IndexAddOption::DEFAULT, None).unwrap();
    let tree = repository.find_tree(index.write_tree().unwrap()).unwrap();
    let author = git2::Signature::new("kiln", "kiln@example.com", &git2::Time::new(0, 0)).unwrap();
    let commit = repository.commit(Some("HEAD"), &author, &author, "First", &tree, &[]).unwrap();
    repository.tag_lightweight("v1.0.0", repository.find_commit(commit).unwrap().as_object(), false).unwrap();
}

/// The files below a folder with their contents, kiln's own record left out.
fn contents(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap().flatten() {
            let path = entry.path();
            let name = path.strip_prefix(folder).unwrap().display().to_string();
            if name.starts_with(".kiln") {
                continue;
            }
            if path.is_dir() { folders.push(path) } else { found.push((name, fs::read_to_string(path).unwrap())) }
        }
    }
    found.sort();
    found
}

#[test]
fn a_vendored_project_needs_no_store_and_no_sources() {
    for strict in [true, false] {
        let site = Site::new(strict);
        site.fine(&["install"]);
        site.fine(&["generate"]);
        site.fine(&["vendor"]);
        let (lock, generated) = (site.lock(), site.generated());
        assert_eq!(generated.iter().filter(|(_, text)| !text.is_empty()).count(), 3);
        site.cut_off();
        site.fine(&["generate", "--frozen"]);
        assert_eq!(site.generated(), generated);
        site.fine(&["install", "--frozen"]);
        site.fine(&["vendor", "--check"]);
        assert!(site.fine(&["vendor"]).contains("nothing to do"));
        assert_eq!(site.lock(), lock);
        assert!(!site.path("home").join(".cache/kiln/store/git").exists());

        let chart = site.path("project/vendor/charts/db-1.2.0.tgz");
        fs::File::options().append(true).open(&chart).unwrap().write_all(b"x").unwrap();
        let refused = site.fails(4, &["generate"]);
        assert!(refused.contains("`vendor/charts/db-1.2.0.tgz` was modified: expected sha256:"), "{refused}");
        assert!(site.fails(4, &["install"]).contains("source.modified"));
        assert!(site.fails(2, &["vendor", "--check"]).contains("~ vendor/charts/db-1.2.0.tgz"));
    }
}

#[test]
fn a_file_of_a_vendored_repository_that_was_edited_is_told_wherever_it_is_read() {
    for (file, text) in [
        ("component.yaml", "name: platform\n"),
        ("web/Chart.yaml", "name: web\n"),
        ("web/templates/web.yaml", "kind: Pod\n"),
    ] {
        let site = Site::new(true);
        site.fine(&["install"]);
        site.fine(&["vendor"]);
        let folder = fs::read_dir(site.path("project/vendor/git")).unwrap().flatten().map(|entry| entry.path());
        let folder = folder.into_iter().find(|path| path.is_dir()).unwrap();
        fs::write(folder.join(file), text).unwrap();
        let refused = site.fails(4, &["generate"]);
        assert!(refused.contains(&format!("/{file}` was modified: expected sha256:")), "{refused}");
        assert!(refused.contains(" of https://git.example.com/platform.git@"), "{refused}");
        assert!(!site.path("project/generated").exists());
    }
}

#[test]
fn no_damage_to_the_vendor_folder_changes_the_output() {
    let site = Site::new(true);
    site.fine(&["install"]);
    site.fine(&["vendor"]);
    site.fine(&["generate"]);
    let generated = site.generated();
    let folder = site.path("project/vendor");
    let files: Vec<PathBuf> = files_below(&folder);
    assert!(files.len() > 8, "{files:?}");
    site.cut_off();
    for file in files {
        let whole = fs::read(&file).unwrap();
        let mut flipped = whole.clone();
        flipped[whole.len() / 2] ^= 1;
        for damaged in [None, Some(&whole[..2]), Some(&flipped)] {
            match damaged {
                None => fs::remove_file(&file).unwrap(),
                Some(bytes) => fs::write(&file, bytes).unwrap(),
            }
            match site.run(&["generate"]) {
                (0, _) => assert_eq!(site.generated(), generated, "{}", file.display()),
                // Without its manifest the folder is none, and there is no store.
                (code, printed) => assert!(code == 4 || code == 6 && file.ends_with("kiln-vendor.yaml"), "{printed}"),
            }
            // The manifest's own damage is told before the comparison.
            let (code, printed) = site.run(&["vendor", "--check"]);
            assert!(code == 2 || code == 4 && file.ends_with("kiln-vendor.yaml"), "{}: {printed}", file.display());
        }
        fs::write(&file, whole).unwrap();
    }
    site.fine(&["vendor", "--check"]);
}

#[test]
fn an_import_that_is_killed_leaves_nothing_half_made() {
    let site = Site::new(true);
    site.fine(&["install"]);
    site.fine(&["generate"]);
    site.fine(&["bundle", "export", "a.bundle"]);
    let generated = site.generated();
    for pause in 0..12 {
        site.cut_off();
        let mut import = site.command(&["bundle", "import", "a.bundle"]).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(pause * 2));
        let _ = import.kill();
        import.wait().unwrap();
        site.fine(&["cache", "verify"]);
        match site.run(&["generate"]) {
            (0, _) => assert_eq!(site.generated(), generated),
            (code, printed) => assert!(code == 6 && printed.contains("is not in the store"), "{printed}"),
        }
        site.fine(&["bundle", "import", "a.bundle"]);
        site.fine(&["generate", "--frozen"]);
        assert_eq!(site.generated(), generated);
    }
}

#[test]
fn a_vendor_folder_that_the_lock_left_behind_is_told() {
    let site = Site::new(true);
    site.fine(&["install"]);
    site.fine(&["vendor"]);
    let more = format!(
        "{COMPONENTS}- {{name: more, type: static, method: http, source: 'https://files.example.com/namespaces.yaml?v=2'}}\n"
    );
    fs::write(site.path("project/component.yaml"), more.replace("yaml?v=2", "yml")).unwrap();
    fs::write(site.path("remote/files/namespaces.yml"), "kind: Namespace\nmetadata: {name: more}\n").unwrap();
    assert!(site.fine(&["install"]).contains("vendor.stale"));
    assert!(
        site.fine(&["generate"])
            .contains("lacks what kiln.lock pins: https://files.example.com/namespaces.yml; taken from")
    );
    assert!(site.fails(4, &["generate", "--locked"]).contains("vendor.stale"));
    assert!(site.fails(4, &["install", "--locked"]).contains("vendor.stale"));
    site.fine(&["vendor"]);
    site.fine(&["generate", "--locked"]);
}

#[test]
fn a_bundle_carries_everything_to_a_machine_without_a_network() {
    let site = Site::new(true);
    site.fine(&["install"]);
    site.fine(&["generate"]);
    site.fine(&["bundle", "export", "one.bundle"]);
    site.fine(&["bundle", "export", "two.bundle"]);
    let bundle = fs::read(site.path("project/one.bundle")).unwrap();
    assert_eq!(bundle, fs::read(site.path("project/two.bundle")).unwrap());
    let (lock, generated) = (site.lock(), site.generated());
    site.cut_off();
    let missing = site.fails(6, &["bundle", "export", "three.bundle"]);
    assert!(missing.contains("neither the store nor `vendor` has"), "{missing}");
    assert!(!site.path("project/three.bundle").exists());

    assert!(site.fine(&["bundle", "import", "one.bundle"]).contains("3 sources, 3 new, 0 already there"));
    assert!(site.fine(&["bundle", "import", "one.bundle"]).contains("3 sources, 0 new, 3 already there"));
    site.fine(&["install", "--frozen"]);
    site.fine(&["generate", "--frozen"]);
    assert_eq!((site.lock(), site.generated()), (lock, generated));

    // From stdin, and exported again from what was imported.
    site.cut_off();
    let mut import =
        site.command(&["bundle", "import", "-"]).stdin(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    import.stdin.take().unwrap().write_all(&bundle).unwrap();
    assert!(import.wait().unwrap().success());
    let exported = site.command(&["bundle", "export", "-"]).output().unwrap();
    assert_eq!(exported.stdout, bundle);

    let mut damaged = bundle.clone();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    fs::write(site.path("project/damaged.bundle"), damaged).unwrap();
    site.cut_off();
    assert!(site.fails(4, &["bundle", "import", "damaged.bundle"]).contains("bundle.invalid"));
    site.fails(6, &["generate"]);
}

#[test]
fn a_bundle_of_another_commit_of_the_project_is_told() {
    let site = Site::new(true);
    site.fine(&["install"]);
    site.fine(&["bundle", "export", "old.bundle"]);
    let more = format!(
        "{COMPONENTS}- {{name: more, type: static, method: http, source: 'https://files.example.com/more.yaml'}}\n"
    );
    fs::write(site.path("project/component.yaml"), more).unwrap();
    fs::write(site.path("remote/files/more.yaml"), "kind: Namespace\nmetadata: {name: more}\n").unwrap();
    site.fine(&["install"]);
    site.cut_off();
    let told = site.fine(&["bundle", "import", "old.bundle"]);
    assert!(told.contains("bundle.incomplete") && told.contains("https://files.example.com/more.yaml"), "{told}");
}

#[test]
fn the_lock_is_the_same_with_and_without_mirrors() {
    let site = Site::new(true);
    site.fine(&["install"]);
    let lock = site.lock();
    assert!(!lock.contains("file://") && lock.contains("source: https://charts.example.com\n"), "{lock}");
    assert!(!site.fine(&["install", "-v"]).contains("usage.rewrite"));
    let told =
        site.fine(&["install", "-v", "--rewrite", &format!("https://other.example.com/=file:///x,{}", site.rules())]);
    assert!(told.contains("no source begins with `https://other.example.com/`"), "{told}");
    // Another mirror, written in the project.
    fs::rename(site.path("remote"), site.path("moved")).unwrap();
    fs::remove_dir_all(site.path("home")).unwrap();
    let moved = site.path("moved").display().to_string();
    let rules = [
        ("git.example.com/platform.git", "platform"),
        ("charts.example.com", "charts"),
        ("files.example.com", "files"),
    ];
    let rules = rules.map(|(from, to)| format!("- {{from: 'https://{from}', to: 'file://{moved}/{to}'}}\n")).concat();
    fs::write(site.path("project/kiln.yaml"), format!("rewrite:\n{rules}")).unwrap();
    let run = |words: &[&str]| {
        let output = site.command(words).env_remove("KILN_REWRITE").output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    run(&["install", "--locked"]);
    run(&["update"]);
    assert_eq!(site.lock(), lock);
}

#[test]
fn the_cache_is_listed_verified_and_cleaned() {
    let site = Site::new(true);
    site.fine(&["install"]);
    let folder = site.fine(&["cache", "dir"]);
    assert_eq!(folder.trim(), site.path("home/.cache/kiln/store").display().to_string());
    let listed = site.fine(&["cache", "list"]);
    for name in ["https://git.example.com/platform.git", "db 1.2.0", "sha256:", "3 entries"] {
        assert!(listed.contains(name), "{listed}");
    }
    let json = site.command(&["cache", "list", "-o", "json"]).output().unwrap().stdout;
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(json["kind"], "CacheList");
    assert_eq!(json["entries"].as_array().unwrap().len(), 3);
    assert!(site.fine(&["cache", "verify"]).contains("3 entries verified"));

    let charts = PathBuf::from(folder.trim()).join("charts");
    let chart = fs::read_dir(charts).unwrap().flatten().next().unwrap().path();
    fs::write(&chart, "damaged").unwrap();
    let told = site.fails(4, &["cache", "verify"]);
    assert!(told.contains("source.corrupt") && told.contains("expected sha256:"), "{told}");
    site.fine(&["install"]);
    site.fine(&["cache", "verify"]);

    assert!(site.fine(&["cache", "clean"]).contains("0 entries removed"));
    site.fine(&["generate"]);
    assert!(site.fine(&["cache", "clean", "--all"]).contains("3 entries removed"));
    assert!(site.fine(&["cache", "list"]).contains("0 entries"));
    assert!(site.fails(6, &["generate"]).contains("is not in the store"));
    site.fine(&["install", "--locked"]);
    site.fine(&["generate"]);
}
