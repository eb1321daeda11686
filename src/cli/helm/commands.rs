//! The commands of helm, in the order in which Helm names them in suggestions.

use super::command::{Action, Command, Does};
use super::{dependency, environment, lint, package, plugins, pull, registry, repo, show, template, verify, version};

const NEEDS_CLUSTER: &str =
    "needs a cluster, and kiln asks none: it renders; for releases in a cluster use Helm itself";
/// Why commands are refused that Helm itself is needed for.
pub const NOT_OFFERED: &str = "is not offered by kiln in helm's place; use Helm itself";

/// Every command.
pub static COMMANDS: &[Command] = &[
    refused("create", &[], "create a chart with the given name", NOT_OFFERED),
    Command {
        name: "show",
        aliases: &["inspect"],
        about: "show what a chart says about itself",
        does: Does::Group(show::PARTS),
    },
    action("lint", &[], "check charts for faults", lint::ACTION),
    action("package", &[], "pack a chart into an archive", package::ACTION),
    refused("search", &[], "search for a keyword in charts", NOT_OFFERED),
    action("verify", &[], "verify that a chart has been signed and is valid", verify::ACTION),
    Command {
        name: "dependency",
        aliases: &["dep", "dependencies"],
        about: "list, fetch and lock the dependencies of a chart",
        does: Does::Group(dependency::COMMANDS),
    },
    action("pull", &["fetch"], "fetch a chart and keep or unpack it", pull::ACTION),
    Command {
        name: "repo",
        aliases: &[],
        about: "add, list, update and remove chart repositories",
        does: Does::Group(repo::COMMANDS),
    },
    refused("get", &[], "download information of a release", NEEDS_CLUSTER),
    refused("history", &["hist"], "show the history of a release", NEEDS_CLUSTER),
    refused("install", &[], "install a chart", NEEDS_CLUSTER),
    refused("list", &["ls"], "list releases", NEEDS_CLUSTER),
    refused("test", &[], "run the tests of a release", NEEDS_CLUSTER),
    refused("rollback", &[], "roll a release back to an earlier revision", NEEDS_CLUSTER),
    refused("status", &[], "show the state of a release", NEEDS_CLUSTER),
    TEMPLATE,
    refused("uninstall", &["del", "delete", "un"], "remove a release", NEEDS_CLUSTER),
    refused("upgrade", &[], "upgrade a release", NEEDS_CLUSTER),
    refused(
        "completion",
        &[],
        "make completions for a shell",
        "is not offered by kiln in helm's place; see `kiln completions`",
    ),
    action("env", &[], "print the environment of helm", environment::ACTION),
    Command {
        name: "plugin",
        aliases: &[],
        about: "list the plugins of helm",
        does: Does::Group(&[
            refused("install", &["add"], "install a plugin", NOT_OFFERED),
            action("list", &["ls"], "list the plugins: kiln runs none", plugins::LIST),
            refused("uninstall", &["rm", "remove"], "remove a plugin", NOT_OFFERED),
            refused("update", &["up"], "update a plugin", NOT_OFFERED),
        ]),
    },
    action("version", &[], "print the version of Helm that kiln stands for", version::ACTION),
    Command {
        name: "registry",
        aliases: &[],
        about: "log in to a registry or out of it",
        does: Does::Group(registry::COMMANDS),
    },
    refused("push", &[], "push a chart to a registry", NOT_OFFERED),
];

/// `template`, which kiln has under its own name too.
pub const TEMPLATE: Command =
    action("template", &[], "Render chart templates locally and display the output.", template::ACTION);

/// A command that gives something.
pub const fn action(
    name: &'static str,
    aliases: &'static [&'static str],
    about: &'static str,
    action: Action,
) -> Command {
    Command { name, aliases, about, does: Does::Run(action) }
}

/// A command that is refused.
pub const fn refused(
    name: &'static str,
    aliases: &'static [&'static str],
    about: &'static str,
    reason: &'static str,
) -> Command {
    Command { name, aliases, about, does: Does::Refuse(reason) }
}
