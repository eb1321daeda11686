use crate::helm::{GO_VERSION, version_from_template};

use super::command::{Action, Arguments};
use super::failure::Outcome;
use super::flags;
use super::pflag::{Flag, Takes, Words};

static FLAGS: &[Flag] = &[
    flags::flag("short", Takes::Bool, "print the version number only"),
    flags::flag("template", Takes::Text, "template for the output"),
    flags::short_idle('c', "client", Takes::Bool),
];

/// `helm version`: what tools ask for before they call anything else.
pub const ACTION: Action = Action { usage: "", arguments: Arguments::None, flags: &[FLAGS], run };

fn run(words: Words) -> Outcome {
    if let Some(template) = words.last("template").filter(|text| !text.is_empty()) {
        return Ok(version_from_template(template, words.compat)?);
    }
    let version = words.compat.helm_version();
    let text = if words.is_on("short") {
        format!("{version}\n")
    } else {
        let client = words.compat.kube_client_version().map(|version| format!(", KubeClientVersion:{version:?}"));
        let client = client.unwrap_or_default();
        format!(
            "version.BuildInfo{{Version:{version:?}, GitCommit:\"\", GitTreeState:\"\", GoVersion:{GO_VERSION:?}{client}}}\n"
        )
    };
    Ok(text.into_bytes())
}
