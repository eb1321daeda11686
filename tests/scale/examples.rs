//! Runs the scripts inside the examples of `docs/guide/ci-fan-out.md` as their schedulers would, and compares
//! what comes of it with one run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::project::Project;

/// The example whose first line names its file.
fn example(name: &str) -> Value {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/guide/ci-fan-out.md")).unwrap();
    let start = page.find(&format!("```yaml\n# {name}\n")).expect("the example is there") + "```yaml\n".len();
    let text = &page[start..start + page[start..].find("\n```").unwrap()];
    serde_yaml::from_str(text).unwrap()
}

/// A machine of the scheduler: a checkout of the project.
struct Machine<'p> {
    project: &'p Project,
    folder: PathBuf,
}

impl<'p> Machine<'p> {
    fn new(project: &'p Project, name: &str) -> Self {
        let folder = project.path(&format!("out-{name}"));
        fs::create_dir_all(&folder).unwrap();
        for part in ["kiln.yaml", "component.yaml", "clusters.yaml", "charts", "rules", "config"] {
            let done = Command::new("cp").arg("-r").arg(project.path(part)).arg(&folder).status().unwrap();
            assert!(done.success());
        }
        Self { project, folder }
    }

    /// Runs a script as the scheduler's shell does.
    #[track_caller]
    fn run(&self, script: &str, variables: &[(&str, &str)]) {
        let bin = self.folder.join("bin");
        if !bin.exists() {
            fs::create_dir(&bin).unwrap();
            std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_kiln"), bin.join("kiln")).unwrap();
        }
        let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
        let mut command = self.project.shell();
        command.args(["-ec", script]).current_dir(&self.folder).env("PATH", path);
        let done = command.envs(variables.iter().copied()).output().unwrap();
        assert!(done.status.success(), "{script}\n{}", String::from_utf8_lossy(&done.stderr));
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// The first step with a script.
fn script(job: &Value) -> String {
    let steps = job["steps"].as_array().unwrap();
    text(&steps.iter().find(|step| step.get("run").is_some()).unwrap()["run"])
}

fn lines(script: &Value) -> String {
    script.as_array().unwrap().iter().map(|line| text(line) + "\n").collect()
}

fn move_to(from: &Path, to: &Path) {
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    fs::rename(from, to).unwrap();
}

fn check(project: &Project, machine: &Machine<'_>) {
    project.kiln(&["generate", "-O", "whole"]).exits(0);
    fs::rename(machine.folder.join("generated"), project.path("joined")).unwrap();
    assert_eq!(project.tree("joined"), project.tree("whole"));
}

#[test]
fn github_actions() {
    let project = Project::new();
    let workflow = example(".github/workflows/render.yml");
    let jobs = &workflow["jobs"];
    let planner = Machine::new(&project, "plan");
    let output = project.path("output");
    planner.run(&script(&jobs["plan"]), &[("GITHUB_OUTPUT", output.to_str().unwrap())]);
    let said = fs::read_to_string(&output).unwrap();
    let matrix = said.trim_end().strip_prefix("matrix=").expect("one line");
    let entries: Value = serde_json::from_str(matrix).unwrap();
    let entries = entries["include"].as_array().unwrap();
    assert_eq!(entries.len(), 3);
    let merger = Machine::new(&project, "merge");
    for (at, entry) in entries.iter().enumerate() {
        let machine = Machine::new(&project, &format!("render-{at}"));
        let shard = text(&entry["shard"]);
        let temporary = machine.folder.join("tmp");
        fs::create_dir(&temporary).unwrap();
        let variables =
            [("MATRIX", matrix), ("KILN_SHARD", shard.as_str()), ("RUNNER_TEMP", temporary.to_str().unwrap())];
        machine.run(&script(&jobs["render"]), &variables);
        move_to(&machine.folder.join("part"), &merger.folder.join(format!("parts/part-{at}")));
    }
    merger.run(&script(&jobs["merge"]), &[]);
    check(&project, &merger);
}

#[test]
fn gitlab() {
    let project = Project::new();
    let pipeline = example(".gitlab-ci.yml");
    let count = pipeline["render"]["parallel"].as_u64().unwrap();
    let merger = Machine::new(&project, "merge");
    for index in 1..=count {
        let machine = Machine::new(&project, &format!("render-{index}"));
        let (index, count) = (index.to_string(), count.to_string());
        machine.run(&lines(&pipeline["render"]["script"]), &[("CI_NODE_INDEX", &index), ("CI_NODE_TOTAL", &count)]);
        let part = format!("part-{index}");
        move_to(&machine.folder.join(&part), &merger.folder.join(&part));
    }
    merger.run(&lines(&pipeline["merge"]["script"]), &[("CI_NODE_TOTAL", "1")]);
    check(&project, &merger);
}

#[test]
fn kubernetes_indexed_job() {
    let project = Project::new();
    let job = example("job.yaml");
    let pod = &job["spec"]["template"]["spec"]["containers"][0];
    let machine = Machine::new(&project, "volume");
    let parts = machine.folder.join("parts");
    let script = lines(&pod["args"]).replace("/parts/", &format!("{}/", parts.display()));
    let variables: Vec<(String, String)> = pod["env"]
        .as_array()
        .unwrap()
        .iter()
        .map(|variable| (text(&variable["name"]), text(&variable["value"])))
        .collect();
    let completions = job["spec"]["completions"].as_u64().unwrap();
    for index in 0..completions {
        let index = index.to_string();
        let mut variables: Vec<(&str, &str)> =
            variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        variables.push(("JOB_COMPLETION_INDEX", &index));
        machine.run(&script, &variables);
    }
    machine.run("kiln merge generated parts/*", &[]);
    check(&project, &machine);
}
