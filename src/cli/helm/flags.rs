//! The flags that several of helm's commands have.

use crate::helm::Compat;

use super::pflag::{Flag, Takes};

/// A flag without a letter.
pub const fn flag(name: &'static str, takes: Takes, help: &'static str) -> Flag {
    Flag { name, short: None, takes, help, only: None }
}

/// A flag with a letter.
pub const fn short(short: char, name: &'static str, takes: Takes, help: &'static str) -> Flag {
    Flag { name, short: Some(short), takes, help, only: None }
}

/// Accepted and without effect: it concerns clusters.
pub const fn idle(name: &'static str, takes: Takes) -> Flag {
    flag(name, takes, "")
}

/// Accepted and without effect, with a letter.
pub const fn short_idle(short: char, name: &'static str, takes: Takes) -> Flag {
    Flag { name, short: Some(short), takes, help: "", only: None }
}

/// Accepted in Helm 4 only, or with other values there, and without effect.
pub const fn idle_4(name: &'static str, takes: Takes) -> Flag {
    Flag { only: Some(Compat::V4), ..idle(name, takes) }
}

/// Flags that every command of helm has.
pub static GLOBAL: &[Flag] = &[
    short('n', "namespace", Takes::Text, "namespace of the release"),
    flag("debug", Takes::Bool, "say more on standard error"),
    short('h', "help", Takes::Bool, "print this help"),
    flag("helm-compat", Takes::Text, "do as Helm 3 (3.21.4, the default) or 4 (4.2.4) does"),
    idle("burst-limit", Takes::Int),
    idle_4("color", Takes::Text),
    idle_4("colour", Takes::Text),
    idle_4("content-cache", Takes::Text),
    idle("kube-apiserver", Takes::Text),
    idle("kube-as-group", Takes::Each),
    idle("kube-as-user", Takes::Text),
    idle("kube-ca-file", Takes::Text),
    idle("kube-context", Takes::Text),
    idle("kube-insecure-skip-tls-verify", Takes::Bool),
    idle("kube-tls-server-name", Takes::Text),
    idle("kube-token", Takes::Text),
    idle("kubeconfig", Takes::Text),
    idle("qps", Takes::Float),
    flag("registry-config", Takes::Text, "file with the logins for registries"),
    flag("repository-cache", Takes::Text, "folder with the indexes of repositories"),
    flag("repository-config", Takes::Text, "file with the names and URLs of repositories"),
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

const USERNAME: Flag = flag("username", Takes::Text, "user of the repository or registry");
const PASSWORD: Flag = flag("password", Takes::Text, "the user's password");
const CA_FILE: Flag = flag("ca-file", Takes::Text, "certificates of the authorities that are trusted");
const CERT_FILE: Flag = flag("cert-file", Takes::Text, "our own certificate");
const KEY_FILE: Flag = flag("key-file", Takes::Text, "the key of our certificate");
const INSECURE: Flag = flag("insecure-skip-tls-verify", Takes::Bool, "trust every certificate");
const PLAIN_HTTP: Flag = flag("plain-http", Takes::Bool, "talk to the registry without TLS");
const PASS_CREDENTIALS: Flag = flag("pass-credentials", Takes::Bool, "send the login to every host");
/// The keyring for `--verify`.
pub const KEYRING: Flag = flag("keyring", Takes::Text, "public keys for --verify (~/.gnupg/pubring.gpg)");
const VERIFY: Flag = flag("verify", Takes::Bool, "check the signature of the chart");

/// Flags that say where a chart comes from.
pub static SOURCE: &[Flag] = &[
    flag("repo", Takes::Text, "URL of the repository that the chart is in"),
    flag("version", Takes::Text, "version of the chart, or a range such as ^2.0.0"),
    flag("devel", Takes::Bool, "take pre-releases too, as --version '>0.0.0-0' does"),
    USERNAME,
    PASSWORD,
    PASS_CREDENTIALS,
    CA_FILE,
    CERT_FILE,
    KEY_FILE,
    INSECURE,
    PLAIN_HTTP,
    KEYRING,
    VERIFY,
];

/// Flags that say how a repository is talked to.
pub static REPOSITORY: &[Flag] = &[USERNAME, PASSWORD, PASS_CREDENTIALS, CA_FILE, CERT_FILE, KEY_FILE, INSECURE];

/// Flags of commands that fetch dependencies.
pub static DEPENDENCIES: &[Flag] =
    &[flag("skip-refresh", Takes::Bool, "do not fetch the indexes of repositories again"), VERIFY];

/// Flags that say how registries are talked to.
pub static REGISTRY: &[Flag] = &[USERNAME, PASSWORD, CA_FILE, CERT_FILE, KEY_FILE, INSECURE, PLAIN_HTTP, KEYRING];

/// Flags about certificates.
pub static TLS: &[Flag] = &[CA_FILE, CERT_FILE, KEY_FILE];
