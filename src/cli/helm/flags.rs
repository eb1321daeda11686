//! The flags that several of helm's commands have.

use super::pflag::{Flag, Takes};

/// A flag without a letter.
pub const fn flag(name: &'static str, takes: Takes, help: &'static str) -> Flag {
    Flag { name, short: None, takes, help }
}

/// A flag with a letter.
pub const fn short(short: char, name: &'static str, takes: Takes, help: &'static str) -> Flag {
    Flag { name, short: Some(short), takes, help }
}

/// Accepted and without effect: it concerns clusters.
pub const fn idle(name: &'static str, takes: Takes) -> Flag {
    flag(name, takes, "")
}

/// Accepted and without effect, with a letter.
pub const fn short_idle(short: char, name: &'static str, takes: Takes) -> Flag {
    Flag { name, short: Some(short), takes, help: "" }
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

/// Flags that set values.
pub static VALUES: &[Flag] = &[
    short('f', "values", Takes::List, "YAML file with values, `-` for standard input (repeatable, commas separate)"),
    flag("set", Takes::Each, "set values: key1=val1,key2=val2 (repeatable)"),
    flag("set-file", Takes::Each, "set values from files: key1=path1 (repeatable)"),
    flag("set-json", Takes::Each, "set JSON values: key1=jsonval1 (repeatable)"),
    flag("set-literal", Takes::Each, "set a literal string: key=value (repeatable)"),
    flag("set-string", Takes::Each, "set string values: key1=val1 (repeatable)"),
];

/// Flags that say where a chart comes from.
pub static SOURCE: &[Flag] = &[
    idle("ca-file", Takes::Text),
    idle("cert-file", Takes::Text),
    idle("devel", Takes::Bool),
    idle("insecure-skip-tls-verify", Takes::Bool),
    idle("key-file", Takes::Text),
    idle("keyring", Takes::Text),
    idle("pass-credentials", Takes::Bool),
    idle("password", Takes::Text),
    idle("plain-http", Takes::Bool),
    idle("repo", Takes::Text),
    idle("username", Takes::Text),
    idle("verify", Takes::Bool),
    idle("version", Takes::Text),
];
