//! `kiln update --to`, on a stack on disk.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use tempfile::TempDir;

use super::{UpdateArgs, update};
use crate::cli::commands::sources::SourceArgs;
use crate::cli::fetching::{FetchArgs, Listener};
use crate::cli::store::StoreArgs;
use crate::diag::{Diagnostic, Sink};
use crate::report::{Color, Reporter};
use crate::source::fixture;

struct Site(TempDir);

impl Site {
    fn new() -> Self {
        let site = Self(TempDir::new().unwrap());
        let (path, first) = fixture::repository(site.0.path(), "r.git", &[("m/a.yaml", "kind: A\n")]);
        let repository = git2::Repository::open(path).unwrap();
        fixture::tag(&repository, "v1.0.0", first);
        let second = fixture::commit(&repository, "refs/heads/main", &[("m/a.yaml", "kind: B\n")]);
        fixture::tag(&repository, "v2.0.0", second);
        let url = site.0.path().join("r.git").display().to_string();
        let below = format!(
            "name: mid\nsubcomponents:\n- name: app # the app\n  type: static\n  method: git\n  source: '{url}'\n  version: v1.0.0 # for now\n  path: m\n"
        );
        for (file, text) in [
            ("kiln.yaml", ""),
            ("component.yaml", "name: root\nsubcomponents:\n- {name: mid, source: ./mid}\n"),
            ("mid/component.yaml", &below),
        ] {
            let path = site.project().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        site
    }

    fn project(&self) -> PathBuf {
        self.0.path().join("project")
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.project().join(file)).unwrap_or_default()
    }

    /// The jumps and the difference, or what was said.
    fn update(&self, change: impl FnOnce(&mut UpdateArgs)) -> Result<(Vec<String>, String), Vec<String>> {
        let mut args = UpdateArgs {
            components: Vec::new(),
            to: None,
            dry_run: false,
            diff: false,
            environments: Vec::new(),
            exit_code: false,
            sources: SourceArgs {
                fetch: FetchArgs::default(),
                hooks: Default::default(),
                store: StoreArgs { store: Some(self.0.path().join("store")) },
            },
        };
        change(&mut args);
        let reporter = Reporter::new(Color::Never, true, false);
        let mut sink = Sink::new();
        let done = update(&args, &self.project(), &Arc::new(Listener::new(&reporter)), &mut sink);
        match done {
            Ok(done) => Ok((done.installed.moved.iter().map(super::jump).collect(), done.diff.unwrap_or_default())),
            Err(_) => Err(sink.diagnostics().iter().map(Diagnostic::to_string).collect()),
        }
    }
}

#[test]
fn another_version_is_tried_and_then_taken() {
    let site = Site::new();
    site.update(|_| {}).unwrap();
    let (lock, text) = (site.read("kiln.lock"), site.read("mid/component.yaml"));
    assert!(lock.contains("ref: refs/tags/v1.0.0"), "{lock}");
    let to = |args: &mut UpdateArgs| {
        args.components = vec!["app".to_owned()];
        args.to = Some("v2.0.0".to_owned());
        args.diff = true;
    };
    let (jumps, diff) = site
        .update(|args| {
            to(args);
            args.dry_run = true;
        })
        .unwrap();
    assert!(jumps.len() == 1 && jumps[0].contains("@v2.0.0: ") && jumps[0].contains(" -> "), "{jumps:?}");
    assert!(diff.contains("-kind: A\n+kind: B\n"), "{diff}");
    assert_eq!((site.read("kiln.lock"), site.read("mid/component.yaml")), (lock, text.clone()), "nothing is written");

    assert_eq!(site.update(to).unwrap().1, diff);
    assert_eq!(site.read("mid/component.yaml"), text.replace("v1.0.0", "v2.0.0"), "everything else is kept");
    assert!(site.read("kiln.lock").contains("ref: refs/tags/v2.0.0"));
}

#[test]
fn what_cannot_be_asked_for_changes_nothing() {
    let site = Site::new();
    site.update(|_| {}).unwrap();
    let before = (site.read("kiln.lock"), site.read("mid/component.yaml"));
    for (component, to, words) in [
        ("nobody", "v2.0.0", "no component named `nobody`"),
        ("mid", "v2.0.0", "has no source that is fetched"),
        ("root/mid/app", "v9.0.0", "v9.0.0"),
    ] {
        let said = site.update(|args| {
            args.components = vec![component.to_owned()];
            args.to = Some(to.to_owned());
        });
        let said = said.unwrap_err().concat();
        assert!(said.contains(words), "{component}: {said}");
        assert_eq!((site.read("kiln.lock"), site.read("mid/component.yaml")), before);
    }
    let said = site.update(|args| args.components = vec!["nobody".to_owned()]).unwrap_err().concat();
    assert!(said.contains("no component named `nobody` has a source"), "{said}");
}
