use indexmap::IndexMap;

use super::{Binding, BoundValues, ImageChoice, ImageEntry, ImageFile};
use crate::diag::{Code, Diagnostic, Reported, Sink, nearest};
use crate::k8s::{ImageOverride, ImageRef, is_digest, is_tag};
use crate::source::Tree;
use crate::span::Span;
use crate::stack::Reading;
use crate::stack::document::{ProjectDocument, read_yaml};
use crate::stack::fields::{FieldCodes, FieldRules, Fields};
use crate::stack::spec::Text;
use crate::yaml::load_node_native;

/// The name of the file about images.
pub const IMAGES_FILE: &str = "images.yaml";

pub(super) const IMAGE_CODES: FieldCodes = FieldCodes {
    unknown_key: Code("images.unknown-key"),
    duplicate_key: Code("images.duplicate-key"),
    wrong_type: Code("images.wrong-type"),
};
const INVALID: Code = Code("images.invalid-value");
const UNKNOWN_IMAGE: Code = Code("images.unknown-image");

/// Reads `images.yaml` of a folder; `None` when there is none. The file is kiln's own: whatever is
/// questionable in it is an error, with or without `kiln.yaml`.
///
/// # Errors
/// When `sink` got at least one error.
pub fn load_images(folder: &Tree, sink: &mut Sink) -> Result<Option<ImageFile>, Reported> {
    let file = match read_yaml(folder, IMAGES_FILE, Reading::Strict) {
        Ok(None) => return Ok(None),
        Ok(Some(file)) => file,
        Err(problem) => return Err(sink.fail(problem)),
    };
    let mut problems = Vec::new();
    let mut images = parse(&file, &mut problems);
    images.shown = folder.display(IMAGES_FILE);
    let mut own = Sink::new();
    problems.into_iter().for_each(|problem| own.push(problem));
    let result = own.check();
    sink.append(own);
    result.map(|()| Some(images))
}

fn parse(file: &ProjectDocument, problems: &mut Vec<Diagnostic>) -> ImageFile {
    let mut images = ImageFile::default();
    problems.extend(file.problems.iter().cloned());
    let rules = FieldRules::of(file, Reading::Strict, IMAGE_CODES);
    if let Err(error) = load_node_native(&file.document.root) {
        problems.push(error.to_diagnostic(rules.source));
        return images;
    }
    let Some(fields) = rules.map("the file of images", &file.document.root, problems) else { return images };
    fields.check(&["apiVersion", "kind", "images", "bind", "override"], "the file of images", problems);
    fields.header("Images", problems);
    for item in fields.list("images", problems) {
        let Some(map) = rules.map("an item of `images`", item, problems) else { continue };
        map.check(&["name", "channels"], "an image", problems);
        let Some((name, image)) = named(&map, "name", "an image", problems) else { continue };
        if let Some(first) = images.images.iter().find(|other| other.image.is(&image)) {
            let message = format!("two entries are about the image `{}`", name.value);
            let problem = Diagnostic::error(IMAGE_CODES.duplicate_key, message).at(name.place, "again here");
            problems.push(problem.at(first.name.place.clone(), "first here").help("join their channels"));
            continue;
        }
        let channels = channels(&rules, &map, problems);
        images.images.push(ImageEntry { name, image, channels });
    }
    for item in fields.list("bind", problems) {
        let Some(map) = rules.map("an item of `bind`", item, problems) else { continue };
        map.check(&["component", "image", "values"], "a binding", problems);
        let component = map.text("component", problems);
        let Some((image, named)) = named(&map, "image", "a binding", problems) else { continue };
        let Some(component) = component else {
            problems.push(invalid(rules.span(item), "a binding needs a `component`"));
            continue;
        };
        if images.image(&named).is_none() {
            problems.push(unknown_image(&images, &image));
        }
        let Some(values) = bound_values(&rules, &map, problems) else { continue };
        images.bindings.push(Binding { component, image, named, values });
    }
    images.overrides = overrides(&rules, &fields, problems);
    images
}

/// The complaint about a name that no entry has.
pub fn unknown_image(images: &ImageFile, name: &Text) -> Diagnostic {
    let message = format!("no entry of `images` is named `{}`", name.value.escape_debug());
    let problem = Diagnostic::error(UNKNOWN_IMAGE, message).at(name.place.clone(), "");
    let known = || images.images.iter().map(|entry| entry.name.value.as_str());
    match nearest(&name.value, known()) {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None => problem.help("add it to `images`, with its channels or without any"),
    }
}

fn named(map: &Fields<'_>, key: &str, what: &str, problems: &mut Vec<Diagnostic>) -> Option<(Text, ImageRef)> {
    let Some(name) = map.text(key, problems) else {
        if map.get(key).is_none_or(|node| node.as_str() == Some("")) {
            problems.push(invalid(map.span(), format!("{what} needs a `{key}`")));
        }
        return None;
    };
    let image = image_name(&name, problems)?;
    Some((name, image))
}

/// Reads the name of an image: a repository, with its registry if that matters.
pub(super) fn image_name(name: &Text, problems: &mut Vec<Diagnostic>) -> Option<ImageRef> {
    let parsed = ImageRef::parse(&name.value).filter(|image| !image.has_version());
    if parsed.is_none() {
        let message = format!("`{}` is not the name of an image", name.value.escape_debug());
        problems
            .push(invalid(name.place.clone(), message).help("name the repository, such as `acme/web`, without a tag"));
    }
    parsed
}

fn channels(rules: &FieldRules<'_>, map: &Fields<'_>, problems: &mut Vec<Diagnostic>) -> IndexMap<String, ImageChoice> {
    let mut channels = IndexMap::new();
    let Some(entries) = map.get("channels").and_then(|node| rules.map("channels", node, problems)) else {
        return channels;
    };
    entries.check_duplicates(problems);
    for (key, value) in entries.entries() {
        let name = key.as_str().unwrap_or_default();
        let Some(text) = entries.text_of(&format!("channels.{name}"), value, problems) else { continue };
        match ImageChoice::read(&text) {
            Ok(choice) => drop(channels.insert(name.to_owned(), choice)),
            Err(why) => problems.push(invalid(text.place, why)),
        }
    }
    channels
}

fn bound_values(rules: &FieldRules<'_>, map: &Fields<'_>, problems: &mut Vec<Diagnostic>) -> Option<BoundValues> {
    let Some(node) = map.get("values") else {
        problems.push(invalid(map.span(), "a binding needs `values`").help(
            "name the values that take the image: `{repository: image.repository, tag: image.tag}` or `{ref: image}`",
        ));
        return None;
    };
    let values = rules.map("values", node, problems)?;
    values.check(&["ref", "registry", "repository", "tag", "digest"], "`values`", problems);
    let mut path = |key: &str| {
        let text = values.text(key, problems)?;
        let path = value_path(&text.value);
        if path.is_none() {
            let message = format!("`{}` is not a path of values", text.value.escape_debug());
            let help = "write keys with dots between them; a key with dots goes in quotes: `a.\"b.c\"`";
            problems.push(invalid(text.place, message).help(help));
        }
        path
    };
    let bound = BoundValues {
        reference: path("ref"),
        registry: path("registry"),
        repository: path("repository"),
        tag: path("tag"),
        digest: path("digest"),
    };
    if bound.reference.is_none() && bound.tag.is_none() && bound.digest.is_none() {
        let message = "a binding must name the value of the version: `tag`, `digest` or the whole `ref`";
        problems.push(invalid(rules.span(node), message));
        return None;
    }
    Some(bound)
}

/// Splits a path of values, `a."b.c".d`; `None` when a key is empty or a quote is open.
pub fn value_path(text: &str) -> Option<Vec<String>> {
    let mut keys = vec![String::new()];
    let mut quoted = false;
    for char in text.chars() {
        match char {
            '"' => quoted = !quoted,
            '.' if !quoted => keys.push(String::new()),
            char => keys.last_mut()?.push(char),
        }
    }
    (!quoted && keys.iter().all(|key| !key.is_empty())).then_some(keys)
}

/// Reads the list `override`.
pub(super) fn overrides(
    rules: &FieldRules<'_>,
    fields: &Fields<'_>,
    problems: &mut Vec<Diagnostic>,
) -> Vec<ImageOverride> {
    let mut overrides = Vec::new();
    for item in fields.list("override", problems) {
        let Some(map) = rules.map("an item of `override`", item, problems) else { continue };
        map.check(&["name", "newName", "newTag", "digest"], "an override", problems);
        let Some((_, name)) = named(&map, "name", "an override", problems) else { continue };
        let mut part = |key: &str, is_valid: &dyn Fn(&str) -> bool| {
            let text = map.text(key, problems)?;
            if !is_valid(&text.value) {
                let message = format!("`{}` cannot be the `{key}` of an image", text.value.escape_debug());
                problems.push(invalid(text.place, message));
                return None;
            }
            Some(text.value)
        };
        let is_name = |text: &str| ImageRef::parse(text).is_some_and(|image| !image.has_version());
        let made = ImageOverride {
            name,
            new_name: part("newName", &is_name),
            new_tag: part("newTag", &is_tag),
            digest: part("digest", &is_digest),
            place: map.span(),
        };
        if made.new_name.is_none() && !made.has_version() {
            if ["newName", "newTag", "digest"].iter().all(|key| map.get(key).is_none()) {
                problems.push(invalid(map.span(), "an override needs `newName`, `newTag` or `digest`"));
            }
            continue;
        }
        overrides.push(made);
    }
    overrides
}

/// A value that means nothing.
pub(super) fn invalid(place: Span, message: impl Into<String>) -> Diagnostic {
    Diagnostic::error(INVALID, message).at(place, "")
}
