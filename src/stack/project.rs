use std::collections::BTreeMap;
use std::sync::Arc;

use super::Reading;
use super::api_versions::api_versions;
use super::document::{ProjectDocument, read_yaml};
use super::fields::{FieldCodes, FieldRules, Fields, is_merge_key, merged_maps};
use super::spec::Text;
use crate::diag::{Code, Diagnostic, Reported, Sink, nearest};
use crate::golang::semver::Version;
use crate::source::Tree;
use crate::value::{Frozen, FrozenMap, Str};
use crate::yaml::{Node, load_node_native};

/// The name of the project file.
pub const PROJECT_FILE: &str = "kiln.yaml";

const TOO_OLD: Code = Code("project.needs-newer-kiln");
const INVALID: Code = Code("project.invalid-value");
const CODES: FieldCodes = FieldCodes {
    unknown_key: Code("project.unknown-key"),
    duplicate_key: Code("project.duplicate-key"),
    wrong_type: Code("project.wrong-type"),
};
const KEYS: [&str; 12] = [
    "apiVersion",
    "kind",
    "minVersion",
    "outDir",
    "rewrite",
    "kubeVersion",
    "apiVersions",
    "nondeterminism",
    "trust",
    "limits",
    "vars",
    "events",
];

/// What `kiln.yaml` says. All of it is optional.
#[derive(Clone, Debug, Default)]
pub struct ProjectFile {
    /// The folder of the generated files, relative to the project.
    pub out_dir: Option<Text>,
    /// Beginnings of source URLs and what replaces them.
    pub rewrite: Vec<(String, String)>,
    /// The version of the cluster that charts see.
    pub kube_version: Option<Text>,
    /// API versions that charts see besides the built-in ones.
    pub api_versions: Vec<String>,
    /// What becomes of functions whose result differs from run to run.
    pub nondeterminism: Option<Nondeterminism>,
    /// What fetched components may do.
    pub trust: Trust,
    /// Limits of rendering.
    pub limits: RenderLimits,
    /// Variables of native templates.
    pub vars: Arc<FrozenMap>,
    /// How deployment events are understood.
    pub events: Events,
}

/// How deployment events are understood.
#[derive(Clone, Debug)]
pub struct Events {
    /// The component of each repository, by `owner/name` or `name`.
    pub components: BTreeMap<String, String>,
    /// The value that takes the version of a component whose image is bound to no value.
    pub value: String,
}

impl Default for Events {
    fn default() -> Self {
        Self { components: BTreeMap::new(), value: "image.tag".to_owned() }
    }
}

/// What becomes of template functions whose result differs from run to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nondeterminism {
    /// They are seeded.
    Seed,
    /// They are errors.
    Error,
    /// They differ from run to run, as in Helm.
    Helm,
}

/// What fetched components may do.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    /// Sources whose hooks may run.
    pub hooks: Vec<TrustedSource>,
    /// Environment variables that `access.yaml` may name.
    pub tokens: Vec<String>,
    /// Hosts that may be reached without encryption.
    pub insecure: Vec<String>,
    /// Sources whose charts must be signed.
    pub charts: Vec<SignedSource>,
}

/// A source at one commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedSource {
    /// The URL.
    pub source: String,
    /// The full commit id.
    pub commit: String,
}

/// A source whose charts must be signed.
#[derive(Clone, Debug)]
pub struct SignedSource {
    /// The URL, or the beginning of it up to a `/`.
    pub source: String,
    /// The file with the keys, relative to the project.
    pub keyring: Text,
}

/// Limits of rendering; absent ones are the engine's own.
#[derive(Clone, Copy, Debug, Default)]
pub struct RenderLimits {
    /// The most bytes of one component's output.
    pub output_bytes: Option<u64>,
    /// The most steps of one template.
    pub fuel: Option<u64>,
}

/// Reads the project file of a folder; `None` when there is none, which means Fabrikate's reading.
pub fn load_project_file(folder: &Tree, sink: &mut Sink) -> Result<Option<ProjectFile>, Reported> {
    let file = match read_yaml(folder, PROJECT_FILE, Reading::Strict) {
        Ok(None) => return Ok(None),
        Ok(Some(file)) => file,
        Err(problem) => return Err(sink.fail(problem)),
    };
    let mut problems = file.problems.clone();
    let project = parse(&file, folder, &mut problems);
    let mut own = Sink::new();
    problems.into_iter().for_each(|problem| own.push(problem));
    let result = own.check();
    sink.append(own);
    result.map(|()| project)
}

fn parse(file: &ProjectDocument, folder: &Tree, problems: &mut Vec<Diagnostic>) -> Option<ProjectFile> {
    let rules = FieldRules::of(file, Reading::Strict, CODES);
    let root = &file.document.root;
    if let Err(error) = load_node_native(root) {
        problems.push(error.to_diagnostic(rules.source));
        return None;
    }
    let fields = rules.map("the project file", root, problems)?;
    fields.check(&KEYS, "the project file", problems);
    fields.header("Project", problems);
    min_version(&fields, problems);
    let mut project = ProjectFile {
        out_dir: fields.text("outDir", problems),
        kube_version: fields.text("kubeVersion", problems),
        nondeterminism: nondeterminism(&fields, problems),
        ..ProjectFile::default()
    };
    for item in fields.list("rewrite", problems) {
        let Some(rule) = rules.map("an item of `rewrite`", item, problems) else { continue };
        rule.check(&["from", "to"], "an item of `rewrite`", problems);
        match (rule.text("from", problems), rule.text("to", problems)) {
            (Some(from), Some(to)) => project.rewrite.push((from.value, to.value)),
            _ => problems.push(invalid(&rules, item, "an item of `rewrite` needs `from` and `to`")),
        }
    }
    project.api_versions = api_versions(&rules, &fields, folder, (CODES, INVALID), problems).unwrap_or_default();
    if let Some(trust) = fields.get("trust").and_then(|node| rules.map("trust", node, problems)) {
        project.trust = read_trust(&rules, &trust, problems);
    }
    if let Some(limits) = fields.get("limits").and_then(|node| rules.map("limits", node, problems)) {
        limits.check(&["outputBytes", "fuel"], "`limits`", problems);
        project.limits.output_bytes = amount(&rules, &limits, "outputBytes", problems);
        project.limits.fuel = amount(&rules, &limits, "fuel", problems);
    }
    if let Some(map) = fields.get("events").and_then(|node| rules.map("events", node, problems)) {
        map.check(&["components", "value"], "`events`", problems);
        if let Some(value) = map.text("value", problems) {
            project.events.value = value.value;
        }
        let components = map.get("components").and_then(|node| rules.map("events.components", node, problems));
        for (key, value) in components.iter().flat_map(|map| map.entries()) {
            let repository = key.as_str().unwrap_or_default();
            if let Some(component) = fields.text_of(&format!("events.components.{repository}"), value, problems) {
                project.events.components.insert(repository.to_owned(), component.value);
            }
        }
    }
    if let Some(node) = fields.get("vars") {
        match load_node_native(node) {
            Ok(Frozen::Map(_)) => project.vars = Arc::new(FrozenMap::new(variables(node))),
            _ => problems.push(rules.wrong_type("vars", node, "a map")),
        }
    }
    Some(project)
}

/// The entries of a map of variables. A name is the text that is written, whatever it would be as a value:
/// `n`, `on`.
fn variables(node: &Node) -> Vec<(Str, Frozen)> {
    let entries = node.as_map().unwrap_or_default().iter().filter(|(key, _)| !is_merge_key(key));
    let value = |node: &Node| match node.as_map() {
        Some(_) => Frozen::map(variables(node)),
        // It was decoded with the file as a whole.
        None => load_node_native(node).unwrap_or_default(),
    };
    let merged = node.as_map().unwrap_or_default().iter().filter(|(key, _)| is_merge_key(key));
    let merged = merged.flat_map(|(_, maps)| merged_maps(maps)).flat_map(variables);
    merged.chain(entries.map(|(key, node)| (Str::from(key.as_str().unwrap_or_default()), value(node)))).collect()
}

fn invalid(rules: &FieldRules<'_>, node: &Node, message: impl Into<String>) -> Diagnostic {
    Diagnostic::error(INVALID, message).at(rules.span(node), "")
}

fn min_version(fields: &Fields<'_>, problems: &mut Vec<Diagnostic>) {
    let Some(wanted) = fields.text("minVersion", problems) else { return };
    let own = env!("CARGO_PKG_VERSION");
    match (Version::parse(&wanted.value), Version::parse(own)) {
        (Ok(least), Ok(version)) if version < least => {
            let message = format!("the project needs kiln {} or newer, this is {own}", wanted.value);
            problems.push(Diagnostic::error(TOO_OLD, message).at(wanted.place, "").help("upgrade kiln"));
        }
        (Ok(_), _) => {}
        (Err(_), _) => {
            let message = format!("`{}` is not a version", wanted.value.escape_debug());
            problems.push(Diagnostic::error(INVALID, message).at(wanted.place, "").help("write it like `0.2.0`"));
        }
    }
}

fn nondeterminism(fields: &Fields<'_>, problems: &mut Vec<Diagnostic>) -> Option<Nondeterminism> {
    let word = fields.text("nondeterminism", problems)?;
    match word.value.as_str() {
        "seed" => Some(Nondeterminism::Seed),
        "error" => Some(Nondeterminism::Error),
        "helm" => Some(Nondeterminism::Helm),
        other => {
            let message = format!("`nondeterminism` must be `seed`, `error` or `helm`, not `{}`", other.escape_debug());
            let problem = Diagnostic::error(INVALID, message).at(word.place, "");
            problems.push(match nearest(other, ["seed", "error", "helm"]) {
                Some(near) => problem.help(format!("did you mean `{near}`?")),
                None => problem,
            });
            None
        }
    }
}

fn read_trust(rules: &FieldRules<'_>, fields: &Fields<'_>, problems: &mut Vec<Diagnostic>) -> Trust {
    fields.check(&["hooks", "tokens", "insecure", "charts"], "`trust`", problems);
    let mut trust = Trust::default();
    for item in fields.list("hooks", problems) {
        let Some(entry) = rules.map("an item of `trust.hooks`", item, problems) else { continue };
        entry.check(&["source", "commit"], "an item of `trust.hooks`", problems);
        let (source, commit) = (entry.text("source", problems), entry.text("commit", problems));
        let is_full =
            |commit: &Text| commit.value.len() == 40 && commit.value.bytes().all(|byte| byte.is_ascii_hexdigit());
        match (source, commit.filter(is_full)) {
            (Some(source), Some(commit)) => {
                let commit = commit.value.to_ascii_lowercase();
                trust.hooks.push(TrustedSource { source: source.value, commit });
            }
            _ => {
                let problem = invalid(rules, item, "an item of `trust.hooks` needs `source` and a full `commit`");
                problems.push(problem.help("copy both from `kiln.lock`"));
            }
        }
    }
    for item in fields.list("charts", problems) {
        let Some(entry) = rules.map("an item of `trust.charts`", item, problems) else { continue };
        entry.check(&["source", "keyring"], "an item of `trust.charts`", problems);
        match (entry.text("source", problems), entry.text("keyring", problems)) {
            (Some(source), Some(keyring)) => trust.charts.push(SignedSource { source: source.value, keyring }),
            _ => problems.push(invalid(rules, item, "an item of `trust.charts` needs `source` and `keyring`")),
        }
    }
    for (key, list) in [("tokens", &mut trust.tokens), ("insecure", &mut trust.insecure)] {
        for item in fields.list(key, problems) {
            list.extend(fields.text_of(key, item, problems).map(|text| text.value));
        }
    }
    trust
}

/// A count, or a size with a unit (`64MiB`).
fn amount(rules: &FieldRules<'_>, fields: &Fields<'_>, key: &str, problems: &mut Vec<Diagnostic>) -> Option<u64> {
    let node = fields.get(key)?;
    let text = node.as_str().unwrap_or_default();
    let digits = text.len() - text.trim_start_matches(|char: char| char.is_ascii_digit() || char == '_').len();
    let (number, unit) = text.split_at(digits);
    let factor: Option<u64> = match unit.trim() {
        "" => Some(1),
        "KiB" => Some(1 << 10),
        "MiB" => Some(1 << 20),
        "GiB" => Some(1 << 30),
        "kB" => Some(1_000),
        "MB" => Some(1_000_000),
        "GB" => Some(1_000_000_000),
        _ => None,
    };
    let number = number.replace('_', "").parse::<u64>().ok();
    let value = number.zip(factor).and_then(|(number, factor)| number.checked_mul(factor)).filter(|value| *value > 0);
    if value.is_none() {
        let problem = invalid(rules, node, format!("`{key}` must be a number above zero"));
        problems.push(problem.help("units: KiB, MiB, GiB, kB, MB, GB"));
    }
    value
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn load(text: &str) -> (Option<ProjectFile>, Vec<String>) {
        let files = BTreeMap::from([(PROJECT_FILE.to_owned(), Arc::from(text.as_bytes()))]);
        let mut sink = Sink::new();
        let file = load_project_file(&Tree::memory(files, ""), &mut sink).ok().flatten();
        (file, sink.diagnostics().iter().map(Diagnostic::to_string).collect())
    }

    #[test]
    fn an_empty_file_is_valid() {
        assert!(load("").0.is_some());
        assert!(load("# nothing\n").0.is_some());
        let mut sink = Sink::new();
        let none = load_project_file(&Tree::memory(BTreeMap::new(), ""), &mut sink);
        assert!(none.unwrap().is_none());
    }

    #[test]
    fn all_keys() {
        let text = "apiVersion: kiln/v1alpha1\nkind: Project\nminVersion: 0.0.1\noutDir: out\nrewrite: [{from: a, to: b}]\nkubeVersion: \"1.33\"\napiVersions: [x/v1]\nnondeterminism: error\ntrust:\n  hooks: [{source: 'https://x', commit: 0123456789abcdef0123456789ABCDEF01234567}]\n  tokens: [T]\n  insecure: [h]\nlimits: {outputBytes: 64MiB, fuel: 50_000}\nvars: {domain: example.com, n: {on: 1}}\n";
        let (file, problems) = load(text);
        assert_eq!(problems, Vec::<String>::new());
        let file = file.unwrap();
        assert_eq!(file.rewrite, [("a".to_owned(), "b".to_owned())]);
        assert_eq!((file.limits.output_bytes, file.limits.fuel), (Some(64 << 20), Some(50_000)));
        assert_eq!(file.trust.hooks[0].commit, "0123456789abcdef0123456789abcdef01234567");
        assert_eq!(file.vars.get("domain"), Some(&Frozen::str("example.com")));
        assert!(file.vars.get("n").and_then(|n| n.get("on")).is_some());
        assert_eq!(file.nondeterminism, Some(Nondeterminism::Error));
    }

    #[test]
    fn mistakes_are_errors() {
        assert_eq!(
            load("outdir: x\n").1,
            ["kiln.yaml:1:1: error[project.unknown-key]: unknown key `outdir` in the project file"]
        );
        assert!(load("minVersion: 99.0.0\n").1[0].contains("needs kiln 99.0.0"));
        assert!(load("nondeterminism: sed\n").1[0].starts_with("kiln.yaml:1:17: "));
        assert!(load("limits: {fuel: many}\n").1[0].starts_with("kiln.yaml:1:16: "));
        assert!(load("trust: {hooks: [{source: x, commit: main}]}\n").1[0].contains("full `commit`"));
        assert!(load("kubeVersion: 1.33\n").1[0].contains("must be a string"));
    }
}
