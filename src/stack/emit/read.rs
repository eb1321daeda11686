use super::spec::{ArgoSpec, EmitSpec, FluxSpec, SiteText};
use crate::diag::{Code, Diagnostic};
use crate::stack::Text;
use crate::stack::fields::{FieldRules, Fields};
use crate::value::Frozen;
use crate::yaml::{Node, load_node_native};

const INVALID: Code = Code("emit.invalid-value");
const KEYS: [&str; 5] = ["kustomization", "flux", "argocd", "hydratorMetadata", "branch"];
const FLUX: &str = "`emit.flux`";
const FLUX_KEYS: [&str; 15] = [
    "url",
    "namespace",
    "source",
    "secret",
    "sourceInterval",
    "interval",
    "retryInterval",
    "timeout",
    "prune",
    "wait",
    "name",
    "serviceAccountName",
    "targetNamespace",
    "kubeConfig",
    "dependsOn",
];
const ARGO: &str = "`emit.argocd`";
const ARGO_KEYS: [&str; 17] = [
    "form",
    "url",
    "namespace",
    "name",
    "project",
    "writeProject",
    "namespaces",
    "clusterKinds",
    "automated",
    "prune",
    "selfHeal",
    "cascade",
    "syncOptions",
    "application",
    "server",
    "cluster",
    "destinationNamespace",
];

/// Reads the section.
pub fn read_emit(rules: &FieldRules<'_>, node: &Node, problems: &mut Vec<Diagnostic>) -> EmitSpec {
    let Some(fields) = rules.map("emit", node, problems) else { return EmitSpec::default() };
    fields.check(&KEYS, "`emit`", problems);
    let is_on =
        |name: &str, problems: &mut Vec<Diagnostic>| fields.boolean(name, problems).is_some_and(|(value, _)| value);
    EmitSpec {
        kustomization: is_on("kustomization", problems),
        hydrator_metadata: is_on("hydratorMetadata", problems),
        branch: site_text(&fields, "branch", problems),
        flux: fields.get("flux").and_then(|node| flux(rules, node, problems)),
        argocd: fields.get("argocd").and_then(|node| argo(rules, node, problems)),
    }
}

/// What a section that may be switched on by one word says.
enum Said {
    Off,
    On,
    Word(Text),
    Settings,
}

fn said(rules: &FieldRules<'_>, node: &Node) -> Said {
    match (node.as_map().is_some(), load_node_native(node)) {
        (false, Ok(Frozen::Bool(true))) => Said::On,
        (false, Ok(Frozen::Bool(false))) => Said::Off,
        (false, Ok(Frozen::Str(text))) => {
            Said::Word(Text { value: text.to_str_lossy().into_owned(), place: rules.span(node) })
        }
        _ => Said::Settings,
    }
}

fn flux(rules: &FieldRules<'_>, node: &Node, problems: &mut Vec<Diagnostic>) -> Option<FluxSpec> {
    match said(rules, node) {
        Said::Off => return None,
        Said::On => return Some(FluxSpec::default()),
        Said::Word(text) => {
            problems.push(invalid(&text, "`flux` must be `true`, `false` or a map of settings"));
            return None;
        }
        Said::Settings => {}
    }
    let fields = rules.map("flux", node, problems)?;
    fields.check(&FLUX_KEYS, FLUX, problems);
    let spec = FluxSpec {
        url: fields.text("url", problems),
        namespace: name(&fields, "namespace", problems),
        source: name(&fields, "source", problems),
        secret: name(&fields, "secret", problems),
        source_interval: duration(&fields, "sourceInterval", problems),
        interval: duration(&fields, "interval", problems),
        retry_interval: duration(&fields, "retryInterval", problems),
        timeout: duration(&fields, "timeout", problems),
        prune: fields.boolean("prune", problems).map(|(value, _)| value),
        wait: fields.boolean("wait", problems).map(|(value, _)| value),
        name: site_text(&fields, "name", problems),
        service_account: site_text(&fields, "serviceAccountName", problems),
        target_namespace: site_text(&fields, "targetNamespace", problems),
        kube_config: site_text(&fields, "kubeConfig", problems),
        depends_on: depends_on(rules, &fields, problems),
    };
    Some(spec)
}

fn argo(rules: &FieldRules<'_>, node: &Node, problems: &mut Vec<Diagnostic>) -> Option<ArgoSpec> {
    match said(rules, node) {
        Said::Off => return None,
        Said::On => return Some(ArgoSpec::default()),
        Said::Word(text) => {
            return Some(ArgoSpec { applications: is_applications(&text, "argocd", problems), ..ArgoSpec::default() });
        }
        Said::Settings => {}
    }
    let fields = rules.map("argocd", node, problems)?;
    fields.check(&ARGO_KEYS, ARGO, problems);
    let texts = |name: &str, problems: &mut Vec<Diagnostic>| -> Vec<Text> {
        let items = fields.list(name, problems);
        items.iter().filter_map(|item| fields.text_of(&format!("an item of `{name}`"), item, problems)).collect()
    };
    let form = fields.text("form", problems);
    let spec = ArgoSpec {
        applications: form.is_some_and(|text| is_applications(&text, "form", problems)),
        url: fields.text("url", problems),
        namespace: name(&fields, "namespace", problems),
        name: name(&fields, "name", problems),
        project: name(&fields, "project", problems),
        write_project: fields.boolean("writeProject", problems).map(|(value, _)| value),
        namespaces: texts("namespaces", problems),
        cluster_kinds: fields.get("clusterKinds").is_some().then(|| texts("clusterKinds", problems)),
        automated: fields.boolean("automated", problems).map(|(value, _)| value),
        prune: fields.boolean("prune", problems).map(|(value, _)| value),
        self_heal: fields.boolean("selfHeal", problems).map(|(value, _)| value),
        cascade: fields.boolean("cascade", problems).map(|(value, _)| value),
        sync_options: texts("syncOptions", problems),
        application: site_text(&fields, "application", problems),
        server: site_text(&fields, "server", problems),
        cluster: site_text(&fields, "cluster", problems),
        destination_namespace: site_text(&fields, "destinationNamespace", problems),
    };
    Some(spec)
}

fn is_applications(text: &Text, key: &str, problems: &mut Vec<Diagnostic>) -> bool {
    match text.value.as_str() {
        "applicationset" => false,
        "application" | "applications" => true,
        _ => {
            problems.push(invalid(text, format!("`{key}` must be `applicationset` or `application`")));
            false
        }
    }
}

fn depends_on(rules: &FieldRules<'_>, fields: &Fields<'_>, problems: &mut Vec<Diagnostic>) -> Vec<(Text, Vec<Text>)> {
    let Some(map) = fields.get("dependsOn").and_then(|node| rules.map("dependsOn", node, problems)) else {
        return Vec::new();
    };
    map.check_duplicates(problems);
    let mut read = Vec::new();
    for (key, value) in map.entries() {
        let Some(cluster) = map.text_of("a key of `dependsOn`", key, problems) else { continue };
        let Some(items) = value.as_seq() else {
            problems.push(rules.wrong_type(&cluster.value, value, "a list of clusters"));
            continue;
        };
        let others = items.iter().filter_map(|item| map.text_of("an item of `dependsOn`", item, problems));
        read.push((cluster, others.collect()));
    }
    read
}

fn site_text(fields: &Fields<'_>, name: &str, problems: &mut Vec<Diagnostic>) -> Option<SiteText> {
    fields.text(name, problems).map(SiteText)
}

/// A name of an object.
fn name(fields: &Fields<'_>, key: &str, problems: &mut Vec<Diagnostic>) -> Option<Text> {
    let text = fields.text(key, problems)?;
    let is_part = |part: &str| {
        let plain = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || char == '-';
        !part.is_empty() && part.chars().all(plain) && !part.starts_with('-') && !part.ends_with('-')
    };
    if text.value.len() > 63 || !text.value.split('.').all(is_part) {
        let message = format!("`{key}` must be a name of a Kubernetes object: small letters, digits and `-`");
        problems.push(invalid(&text, message));
    }
    Some(text)
}

/// A duration as Flux writes it: `1h30m`.
fn duration(fields: &Fields<'_>, key: &str, problems: &mut Vec<Diagnostic>) -> Option<Text> {
    let text = fields.text(key, problems)?;
    if !is_duration(&text.value) {
        let message = format!("`{key}` must be a duration such as `10m` or `1h30m`");
        problems.push(invalid(&text, message));
    }
    Some(text)
}

fn is_duration(text: &str) -> bool {
    let mut rest = text;
    while !rest.is_empty() {
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let whole = digits(rest);
        if whole == 0 {
            return false;
        }
        rest = &rest[whole..];
        if let Some(fraction) = rest.strip_prefix('.') {
            let count = digits(fraction);
            if count == 0 {
                return false;
            }
            rest = &fraction[count..];
        }
        match ["ms", "s", "m", "h"].iter().find_map(|unit| rest.strip_prefix(unit)) {
            Some(after) => rest = after,
            None => return false,
        }
    }
    !text.is_empty()
}

fn invalid(text: &Text, message: impl Into<String>) -> Diagnostic {
    Diagnostic::error(INVALID, message).at(text.place.clone(), "")
}
