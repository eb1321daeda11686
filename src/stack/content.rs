use std::sync::Arc;

use super::graph::{Content, Fetch, Node};
use super::place::{self, Reach};
use super::resolve::StackInput;
use super::spec::{ComponentSpec, ComponentType, Method, Text};
use crate::diag::{Code, Diagnostic, Severity, nearest};
use crate::source::{Asker, Request, SourceSpec, Tree, Trust};

const NOT_INSTALLED: Code = Code("source.not-installed");
/// The code of a `path` that leads to nothing, which a hook may still change.
pub const PATH_NOT_FOUND: Code = Code("component.path-not-found");
const NO_PATH: Code = Code("component.no-path");
const NO_SOURCE: Code = Code("component.no-source");
const ABSOLUTE: Code = Code("component.absolute-path");
const UNKNOWN_TYPE: Code = Code("component.unknown-type");
const NO_EFFECT: Code = Code("component.no-effect");
const HTTP_FILE: Code = Code("component.http-file");

/// A fetched source, from an old install beside the component file or from the store.
pub(super) struct Found {
    pub tree: Tree,
    pub pin: Option<Arc<str>>,
}

/// Finds what a component renders.
pub(super) fn fill(node: &mut Node, input: &StackInput<'_>) {
    let spec = Arc::clone(&node.spec);
    node.content = match &spec.kind {
        ComponentType::Component => Content::Nothing,
        ComponentType::Unknown(word) => {
            let message = format!("unknown type `{}`", word.escape_debug());
            let problem = input.reading.questionable(UNKNOWN_TYPE, message).maybe_at(spec.kind_place.clone(), "");
            let help = match nearest(word, ComponentType::NAMES) {
                Some(name) => format!("did you mean `{name}`?"),
                None => format!("use one of: {}", ComponentType::NAMES.join(", ")),
            };
            node.problems.push(problem.help(help));
            Content::Nothing
        }
        ComponentType::Helm => chart(node, &spec, input),
        ComponentType::Static | ComponentType::Template => manifests(node, &spec, input),
    };
    if let Content::Tree(tree) = &node.content {
        let place = spec.path_place();
        let missing = match tree.kind("") {
            Ok(Some(_)) => None,
            Ok(None) => Some(format!("`{}` was not found", tree.display(""))),
            Err(error) => Some(error.to_string()),
        };
        if let Some(message) = missing.filter(|_| !node.files_may_appear) {
            let help = "correct `path`: it is relative to the component file, or to the root of the fetched source";
            node.problems.push(Diagnostic::error(PATH_NOT_FOUND, message).at(place.clone(), "").help(help));
        }
    }
}

fn chart(node: &mut Node, spec: &ComponentSpec, input: &StackInput<'_>) -> Content {
    let kept = format!("helm_repos/{}", spec.name());
    match spec.method {
        Method::Git => {
            let asked = SourceSpec::git(text(&spec.source), text(&spec.version), text(&spec.branch));
            match fetched_below(node, asked, kept, false, input) {
                Some(found) => chart_at(node, found.tree, spec.path(), spec, &Reach::Tree, input),
                None => Content::Missing,
            }
        }
        Method::Helm => {
            // The whole reference of a chart names it too, as in Helm.
            let (repository, chart) = match (text(&spec.source), &spec.path) {
                (source, None) if source.starts_with("oci://") => {
                    source.rsplit_once('/').filter(|(host, _)| host.len() > "oci://".len()).unwrap_or((source, ""))
                }
                (source, _) => (source, spec.path()),
            };
            let asked = SourceSpec::chart(repository, chart, text(&spec.version));
            if chart.is_empty() && !is_kept(node, &kept) {
                let message = "`method: helm` needs `path`, the chart's name in the repository";
                node.problems.push(Diagnostic::error(NO_PATH, message).at(spec.place.clone(), ""));
                return Content::Missing;
            }
            match fetched_below(node, asked, kept, false, input) {
                Some(found) => chart_at(node, found.tree, "", spec, &Reach::Tree, input),
                None => Content::Missing,
            }
        }
        Method::Http if spec.names_archive() => {
            match fetched_below(node, SourceSpec::http(text(&spec.source)), kept, false, input) {
                Some(found) => chart_at(node, found.tree, spec.path(), spec, &Reach::Tree, input),
                None => Content::Missing,
            }
        }
        Method::Http if input.reading.is_strict() => {
            node.problems.push(no_archive(spec));
            Content::Missing
        }
        Method::Local | Method::Http => match local_base(node, spec, input) {
            Some((base, reach)) => chart_at(node, base, spec.path(), spec, &reach, input),
            None => Content::Missing,
        },
    }
}

/// The chart at a path of a source, completed with the dependencies that it lacks.
fn chart_at(
    node: &mut Node,
    source: Tree,
    path: &str,
    spec: &ComponentSpec,
    reach: &Reach,
    input: &StackInput<'_>,
) -> Content {
    let place = spec.path_place().clone();
    let mut path = path.trim_start_matches('/');
    let opened = place::open_path(&source, path, &place, reach);
    let source = match (&opened, source.subtree(path)) {
        // A path that leads out of the tree: the chart's folder is a source of its own.
        (Ok(folder), Err(_)) => {
            path = "";
            folder.clone()
        }
        _ => source,
    };
    let chart = opened.and_then(|_| input.materials.chart(&source, path));
    node.chart = Some((source, path.to_owned()));
    match chart {
        Ok(tree) => Content::Tree(tree),
        Err(problem) => {
            let placed = problem.labels.is_empty();
            node.problems.push(if placed { problem.at(place, "") } else { problem });
            Content::Missing
        }
    }
}

fn manifests(node: &mut Node, spec: &ComponentSpec, input: &StackInput<'_>) -> Content {
    let kept = format!("components/{}", spec.name());
    match spec.method {
        Method::Http => {
            let url = text(&spec.source).to_ascii_lowercase();
            let file = url.split(['?', '#']).next().unwrap_or_default();
            let is_yaml = file.ends_with(".yaml") || file.ends_with(".yml");
            let is_archive = spec.names_archive();
            // Fabrikate takes nothing else; its word is kept where its reading is.
            if !is_yaml && !is_archive && !input.reading.is_strict() && !is_kept(node, &kept) {
                let message = "the source of a component with `method: http` must end in `.yaml` or `.yml`";
                node.problems.push(
                    Diagnostic::error(HTTP_FILE, message).at(spec.source_place().clone(), "").help(
                        "archives that end in `.tgz`, `.tar.gz` or `.tar` work too, and with a `kiln.yaml` any URL",
                    ),
                );
                return Content::Missing;
            }
            let asked = SourceSpec::http(text(&spec.source));
            if is_archive {
                return fetched_folder(node, spec, asked, kept, input);
            }
            match fetched_below(node, asked, kept, false, input) {
                Some(found) => Content::Tree(found.tree),
                None => Content::Missing,
            }
        }
        Method::Git => {
            let asked = SourceSpec::git(text(&spec.source), text(&spec.version), text(&spec.branch));
            fetched_folder(node, spec, asked, kept, input)
        }
        Method::Local | Method::Helm => {
            if spec.path.is_none() && (spec.source.is_none() || !input.reading.is_strict()) {
                let message = "a component of static manifests needs `path`, the folder of the manifests";
                let problem = Diagnostic::error(NO_PATH, message).at(spec.place.clone(), "");
                node.problems.push(problem.help("without it the component file itself would be deployed"));
                return Content::Missing;
            }
            local_folder(node, spec, input)
        }
    }
}

/// What charts and components cannot be had from by `method: http`.
pub(super) fn no_archive(spec: &ComponentSpec) -> Diagnostic {
    let message = "with `method: http` this type of component needs an archive: `.tgz`, `.tar.gz` or `.tar`";
    Diagnostic::error(HTTP_FILE, message)
        .at(spec.source_place().clone(), "")
        .help("use `method: helm` for a chart repository and `method: git` for a git repository")
}

/// The `path` of a fetched repository or archive.
fn fetched_folder(
    node: &mut Node,
    spec: &ComponentSpec,
    asked: SourceSpec,
    kept: String,
    input: &StackInput<'_>,
) -> Content {
    let Some(found) = fetched_below(node, asked, kept, false, input) else { return Content::Missing };
    match place::open_path(&found.tree, spec.path().trim_start_matches('/'), spec.path_place(), &Reach::Tree) {
        Ok(tree) => Content::Tree(tree),
        Err(problem) => {
            node.problems.push(problem);
            Content::Missing
        }
    }
}

/// The `path` below the component's folder.
fn local_folder(node: &mut Node, spec: &ComponentSpec, input: &StackInput<'_>) -> Content {
    let Some((base, reach)) = local_base(node, spec, input) else { return Content::Missing };
    let Some(path) = &spec.path else { return Content::Tree(base) };
    match place::open_path(&base, path.value.trim_start_matches('/'), &path.place, &reach) {
        Ok(tree) => Content::Tree(tree),
        Err(problem) => {
            node.problems.push(problem);
            Content::Missing
        }
    }
}

/// The folder that `path` of a local component starts from. Fabrikate takes no notice of `source`
/// here; the strict reading joins both, as for components with a file of their own.
fn local_base(node: &mut Node, spec: &ComponentSpec, input: &StackInput<'_>) -> Option<(Tree, Reach)> {
    let reach = if node.remote { Reach::Tree } else { input.reach.clone() };
    let strict = input.reading.is_strict();
    if let Some(path) = spec.path.as_ref().filter(|path| strict && path.value.starts_with('/')) {
        let message = format!("`{}` is an absolute path", path.value.escape_debug());
        let problem = Diagnostic::error(ABSOLUTE, message).at(path.place.clone(), "");
        node.problems.push(problem.help("write it relative to the component file"));
        return None;
    }
    let Some(source) = &spec.source else { return Some((node.folder.clone(), reach)) };
    if !strict {
        let message = "`source` has no effect on a local component of this type";
        let problem = Diagnostic::warning(NO_EFFECT, message).at(source.place.clone(), "");
        node.problems.push(problem.help("name the folder with `path`, or add `method: git` when it is a URL"));
        return Some((node.folder.clone(), reach));
    }
    if source.value.contains("://") {
        let message = format!("`{}` is a URL, but the method is `local`", source.value.escape_debug());
        let problem = Diagnostic::error(NO_EFFECT, message).at(source.place.clone(), "");
        node.problems.push(problem.help("add `method: git`, `method: helm` or `method: http`"));
        return None;
    }
    match place::open_path(&node.folder, &source.value, &source.place, &reach) {
        Ok(base) => Some((base, reach)),
        Err(problem) => {
            node.problems.push(problem);
            None
        }
    }
}

/// Looks a fetched source up: beside the component file, where `fab install` keeps it, and in the
/// store. Fabrikate knows only the first place, so it comes first in its reading.
pub(super) fn fetched_below(
    node: &mut Node,
    asked: SourceSpec,
    kept: String,
    is_component: bool,
    input: &StackInput<'_>,
) -> Option<Found> {
    let spec = Arc::clone(&node.spec);
    let trust = if node.remote { Trust::Fetched } else { Trust::Project };
    let place = |text: &Option<Text>| text.as_ref().map(|text| text.place.clone());
    let request = Request {
        spec: asked,
        asker: Asker {
            address: node.address.to_string(),
            trust,
            source: Some(spec.source_place().clone()),
            version: place(&spec.version),
            branch: place(&spec.branch),
            path: place(&spec.path),
        },
    };
    let beside = is_kept(node, &kept).then(|| beside(&node.folder, &kept)).flatten();
    if spec.source.is_none() {
        if beside.is_none() {
            let message = "the component is to be fetched, but has no `source`";
            node.problems.push(Diagnostic::error(NO_SOURCE, message).at(spec.place.clone(), ""));
        }
        return beside;
    }
    match input.materials.instead(&request) {
        Ok(Some(material)) => return Some(Found { tree: material.tree, pin: Some(material.pin) }),
        Ok(None) => {}
        Err(problem) => {
            node.problems.push(problem);
            return None;
        }
    }
    node.fetches.push(Fetch { request: request.clone(), is_component, base: node.folder.clone(), kept });
    let found = match beside {
        Some(found) if !input.reading.is_strict() => {
            // Install hooks may change what was fetched.
            let hooks = &spec.hooks;
            let is_fixed = hooks.before_install.is_empty() && hooks.after_install.is_empty();
            let wrong = if is_fixed { input.materials.check_copy(&request, &found.tree) } else { None };
            let refused = wrong.as_ref().is_some_and(|problem| problem.severity == Severity::Error);
            node.problems.extend(wrong);
            if refused {
                return None;
            }
            Some(found)
        }
        beside => match input.materials.find(&request) {
            Ok(Some(material)) => Some(Found { tree: material.tree, pin: Some(material.pin) }),
            Ok(None) => beside,
            Err(problem) => {
                node.problems.push(problem);
                return None;
            }
        },
    };
    if found.is_none() {
        let message = format!("{} is not installed", request.spec);
        let problem = Diagnostic::error(NOT_INSTALLED, message).at(spec.source_place().clone(), "");
        node.problems.push(problem.help("run `kiln install`"));
    }
    found
}

fn is_kept(node: &Node, kept: &str) -> bool {
    node.folder.is_dir(kept)
}

/// A tree of its own, so that nothing in it leads back into the project.
fn beside(folder: &Tree, kept: &str) -> Option<Found> {
    let tree = match folder.on_disk(kept) {
        Some(path) => Tree::directory(path, folder.display(kept)),
        None => folder.subtree(kept).ok()?,
    };
    Some(Found { tree, pin: None })
}

fn text(text: &Option<Text>) -> &str {
    text.as_ref().map_or("", |text| &text.value)
}
