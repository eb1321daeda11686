use std::sync::Arc;

use super::Reading;
use super::condition::read_condition;
use super::document::{ProjectDocument, read_yaml_or_json};
use super::documents::read_documents;
use super::fields::{FieldCodes, FieldRules, Fields};
use super::hooks::{Hook, Hooks};
use super::policy::read_policy;
use super::spec::{ComponentSpec, ComponentType, Method, Text};
use crate::diag::{Code, Diagnostic, Severity, nearest};
use crate::source::Tree;
use crate::span::Span;
use crate::yaml::{Node, NodeKind, Style, load_node_native};

const MISSING: Code = Code("component.missing-file");
const DEPRECATED: Code = Code("component.deprecated");
const UNKNOWN_METHOD: Code = Code("component.unknown-method");
const UNKNOWN_HOOK: Code = Code("component.unknown-hook");
const CODES: FieldCodes = FieldCodes {
    unknown_key: Code("component.unknown-key"),
    duplicate_key: Code("component.duplicate-key"),
    wrong_type: Code("component.wrong-type"),
};

/// The keys of a component, in a file or an entry.
pub const COMPONENT_KEYS: [&str; 15] = [
    "name",
    "type",
    "generator",
    "method",
    "source",
    "path",
    "version",
    "branch",
    "hooks",
    "repositories",
    "subcomponents",
    "when",
    "merge",
    "valuesFrom",
    "expressions",
];
/// Keys that only a file has, not an entry.
const FILE_KEYS: [&str; 2] = ["apiVersion", "kind"];
const HOOKS: [&str; 4] = ["before-install", "after-install", "before-generate", "after-generate"];
/// Entries nested deeper than this in one file are refused.
const DEEPEST: usize = 100;

/// A component file as far as it could be read.
pub(super) struct Loaded {
    /// The component; `None` when there is an error.
    pub spec: Option<Arc<ComponentSpec>>,
    /// What is wrong.
    pub problems: Vec<Diagnostic>,
}

/// Reads `component.yaml`, else `component.json`, of a folder.
pub(super) fn load_component(folder: &Tree, reading: Reading, asked_at: Option<&Span>) -> Loaded {
    match read_yaml_or_json(folder, "component", reading) {
        Ok(Some(file)) => parse_component(file, reading),
        Ok(None) => {
            let message = format!("no component.yaml or component.json in `{}`", folder.display(""));
            let problem = Diagnostic::error(MISSING, message);
            let help = "create one, or correct the path to the component";
            Loaded { spec: None, problems: vec![problem.maybe_at(asked_at.cloned(), "").help(help)] }
        }
        Err(problem) => Loaded { spec: None, problems: vec![problem] },
    }
}

/// Reads a component from its document.
pub(super) fn parse_component(mut file: ProjectDocument, reading: Reading) -> Loaded {
    let mut problems = std::mem::take(&mut file.problems);
    if file.document.source.text().contains("merge") {
        file.document.root = with_named_rules(&file.document.root, 0);
    }
    let rules = FieldRules::of(&file, reading, CODES);
    let root = &file.document.root;
    // Refuses what cannot be decoded, such as aliases that multiply.
    if let Err(error) = load_node_native(root) {
        problems.push(error.to_diagnostic(rules.source));
        return Loaded { spec: None, problems };
    }
    let spec = Parser { rules, problems: &mut problems }.component("the component file", root, 0);
    if reading.is_strict() && root.is_null() {
        let place = Span::new(rules.source, 0..0);
        problems.push(Diagnostic::error(CODES.wrong_type, "the component file is empty").at(place, ""));
    }
    let failed = problems.iter().any(|problem| problem.severity == Severity::Error);
    Loaded { spec: spec.filter(|_| !failed).map(Arc::new), problems }
}

/// The definition with the key `null` of each `merge` as a word: as it is written it is no string, and
/// would be refused.
fn with_named_rules(node: &Node, depth: usize) -> Node {
    let NodeKind::Map { entries, flow } = &node.kind else { return node.clone() };
    let entries = entries.iter().map(|(key, value)| {
        let value = match (key.as_str(), &value.kind) {
            (Some("merge"), NodeKind::Map { entries, flow }) => {
                let entries = entries.iter().map(|(key, value)| (named(key), value.clone()));
                Node { kind: NodeKind::Map { entries: Arc::new(entries.collect()), flow: *flow }, ..value.clone() }
            }
            (Some("subcomponents"), NodeKind::Seq { items, flow }) if depth <= DEEPEST => {
                let items = items.iter().map(|item| with_named_rules(item, depth + 1));
                Node { kind: NodeKind::Seq { items: Arc::new(items.collect()), flow: *flow }, ..value.clone() }
            }
            _ => value.clone(),
        };
        (key.clone(), value)
    });
    Node { kind: NodeKind::Map { entries: Arc::new(entries.collect()), flow: *flow }, ..node.clone() }
}

fn named(key: &Node) -> Node {
    match &key.kind {
        NodeKind::Scalar { text, style: Style::Plain } if &**text == "null" => {
            Node { kind: NodeKind::Scalar { text: Arc::clone(text), style: Style::DoubleQuoted }, ..key.clone() }
        }
        _ => key.clone(),
    }
}

struct Parser<'d, 'p> {
    rules: FieldRules<'d>,
    problems: &'p mut Vec<Diagnostic>,
}

impl<'d> Parser<'d, '_> {
    fn component(&mut self, what: &str, node: &'d Node, depth: usize) -> Option<ComponentSpec> {
        let place = match depth {
            0 => Span::new(self.rules.source, 0..0),
            _ => self.rules.span(node),
        };
        if depth > DEEPEST {
            let message = format!("components are nested more than {DEEPEST} deep");
            self.problems.push(Diagnostic::error(CODES.wrong_type, message).at(place, ""));
            return None;
        }
        let fields = self.rules.map(what, node, self.problems)?;
        let known: Vec<&str> = match depth {
            0 => COMPONENT_KEYS.iter().chain(&FILE_KEYS).copied().collect(),
            _ => COMPONENT_KEYS.to_vec(),
        };
        fields.check(&known, "a component", self.problems);
        if depth == 0 {
            fields.header("Component", self.problems);
        }
        let generator = fields.text("generator", self.problems);
        if let Some(generator) = &generator {
            let message = "`generator` is the old name of `type`";
            let problem = Diagnostic::warning(DEPRECATED, message).at(generator.place.clone(), "");
            self.problems.push(problem.help("write `type` instead; while both are there, `generator` counts"));
        }
        if let Some(node) = fields.get("repositories") {
            let message = "`repositories` has no effect";
            let problem = Diagnostic::warning(DEPRECATED, message).at(self.rules.span(node), "");
            self.problems.push(problem.help("use `method: helm` with the repository's URL as `source`"));
        }
        let kind = generator.or(fields.text("type", self.problems));
        let spec = ComponentSpec {
            name: fields.text("name", self.problems),
            kind: ComponentType::from_word(kind.as_ref().map_or("", |kind| &kind.value)),
            kind_place: kind.map(|kind| kind.place),
            method: self.method(&fields),
            source: fields.text("source", self.problems),
            path: fields.text("path", self.problems),
            version: fields.text("version", self.problems),
            branch: fields.text("branch", self.problems),
            hooks: self.hooks(&fields),
            when: read_condition(&self.rules, &fields, self.problems),
            merge: read_policy(&self.rules, &fields, self.problems),
            values_from: read_documents("valuesFrom", &self.rules, &fields, self.problems),
            expressions: fields.boolean("expressions", self.problems).map(|(value, _)| value),
            subcomponents: self.subcomponents(&fields, depth),
            place,
        };
        Some(ComponentSpec { name: self.name(&fields, spec.name), ..spec })
    }

    /// An empty name keeps its place, so that it can be pointed at.
    fn name(&self, fields: &Fields<'d>, name: Option<Text>) -> Option<Text> {
        let empty = || Some(Text { value: String::new(), place: self.rules.span(fields.get("name")?) });
        name.or_else(empty)
    }

    fn method(&mut self, fields: &Fields<'d>) -> Method {
        let Some(word) = fields.text("method", self.problems) else { return Method::Local };
        Method::from_word(&word.value).unwrap_or_else(|| {
            let message = format!("unknown method `{}`", word.value.escape_debug());
            let problem = self.rules.reading.questionable(UNKNOWN_METHOD, message).at(word.place, "");
            self.problems.push(match nearest(&word.value, Method::NAMES) {
                Some(name) => problem.help(format!("did you mean `{name}`?")),
                None => problem.help(format!("use one of: {}", Method::NAMES.join(", "))),
            });
            Method::Local
        })
    }

    fn hooks(&mut self, fields: &Fields<'d>) -> Hooks {
        let mut hooks = Hooks::default();
        let Some(node) = fields.get("hooks") else { return hooks };
        let Some(moments) = self.rules.map("hooks", node, self.problems) else { return hooks };
        for (key, _) in moments.entries() {
            let name = key.as_str().unwrap_or_default();
            let list = match name {
                "before-install" => &mut hooks.before_install,
                "after-install" => &mut hooks.after_install,
                "before-generate" => &mut hooks.before_generate,
                "after-generate" => &mut hooks.after_generate,
                _ => {
                    let message = format!("unknown hook `{}`", name.escape_debug());
                    let problem = self.rules.reading.questionable(UNKNOWN_HOOK, message);
                    let problem = problem.at(self.rules.span(key), "");
                    self.problems.push(match nearest(name, HOOKS) {
                        Some(name) => problem.help(format!("did you mean `{name}`?")),
                        None => problem.help(format!("known hooks: {}", HOOKS.join(", "))),
                    });
                    continue;
                }
            };
            list.clear();
            for item in moments.list(name, self.problems) {
                let command = moments.text_of(name, item, self.problems);
                let command = command.filter(|command| !command.value.is_empty());
                list.extend(command.map(|command| Hook { command: command.value, place: command.place }));
            }
        }
        hooks
    }

    fn subcomponents(&mut self, fields: &Fields<'d>, depth: usize) -> Vec<Arc<ComponentSpec>> {
        let mut entries = Vec::new();
        for item in fields.list("subcomponents", self.problems) {
            if item.is_null() {
                // An item of nothing has no width: the dash before it is the place to see.
                let problem = self.rules.reading.questionable(CODES.wrong_type, "an empty item in `subcomponents`");
                self.problems.push(problem.at(self.rules.span(item), "").help("remove the `-`"));
                if self.rules.reading.is_strict() {
                    continue;
                }
            }
            entries.extend(self.component("an item of `subcomponents`", item, depth + 1).map(Arc::new));
        }
        entries
    }
}
