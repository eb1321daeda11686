//! What every test target does to the programs that it starts. Included by `#[path]`.

use std::process::Command;

/// How variables begin that kiln, git or the scheduler of a job listens to.
const STARTS: [&str; 6] = ["KILN_", "GIT_", "GITHUB_", "CI_NODE_", "JOB_COMPLETION", "BUILDKITE_"];
/// Others, by their whole names.
const NAMES: [&str; 3] = ["SOURCE_DATE_EPOCH", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"];

/// Takes everything away from a command that whoever runs the tests has set for programs of their own. What a
/// test sets after that stays.
pub fn without_settings(command: &mut Command) -> &mut Command {
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if STARTS.iter().any(|start| text.starts_with(start)) || NAMES.contains(&&*text) {
            command.env_remove(name);
        }
    }
    command
}
