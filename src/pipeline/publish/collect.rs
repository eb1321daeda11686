use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use git2::{Oid, Repository};

use crate::diag::{Blame, Code, Diagnostic, Severity};
use crate::output::OutputSet;
use crate::output::publish::{PublishError, RenderedFiles};
use crate::pipeline::{Engines, Handed, Receiver};
use crate::source::sha256_hex;
use crate::stack::PublishFile;

use super::destination::Destinations;
use super::extra::{add, shared};
use super::gate;
use super::split::split;

const DRAWN: Code = Code("publish.drawn");
const WRITE: Code = Code("publish.cache");
/// The most warnings about values that were drawn.
const MOST_DRAWN: usize = 20;

/// Takes the files of clusters as they are rendered: contents that the target lacks become objects, of all
/// others only the ids are kept.
pub(super) struct Collector<'a> {
    destinations: &'a Destinations,
    file: &'a PublishFile,
    /// What engines are told.
    engines: Option<&'a Engines>,
    objects: &'a Repository,
    /// Contents that the target has, or that are kept already.
    known: HashSet<Oid>,
    /// The files of each lane.
    pub lanes: Vec<RenderedFiles>,
    /// The clusters of each lane, whatever became of them.
    clusters: Vec<Vec<Arc<str>>>,
    /// What speaks against publishing.
    pub problems: Vec<Diagnostic>,
    drawn: HashSet<String>,
    /// The messages of problems that are told.
    said: HashSet<String>,
    /// The SHA-256 of each file by its place, as [`Subjects`](super::Subjects) has them, when somebody asks.
    pub digests: Option<BTreeMap<String, String>>,
}

impl<'a> Collector<'a> {
    pub fn new(
        destinations: &'a Destinations,
        file: &'a PublishFile,
        engines: Option<&'a Engines>,
        objects: &'a Repository,
        known: HashSet<Oid>,
    ) -> Self {
        let lanes = destinations.lanes.iter().map(|_| RenderedFiles::default()).collect();
        let clusters = destinations.lanes.iter().map(|_| Vec::new()).collect();
        Self {
            destinations,
            file,
            engines,
            objects,
            known,
            lanes,
            clusters,
            problems: Vec::new(),
            drawn: HashSet::new(),
            said: HashSet::new(),
            digests: None,
        }
    }

    /// Keeps the digests of the files that are put below a folder of a lane.
    fn digest(&mut self, lane: usize, folder: &str, files: &OutputSet) {
        let Some(digests) = &mut self.digests else { return };
        let lanes = &self.destinations.lanes;
        let branch = if lanes.len() > 1 { format!("{}:", lanes[lane].target) } else { String::new() };
        let slash = if folder.is_empty() { "" } else { "/" };
        let place = |path: &str| format!("{branch}{folder}{slash}{path}");
        digests.extend(files.iter().map(|(path, content)| (place(path), sha256_hex(content))));
    }

    /// The names of the clusters that files came of, lane by lane.
    pub fn names(&self, lane: usize) -> Vec<String> {
        self.clusters[lane].iter().map(ToString::to_string).collect()
    }

    /// Adds the files that are written about all clusters: to each branch, as engines may read any of them.
    pub fn add_shared(&mut self) -> Result<(), Diagnostic> {
        let Some(engines) = self.engines else { return Ok(()) };
        let files = shared(engines, self.file)?;
        for at in 0..self.lanes.len() {
            self.digest(at, &self.destinations.root, &files);
            self.lanes[at]
                .take(&self.destinations.root, &files, None, |_| None, &mut self.known, self.objects)
                .map_err(|error| not_kept(&error))?;
        }
        Ok(())
    }

    /// Adds the files about a copy outside of its folder, and gives their places on the branch.
    pub fn add_beside(&mut self, name: &str, files: &OutputSet) -> Result<Vec<String>, Diagnostic> {
        let Some((lane, _)) = self.destinations.places.get(name) else { return Ok(Vec::new()) };
        let root = &self.destinations.root;
        self.digest(*lane, root, files);
        let name: Arc<str> = Arc::from(name);
        self.lanes[*lane]
            .take(root, files, Some(&name), |_| None, &mut self.known, self.objects)
            .map_err(|error| not_kept(&error))?;
        let slash = if root.is_empty() { "" } else { "/" };
        Ok(files.iter().map(|(path, _)| format!("{root}{slash}{path}")).collect())
    }

    fn warn_of_draws(&mut self, handed: &Handed<'_>) {
        for note in handed.made.iter().flat_map(|made| &made.drawn) {
            let key = format!("{} {:?}", note.message, note.labels.first().map(|label| label.span.to_string()));
            if self.drawn.len() < MOST_DRAWN && self.drawn.insert(key) {
                let mut warning = note.clone();
                warning.code = DRAWN;
                warning.severity = Severity::Warning;
                warning.help = Some(
                    "set the value in the configuration, or refuse such values with \
                                     `--nondeterminism error`"
                        .to_owned(),
                );
                self.problems.push(warning);
            }
        }
    }
}

impl Receiver for Collector<'_> {
    fn take(&mut self, handed: Handed<'_>) -> Result<(), Diagnostic> {
        let name: Arc<str> = Arc::from(handed.cluster.name.value.as_str());
        let Some((lane, folder)) = self.destinations.places.get(&*name) else { return Ok(()) };
        for problem in gate::check(&handed.files, &handed.made, folder, self.file.secrets) {
            // Of a drawn value in a Secret all clusters of a component say the same.
            if self.said.insert(problem.message.clone()) {
                self.problems.push(problem);
            }
        }
        self.warn_of_draws(&handed);
        let Handed { files, made, .. } = handed;
        let mut spread = split(files, &made, self.file.split)?;
        if let Some(engines) = self.engines {
            for file in engines.beside(&name, spread.files.iter())? {
                add(&mut spread.files, file)?;
            }
        }
        let files: &OutputSet = &spread.files;
        self.digest(*lane, folder, files);
        self.lanes[*lane]
            .take(
                folder,
                files,
                Some(&name),
                |path| spread.component.get(path).map(Arc::clone),
                &mut self.known,
                self.objects,
            )
            .map_err(|error| not_kept(&error))?;
        self.clusters[*lane].push(name);
        Ok(())
    }
}

/// Why objects could not be kept.
pub(super) fn not_kept(error: &PublishError) -> Diagnostic {
    Diagnostic::error(WRITE, error.to_string()).blame(Blame::World)
}
