//! GitHub, GitLab and pre-commit.

use std::fs;
use std::path::Path;
use std::process::Output;

use serde_yaml::Value;

use crate::files::documents;
use crate::place::{KILN, Place, printed, root};

/// Runs the steps of the action with inputs, as GitHub does: `${{ inputs.… }}` is filled into variables, what a
/// step writes to `GITHUB_OUTPUT` is there for later steps.
fn action(place: &Place, inputs: &[(&str, &str)]) -> (Output, Vec<(String, String)>) {
    let action = documents("action.yml").remove(0);
    let default = |name: &str| action["inputs"][name]["default"].as_str().unwrap_or_default().to_owned();
    let input = |name: &str| {
        inputs.iter().find(|(own, _)| *own == name).map_or_else(|| default(name), |(_, value)| (*value).to_owned())
    };
    let mut outputs: Vec<(String, String)> = Vec::new();
    let mut last = None;
    for step in action["runs"]["steps"].as_sequence().unwrap() {
        let mut command = place.command("bash");
        // How GitHub starts a step whose shell is `bash`.
        command.args(["--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"].as_str().unwrap()]);
        for (name, value) in step["env"].as_mapping().unwrap() {
            let expression = value.as_str().unwrap().trim_start_matches("${{ ").trim_end_matches(" }}");
            let value = match expression.strip_prefix("inputs.") {
                Some(name) => input(name),
                None => outputs.iter().find(|(own, _)| own == expression).map(|(_, value)| value.clone()).unwrap(),
            };
            command.env(name.as_str().unwrap(), value);
        }
        let file = place.path("outputs");
        fs::write(&file, "").unwrap();
        command
            .env("GITHUB_OUTPUT", &file)
            .env("GITHUB_PATH", place.path("paths"))
            .env("RUNNER_TEMP", place.path("tmp"));
        let output = command.output().unwrap();
        for line in fs::read_to_string(&file).unwrap().lines() {
            let (name, value) = line.split_once('=').unwrap();
            outputs.push((format!("steps.{}.outputs.{name}", step["id"].as_str().unwrap()), value.to_owned()));
        }
        let is_done = !output.status.success();
        last = Some(output);
        if is_done {
            break;
        }
    }
    (last.unwrap(), outputs)
}

fn exit_code(outputs: &[(String, String)]) -> &str {
    &outputs.iter().find(|(name, _)| name == "steps.run.outputs.exit-code").unwrap().1
}

#[test]
fn the_action_runs_a_command_of_a_program_on_the_path() {
    let place = Place::new();
    let (output, outputs) = action(
        &place,
        &[("command", "generate"), ("project", "shop"), ("arguments", "staging\n\n--out-dir\nan out dir\n")],
    );
    printed(&output);
    assert_eq!(exit_code(&outputs), "0");
    assert!(place.read("an out dir/staging/web.yaml").contains("stage: staging"));
    let (output, outputs) = action(&place, &[("project", "shop"), ("arguments", "staging")]);
    assert_eq!(
        (output.status.code(), exit_code(&outputs)),
        (Some(2), "2"),
        "nothing stands in the project's own folder"
    );
    // Nothing in an input is a command.
    let (output, _) =
        action(&place, &[("command", "generate"), ("project", "shop"), ("arguments", "$(touch hacked); touch hacked")]);
    assert!(!output.status.success() && !place.path("hacked").exists() && !place.path("shop/hacked").exists());
}

#[test]
fn the_action_takes_a_program_that_it_is_given() {
    let place = Place::new();
    fs::remove_file(place.path("bin/kiln")).unwrap();
    // Another kiln may be on the path of this machine: then nothing is missing.
    if !printed(&place.script("sh", "command -v kiln || :", &[])).contains("kiln") {
        let (output, _) = action(&place, &[("project", "shop")]);
        assert_eq!(output.status.code(), Some(3));
        assert!(String::from_utf8_lossy(&output.stderr).contains("give `binary`"));
    }
    let (output, _) = action(&place, &[("binary", KILN), ("command", "generate"), ("project", "shop")]);
    printed(&output);
    assert!(place.read("paths").trim_end().ends_with(std::path::Path::new(KILN).parent().unwrap().to_str().unwrap()));
}

#[test]
fn the_action_checks_what_it_downloads() {
    let place = Place::new();
    fs::copy(KILN, place.path("release")).unwrap();
    let url = format!("file://{}", place.path("release").display());
    let (output, _) = action(&place, &[("url", &url), ("project", "shop")]);
    assert_eq!(output.status.code(), Some(3), "{}", String::from_utf8_lossy(&output.stderr));
    if place.command("curl").arg("--version").output().is_err() {
        eprintln!("skipped: there is no curl");
        return;
    }
    let (output, _) = action(&place, &[("url", &url), ("sha256", &"0".repeat(64)), ("project", "shop")]);
    assert_eq!(output.status.code(), Some(4), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(!place.path("tmp/kiln-download/kiln").exists());
    let digest = printed(&place.script("sh", "(sha256sum release || shasum -a 256 release) | cut -d ' ' -f 1", &[]));
    let (output, _) =
        action(&place, &[("url", &url), ("sha256", digest.trim()), ("command", "generate"), ("project", "shop")]);
    printed(&output);
}

/// The script of a job of the GitLab component, inputs filled in, with the job's variables.
fn job(name: &str, inputs: &[(&str, &str)]) -> (String, Vec<(String, String)>) {
    let documents = documents("templates/kiln/template.yml");
    let fill = |text: &str| {
        let mut text = text.to_owned();
        for (input, value) in documents[0]["spec"]["inputs"].as_mapping().unwrap() {
            let input = input.as_str().unwrap();
            let given = inputs.iter().find(|(own, _)| *own == input).map(|(_, value)| *value);
            let value = given.or(value["default"].as_str()).unwrap_or_else(|| panic!("{input} is required"));
            text = text.replace(&format!("$[[ inputs.{input} ]]"), value);
        }
        text
    };
    let job = &documents[1][name];
    let base = &documents[1][job["extends"].as_str().unwrap()];
    let variables = if job["variables"].is_mapping() { &job["variables"] } else { &base["variables"] };
    let text = |value: &Value| fill(value.as_str().unwrap());
    let variables = variables.as_mapping().unwrap().iter().map(|(name, value)| (text(name), text(value)));
    let script: Vec<String> = job["script"].as_sequence().unwrap().iter().map(text).collect();
    (script.join("\n"), variables.collect())
}

/// Runs a job as GitLab does: its variables, one shell that stops at the first error.
fn run_job(place: &Place, (script, variables): (String, Vec<(String, String)>)) -> Output {
    let top = place.path("");
    let top = top.to_str().unwrap().trim_end_matches('/');
    let mut command = place.command("sh");
    command.args(["-e", "-c", &script]).env("CI_PROJECT_DIR", top);
    command.envs(variables.iter().map(|(name, value)| (name.clone(), value.replace("$CI_PROJECT_DIR", top))));
    command.output().unwrap()
}

#[test]
fn the_component_compiles() {
    let place = Place::new();
    printed(&run_job(&place, job("kiln-plan", &[("image", "kiln"), ("project", "shop")])));
    assert!(place.read("rendered/common/web.yaml").contains("stage: common"));
    assert!(place.read("provenance.json").contains("common/web.yaml"));
}

#[test]
fn the_component_publishes() {
    let place = Place::new();
    let target = place.publishes();
    let publish = |arguments: &str| {
        run_job(&place, job("kiln-publish", &[("image", "kiln"), ("project", "shop"), ("arguments", arguments)]))
    };
    let tip = || target.find_reference("refs/heads/main").ok().map(|main| main.peel_to_commit().unwrap());
    place.commit("First");
    printed(&publish("--dry-run"));
    assert!(tip().is_none(), "arguments reach the command");
    printed(&publish(""));
    let first = tip().unwrap();
    assert!(first.message().unwrap().contains("First"));
    let file = first.tree().unwrap().get_path(Path::new("staging/web.yaml")).unwrap();
    let text = target.find_blob(file.id()).unwrap().content().to_vec();
    assert!(String::from_utf8(text).unwrap().contains("stage: staging"));
    printed(&publish("--require-clean -o json"));
    assert_eq!(tip().unwrap().id(), first.id(), "nothing changes");
    // What is not compiled is not published, and what a guard refuses ends the job.
    place.write("shop/config/staging.yaml", "subcomponents: {web: {config: {stage: other}}}\n");
    place.commit("Second");
    let second = publish("--owner somebody");
    assert_eq!(second.status.code(), Some(5), "{}", String::from_utf8_lossy(&second.stderr));
    assert_eq!(tip().unwrap().id(), first.id());
    printed(&publish(""));
    assert_eq!(tip().unwrap().parent_id(0).unwrap(), first.id());
}

#[test]
fn the_action_publishes_and_tells_what_a_guard_says() {
    let place = Place::new();
    let target = place.publishes();
    place.commit("First");
    let publish = |arguments| action(&place, &[("command", "publish"), ("project", "shop"), ("arguments", arguments)]);
    let (output, outputs) = publish("--locked\n");
    printed(&output);
    assert_eq!(exit_code(&outputs), "0");
    assert!(target.find_reference("refs/heads/main").is_ok());
    let (output, outputs) = publish("--locked\n--owner\nsomebody else\n");
    assert_eq!((output.status.code(), exit_code(&outputs)), (Some(3), "3"), "one word a line");
    let (output, outputs) = publish("--owner\nsomebody\n");
    assert_eq!((output.status.code(), exit_code(&outputs)), (Some(5), "5"));
}

#[test]
fn hooks_run_a_command_that_there_is() {
    let place = Place::new();
    let run = |id: &str| {
        let hooks = documents(".pre-commit-hooks.yaml").remove(0);
        let hook = hooks.as_sequence().unwrap().iter().find(|hook| hook["id"] == id).unwrap().clone();
        // pre-commit starts it in the repository, which is the project, and splits it as a shell does.
        place.script("sh", &format!("cd shop && {}", hook["entry"].as_str().unwrap()), &[])
    };
    assert_eq!(run("kiln-check").status.code(), Some(2));
    printed(&run("kiln-generate"));
    printed(&run("kiln-check"));
    printed(&run("kiln-lock"));
    let names = documents(".pre-commit-hooks.yaml").remove(0);
    assert_eq!(names.as_sequence().unwrap().len(), 3, "each hook is run above");
    assert!(root().join(".pre-commit-hooks.yaml").is_file());
}
