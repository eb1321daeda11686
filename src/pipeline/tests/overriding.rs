//! Folders that stand for sources.

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use crate::diag::{Diagnostic, Sink};
use crate::pipeline::{HookPolicy, HookRules, InstallRequest, Project, install};
use crate::source::{FetchOptions, Overrides, Pins, fixture};
use crate::stack::Content;

struct Site(TempDir);

impl Site {
    fn new() -> Self {
        let site = Self(TempDir::new().unwrap());
        fixture::repository(
            site.0.path(),
            "stack.git",
            &[("component.yaml", "name: stack\ntype: static\npath: m\n"), ("m/a.yaml", "kind: A\n")],
        );
        fixture::repository(site.0.path(), "more.git", &[("m/b.yaml", "kind: B\n")]);
        fs::create_dir_all(site.project()).unwrap();
        fs::write(site.project().join("kiln.yaml"), "").unwrap();
        let text =
            format!("name: root\nsubcomponents:\n- {{name: stack, method: git, source: '{}'}}\n", site.url("stack"));
        fs::write(site.project().join("component.yaml"), text).unwrap();
        site
    }

    fn url(&self, name: &str) -> String {
        self.0.path().join(format!("{name}.git")).display().to_string()
    }

    fn project(&self) -> PathBuf {
        self.0.path().join("project")
    }

    /// Installs, or only resolves; gives the first file of the stack's component and what was said.
    fn run(&self, rule: Option<String>, installs: bool) -> (Option<String>, Vec<String>) {
        let mut sink = Sink::new();
        let open = |sink: &mut Sink| {
            let mut project = Project::open(&self.project(), None, sink).unwrap();
            project.override_sources(Overrides::parse(rule.as_deref()).unwrap(), sink).unwrap();
            project
        };
        if installs {
            let project = open(&mut sink);
            let fetch = FetchOptions::of_project(self.project());
            let hooks = HookRules { policy: HookPolicy::Off, reading: project.reading, trusted: &[] };
            let request = InstallRequest {
                project: &project,
                fetch,
                pins: Pins::Keep,
                hooks,
                keep_beside: false,
                write_lock: true,
            };
            let _ = install(request, &mut sink);
        }
        let project = open(&mut sink);
        let graph = project.resolve(&mut sink).unwrap();
        project.report_overrides(&mut sink);
        let files = graph.nodes.iter().filter_map(|node| match &node.content {
            Content::Tree(tree) => tree.list("").unwrap().first().map(|entry| entry.name.clone()),
            Content::Nothing | Content::Missing => None,
        });
        let files: Vec<String> = files.collect();
        let said = sink.diagnostics().iter().map(Diagnostic::to_string).collect();
        ((!files.is_empty()).then(|| files.join(" ")), said)
    }
}

#[test]
fn a_folder_stands_for_a_source_and_the_lock_stays() {
    let site = Site::new();
    assert_eq!(site.run(None, true), (Some("a.yaml".to_owned()), Vec::new()));
    let lock = fs::read(site.project().join("kiln.lock")).unwrap();

    let local = site.0.path().join("local");
    fs::create_dir_all(local.join("own")).unwrap();
    fs::write(local.join("own/c.yaml"), "kind: C\n").unwrap();
    fs::write(local.join("component.yaml"), "name: stack\ntype: static\npath: own\n").unwrap();
    let rule = || Some(format!("{}={}", site.url("stack"), local.display()));
    let (files, said) = site.run(rule(), false);
    assert_eq!(files.as_deref(), Some("c.yaml"));
    assert!(
        said.len() == 1 && said[0].contains("warning[source.overridden]") && said[0].contains("is taken from"),
        "{said:?}"
    );
    let (files, said) = site.run(rule(), true);
    assert_eq!((files.as_deref(), said.len()), (Some("c.yaml"), 2), "{said:?}");
    assert_eq!(fs::read(site.project().join("kiln.lock")).unwrap(), lock);
    assert!(!site.project().join(".kiln/override.lock").exists(), "it asks for nothing new");

    let (files, said) = site.run(Some("github.com/org/other=.".to_owned()), false);
    assert_eq!(files.as_deref(), Some("a.yaml"));
    assert!(said.len() == 1 && said[0].contains("no component asks for github.com/org/other"), "{said:?}");
    let (_, said) = site.run(Some(format!("{}=/nonexistent", site.url("stack"))), true);
    assert!(said[0].contains("which stands for") && said[0].contains("/nonexistent"), "{said:?}");
}

#[test]
fn what_the_folder_asks_for_has_a_lock_of_its_own() {
    let site = Site::new();
    site.run(None, true);
    let lock = fs::read_to_string(site.project().join("kiln.lock")).unwrap();
    let local = site.0.path().join("local");
    fs::create_dir_all(&local).unwrap();
    let url = format!("https://h.invalid{}", site.url("more"));
    let text =
        format!("name: stack\nsubcomponents:\n- {{name: more, type: static, method: git, source: '{url}', path: m}}\n");
    fs::write(local.join("component.yaml"), text).unwrap();
    let rule = || Some(format!("{}={}", site.url("stack"), local.display()));
    let (files, said) = site.run(rule(), false);
    assert!(files.is_none() && said.len() == 1, "not installed yet: {said:?}");
    // The source is fetched from its place on this machine.
    fs::write(site.project().join("kiln.yaml"), "rewrite: [{from: 'https://h.invalid/', to: 'file:///'}]\n").unwrap();
    let mut sink = Sink::new();
    let mut project = Project::open(&site.project(), None, &mut sink).unwrap();
    let overrides = Overrides::parse(rule().as_deref()).unwrap();
    project.override_sources(overrides, &mut sink).unwrap();
    let mut fetch = FetchOptions::of_project(site.project());
    fetch.rewrites = crate::source::Rewrites::parse(["https://h.invalid/=file:///"]).unwrap();
    let hooks = HookRules { policy: HookPolicy::Off, reading: project.reading, trusted: &[] };
    let request =
        InstallRequest { project: &project, fetch, pins: Pins::Keep, hooks, keep_beside: false, write_lock: true };
    install(request, &mut sink).unwrap();
    assert_eq!(fs::read_to_string(site.project().join("kiln.lock")).unwrap(), lock);
    let more = fs::read_to_string(site.project().join(".kiln/override.lock")).unwrap();
    assert!(more.contains("more.git") && !more.contains("stack.git"), "{more}");
    assert_eq!(site.run(rule(), false).0.as_deref(), Some("b.yaml"));
    assert_eq!(site.run(None, false).0.as_deref(), Some("a.yaml"));
}
