use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::config::{Layers, MergeRules};
use crate::diag::{Diagnostic, Sink};
use crate::pipeline::{HookPolicy, HookRules, InstallRequest, PlanRequest, Planner, Project, install};
use crate::source::{FetchOptions, Pins, fixture};

/// A project on disk and a folder of repositories beside it.
struct Site {
    folder: TempDir,
}

impl Site {
    fn new(files: &[(&str, &str)]) -> Self {
        let site = Self { folder: TempDir::new().unwrap() };
        for (path, text) in files {
            let path = site.project().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text.replace("@REPOS@", &site.folder.path().join("repos").to_string_lossy())).unwrap();
        }
        site
    }

    fn repository(&self, name: &str, files: &[(&str, &str)]) {
        let folder = self.folder.path().join("repos");
        fs::create_dir_all(&folder).unwrap();
        fixture::repository(&folder, name, files);
    }

    fn project(&self) -> std::path::PathBuf {
        self.folder.path().join("project")
    }

    fn file(&self, path: &str) -> bool {
        self.project().join(path).is_file()
    }

    fn install(&self, policy: HookPolicy, keep_beside: bool) -> Vec<String> {
        let mut sink = Sink::new();
        let project = Project::open(&self.project(), None, &mut sink).unwrap();
        let hooks = HookRules { policy, reading: project.reading, trusted: &project.file.trust.hooks };
        let request = InstallRequest {
            project: &project,
            fetch: FetchOptions::of_project(self.project()),
            pins: Pins::Keep,
            hooks,
            keep_beside,
            write_lock: true,
        };
        let installed = install(request, &mut sink);
        assert_eq!(installed.is_err(), sink.has_errors());
        sink.diagnostics().iter().map(Diagnostic::to_string).collect()
    }

    fn outputs(&self) -> Result<Vec<String>, Vec<String>> {
        self.planned(false)
    }

    fn planned(&self, locked: bool) -> Result<Vec<String>, Vec<String>> {
        let mut sink = Sink::new();
        let mut project = Project::open(&self.project(), None, &mut sink).unwrap();
        project.locked = locked;
        let plan = project.resolve(&mut sink).and_then(|graph| {
            let layers = Layers::new(project.reading, project.reach());
            let rules = MergeRules { reading: project.reading, force_types: false };
            Planner::new(&graph, &layers, rules).plan(&PlanRequest::default(), &mut sink)
        });
        let problems = || sink.diagnostics().iter().map(Diagnostic::to_string).collect();
        plan.map(|plan| plan.units.iter().map(|unit| unit.output.to_string()).collect()).map_err(|_| problems())
    }
}

const STACK: &str = "name: root\nsubcomponents:\n- {name: mid, method: git, source: '@REPOS@/mid', path: sub}\n- {name: app, type: helm, method: git, source: '@REPOS@/charts', path: a}\n- {name: web, type: static, method: git, source: '@REPOS@/mid', path: m}\n";

fn stack(more: &[(&str, &str)]) -> Site {
    let site = Site::new(&[&[("component.yaml", STACK)], more].concat());
    site.repository(
        "mid",
        &[("sub/component.yaml", "name: mid\ntype: static\npath: ../m\n"), ("m/a.yaml", "kind: A\n")],
    );
    site.repository("charts", &[("a/Chart.yaml", "name: a\nversion: 1.0.0\n")]);
    site
}

#[test]
fn sources_come_from_the_store() {
    let site = stack(&[("kiln.yaml", "")]);
    let before = site.outputs().unwrap_err();
    assert_eq!(before.len(), 3, "{before:?}");
    assert!(before.iter().all(|problem| problem.contains("source.not-installed")), "{before:?}");
    assert_eq!(site.install(HookPolicy::Off, false), Vec::<String>::new());
    assert!(site.file("kiln.lock") && !site.project().join("components").exists());
    assert_eq!(site.outputs().unwrap(), ["root.yaml", "mid/mid.yaml", "app.yaml", "web.yaml"]);
}

#[test]
fn a_lock_that_must_be_complete_refuses_what_it_lacks() {
    let site = stack(&[("kiln.yaml", ""), ("components/web/m/a.yaml", "kind: A\n")]);
    assert_eq!(site.install(HookPolicy::Off, false), Vec::<String>::new());
    assert_eq!(site.planned(true).unwrap().len(), 4);
    fs::remove_file(site.project().join("kiln.lock")).unwrap();
    let refused = site.planned(true).unwrap_err();
    assert_eq!(refused.len(), 3, "{refused:?}");
    assert!(refused.iter().all(|problem| problem.contains("the lock has no entry for")), "{refused:?}");
}

#[test]
fn fabrikates_folders_are_written_and_read() {
    let site = stack(&[("components/mid/old", "local edit")]);
    assert_eq!(site.install(HookPolicy::Off, true), Vec::<String>::new());
    assert!(site.file("components/mid/sub/component.yaml") && site.file("helm_repos/app/a/Chart.yaml"));
    assert!(!site.file("components/mid/old") && !site.project().join("components/mid/.git").exists());
    fs::remove_file(site.project().join("kiln.lock")).unwrap();
    assert_eq!(site.outputs().unwrap(), ["root.yaml", "mid/mid.yaml", "app.yaml", "web.yaml"]);
}

#[test]
fn a_copy_that_was_changed_is_refused_with_both_digests() {
    let site = stack(&[]);
    assert_eq!(site.install(HookPolicy::Off, true), Vec::<String>::new());
    assert_eq!(site.outputs().unwrap().len(), 4);
    let copy = site.project().join("helm_repos/app/a/Chart.yaml");
    let text = fs::read_to_string(&copy).unwrap();
    fs::write(&copy, text.replace("1.0.0", "1.0.1")).unwrap();
    let refused = site.outputs().unwrap_err();
    assert!(refused.len() == 1 && refused[0].contains("error[source.corrupt]"), "{refused:?}");
    assert!(refused[0].contains("helm_repos/app/a/Chart.yaml` differs from"), "{refused:?}");
    assert!(refused[0].contains("expected sha256:") && refused[0].contains("found sha256:"), "{refused:?}");
    fs::write(&copy, text).unwrap();
    fs::write(site.project().join("helm_repos/app/a/more.yaml"), "kind: A").unwrap();
    assert!(site.outputs().unwrap_err()[0].contains("expected no such file"));
    fs::remove_file(site.project().join("helm_repos/app/a/more.yaml")).unwrap();
    assert_eq!(site.outputs().unwrap().len(), 4);
    fs::remove_file(&copy).unwrap();
    assert!(site.outputs().unwrap_err()[0].contains("found no such file"));
}

#[test]
fn a_root_that_is_fetched() {
    let root =
        "name: root\nmethod: git\nsource: '@REPOS@/stack'\nsubcomponents:\n- {name: lost, type: static, path: m}\n";
    let site = Site::new(&[("component.yaml", root), ("config/common.yaml", "namespace: outer\n")]);
    let text = "name: stack\ntype: static\npath: m\n";
    site.repository("stack", &[("component.yaml", text), ("m/a.yaml", "")]);
    let problems = site.install(HookPolicy::Off, true);
    assert!(problems.len() == 1 && problems[0].contains("are lost"), "{problems:?}");
    assert_eq!(site.outputs().unwrap(), ["stack.yaml"]);
}

#[test]
fn hooks_run_in_order_when_allowed() {
    let text = "name: root\nhooks:\n  before-install: [echo bi >> log]\n  after-install: [echo ai >> log]\nsubcomponents:\n- name: inl\n  type: static\n  path: m\n  hooks: {before-install: ['echo inl >> log']}\n";
    let site = Site::new(&[("component.yaml", text), ("m/a.yaml", "")]);
    let skipped = site.install(HookPolicy::Off, false);
    assert_eq!(skipped.len(), 3);
    assert!(skipped[0].contains("warning[hook.skipped]") && skipped[0].contains("`echo bi >> log`"), "{skipped:?}");
    assert!(site.install(HookPolicy::Skip, false).is_empty() && !site.file("log"));
    assert!(site.install(HookPolicy::Allow, false).is_empty());
    assert_eq!(fs::read_to_string(site.project().join("log")).unwrap(), "bi\nai\ninl\n");
    fs::write(site.project().join("kiln.yaml"), "").unwrap();
    let refused = site.install(HookPolicy::Off, false);
    assert!(refused.len() == 1 && refused[0].contains("component.yaml:3:20: error[hook.refused]"), "{refused:?}");
}

#[test]
fn a_failing_hook_ends_it() {
    let text = "name: root\nhooks:\n  before-install: [echo out; exit 3]\n";
    let site = Site::new(&[("component.yaml", text)]);
    let problems = site.install(HookPolicy::Allow, false);
    assert!(problems[0].contains("error[hook.failed]") && problems[0].contains("out"), "{problems:?}");
}

#[test]
fn a_fetched_component_brings_neither_hooks_nor_local_paths() {
    let site = Site::new(&[(
        "component.yaml",
        "name: root\nsubcomponents:\n- {name: mid, method: git, source: '@REPOS@/mid'}\n",
    )]);
    let hooked = "name: mid\nhooks: {before-install: [touch ran]}\n";
    site.repository("mid", &[("component.yaml", hooked)]);
    let problems = site.install(HookPolicy::Allow, true);
    assert!(problems.len() == 1 && problems[0].contains("hook.skipped"), "{problems:?}");
    assert!(!site.file("components/mid/ran"));

    let site = Site::new(&[(
        "component.yaml",
        "name: root\nsubcomponents:\n- {name: mid, method: git, source: '@REPOS@/mid'}\n",
    )]);
    let deeper = format!(
        "name: mid\nsubcomponents:\n- {{name: x, method: git, source: '{}'}}\n",
        Path::new("/repos/x").display()
    );
    site.repository("mid", &[("component.yaml", &deeper)]);
    let problems = site.install(HookPolicy::Off, false);
    assert!(problems.len() == 1 && problems[0].contains("source.not-allowed"), "{problems:?}");
}

#[test]
fn a_disabled_chart_is_not_fetched() {
    let site = stack(&[("config/common.yaml", "subcomponents: {app: {disabled: true}, mid: {disabled: true}}\n")]);
    assert_eq!(site.install(HookPolicy::Off, true), Vec::<String>::new());
    assert!(!site.project().join("helm_repos/app").exists());
    assert!(site.file("components/mid/sub/component.yaml"), "Fabrikate clones it all the same");
    fs::write(site.project().join("kiln.yaml"), "").unwrap();
    fs::remove_dir_all(site.project().join("components")).unwrap();
    assert_eq!(site.install(HookPolicy::Off, true), Vec::<String>::new());
    assert!(!site.project().join("components/mid").exists());
}

#[test]
fn sources_that_depend_on_labels_are_fetched_for_all_clusters() {
    let component = "name: root\nexpressions: true\nsubcomponents:\n- {name: mid, method: git, source: '@REPOS@/${{ vars.repo }}-${{ stage }}'}\n";
    let clusters = "clusters:\n- {name: a, labels: {stage: dev}}\n- {name: b, labels: {stage: prod}}\n- {name: c, labels: {stage: dev}}\n- {name: d, labels: {stage: gone}, disabled: true}\n";
    let site =
        Site::new(&[("component.yaml", component), ("clusters.yaml", clusters), ("kiln.yaml", "vars: {repo: mid}\n")]);
    for stage in ["dev", "prod"] {
        let file = format!("name: mid\nsubcomponents:\n- {{name: {stage}, type: static, path: m}}\n");
        site.repository(&format!("mid-{stage}"), &[("component.yaml", &file), ("m/a.yaml", "kind: A\n")]);
    }
    assert_eq!(site.install(HookPolicy::Off, false), Vec::<String>::new());
    let lock = fs::read_to_string(site.project().join("kiln.lock")).unwrap();
    assert_eq!(lock.matches("source:").count(), 2, "{lock}");
    assert!(lock.contains("repos/mid-dev") && lock.contains("repos/mid-prod"), "{lock}");
    // Without a cluster there is no such label.
    let problems = site.outputs().unwrap_err();
    assert!(
        problems
            .iter()
            .any(|problem| problem.contains("expression.undefined") && problem.contains("component.yaml:4:")),
        "{problems:?}"
    );
}
