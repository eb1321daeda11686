use super::super::flags::{flag, idle, short, short_idle};
use super::super::pflag::{Flag, Takes};

/// Flags that `template` has in Helm 4 only, or that take other values there.
pub static FLAGS_4: &[Flag] = &[
    idle("color", Takes::Text),
    idle("colour", Takes::Text),
    idle("content-cache", Takes::Text),
    flag("dry-run", Takes::OptionalText("unset"), "accepted with every value but server"),
    idle("force-conflicts", Takes::Bool),
    idle("force-replace", Takes::Bool),
    idle("rollback-on-failure", Takes::Bool),
    idle("server-side", Takes::Bool),
    idle("wait", Takes::OptionalText("watcher")),
];

/// Flags that only `template` has.
pub static FLAGS: &[Flag] = &[
    short('a', "api-versions", Takes::List, "more API versions for Capabilities.APIVersions"),
    flag("kube-version", Takes::Text, "Kubernetes version for Capabilities.KubeVersion"),
    flag("include-crds", Takes::Bool, "print custom resource definitions too"),
    flag("is-upgrade", Takes::Bool, "set .Release.IsUpgrade instead of .Release.IsInstall"),
    flag("no-hooks", Takes::Bool, "leave out hooks"),
    flag("skip-tests", Takes::Bool, "leave out tests"),
    short('s', "show-only", Takes::Each, "print only manifests of the given template (repeatable)"),
    flag("output-dir", Takes::Text, "write manifests to files below this folder"),
    flag("release-name", Takes::Bool, "put the release name into paths below --output-dir"),
    short('g', "generate-name", Takes::Bool, "make up a release name"),
    flag("name-template", Takes::Text, "template for the release name"),
    flag("post-renderer", Takes::Text, "program that gets the manifests and gives back others"),
    flag("post-renderer-args", Takes::Each, "argument for the post-renderer (repeatable)"),
    flag("skip-schema-validation", Takes::Bool, "do not look at values.schema.json"),
    flag("dependency-update", Takes::Bool, "accepted; dependencies are never fetched while rendering"),
    flag("dry-run", Takes::OptionalText("client"), "accepted with every value but server"),
    flag("validate", Takes::Bool, "refused: rendering needs no cluster"),
    idle("atomic", Takes::Bool),
    idle("create-namespace", Takes::Bool),
    idle("description", Takes::Text),
    idle("disable-openapi-validation", Takes::Bool),
    idle("enable-dns", Takes::Bool),
    idle("force", Takes::Bool),
    idle("hide-notes", Takes::Bool),
    short_idle('l', "labels", Takes::List),
    idle("render-subchart-notes", Takes::Bool),
    idle("replace", Takes::Bool),
    idle("skip-crds", Takes::Bool),
    idle("take-ownership", Takes::Bool),
    idle("timeout", Takes::Text),
    idle("wait", Takes::Bool),
    idle("wait-for-jobs", Takes::Bool),
];
