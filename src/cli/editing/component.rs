use super::file::EditedFile;
use crate::diag::{Code, Diagnostic};
use crate::source::Tree;
use crate::stack::COMPONENT_KEYS;
use crate::value::Frozen;
use crate::yaml::edit::Step;
use crate::yaml::{Node, load_node_native};

/// The key of the entries of a component file.
pub const LIST: &str = "subcomponents";

const WRONG_TYPE: Code = Code("component.wrong-type");

/// Opens the project's component file; a new one gets `name`.
pub fn open_component(folder: &Tree, name: &str) -> Result<EditedFile, Diagnostic> {
    let mut file = EditedFile::open(folder, "component")?;
    let root = file.root();
    let problem = match (root.is_null() || root.as_map().is_some(), root.get(LIST)) {
        (false, _) => Some(("the component file must hold a map", root)),
        (true, Some(list)) if !list.is_null() && list.as_seq().is_none() => {
            Some(("`subcomponents` must be a list", list))
        }
        _ => None,
    };
    if let Some((message, node)) = problem {
        return Err(Diagnostic::error(WRONG_TYPE, message).at(file.document().span(node), ""));
    }
    if !file.existed() {
        file.set(&[Step::from("name")], &Frozen::str(name))?;
    }
    Ok(file)
}

/// The path of an entry.
pub fn item(index: usize) -> Vec<Step> {
    vec![Step::from(LIST), Step::Index(index)]
}

/// The entries of one name.
pub fn positions(file: &EditedFile, name: &str) -> Vec<usize> {
    let is_meant = |(at, item): (usize, &Node)| (item.get("name").and_then(Node::as_str) == Some(name)).then_some(at);
    entries(file).iter().enumerate().filter_map(is_meant).collect()
}

/// Whether an entry has a key.
pub fn has(file: &EditedFile, index: usize, key: &str) -> bool {
    entries(file).get(index).is_some_and(|item| item.get(key).is_some())
}

fn entries(file: &EditedFile) -> &[Node] {
    file.root().get(LIST).and_then(Node::as_seq).unwrap_or_default()
}

/// Does what Fabrikate does when it writes a component file: the file says its type, keys that are
/// unknown are gone, and entries are sorted by name. Entries stay where they are when sorting would
/// lose comments.
pub fn as_fabrikate_writes(file: &mut EditedFile) -> Result<(), Diagnostic> {
    if file.existed() && file.root().get("type").is_none() {
        let kind = file.root().get("generator").and_then(Node::as_str).unwrap_or("component").to_owned();
        file.set(&[Step::from("type")], &Frozen::str(kind))?;
    }
    let keys = file.root().as_map().unwrap_or_default().iter().filter_map(|(key, _)| key.as_str());
    let unknown: Vec<String> = keys.filter(|key| !COMPONENT_KEYS.contains(key)).map(str::to_owned).collect();
    for key in unknown {
        file.remove(&[Step::from(key.as_str())])?;
    }
    let name = |node: &Node| node.get("name").and_then(Node::as_str).unwrap_or_default().to_owned();
    if entries(file).iter().map(name).is_sorted() {
        return Ok(());
    }
    let document = file.document();
    let Some(list) = document.root.get(LIST) else { return Ok(()) };
    if document.span(list).text().contains('#') {
        return Ok(());
    }
    let mut sorted: Vec<(String, Frozen)> = Vec::new();
    for node in entries(file) {
        let value = load_node_native(node).map_err(|error| error.to_diagnostic(&document.source))?;
        sorted.push((name(node), value));
    }
    sorted.sort_by(|a, b| a.0.cmp(&b.0));
    file.set(&[Step::from(LIST)], &Frozen::list(sorted.into_iter().map(|(_, value)| value).collect()))
}
