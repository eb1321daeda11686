use crate::diag::{Code, Diagnostic, Reported, Sink};
use crate::k8s::{self, Object};
use crate::source::{EntryKind, Tree, TreeError};
use crate::span::{Source, Span};
use crate::yaml;

use super::{Bundle, Context, RenderUnit};

const MISSING: Code = Code("static.missing");
const UNREADABLE: Code = Code("static.unreadable");

/// Takes manifests as they are (`type: static`).
///
/// In Fabrikate's reading every file of the folder is passed on verbatim, in byte order of names,
/// and a sub-folder or a path to a file is an error. In the strict reading `.yaml`, `.yml` and
/// `.json` files of the folder and below it are parsed and passed on document by document, others
/// are reported; a path may name a file.
pub fn render(unit: &RenderUnit, tree: &Tree, context: &Context, sink: &mut Sink) -> Result<Bundle, Reported> {
    let kind = match tree.kind("") {
        Ok(Some(kind)) => kind,
        Ok(None) => {
            let message = format!("the folder `{}` does not exist", tree.display(""));
            return Err(
                sink.fail(at(unit, Diagnostic::error(MISSING, message)).help("correct `path`, or create the folder"))
            );
        }
        Err(error) => return Err(sink.fail(at(unit, error.diagnostic(UNREADABLE)))),
    };
    let mut bundle = Bundle::default();
    match (context.reading.is_strict(), kind) {
        (false, EntryKind::File) => {
            let message = format!("`{}` is a file, but `path` of a static component names a folder", tree.display(""));
            let help = "name the folder, or add a `kiln.yaml` to the project: then a file works too";
            sink.push(at(unit, Diagnostic::error(MISSING, message)).help(help));
        }
        (false, EntryKind::Dir) => verbatim(unit, tree, &mut bundle, sink),
        (true, EntryKind::File) => parsed(unit, tree, "", &mut bundle, sink),
        (true, EntryKind::Dir) => folder(unit, tree, "", 0, &mut bundle, sink),
    }
    sink.check().map(|()| bundle)
}

fn verbatim(unit: &RenderUnit, tree: &Tree, bundle: &mut Bundle, sink: &mut Sink) {
    let Some(entries) = listed(unit, tree, "", sink) else { return };
    for entry in entries {
        if entry.kind == EntryKind::Dir {
            let message = format!(
                "`{}` is a folder; a static component takes the files of one folder",
                tree.display(&entry.name)
            );
            let help = "move it elsewhere, or add a `kiln.yaml` to the project: then folders are read too";
            sink.push(at(unit, Diagnostic::error(Code("static.folder"), message)).help(help));
            continue;
        }
        if let Some(text) = read(unit, tree, &entry.name, sink) {
            bundle.objects.push(Object { text, identity: None });
        }
    }
}

/// Deeper folders than this are taken for a mistake.
const DEEPEST: usize = 32;

fn folder(unit: &RenderUnit, tree: &Tree, path: &str, depth: usize, bundle: &mut Bundle, sink: &mut Sink) {
    let Some(entries) = listed(unit, tree, path, sink) else { return };
    for entry in entries {
        let below = if path.is_empty() { entry.name.clone() } else { format!("{path}/{}", entry.name) };
        if entry.kind == EntryKind::Dir {
            if depth < DEEPEST {
                folder(unit, tree, &below, depth + 1, bundle, sink);
            } else {
                let message = format!("folders below `{}` are nested too deep", tree.display(&below));
                sink.push(at(unit, Diagnostic::error(Code("static.folder"), message)));
            }
        } else if is_manifest(&entry.name) {
            parsed(unit, tree, &below, bundle, sink);
        } else {
            let message = format!("`{}` is neither YAML nor JSON and is left out", tree.display(&below));
            sink.push(at(unit, Diagnostic::warning(Code("static.ignored-file"), message)));
        }
    }
}

/// Whether a name ends as manifests do.
pub fn is_manifest(name: &str) -> bool {
    [".yaml", ".yml", ".json"].iter().any(|end| name.ends_with(end))
}

fn parsed(unit: &RenderUnit, tree: &Tree, path: &str, bundle: &mut Bundle, sink: &mut Sink) {
    if let Some(text) = read(unit, tree, path, sink) {
        documents(&Source::new(tree.display(path), text), &mut bundle.objects, sink);
    }
}

/// The most documents of one component; a list in a document counts once.
const MOST_DOCUMENTS: usize = 100_000;

/// Checks that a text is a stream of YAML documents and appends them as objects.
pub fn documents(source: &std::sync::Arc<Source>, objects: &mut Vec<Object>, sink: &mut Sink) {
    let ranges = k8s::split(source.text());
    if objects.len() + ranges.len() > MOST_DOCUMENTS {
        let over = ranges.get(MOST_DOCUMENTS - objects.len()).map_or(0..0, |range| range.start..range.start);
        let message = format!("the component has too many documents: the limit is {MOST_DOCUMENTS}");
        sink.push(Diagnostic::error(Code("manifest.limit"), message).at(Span::new(source, over), "one too many"));
        return;
    }
    if let Err(error) = yaml::parse_stream(source) {
        sink.push(error.to_diagnostic(source));
        return;
    }
    for range in ranges {
        let text = &source.text()[range.clone()];
        match k8s::identify(text) {
            Ok(identity) => objects.push(Object { text: text.to_owned(), identity: Some(identity) }),
            Err(message) => {
                let span = Span::new(source, range.start..range.start + text.find('\n').unwrap_or(text.len()));
                sink.push(
                    Diagnostic::error(Code("manifest.not-an-object"), message)
                        .at(span, "this document")
                        .help("a manifest is a map with `apiVersion`, `kind` and `metadata`"),
                );
            }
        }
    }
}

fn listed(unit: &RenderUnit, tree: &Tree, path: &str, sink: &mut Sink) -> Option<Vec<crate::source::Entry>> {
    tree.list(path).map_err(|error| refuse(unit, &error, sink)).ok()
}

/// The text of a file, with a byte order mark removed.
pub fn read(unit: &RenderUnit, tree: &Tree, path: &str, sink: &mut Sink) -> Option<String> {
    let bytes = tree.read(path).map_err(|error| refuse(unit, &error, sink)).ok()?;
    match std::str::from_utf8(&bytes) {
        Ok(text) => Some(text.strip_prefix('\u{feff}').unwrap_or(text).to_owned()),
        Err(error) => {
            let message = format!("`{}` is not text: {error}", tree.display(path));
            sink.push(
                at(unit, Diagnostic::error(UNREADABLE, message))
                    .help("manifests are UTF-8 text; move other files elsewhere"),
            );
            None
        }
    }
}

fn refuse(unit: &RenderUnit, error: &TreeError, sink: &mut Sink) {
    sink.push(at(unit, Diagnostic::error(UNREADABLE, error.to_string())));
}

/// Points at the component's definition.
pub fn at(unit: &RenderUnit, diagnostic: Diagnostic) -> Diagnostic {
    diagnostic.maybe_at(unit.place.clone(), format!("component `{}`", unit.name))
}
