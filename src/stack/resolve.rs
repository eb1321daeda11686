use std::collections::HashMap;
use std::sync::Arc;

use super::Reading;
use super::content::{fetched_below, fill, no_archive};
use super::documents::ValuesDocument;
use super::file::{Loaded, load_component};
use super::fill::filled;
use super::graph::{Answer, Content, Graph, Node, NodeId};
use super::material::Materials;
use super::name::check_name;
use super::place::{self, Reach};
use super::spec::{ComponentSpec, Method, Text};
use crate::diag::{Code, Diagnostic, Reported, Severity, Sink};
use crate::jinja::expression::Variables;
use crate::source::{SourceSpec, Tree};
use crate::span::Span;

/// The most components of one stack.
const MOST_COMPONENTS: usize = 200_000;
/// The most of them that have a file of their own. A few files that point at each other can stand
/// for any number.
const MOST_LOADED: usize = 20_000;
/// The deepest nesting of components.
const DEEPEST: usize = 100;

const CYCLE: Code = Code("component.cycle");
const LIMIT: Code = Code("component.limit");
const NO_EFFECT: Code = Code("component.no-effect");
const UNREADABLE: Code = Code("component.unreadable");
const DUPLICATE: Code = Code("component.duplicate-name");

/// What a stack is resolved from.
pub struct StackInput<'a> {
    /// The folder of the root component.
    pub root: Tree,
    /// How the project is read.
    pub reading: Reading,
    /// How far the project's own local paths may reach.
    pub reach: Reach,
    /// The fetched sources.
    pub materials: &'a dyn Materials,
    /// What expressions in fields of components may name.
    pub variables: Variables,
}

/// Follows all entries from the root's component file. Problems of a component stand in its node,
/// because a disabled component has none; those of the root's file end it.
pub fn resolve(input: &StackInput<'_>, sink: &mut Sink) -> Result<Graph, Reported> {
    let mut resolver =
        Resolver { input, nodes: Vec::new(), files: HashMap::new(), loaded: 0, full: false, answers: Vec::new() };
    let replaced_root = resolver.root(sink)?;
    Ok(Graph { nodes: resolver.nodes, reading: input.reading, answers: resolver.answers, replaced_root })
}

struct Resolver<'a> {
    input: &'a StackInput<'a>,
    nodes: Vec<Node>,
    /// Component files by folder, read once.
    files: HashMap<String, Arc<Seen>>,
    /// How many components have a file of their own.
    loaded: usize,
    /// Whether a limit was reported, after which nothing more is followed.
    full: bool,
    /// What expressions gave.
    answers: Vec<Answer>,
}

/// A component file and the folder it really stands in.
struct Seen {
    identity: String,
    loaded: Loaded,
}

/// One loaded component on the way from the root.
struct Step<'a> {
    above: Option<&'a Step<'a>>,
    identity: &'a str,
    name: &'a str,
}

impl<'a> Step<'a> {
    fn up(&self) -> impl Iterator<Item = &Step<'a>> {
        std::iter::successors(Some(self), |step| step.above)
    }
}

impl Resolver<'_> {
    fn root(&mut self, sink: &mut Sink) -> Result<Option<Arc<ComponentSpec>>, Reported> {
        let folder = self.input.root.clone();
        let seen = self.read(&folder, None);
        for problem in &seen.loaded.problems {
            sink.push(problem.clone());
        }
        let Some(spec) = &seen.loaded.spec else {
            let message = "the component file could not be read";
            return Err(sink.check().err().unwrap_or_else(|| sink.fail(Diagnostic::error(UNREADABLE, message))));
        };
        let expressions = spec.expressions.unwrap_or(false);
        let mut problems = Vec::new();
        let spec = &self.fill(spec, expressions, &mut problems);
        let is_whole = problems.is_empty();
        problems.extend(check_name(spec.name(), spec.name_place(), self.input.reading));
        let step = Step { above: None, identity: &seen.identity, name: spec.name() };
        let mut node = Node {
            spec: Arc::clone(spec),
            entry: Arc::from(spec.name()),
            address: Arc::from(name_or_stand_in(spec)),
            output: Arc::from(format!("{}.yaml", spec.name())),
            logical: Arc::from(""),
            folder: folder.clone(),
            config_folders: vec![folder.clone()],
            conditions: spec.when.iter().cloned().collect(),
            merge: spec.merge.clone(),
            documents: documents(&folder, spec),
            expressions,
            content: Content::Nothing,
            fetches: Vec::new(),
            chart: None,
            remote: false,
            pin: None,
            place: spec.name_place().clone(),
            files_may_appear: !spec.hooks.before_generate.is_empty(),
            parent: None,
            children: Vec::new(),
            problems,
        };
        if !is_whole {
            self.nodes.push(node);
            return Ok(None);
        }
        if !spec.is_fetched() {
            fill(&mut node, self.input);
            self.nodes.push(node);
            self.expand(0, &step, 1);
            return Ok(None);
        }
        if let Some(first) = spec.subcomponents.first() {
            let message = "subcomponents of a root component that is fetched with `method: git` are lost";
            let help = "make the fetched component a subcomponent too";
            let problem = self.input.reading.questionable(NO_EFFECT, message);
            node.problems.push(problem.at(first.place.clone(), "").help(help));
        }
        let fetched = self.load(&mut node, &step);
        node.address = Arc::from(name_or_stand_in(&node.spec));
        if fetched.is_some() {
            node.config_folders.insert(0, folder);
        }
        self.nodes.push(node);
        if let Some(fetched) = fetched {
            let name = self.nodes[0].spec.name().to_owned();
            self.expand(0, &Step { above: Some(&step), identity: &fetched.identity, name: &name }, 1);
        }
        Ok(Some(Arc::clone(spec)))
    }

    /// Follows the entries of a node.
    fn expand(&mut self, parent: NodeId, step: &Step<'_>, depth: usize) {
        let spec = Arc::clone(&self.nodes[parent].spec);
        if depth > DEEPEST && !spec.subcomponents.is_empty() {
            let message = format!("components are nested more than {DEEPEST} deep");
            self.nodes[parent].problems.push(Diagnostic::error(LIMIT, message).at(spec.place.clone(), ""));
            return;
        }
        let mut names: HashMap<&str, &ComponentSpec> = HashMap::new();
        for entry in &spec.subcomponents {
            if self.full {
                return;
            }
            self.loaded += usize::from(entry.is_loaded());
            if self.nodes.len() >= MOST_COMPONENTS || self.loaded > MOST_LOADED {
                self.full = true;
                let message = match self.loaded > MOST_LOADED {
                    true => format!(
                        "the stack has too many components with a file of their own: the limit is {MOST_LOADED}"
                    ),
                    false => format!("the stack has too many components: the limit is {MOST_COMPONENTS}"),
                };
                self.nodes[parent].problems.push(Diagnostic::error(LIMIT, message).at(entry.place.clone(), ""));
                return;
            }
            let twin = names.get(entry.name()).copied();
            names.entry(entry.name()).or_insert(entry);
            self.follow(parent, entry, twin, step, depth);
        }
    }

    /// Makes the node of an entry and of everything below it.
    fn follow(
        &mut self,
        parent: NodeId,
        entry: &Arc<ComponentSpec>,
        twin: Option<&ComponentSpec>,
        step: &Step<'_>,
        depth: usize,
    ) {
        let expressions = entry.expressions.unwrap_or(self.nodes[parent].expressions);
        let mut problems = Vec::new();
        let entry = &self.fill(entry, expressions, &mut problems);
        let mut node = self.inlined(parent, entry, twin.is_some());
        node.expressions = expressions;
        node.problems.extend(problems);
        let id = self.nodes.len();
        self.nodes[parent].children.push(id);
        if let Some(twin) = twin.filter(|twin| entry.is_loaded() || twin.is_loaded()) {
            let message = format!("two subcomponents are named `{}`", entry.name());
            let problem = self.input.reading.questionable(DUPLICATE, message);
            node.problems.push(
                problem
                    .at(entry.name_place().clone(), "again here")
                    .at(twin.name_place().clone(), "first here")
                    .help("rename one of them: configuration finds a component by its name"),
            );
        }
        if is_broken(&node) {
            self.nodes.push(node);
            return;
        }
        if !entry.is_loaded() {
            fill(&mut node, self.input);
            self.nodes.push(node);
            self.expand(id, step, depth + 1);
            return;
        }
        node.logical = Arc::from(join(&node.logical, entry.name()));
        let loaded = self.load(&mut node, step);
        self.nodes.push(node);
        if let Some(loaded) = loaded {
            self.expand(id, &Step { above: Some(step), identity: &loaded.identity, name: entry.name() }, depth + 1);
        }
    }

    /// The node of an entry that shares its parent's folder.
    fn inlined(&self, parent: NodeId, entry: &Arc<ComponentSpec>, twin: bool) -> Node {
        let above = &self.nodes[parent];
        let mut address = format!("{}/{}", above.address, name_or_stand_in(entry));
        if twin {
            address.push_str(&format!("~{}", above.children.len() + 1));
        }
        Node {
            spec: Arc::clone(entry),
            entry: Arc::from(entry.name()),
            address: Arc::from(address),
            output: Arc::from(join(&above.logical, &format!("{}.yaml", entry.name()))),
            logical: Arc::clone(&above.logical),
            folder: above.folder.clone(),
            config_folders: Vec::new(),
            conditions: entry.when.iter().cloned().collect(),
            merge: entry.merge.clone().or_else(|| above.merge.clone()),
            documents: documents(&above.folder, entry),
            expressions: false,
            content: Content::Nothing,
            fetches: Vec::new(),
            chart: None,
            remote: above.remote,
            pin: above.pin.clone(),
            place: entry.name_place().clone(),
            files_may_appear: above.files_may_appear || !entry.hooks.before_generate.is_empty(),
            parent: Some(parent),
            children: Vec::new(),
            problems: check_name(entry.name(), entry.name_place(), self.input.reading).into_iter().collect(),
        }
    }

    /// Turns a node whose entry only points at a component into the component it points at.
    fn load(&mut self, node: &mut Node, step: &Step<'_>) -> Option<Arc<Seen>> {
        let entry = Arc::clone(&node.spec);
        let folder = match entry.method {
            Method::Git | Method::Http if entry.is_fetched() => {
                let text = |text: &Option<Text>| text.as_ref().map_or("", |text| &*text.value).to_owned();
                let source = text(&entry.source);
                let asked = match entry.method {
                    Method::Git => SourceSpec::git(source, &text(&entry.version), &text(&entry.branch)),
                    _ => SourceSpec::http(source),
                };
                let found = fetched_below(node, asked, format!("components/{}", entry.name()), true, self.input)?;
                node.remote = true;
                node.pin = found.pin;
                place::open_path(&found.tree, entry.path().trim_start_matches('/'), entry.path_place(), &Reach::Tree)
            }
            Method::Http if self.input.reading.is_strict() => Err(no_archive(&entry)),
            _ => self.local_folder(node, &entry),
        };
        let folder = folder.map_err(|problem| node.problems.push(problem)).ok()?;
        if node.parent.is_some() && !(entry.hooks.is_empty() && entry.subcomponents.is_empty() && entry.merge.is_none())
        {
            let message = match &entry.merge {
                None => "hooks and subcomponents of an entry that points at a component file have no effect",
                Some(_) => "`merge` of an entry that points at a component file has no effect",
            };
            let help = "write them into that component file";
            node.problems.push(Diagnostic::warning(NO_EFFECT, message).at(entry.place.clone(), "").help(help));
        }
        let seen = self.read(&folder, Some(entry.source_place()));
        if step.up().any(|above| above.identity == seen.identity) {
            node.problems.push(cycle(step, &entry));
            return None;
        }
        node.problems.extend(seen.loaded.problems.iter().cloned());
        let spec = seen.loaded.spec.as_ref()?;
        node.expressions = spec.expressions.unwrap_or(false);
        let mut problems = Vec::new();
        let spec = &self.fill(spec, node.expressions, &mut problems);
        let is_whole = problems.is_empty();
        node.problems.append(&mut problems);
        node.problems.extend(check_name(spec.name(), spec.name_place(), self.input.reading));
        node.output = Arc::from(join(&node.logical, &format!("{}.yaml", spec.name())));
        node.spec = Arc::clone(spec);
        node.files_may_appear |= !spec.hooks.before_generate.is_empty();
        node.config_folders = vec![folder.clone()];
        node.conditions.extend(spec.when.clone());
        // How values are merged is said by those who wrote them, not by those who include them.
        node.merge = spec.merge.clone();
        node.documents.splice(..0, documents(&folder, spec));
        node.folder = folder;
        if is_whole && !spec.is_fetched() {
            fill(node, self.input);
        }
        Some(seen)
    }

    /// The folder of a component that is not fetched: `source` and `path` joined.
    fn local_folder(&self, node: &Node, entry: &ComponentSpec) -> Result<Tree, Diagnostic> {
        let source = entry.source.as_ref().map_or("", |source| source.value.as_str());
        if source.contains("://") {
            let message = format!("`{}` is a URL, but the method is not `git`", source.escape_debug());
            let problem = Diagnostic::error(UNREADABLE, message);
            return Err(problem.at(entry.source_place().clone(), "").help("add `method: git`"));
        }
        let reach = if node.remote { &Reach::Tree } else { &self.input.reach };
        let folder = place::open_path(&node.folder, source, entry.source_place(), reach)?;
        match entry.path() {
            "" => Ok(folder),
            path => place::open_path(&folder, path.trim_start_matches('/'), entry.path_place(), reach),
        }
    }

    /// The definition with the expressions in its fields evaluated, where it has any.
    fn fill(
        &mut self,
        spec: &Arc<ComponentSpec>,
        expressions: bool,
        problems: &mut Vec<Diagnostic>,
    ) -> Arc<ComponentSpec> {
        let own = if expressions { filled(spec, &self.input.variables, &mut self.answers, problems) } else { None };
        own.unwrap_or_else(|| Arc::clone(spec))
    }

    /// Reads a component file once, however many entries point at it.
    fn read(&mut self, folder: &Tree, asked_at: Option<&Span>) -> Arc<Seen> {
        let key = match folder.on_disk("") {
            Some(path) => path.to_string_lossy().into_owned(),
            None => folder.display(""),
        };
        if let Some(seen) = self.files.get(&key) {
            return Arc::clone(seen);
        }
        let loaded = load_component(folder, self.input.reading, asked_at);
        let seen = Arc::new(Seen { identity: place::identity(folder), loaded });
        self.files.insert(key, Arc::clone(&seen));
        seen
    }
}

fn is_broken(node: &Node) -> bool {
    node.problems.iter().any(|problem| problem.severity == Severity::Error)
}

fn cycle(step: &Step<'_>, entry: &ComponentSpec) -> Diagnostic {
    let mut names: Vec<&str> = step.up().map(|above| above.name).collect();
    names.reverse();
    names.push(entry.name());
    let problem = Diagnostic::error(CYCLE, format!("the components form a cycle: {}", names.join(" > ")));
    let help = match &entry.source {
        Some(_) => "remove the entry, or point `source` at another component",
        None => "give the entry a `type`, or a `source` that has its component file",
    };
    problem.at(entry.source_place().clone(), "leads back to a component above").help(help)
}

/// The documents of values that a definition names, with the folder that their paths start at.
fn documents(folder: &Tree, spec: &ComponentSpec) -> Vec<(Tree, ValuesDocument)> {
    spec.values_from.iter().map(|document| (folder.clone(), document.clone())).collect()
}

fn name_or_stand_in(spec: &ComponentSpec) -> &str {
    if spec.name().is_empty() { "unnamed" } else { spec.name() }
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}
