use crate::diag::{Code, Diagnostic, Reported, Sink};
use crate::output::OutputSet;
use crate::output::engine::EngineFile;
use crate::pipeline::{EngineTarget, Engines};
use crate::stack::{ClusterFile, PublishFile};

use super::PublishOptions;
use super::destination::Destinations;

const TAKEN: Code = Code("emit.taken");

/// Where objects for engines go when nobody says.
const ENGINE: &str = "engine";

/// What engines are told in a run; nothing when `publish.yaml` does not ask for it. All clusters of the project
/// count, whichever are published: what is told about the others stays as it is. Those that are disabled count
/// as long as their files stay.
///
/// # Errors
/// When `sink` got at least one error.
pub(super) fn engines(
    file: &PublishFile,
    options: &PublishOptions,
    destinations: &Destinations,
    clusters: &ClusterFile,
    sink: &mut Sink,
) -> Result<Option<Engines>, Reported> {
    if !file.emit.kustomization && !file.emit.has_engine() {
        return Ok(None);
    }
    let mut targets = Vec::new();
    for cluster in clusters.clusters.iter().filter(|cluster| !(cluster.disabled && options.prune_disabled)) {
        let Some((lane, folder)) = destinations.places.get(&cluster.name.value) else { continue };
        let branch = match &file.emit.branch {
            Some(branch) => branch.of(cluster).map_err(|problem| sink.fail(problem))?,
            None => destinations.lanes[*lane].target.clone(),
        };
        targets.push(EngineTarget { cluster, folder: folder.clone(), branch });
    }
    let repo = destinations.repo.as_deref().or(file.repo.as_ref().map(|repo| repo.value.as_str())).unwrap_or_default();
    let hidden = below(&destinations.root, ".kiln/");
    match Engines::new(&file.emit, &destinations.owner, repo, &[&hidden], &targets) {
        Ok(engines) => Ok(Some(engines)),
        Err(problems) => {
            problems.into_iter().for_each(|problem| sink.push(problem));
            sink.check().map(|()| None)
        }
    }
}

/// The files about a copy outside of its folder: those that are told about all clusters when there is the copy,
/// and are not without it. What is told of others is a matter of their own runs.
///
/// # Errors
/// When `sink` got at least one error.
pub(super) fn beside_copy(
    name: &str,
    file: &PublishFile,
    options: &PublishOptions,
    destinations: &Destinations,
    clusters: &ClusterFile,
    sink: &mut Sink,
) -> Result<OutputSet, Reported> {
    let with = |copy: Option<&str>| ClusterFile {
        clusters: clusters
            .clusters
            .iter()
            .filter(|cluster| cluster.copy_of.is_none() || Some(cluster.name.value.as_str()) == copy)
            .cloned()
            .collect(),
        shown: clusters.shown.clone(),
    };
    let told = |copy: Option<&str>, sink: &mut Sink| -> Result<OutputSet, Reported> {
        match engines(file, options, destinations, &with(copy), sink)? {
            Some(engines) => shared(&engines, file).map_err(|problem| sink.fail(problem)),
            None => Ok(OutputSet::new()),
        }
    };
    let (all, others) = (told(Some(name), sink)?, told(None, sink)?);
    let mut own = OutputSet::new();
    for (path, content) in all.iter().filter(|(path, _)| others.get(path).is_none()) {
        add(&mut own, (path.to_owned(), content.to_vec())).map_err(|problem| sink.fail(problem))?;
    }
    Ok(own)
}

/// The files about all clusters, by their paths on a branch.
pub(super) fn shared(engines: &Engines, file: &PublishFile) -> Result<OutputSet, Diagnostic> {
    let folder = file.engine.as_ref().map_or(ENGINE, |text| text.value.as_str());
    let mut files = OutputSet::new();
    for (path, content) in engines.of_fleet()? {
        add(&mut files, (below(folder, &path), content))?;
    }
    Ok(files)
}

/// Adds a file for engines to others.
pub(super) fn add(files: &mut OutputSet, (path, content): EngineFile) -> Result<(), Diagnostic> {
    files.insert(&path, content).map_err(|error| {
        Diagnostic::error(TAKEN, format!("a file for engines cannot be written: {error}"))
            .help("a component writes a file of this name: rename it, or leave out what `emit` asks for")
    })
}

fn below(folder: &str, path: &str) -> String {
    if folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") }
}
