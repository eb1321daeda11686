//! What damage to the store leads to: `install` heals it, `generate` says it, and nothing ever comes out
//! wrong.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::diag::{Blame, Severity, Sink};
use crate::pipeline::{GenerateOptions, HookPolicy, HookRules, InstallRequest, Project, Watcher, generate, install};
use crate::source::{FetchOptions, Pins, Rewrites, fixture};

struct Site(TempDir);

struct Nobody;

impl Watcher for Nobody {
    fn planned(&self, _units: usize) {}
    fn rendered(&self, _address: &str) {}
}

impl Site {
    /// A stack of a git repository, a chart out of a chart repository, and a file.
    fn new() -> Self {
        let site = Self(TempDir::new().unwrap());
        let (project, far) = (site.project(), site.0.path().join("far"));
        fs::create_dir_all(&project).unwrap();
        fs::create_dir_all(far.join("charts")).unwrap();
        let text = "kind: ConfigMap\napiVersion: v1\nmetadata: {name: a}\n";
        fixture::repository(&far, "r.git", &[("m/a.yaml", text), ("README.md", "read me"), ("n/b.yaml", text)]);
        fs::write(far.join("charts/web-1.0.0.tgz"), fixture::chart("web", "1.0.0")).unwrap();
        let index = "apiVersion: v1\nentries:\n  web: [{version: 1.0.0, urls: [web-1.0.0.tgz]}]\n";
        fs::write(far.join("charts/index.yaml"), index).unwrap();
        fs::write(far.join("m.yaml"), text).unwrap();
        let stack = "name: root\nsubcomponents:\n\
            - {name: a, type: static, method: git, source: 'https://far.invalid/r', path: m}\n\
            - {name: web, type: helm, method: helm, source: 'https://far.invalid/charts', path: web}\n\
            - {name: m, type: static, method: http, source: 'https://far.invalid/m.yaml'}\n";
        fs::write(project.join("component.yaml"), stack).unwrap();
        fs::write(project.join("kiln.yaml"), "").unwrap();
        site
    }

    fn project(&self) -> PathBuf {
        self.0.path().join("project")
    }

    fn store(&self) -> PathBuf {
        self.0.path().join("store")
    }

    fn install(&self) -> Sink {
        let mut sink = Sink::new();
        let project = Project::open(&self.project(), Some(self.store()), &mut sink).unwrap();
        let mut fetch = FetchOptions::of_project(self.project());
        let rule = format!("https://far.invalid/=file://{}/", self.0.path().join("far").display());
        fetch.rewrites = Rewrites::parse([&*rule]).unwrap();
        let hooks = HookRules { policy: HookPolicy::Off, reading: project.reading, trusted: &[] };
        let request =
            InstallRequest { project: &project, fetch, pins: Pins::Keep, hooks, keep_beside: false, write_lock: true };
        let _ = install(request, &mut sink);
        sink
    }

    /// What is generated, or the blame of the first error.
    fn generate(&self) -> Result<Vec<(String, String)>, Blame> {
        let _ = fs::remove_dir_all(self.project().join("generated"));
        let mut sink = Sink::new();
        let options =
            GenerateOptions { project: self.project(), store: Some(self.store()), ..GenerateOptions::default() };
        let done = generate(&options, &Nobody, &mut sink);
        let first = sink.diagnostics().iter().find(|diagnostic| diagnostic.severity == Severity::Error);
        if let Some(first) = first {
            assert!(done.is_err() && !first.message.is_empty());
            return Err(first.blame);
        }
        let folder = self.project().join("generated/common");
        let read = |path: &PathBuf| (path.display().to_string(), fs::read_to_string(path).unwrap());
        Ok(fixture::files_below(&folder).iter().map(read).collect())
    }
}

#[test]
fn every_damage_to_every_file_of_the_store() {
    type Damage = (&'static str, fn(&Path));
    let damages: [Damage; 4] = [
        ("deleted", |file| fs::remove_file(file).unwrap()),
        ("cut", |file| {
            fs::write(file, &fs::read(file).unwrap()[..2.min(fs::metadata(file).unwrap().len() as usize)]).unwrap()
        }),
        ("flipped in the middle", |file| flip(file, |length| length / 2)),
        ("flipped at the end", |file| flip(file, |length| length - 1)),
    ];
    let site = Site::new();
    assert!(!site.install().has_errors());
    let expected = site.generate().unwrap();
    assert_eq!(expected.len(), 2, "{expected:?}");
    let content = |file: &Path| ["git", "charts", "files"].iter().any(|kind| file.starts_with(site.store().join(kind)));
    let mut told = 0;
    for (damage, damaged) in damages {
        for file in fixture::files_below(&site.store()) {
            // Read-only, as git leaves packs; a damage does not ask.
            let bytes = fs::read(&file).unwrap();
            fs::remove_file(&file).unwrap();
            fs::write(&file, bytes).unwrap();
            damaged(&file);
            let name = file.strip_prefix(site.store()).unwrap().display().to_string();
            match site.generate() {
                Ok(files) => assert_eq!(files, expected, "{name} {damage}"),
                Err(blame) => {
                    assert!(matches!(blame, Blame::Policy | Blame::World), "{name} {damage}: {blame:?}");
                    assert!(content(&file), "{name} {damage}: what is no content matters not");
                    told += 1;
                }
            }
            if ["charts", "files", "pack"].iter().any(|part| file.parent().is_some_and(|folder| folder.ends_with(part)))
            {
                assert!(site.generate().is_err(), "{name} {damage}: was not noticed");
            }
            let sink = site.install();
            assert!(!sink.has_errors(), "{name} {damage}: {:?}", sink.diagnostics());
            assert_eq!(site.generate().unwrap(), expected, "{name} {damage}: healed");
        }
    }
    assert!(told >= 16, "{told}");
    let tmp = site.store().join("tmp");
    assert_eq!(fixture::files_below(&tmp), Vec::<PathBuf>::new(), "nothing is left under way");
}

fn flip(file: &Path, at: fn(usize) -> usize) {
    let mut bytes = fs::read(file).unwrap();
    if !bytes.is_empty() {
        let at = at(bytes.len());
        bytes[at] ^= 1;
    }
    fs::write(file, bytes).unwrap();
}
