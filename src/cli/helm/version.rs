use crate::helm::{GO_VERSION, HELM_VERSION};

use super::failure::Outcome;
use super::flags;
use super::pflag::{self, Flag, Takes};

static VERSION: &[Flag] = &[
    flags::flag("short", Takes::Bool, "print the version number only"),
    flags::flag("template", Takes::Text, "template for the output"),
    flags::short_idle('c', "client", Takes::Bool),
];

/// `helm version`: what tools ask for before they call anything else.
pub fn run(words: Vec<String>) -> Outcome {
    let words = pflag::parse(&[VERSION, flags::GLOBAL], words)?;
    let text = if words.is_on("short") {
        format!("{HELM_VERSION}\n")
    } else {
        format!(
            "version.BuildInfo{{Version:{HELM_VERSION:?}, GitCommit:\"\", GitTreeState:\"\", GoVersion:{GO_VERSION:?}}}\n"
        )
    };
    Ok(text.into_bytes())
}
