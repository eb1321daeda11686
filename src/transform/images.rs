use crate::diag::{Code, Diagnostic};
use crate::k8s::{ImageOverride, ImageRef, Object};
use crate::span::Source;
use crate::value::Frozen;
use crate::yaml::edit::{self, Step};
use crate::yaml::{self, Document, Node, NodeKind, Scalar, Style};

/// The keys of lists of containers, in pods and in whatever holds the template of a pod.
const CONTAINERS: [&str; 3] = ["containers", "initContainers", "ephemeralContainers"];

/// Objects nested deeper than this hold no containers.
const DEEPEST: usize = 200;

/// Puts other images into the containers of objects: wherever a list of containers stands, also in custom
/// resources. Of several rules for one image the first that names it counts, and the first that says a version.
/// Everything else of the text stays byte for byte. Gives which rules met an image. `shown` names the output in
/// messages.
///
/// # Errors
/// When an object's text is not YAML.
pub fn override_images(objects: &mut [Object], rules: &[ImageOverride], shown: &str) -> Result<Vec<bool>, Diagnostic> {
    let mut met = vec![false; rules.len()];
    for object in objects {
        let is_definition = |identity: &crate::k8s::Identity| identity.kind == "CustomResourceDefinition";
        // Parsing is the costly part, so look whether there is anything to find.
        if object.identity.as_ref().is_some_and(is_definition) || !mentions(&object.text, rules) {
            continue;
        }
        let source = Source::new(shown, object.text.as_str());
        let document = yaml::parse_document(&source).map_err(|error| error.to_diagnostic(&source))?;
        let mut found = Found { rules, met: &mut met, splices: Vec::new(), merged: Vec::new() };
        found.walk(&document.root, &mut Vec::new());
        let Found { mut splices, merged, .. } = found;
        splices.sort_by_key(|splice| std::cmp::Reverse(splice.at));
        splices.dedup_by_key(|splice| splice.at);
        for splice in &splices {
            object.text.replace_range(splice.at..splice.end, &splice.text);
        }
        for (path, image) in merged {
            object.text = set(&object.text, &path, &image, shown)?;
        }
    }
    Ok(met)
}

/// Names and images of the containers of an object, wherever lists of containers stand; none when its text is not
/// YAML.
pub fn container_images(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    if text.contains("ontainers")
        && let Ok(document) = yaml::parse_document(&Source::new("", text))
    {
        gather(&document.root, &mut found, 0);
    }
    found
}

fn gather(node: &Node, found: &mut Vec<(String, String)>, depth: usize) {
    if depth > DEEPEST {
        return;
    }
    for (key, value) in node.as_map().unwrap_or_default() {
        if key.as_str().is_some_and(|key| CONTAINERS.contains(&key)) {
            for container in value.as_seq().unwrap_or_default() {
                let text = |key: &str| container.get(key).and_then(Node::as_str).map(str::to_owned);
                let image = text("image").or_else(|| merged_image(container, 0).map(str::to_owned));
                found.extend(image.map(|image| (text("name").unwrap_or_default(), image)));
            }
        }
        gather(value, found, depth + 1);
    }
    node.as_seq().unwrap_or_default().iter().for_each(|item| gather(item, found, depth + 1));
}

/// Whether a text has containers, and the last part of the name of an image that a rule is about.
fn mentions(text: &str, rules: &[ImageOverride]) -> bool {
    let last = |rule: &ImageOverride| rule.name.repository.rsplit('/').next().is_some_and(|last| text.contains(last));
    text.contains("ontainers") && rules.iter().any(last)
}

/// Sets the image of a container that has it from a merge key.
fn set(text: &str, path: &[Step], image: &str, shown: &str) -> Result<String, Diagnostic> {
    let source = Source::new(shown, text);
    let document: Document = yaml::parse_document(&source).map_err(|error| error.to_diagnostic(&source))?;
    edit::set(&document, path, &Frozen::str(image)).map_err(|error| {
        Diagnostic { code: Code("images.override"), ..error.to_diagnostic() }
            .help("write the container's `image` out, so that it can be changed alone")
    })
}

struct Splice {
    at: usize,
    end: usize,
    text: String,
}

struct Found<'r> {
    rules: &'r [ImageOverride],
    met: &'r mut [bool],
    splices: Vec<Splice>,
    /// Containers whose image comes through a merge key, and what it shall be.
    merged: Vec<(Vec<Step>, String)>,
}

impl Found<'_> {
    fn walk(&mut self, node: &Node, path: &mut Vec<Step>) {
        if path.len() > DEEPEST {
            return;
        }
        match &node.kind {
            NodeKind::Map { entries, .. } => {
                for (key, value) in entries.iter() {
                    let Some(name) = key.as_str() else { continue };
                    path.push(Step::from(name));
                    if CONTAINERS.contains(&name) {
                        for (at, container) in value.as_seq().unwrap_or_default().iter().enumerate() {
                            path.push(Step::Index(at));
                            self.container(container, path);
                            path.pop();
                        }
                    }
                    self.walk(value, path);
                    path.pop();
                }
            }
            NodeKind::Seq { items, .. } => {
                for (at, item) in items.iter().enumerate() {
                    path.push(Step::Index(at));
                    self.walk(item, path);
                    path.pop();
                }
            }
            // What an alias stands for is met at its anchor.
            NodeKind::Scalar { .. } | NodeKind::Alias { .. } => {}
        }
    }

    fn container(&mut self, container: &Node, path: &[Step]) {
        match container.get("image") {
            Some(node) => {
                let Some(image) = node.as_str().and_then(|text| self.overridden(text)) else { return };
                let style = match &node.kind {
                    NodeKind::Scalar { style, .. } => *style,
                    _ => Style::Plain,
                };
                let text = written(&image, style);
                self.splices.push(Splice { at: node.start as usize, end: node.end as usize, text });
            }
            None => {
                let Some(image) = merged_image(container, 0).and_then(|text| self.overridden(text)) else { return };
                self.merged.push((path.iter().cloned().chain([Step::from("image")]).collect(), image));
            }
        }
    }

    /// What the rules make of an image; `None` when none is about it, or they leave it as it is.
    fn overridden(&mut self, text: &str) -> Option<String> {
        let image = ImageRef::parse(text)?;
        let mut name = None;
        let mut version = None;
        for (at, rule) in self.rules.iter().enumerate().filter(|(_, rule)| image.is(&rule.name)) {
            self.met[at] = true;
            name = name.or(rule.new_name.as_deref());
            version = version.or(rule.has_version().then_some(rule));
        }
        let mut made = image.clone();
        if let Some(name) = name {
            let name = ImageRef::parse(name)?;
            (made.registry, made.repository) = (name.registry, name.repository);
        }
        if let Some(rule) = version {
            (made.tag, made.digest) = (rule.new_tag.clone(), rule.digest.clone());
        }
        (made != image).then(|| made.to_string())
    }
}

/// The image that a container has from a merge key.
fn merged_image(container: &Node, depth: usize) -> Option<&str> {
    if depth > 20 {
        return None;
    }
    let merged = container.get("<<")?.resolved();
    let maps = merged.as_seq().unwrap_or(std::slice::from_ref(merged));
    maps.iter().find_map(|map| map.get("image").and_then(Node::as_str).or_else(|| merged_image(map, depth + 1)))
}

/// The image in the style of what stood there; quoted where it would not read as a string.
fn written(image: &str, style: Style) -> String {
    match style {
        Style::SingleQuoted => format!("'{image}'"),
        Style::DoubleQuoted => format!("\"{image}\""),
        _ if matches!(yaml::resolve(image), Scalar::Str) => image.to_owned(),
        _ => format!("\"{image}\""),
    }
}

#[cfg(test)]
mod tests;
