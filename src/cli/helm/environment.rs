use crate::golang::{float, strconv};

use super::command::{Action, Arguments};
use super::failure::Outcome;
use super::pflag::Words;
use super::settings::{self, Home, setting, variable};

/// `helm env`: what helm's environment and flags say, and where its files are.
pub const ACTION: Action = Action { usage: "", arguments: Arguments::AtMostOne, flags: &[], run };

fn run(words: Words) -> Outcome {
    let all = variables(&words);
    let text = match words.arguments.first() {
        Some(wanted) => {
            let found = all.iter().find(|(name, _)| name == wanted);
            format!("{}\n", found.map_or("", |(_, value)| value.as_str()))
        }
        None => {
            let shown = |(name, value): &(&str, String)| format!("{name}={}\n", quoted(value));
            all.iter().map(shown).collect()
        }
    };
    Ok(text.into_bytes())
}

/// Go's `%q`-free form: Helm puts the value between quotation marks as it is.
fn quoted(value: &str) -> String {
    format!("\"{value}\"")
}

/// Sorted by name.
fn variables(words: &Words) -> Vec<(&'static str, String)> {
    let text = |flag: &str, name: &str| setting(words, flag, name, String::new);
    let number = |flag: &str, name: &str, default: &str| {
        let value = setting(words, flag, name, || default.to_owned());
        if value.parse::<i64>().is_ok() { value.trim_start_matches('+').to_owned() } else { default.to_owned() }
    };
    let switch = |flag: &str, name: &str| {
        let on =
            words.last(flag).map_or_else(|| strconv::parse_bool(&variable(name)).unwrap_or(false), |on| on == "true");
        on.to_string()
    };
    let qps = setting(words, "qps", "HELM_QPS", String::new).parse::<f32>().unwrap_or(0.0);
    let groups = match words.all("kube-as-group") {
        [] => variable("HELM_KUBEASGROUPS").trim_matches([',', ' ']).to_owned(),
        groups => groups.join(","),
    };
    let plugins = settings::setting(words, "", "HELM_PLUGINS", || Home::Data.path("plugins"));
    let mut all = vec![
        ("HELM_BIN", std::env::args_os().next().map_or_else(String::new, |name| name.to_string_lossy().into_owned())),
        ("HELM_BURST_LIMIT", number("burst-limit", "HELM_BURST_LIMIT", "100")),
        ("HELM_CACHE_HOME", Home::Cache.path("")),
        ("HELM_CONFIG_HOME", Home::Config.path("")),
        ("HELM_DATA_HOME", Home::Data.path("")),
        ("HELM_DEBUG", switch("debug", "HELM_DEBUG")),
        ("HELM_KUBEAPISERVER", text("kube-apiserver", "HELM_KUBEAPISERVER")),
        ("HELM_KUBEASGROUPS", groups),
        ("HELM_KUBEASUSER", text("kube-as-user", "HELM_KUBEASUSER")),
        ("HELM_KUBECAFILE", text("kube-ca-file", "HELM_KUBECAFILE")),
        ("HELM_KUBECONTEXT", text("kube-context", "HELM_KUBECONTEXT")),
        (
            "HELM_KUBEINSECURE_SKIP_TLS_VERIFY",
            switch("kube-insecure-skip-tls-verify", "HELM_KUBEINSECURE_SKIP_TLS_VERIFY"),
        ),
        ("HELM_KUBETLS_SERVER_NAME", text("kube-tls-server-name", "HELM_KUBETLS_SERVER_NAME")),
        ("HELM_KUBETOKEN", text("kube-token", "HELM_KUBETOKEN")),
        ("HELM_MAX_HISTORY", number("", "HELM_MAX_HISTORY", "10")),
        ("HELM_NAMESPACE", settings::namespace(words)),
        ("HELM_PLUGINS", plugins),
        ("HELM_QPS", float::format(f64::from(qps), b'f', 2)),
        ("HELM_REGISTRY_CONFIG", settings::registry_config(words)),
        ("HELM_REPOSITORY_CACHE", settings::repository_cache(words)),
        ("HELM_REPOSITORY_CONFIG", settings::repository_config(words)),
    ];
    if let Some(config) = words.last("kubeconfig").filter(|config| !config.is_empty()) {
        all.push(("KUBECONFIG", config.to_owned()));
    }
    all
}
