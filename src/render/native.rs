use indexmap::IndexMap;

use crate::config::{ConfigNode, ConfigValue};
use crate::diag::{Code, Diagnostic, Reported, Sink};
use crate::jinja::Renderer;
use crate::source::{EntryKind, Tree};
use crate::span::Source;
use crate::value::Frozen;

use super::manifests::{at, documents, is_manifest};
use super::{Bundle, Context, RenderUnit};

/// Files of a component's own folder that define it and are no templates.
const DEFINITIONS: [&str; 6] =
    ["component.yaml", "component.json", "kiln.yaml", "kiln.lock", "access.yaml", "clusters.yaml"];

/// Renders native templates (`type: template`): the folder's `*.j2` files, and its `.yaml`, `.yml`
/// and `.json` files, in byte order of the names they produce. Names that start with `_` are for
/// inclusion only; sub-folders too; other files are reported.
pub fn render(unit: &RenderUnit, tree: &Tree, context: &Context, sink: &mut Sink) -> Result<Bundle, Reported> {
    let (folder, files) = match tree.kind("") {
        Ok(Some(EntryKind::Dir)) => (tree.clone(), listed(unit, tree, sink)?),
        Ok(Some(EntryKind::File)) => match tree.parent() {
            Some((folder, name)) => (folder, vec![name]),
            None => return Err(sink.fail(missing(unit, tree))),
        },
        Ok(None) => return Err(sink.fail(missing(unit, tree))),
        Err(error) => {
            return Err(sink.fail(at(unit, Diagnostic::error(Code("template.unreadable"), error.to_string()))));
        }
    };
    let shown = folder.clone();
    let renderer = Renderer::new(folder, variables(unit, context), context.template_limits);
    let mut bundle = Bundle::default();
    for file in files {
        match renderer.render(&file) {
            Err(problem) => sink.push(problem),
            Ok(text) => {
                let produced = file.strip_suffix(".j2").unwrap_or(&file);
                let source = Source::new(format!("{} (rendered)", shown.display(produced)), text);
                documents(&source, &mut bundle.objects, sink);
            }
        }
    }
    sink.check().map(|()| bundle)
}

fn missing(unit: &RenderUnit, tree: &Tree) -> Diagnostic {
    let message = format!("the template folder or file `{}` does not exist", tree.display(""));
    at(unit, Diagnostic::error(Code("template.missing"), message)).help("correct `path`, or create it")
}

fn listed(unit: &RenderUnit, tree: &Tree, sink: &mut Sink) -> Result<Vec<String>, Reported> {
    let entries = tree
        .list("")
        .map_err(|error| sink.fail(at(unit, Diagnostic::error(Code("template.unreadable"), error.to_string()))))?;
    let mut files = Vec::new();
    for entry in entries {
        if entry.kind == EntryKind::Dir || entry.name.starts_with('_') || DEFINITIONS.contains(&entry.name.as_str()) {
            continue;
        }
        if entry.name.ends_with(".j2") || is_manifest(&entry.name) {
            files.push(entry.name);
        } else {
            let message = format!("`{}` is no template and is left out", tree.display(&entry.name));
            sink.push(at(unit, Diagnostic::warning(Code("template.ignored-file"), message)));
        }
    }
    let produced = |name: &str| name.strip_suffix(".j2").unwrap_or(name).to_owned();
    files.sort_by_key(|name| produced(name));
    for pair in files.windows(2) {
        if produced(&pair[0]) == produced(&pair[1]) {
            let message =
                format!("`{}` and `{}` produce the same file", tree.display(&pair[0]), tree.display(&pair[1]));
            sink.push(at(unit, Diagnostic::error(Code("template.collision"), message)).help("rename one of them"));
        }
    }
    sink.check().map(|()| files)
}

fn variables(unit: &RenderUnit, context: &Context) -> IndexMap<String, Frozen> {
    let config = unit.scope.config().map_or_else(|| Frozen::map(Vec::new()), as_written);
    let component = Frozen::map(vec![("name".into(), Frozen::str(&*unit.name))]);
    let kiln = unit.cluster.iter().map(|cluster| ("cluster".into(), cluster.clone())).collect();
    let environments = unit.environments.iter().map(|name| Frozen::str(name.as_str())).collect();
    IndexMap::from([
        ("config".to_owned(), config),
        ("namespace".to_owned(), Frozen::str(unit.scope.namespace().unwrap_or("default"))),
        ("component".to_owned(), component),
        ("environments".to_owned(), Frozen::list(environments)),
        ("vars".to_owned(), context.vars.clone()),
        ("kiln".to_owned(), Frozen::map(kiln)),
    ])
}

/// The values with the types they are written in: integers stay integers.
pub fn as_written(node: &ConfigNode) -> Frozen {
    match &node.value {
        ConfigValue::Scalar(scalar) => scalar.clone(),
        ConfigValue::List(items) => Frozen::list(items.iter().map(|item| as_written(item)).collect()),
        ConfigValue::Map(map) => Frozen::map(map.iter().map(|(key, value)| (key.clone(), as_written(value))).collect()),
    }
}
