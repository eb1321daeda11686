//! What Helm 4 checks of a command line, and how it words it.

use crate::golang::strconv;

use super::super::pflag::{self, Flag, Words};
use super::flags::FLAGS;

/// Flags of which only one may be set.
const GROUPS: [[&str; 2]; 3] =
    [["force", "force-conflicts"], ["force-replace", "force-conflicts"], ["validate", "dry-run"]];

/// What `--color` takes.
const COLOR_MODES: [&str; 3] = ["never", "auto", "always"];

/// Refuses values that Helm 4 refuses while it reads the words. A post-renderer is a plugin there, and kiln
/// has none.
pub fn check(words: &Words) -> Result<(), String> {
    let refuse = |name: &str, value: &str, why: &str| {
        let flag: Option<&Flag> = FLAGS.iter().find(|flag| flag.name == name);
        Err(flag.map_or_else(|| why.to_owned(), |flag| pflag::invalid(flag, value, why)))
    };
    if let Some(name) = words.all("post-renderer").iter().find(|name| !name.is_empty()) {
        return refuse("post-renderer", name, &format!("plugin: {{Name:{name} Type:postrenderer/v1}} not found"));
    }
    let known = ["watcher", "hookOnly", "legacy", "true", "false"];
    if let Some(word) = words.all("wait").iter().find(|word| !known.contains(&word.as_str())) {
        let shown = strconv::quote(word.as_bytes());
        let why = format!("invalid wait input {shown}. Valid inputs are watcher, hookOnly, and legacy");
        return refuse("wait", word, &why);
    }
    if let Some(word) = words.last("color").or(words.last("colour")).filter(|word| !COLOR_MODES.contains(word)) {
        let shown = strconv::quote(word.as_bytes());
        return Err(format!("invalid color mode {shown}: must be one of: {}", COLOR_MODES.join(", ")));
    }
    Ok(())
}

/// Refuses flags that exclude each other. The error is cobra's text.
pub fn check_groups(words: &Words) -> Result<(), String> {
    for group in GROUPS {
        if group.iter().all(|name| !words.all(name).is_empty()) {
            let mut set = group;
            set.sort_unstable();
            let (group, set) = (group.join(" "), set.join(" "));
            return Err(format!(
                "if any flags in the group [{group}] are set none of the others can be; [{set}] were all set"
            ));
        }
    }
    Ok(())
}

/// Refuses what needs a cluster, and values of `--dry-run` that Helm 4 does not know.
pub fn refuse_cluster(words: &Words) -> Result<(), String> {
    let word = words.last("dry-run").unwrap_or("client");
    let invalid = |known: &str| {
        let shown = strconv::quote(word.as_bytes());
        Err(format!("invalid dry-run value ({shown}). Must be {known}"))
    };
    match word {
        "unset" | "client" => {}
        "server" => return Err("--dry-run=server needs a cluster, which is never asked".to_owned()),
        "none" => return invalid("\"server\" or \"client\""),
        word => match strconv::parse_bool(word) {
            Ok(true) => {}
            Ok(false) => return invalid("\"server\" or \"client\""),
            Err(_) => return invalid("\"none\", \"server\", or \"client\""),
        },
    }
    if words.is_on("validate") {
        return Err("--validate needs a cluster, which is never asked".to_owned());
    }
    Ok(())
}
