use crate::helm::GO_VERSION;

use super::failure::Outcome;
use super::pflag::{self, Flag, Takes};
use super::{compat, flags};

static VERSION: &[Flag] = &[
    flags::flag("short", Takes::Bool, "print the version number only"),
    flags::flag("template", Takes::Text, "template for the output"),
    flags::short_idle('c', "client", Takes::Bool),
];

/// `helm version`: what tools ask for before they call anything else.
pub fn run(words: Vec<String>) -> Outcome {
    let compat = compat::of(&words)?;
    let version = compat.helm_version();
    let words = pflag::parse(&[VERSION, flags::GLOBAL], words)?;
    let text = if words.is_on("short") {
        format!("{version}\n")
    } else {
        let client = compat.kube_client_version().map(|version| format!(", KubeClientVersion:{version:?}"));
        let client = client.unwrap_or_default();
        format!(
            "version.BuildInfo{{Version:{version:?}, GitCommit:\"\", GitTreeState:\"\", GoVersion:{GO_VERSION:?}{client}}}\n"
        )
    };
    Ok(text.into_bytes())
}
