//! The flags of `helm template`.

use super::pflag::{Flag, Takes};

const fn flag(name: &'static str, takes: Takes, help: &'static str) -> Flag {
    Flag { name, short: None, takes, help }
}

const fn short(short: char, name: &'static str, takes: Takes, help: &'static str) -> Flag {
    Flag { name, short: Some(short), takes, help }
}

/// Accepted and without effect: it concerns clusters or transfers.
const fn idle(name: &'static str, takes: Takes) -> Flag {
    flag(name, takes, "")
}

/// Flags that every command of helm has.
pub static GLOBAL: &[Flag] = &[
    short('n', "namespace", Takes::Text, "namespace of the release"),
    flag("debug", Takes::Bool, "say more on standard error"),
    short('h', "help", Takes::Bool, "print this help"),
    idle("burst-limit", Takes::Text),
    idle("kube-apiserver", Takes::Text),
    idle("kube-as-group", Takes::Each),
    idle("kube-as-user", Takes::Text),
    idle("kube-ca-file", Takes::Text),
    idle("kube-context", Takes::Text),
    idle("kube-insecure-skip-tls-verify", Takes::Bool),
    idle("kube-tls-server-name", Takes::Text),
    idle("kube-token", Takes::Text),
    idle("kubeconfig", Takes::Text),
    idle("qps", Takes::Text),
    idle("registry-config", Takes::Text),
    idle("repository-cache", Takes::Text),
    idle("repository-config", Takes::Text),
];

/// Flags of `template`.
pub static TEMPLATE: &[Flag] = &[
    short('f', "values", Takes::List, "YAML file with values, `-` for standard input (repeatable, commas separate)"),
    flag("set", Takes::Each, "set values: key1=val1,key2=val2 (repeatable)"),
    flag("set-file", Takes::Each, "set values from files: key1=path1 (repeatable)"),
    flag("set-json", Takes::Each, "set JSON values: key1=jsonval1 (repeatable)"),
    flag("set-literal", Takes::Each, "set a literal string: key=value (repeatable)"),
    flag("set-string", Takes::Each, "set string values: key1=val1 (repeatable)"),
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
    idle("ca-file", Takes::Text),
    idle("cert-file", Takes::Text),
    idle("create-namespace", Takes::Bool),
    idle("description", Takes::Text),
    idle("devel", Takes::Bool),
    idle("disable-openapi-validation", Takes::Bool),
    idle("enable-dns", Takes::Bool),
    idle("force", Takes::Bool),
    idle("hide-notes", Takes::Bool),
    idle("insecure-skip-tls-verify", Takes::Bool),
    idle("key-file", Takes::Text),
    idle("keyring", Takes::Text),
    Flag { name: "labels", short: Some('l'), takes: Takes::List, help: "" },
    idle("pass-credentials", Takes::Bool),
    idle("password", Takes::Text),
    idle("plain-http", Takes::Bool),
    idle("render-subchart-notes", Takes::Bool),
    idle("replace", Takes::Bool),
    idle("repo", Takes::Text),
    idle("skip-crds", Takes::Bool),
    idle("take-ownership", Takes::Bool),
    idle("timeout", Takes::Text),
    idle("username", Takes::Text),
    idle("verify", Takes::Bool),
    idle("version", Takes::Text),
    idle("wait", Takes::Bool),
    idle("wait-for-jobs", Takes::Bool),
];
