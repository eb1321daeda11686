//! What a terminal shows while a run goes on.

use std::process::Command;

use crate::project::Project;

#[test]
fn a_terminal_names_the_release_that_takes_longest_and_nothing_else_does() {
    let project = Project::new();
    let slow = "- {name: rules, type: static, path: rules, hooks: {before-generate: [sleep 3]}}";
    let text = project.read("component.yaml").replace("- {name: rules, type: static, path: rules}", slow);
    project.write("component.yaml", &text);
    let words = ["generate", "--cluster", "c3", "--allow-hooks", "-O", "out"];
    let said = project.kiln(&words).exits(0);
    assert!(!said.contains("rendering") && !said.contains('\r'), "{said}");
    // `script` gives kiln a terminal.
    let kiln = env!("CARGO_BIN_EXE_kiln");
    let command = format!("stty cols 120; exec {kiln} {}", words.join(" "));
    let probe = Command::new("script").args(["-qec", "true", "/dev/null"]).output();
    if !probe.is_ok_and(|probe| probe.status.success()) {
        eprintln!("SKIPPED: there is no `script` (util-linux)");
        return;
    }
    let mut script = project.shell();
    script.args(["-c", r#"exec script -qec "$0" /dev/null"#, &command]).env("TERM", "xterm").env_remove("NO_COLOR");
    let output = script.stdin(std::process::Stdio::null()).output().unwrap();
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{shown}");
    for words in ["rendering", "0/1", "c3/shop/rules 1 s", "c3/shop/rules 2 s"] {
        assert!(shown.contains(words), "no `{words}` in:\n{shown}");
    }
    assert!(!shown.contains("c3/shop/web 1 s"), "{shown}");
}
