use std::collections::BTreeMap;

use serde_json::json;

use super::candidate::Candidate;
use super::search::{documents, search};
use super::wanted::Wanted;
use super::write::{ValueChange, changes, wished};
use crate::cli::editing::{Edited, FileChange, read_text};
use crate::diag::{Code, Diagnostic, nearest_few};
use crate::pipeline::Project;
use crate::source::Tree;
use crate::span::Source;
use crate::value::Frozen;
use crate::yaml::edit::{self, Step};
use crate::yaml::{Document, Node, NodeKind, load_node_native, parse_json_document};

const UNKNOWN: Code = Code("image.unknown");
const AMBIGUOUS: Code = Code("image.ambiguous");
const UNKNOWN_CHANNEL: Code = Code("image.unknown-channel");
const ALIASED: Code = Code("image.aliased");
const CANNOT: Code = Code("image.cannot-be-said");

/// Which images to set, and where.
#[derive(Clone, Debug, Default)]
pub struct ImageWish {
    /// The images.
    pub wanted: Vec<Wanted>,
    /// The only file that may change, below the folder.
    pub file: Option<String>,
    /// The only channel that may change.
    pub channel: Option<String>,
    /// Whether every place is changed that says an image.
    pub all: bool,
}

/// Sets images where the files of a folder say them. `project` is the stack there, if it is one.
pub fn set_images(folder: &Tree, project: Option<&Project>, wish: &ImageWish) -> Result<Edited, Diagnostic> {
    let mut problems = Vec::new();
    let found = search(folder, project, wish.file.as_deref(), &mut problems)?;
    let mut texts: BTreeMap<String, (String, String)> = BTreeMap::new();
    let mut facts = Vec::new();
    let mut told = Vec::new();
    let mut subjects = Vec::new();
    let plan = planned(&found, wish);
    for wanted in &wish.wanted {
        // A file that cannot be read may be the one that says the image.
        let chosen = choose(&found, wanted, wish).map_err(|problem| problems.pop().unwrap_or(problem))?;
        let mut places = 0;
        for candidate in &chosen {
            let changes = changes(candidate, wanted).map_err(|why| cannot(candidate, wanted, &why))?;
            let (_, text) = match texts.entry(candidate.file.clone()) {
                std::collections::btree_map::Entry::Occupied(known) => known.into_mut(),
                std::collections::btree_map::Entry::Vacant(new) => {
                    let text = read_text(folder, &candidate.file)?.unwrap_or_default();
                    new.insert((text.clone(), text))
                }
            };
            let before = text.clone();
            for change in &changes {
                let spot = Spot { file: &candidate.file, document: candidate.document, plan: &plan, all: wish.all };
                *text = spot.changed(text, change)?;
            }
            let differs = *text != before;
            places += usize::from(differs);
            facts.push(fact(candidate, wanted, differs));
        }
        let shown = wanted.name.name();
        let version = wanted.image.to_string()[wanted.image.name().len()..].trim_start_matches(':').to_owned();
        let first = chosen.first().map(|candidate| candidate.location()).unwrap_or_default();
        match (places, chosen.len()) {
            (0, 1) => told.push(format!("nothing to change: `{shown}` is at {version} in {first}")),
            (0, count) => told.push(format!("nothing to change: `{shown}` is at {version} in {count} places")),
            (1, _) => told.push(format!("set `{shown}` to {version} in {}", changed_place(&chosen, &facts))),
            (count, _) => told.push(format!("set `{shown}` to {version} in {count} places")),
        }
        if places > 0 {
            subjects.push(format!("Set {shown} to {version}"));
        }
    }
    let mut files = Vec::new();
    for (path, (before, after)) in texts {
        if path.ends_with(".json") && before != after {
            let source = Source::new(path.as_str(), after.as_str());
            parse_json_document(&source).map_err(|error| error.to_diagnostic(&source))?;
        }
        files.push(FileChange { path, before: Some(before), after });
    }
    let subject = match subjects.as_slice() {
        [one] => one.clone(),
        several => format!("Set {} images\n\n{}", several.len(), several.join("\n")),
    };
    Ok(Edited { facts, subject, told: told.join("\n"), ..Edited::of(files) })
}

fn changed_place(chosen: &[&Candidate], facts: &[serde_json::Value]) -> String {
    let own = &facts[facts.len() - chosen.len()..];
    let at = own.iter().position(|fact| fact["changed"] == true).unwrap_or(0);
    chosen[at].location()
}

fn fact(candidate: &Candidate, wanted: &Wanted, changed: bool) -> serde_json::Value {
    let (line, column) = candidate.place.source.line_col(candidate.place.start as usize);
    json!({
        "name": wanted.name.name(),
        "file": candidate.file,
        "line": line,
        "column": column,
        "path": edit::show_path(candidate.key().2),
        "channel": candidate.channel,
        "from": candidate.image.to_string(),
        "to": wished(candidate, wanted).to_string(),
        "changed": changed,
    })
}

/// The places that are to change for one image.
fn choose<'c>(found: &'c [Candidate], wanted: &Wanted, wish: &ImageWish) -> Result<Vec<&'c Candidate>, Diagnostic> {
    let shown = wanted.name.name();
    let named: Vec<&Candidate> = found.iter().filter(|candidate| candidate.image.is(&wanted.name)).collect();
    if named.is_empty() {
        let mut names: Vec<String> = found.iter().map(|candidate| candidate.image.repository.clone()).collect();
        names.sort_unstable();
        names.dedup();
        let place = wish.file.as_ref().map(|file| format!(" in {file}")).unwrap_or_default();
        let problem = Diagnostic::error(UNKNOWN, format!("nothing says the image `{shown}`{place}"));
        let near = nearest_few(&wanted.name.repository, names.iter().map(String::as_str), 3);
        return Err(problem.help(match near.is_empty() {
            true => "no values say an image: see `kiln image set --help` for where they are looked for".to_owned(),
            false => {
                format!("the nearest: {}", near.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "))
            }
        }));
    }
    let chosen: Vec<&Candidate> = match &wish.channel {
        None => named,
        Some(channel) => {
            let chosen: Vec<&Candidate> =
                named.iter().copied().filter(|candidate| candidate.channel.as_ref() == Some(channel)).collect();
            if chosen.is_empty() {
                let message = format!("the image `{shown}` has no channel `{}`", channel.escape_debug());
                let problem = Diagnostic::error(UNKNOWN_CHANNEL, message);
                let channels: Vec<&str> = named.iter().filter_map(|candidate| candidate.channel.as_deref()).collect();
                return Err(problem.help(match channels.is_empty() {
                    true => "it has no channels in images.yaml".to_owned(),
                    false => format!("channels: {}", channels.join(", ")),
                }));
            }
            chosen
        }
    };
    if chosen.len() > 1 && !wish.all {
        let message = format!("{} places say the image `{shown}`", chosen.len());
        let places: Vec<String> = chosen
            .iter()
            .map(|candidate| match &candidate.channel {
                Some(channel) => format!("{}  {} (channel {channel})", candidate.location(), candidate.image),
                None => format!("{}  {}", candidate.location(), candidate.image),
            })
            .collect();
        let help =
            format!("choose one with `--file` or `--channel`, or set them all with `--all`:\n{}", places.join("\n"));
        return Err(Diagnostic::error(AMBIGUOUS, message).help(help));
    }
    Ok(chosen)
}

fn cannot(candidate: &Candidate, wanted: &Wanted, why: &str) -> Diagnostic {
    let message = format!("`{}` cannot be said here: {why}", wished(candidate, wanted));
    Diagnostic::error(CANNOT, message).at(candidate.place.clone(), "")
}

/// All values that a wish sets, by file and document. What cannot be chosen or said is complained about later.
fn planned<'c>(found: &'c [Candidate], wish: &ImageWish) -> Vec<(&'c str, usize, ValueChange)> {
    let chosen = wish.wanted.iter().flat_map(|wanted| {
        let chosen = choose(found, wanted, wish).unwrap_or_default();
        chosen.into_iter().map(move |candidate| (candidate, changes(candidate, wanted).unwrap_or_default()))
    });
    chosen
        .flat_map(|(candidate, changes)| {
            changes.into_iter().map(|change| (candidate.file.as_str(), candidate.document, change))
        })
        .collect()
}

/// A document of a file, and what else is set in it.
struct Spot<'a> {
    file: &'a str,
    document: usize,
    plan: &'a [(&'a str, usize, ValueChange)],
    all: bool,
}

impl Spot<'_> {
    /// A text with one value changed. A value that is the wanted string already keeps its bytes.
    fn changed(&self, text: &str, change: &ValueChange) -> Result<String, Diagnostic> {
        let documents: Vec<Document> = documents(self.file, text)?;
        let document = &documents[self.document.min(documents.len().saturating_sub(1))];
        let ValueChange::Set(path, value) = change else { return changed(document, text, change) };
        if says(document, path, value) {
            return Ok(text.to_owned());
        }
        let Some(places) = edit::shared(document, path) else { return changed(document, text, change) };
        // An alias that is a value of its own gives way where what it stands for stays.
        let is_alias = at(&document.root, path).is_some_and(|node| matches!(node.kind, NodeKind::Alias { .. }));
        let mut all = std::iter::once(&places.own).chain(&places.others).filter(|other| *other != path);
        let Some(other) = all.find(|other| !self.follows(document, path, other, change)) else {
            let value = Frozen::str(value.as_str());
            return edit::set_shared(document, &places, &value).map_err(|error| error.to_diagnostic());
        };
        if is_alias {
            return changed(document, text, change);
        }
        let message = format!(
            "`{}` is also read as `{}`, through an alias of one anchor",
            edit::show_path(path),
            edit::show_path(other)
        );
        let problem = Diagnostic::error(ALIASED, message);
        let problem = problem.maybe_at(at(&document.root, other).map(|node| document.span(node)), "here");
        Err(problem.help(
            "set the images of all these places at once, with `--all` where it is one image; or write the alias out",
        ))
    }

    /// Whether what reads a value elsewhere is to change in the same way: somebody asked for it, or it is the
    /// same image in the same map.
    fn follows(&self, document: &Document, path: &[Step], other: &[Step], change: &ValueChange) -> bool {
        let ValueChange::Set(_, value) = change else { return false };
        let wanted = ValueChange::Set(other.to_vec(), value.clone());
        if self.plan.iter().any(|(file, at, change)| (*file, *at) == (self.file, self.document) && *change == wanted) {
            return true;
        }
        let holder = |path: &[Step]| at(&document.root, path.split_last()?.1).map(|node| node.resolved().start);
        self.all && holder(path).is_some() && holder(path) == holder(other)
    }
}

/// Whether a value is that string already.
fn says(document: &Document, path: &[Step], value: &str) -> bool {
    let present = at(&document.root, path).and_then(|node| load_node_native(node).ok());
    present == Some(Frozen::str(value))
}

/// A text with one value changed, whatever else reads it.
fn changed(document: &Document, text: &str, change: &ValueChange) -> Result<String, Diagnostic> {
    let edited = match change {
        ValueChange::Set(path, value) if says(document, path, value) => return Ok(text.to_owned()),
        ValueChange::Set(path, value) => edit::set(document, path, &Frozen::str(value.as_str())),
        ValueChange::Remove(path) => edit::remove(document, path),
    };
    edited.map_err(|error| error.to_diagnostic())
}

fn at<'n>(root: &'n Node, path: &[Step]) -> Option<&'n Node> {
    path.iter().try_fold(root, |node, step| match step {
        Step::Key(key) => node.get(key),
        Step::Index(index) => node.as_seq()?.get(*index),
    })
}
