use crate::diag::{Blame, Code, Diagnostic};
use crate::k8s::split as documents;
use crate::output::OutputSet;
use crate::pipeline::Made;
use crate::span::Source;
use crate::stack::SecretRule;
use crate::yaml::{self, Node};

const SECRET: Code = Code("publish.secret");
const DRAWN_SECRET: Code = Code("publish.drawn-secret");

/// What the files of a cluster may not hold: Secrets with values in them, as far as `rule` forbids it, and
/// Secrets with values that were drawn, which anybody can draw again.
pub(super) fn check(files: &OutputSet, made: &[Made], folder: &str, rule: SecretRule) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for part in made.iter().filter(|part| part.drawn_secret) {
        let message = format!(
            "a Secret of `{}` holds a value that is drawn from the project's seed: whoever has the seed knows it",
            part.address
        );
        let mut problem = Diagnostic::error(DRAWN_SECRET, message).blame(Blame::Policy);
        for label in part.drawn.iter().flat_map(|note| &note.labels) {
            problem = problem.at(label.span.clone(), label.text.clone());
        }
        if let Some(note) = part.drawn.first() {
            problem.message = format!("{} ({})", problem.message, note.message);
        }
        problems.push(problem.help("name an existing Secret in the configuration, or let an operator make it"));
    }
    if rule == SecretRule::Allow {
        return problems;
    }
    for (path, content) in files.iter() {
        if memchr::memmem::find(content, b"Secret").is_none() {
            continue;
        }
        let text = String::from_utf8_lossy(content);
        for range in documents(&text) {
            let Some((name, how)) = literal_secret(&text[range], rule) else { continue };
            let message = format!("{folder}/{path}: the Secret `{}` holds {how}", name.escape_debug());
            let help = "keep values out of git: use an operator's object (SealedSecret, ExternalSecret), encrypt \
                        the file and say `secrets: sealed-only`, or accept it with `secrets: allow` in publish.yaml";
            problems.push(Diagnostic::error(SECRET, message).blame(Blame::Policy).help(help));
        }
    }
    problems
}

/// The name of a Secret with values in it, and what they are.
fn literal_secret(text: &str, rule: SecretRule) -> Option<(String, &'static str)> {
    if !text.contains("Secret") {
        return None;
    }
    let document = yaml::parse_document(&Source::new("", text)).ok()?;
    secret_in(&document.root, rule)
}

fn secret_in(root: &Node, rule: SecretRule) -> Option<(String, &'static str)> {
    let kind = root.get("kind").and_then(Node::as_str)?;
    if kind == "List" || kind == "SecretList" {
        let items = root.get("items").and_then(Node::as_seq)?;
        return items.iter().find_map(|item| secret_in(item, rule));
    }
    if kind != "Secret" {
        return None;
    }
    let values: Vec<&Node> = ["data", "stringData"]
        .iter()
        .filter_map(|key| root.get(key)?.as_map())
        .flatten()
        .map(|(_, value)| value)
        .filter(|value| !value.is_null() && value.as_str() != Some(""))
        .collect();
    if values.is_empty() {
        return None;
    }
    let is_sealed = |value: &&Node| value.as_str().is_some_and(|text| text.starts_with("ENC["));
    let sealed = values.iter().all(is_sealed) && root.get("sops").is_some();
    let name = root.get("metadata").and_then(|metadata| metadata.get("name")).and_then(Node::as_str);
    let name = name.unwrap_or_default().to_owned();
    match (sealed, rule) {
        (true, SecretRule::SealedOnly) => None,
        (true, _) => Some((name, "encrypted values, which `secrets: deny` does not publish either")),
        (false, _) => Some((name, "values that anybody who reads the repository can read")),
    }
}
