//! Image files as kit keeps them: one file for each repository and branch, with one key.

use serde_json::json;

use crate::cli::editing::{Edited, FileChange, read_text};
use crate::diag::{Code, Diagnostic};
use crate::k8s::{ImageRef, is_repository};
use crate::source::Tree;
use crate::span::Source;
use crate::value::Frozen;
use crate::yaml::edit::{self, Step};
use crate::yaml::{Node, parse_document};

const BAD_KIT: Code = Code("image.kit");

/// An image file to write.
#[derive(Clone, Debug, Default)]
pub struct KitWish {
    /// The repository (`acme/node-auth`).
    pub repository: String,
    /// The branch whose image it is.
    pub branch: String,
    /// The commit that it was built from: the tag is the branch and the commit.
    pub commit: Option<String>,
    /// The whole reference, instead of the commit.
    pub image: Option<String>,
    /// The registry's host before the repository.
    pub registry: Option<String>,
}

/// Sets the image in `<images.path>/<repository>/<branch>.yaml`, which is made when there is none. `kit.yaml` of
/// the folder names the path and the key.
pub fn set_in_kit(folder: &Tree, wish: &KitWish) -> Result<Edited, Diagnostic> {
    let (path, property) = settings(folder)?;
    let bad = |message: String| Err(Diagnostic::error(BAD_KIT, message));
    if !is_repository(&wish.repository) {
        return bad(format!("`{}` is not the name of a repository", wish.repository.escape_debug()));
    }
    let is_plain = |part: &str| !matches!(part, "" | "." | "..") && !part.contains('\\');
    let branch = &wish.branch;
    if !branch.split('/').all(is_plain) || branch.chars().any(|char| char.is_control() || char.is_whitespace()) {
        return bad(format!("`{}` is not the name of a branch", branch.escape_debug()));
    }
    let image = match (&wish.image, &wish.commit) {
        (Some(image), _) => image.clone(),
        (None, Some(commit)) => {
            let registry = wish.registry.as_ref().map(|registry| format!("{registry}/")).unwrap_or_default();
            // Tags know no slashes.
            format!("{registry}{}:{}-{commit}", wish.repository, branch.replace('/', "-"))
        }
        (None, None) => return bad("neither a commit nor an image is given".to_owned()),
    };
    if ImageRef::parse(&image).is_none_or(|image| !image.has_version()) {
        return bad(format!("`{}` is no image reference", image.escape_debug()));
    }
    let file = format!("{path}/{}/{branch}.yaml", wish.repository);
    let before = read_text(folder, &file)?;
    let source = Source::new(file.as_str(), before.clone().unwrap_or_default());
    let document = parse_document(&source).map_err(|error| error.to_diagnostic(&source))?;
    let from = document.root.get(&property).and_then(Node::as_str).map(str::to_owned);
    let after = match from.as_deref() == Some(image.as_str()) {
        true => source.text().to_owned(),
        false => edit::set(&document, &[Step::from(property.as_str())], &Frozen::str(image.as_str()))
            .map_err(|error| error.to_diagnostic())?,
    };
    let fact = json!({
        "name": wish.repository,
        "file": file,
        "path": property,
        "from": from,
        "to": image,
        "changed": from.as_deref() != Some(image.as_str()),
    });
    let edited = Edited::of(vec![FileChange { path: file.clone(), before, after }]);
    let told = match edited.is_empty() {
        true => format!("nothing to change: `{}` is {image} in {file}", wish.repository),
        false => format!("set `{}` to {image} in {file}", wish.repository),
    };
    Ok(Edited { facts: vec![fact], subject: format!("Set {} to {image}", wish.repository), told, ..edited })
}

/// The folder of image files and their key, from `kit.yaml`.
fn settings(folder: &Tree) -> Result<(String, String), Diagnostic> {
    const FILE: &str = "kit.yaml";
    let Some(text) = read_text(folder, FILE)? else {
        return Err(Diagnostic::error(BAD_KIT, format!("there is no `{FILE}` in the repository"))
            .help("name the repository's folder with `--kit-repo`"));
    };
    let source = Source::new(FILE, text);
    let document = parse_document(&source).map_err(|error| error.to_diagnostic(&source))?;
    let images = document.root.get("images");
    let read = |key: &str| {
        let text = images.and_then(|images| images.get(key)).and_then(Node::as_str).filter(|text| !text.is_empty());
        text.map(str::to_owned).ok_or_else(|| {
            Diagnostic::error(BAD_KIT, format!("`{FILE}` has no `images.{key}`"))
                .help("it names the folder of image files as `images.path`, and their key as `images.property`")
        })
    };
    let path = read("path")?;
    let is_plain = |part: &str| !matches!(part, "" | "..") && !part.contains('\\');
    let plain = path.trim_start_matches("./").trim_end_matches('/').to_owned();
    if !plain.split('/').all(is_plain) {
        return Err(Diagnostic::error(BAD_KIT, format!("`images.path` of `{FILE}` leads out of the repository")));
    }
    Ok((plain, read("property")?))
}
