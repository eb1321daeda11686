use std::collections::HashSet;
use std::sync::Arc;

use git2::{Oid, Repository};

use crate::diag::{Blame, Code, Diagnostic, Severity};
use crate::output::OutputSet;
use crate::output::publish::{PublishError, RenderedFiles};
use crate::pipeline::{Handed, Receiver};
use crate::stack::{Cluster, PublishFile};

use super::destination::Destinations;
use super::extra::{PublishedCluster, extra_files};
use super::gate;
use super::split::split;

const DRAWN: Code = Code("publish.drawn");
const WRITE: Code = Code("publish.cache");
/// The most warnings about values that were drawn.
const MOST_DRAWN: usize = 20;

/// A cluster whose files were taken.
struct Taken {
    name: Arc<str>,
    cluster: Cluster,
    /// The paths of its files below its folder.
    files: Vec<String>,
}

/// Takes the files of clusters as they are rendered: contents that the target lacks become objects, of all
/// others only the ids are kept.
pub(super) struct Collector<'a> {
    destinations: &'a Destinations,
    file: &'a PublishFile,
    objects: &'a Repository,
    /// Contents that the target has, or that are kept already.
    known: HashSet<Oid>,
    /// The files of each lane.
    pub lanes: Vec<RenderedFiles>,
    /// The clusters of each lane, whatever became of them.
    clusters: Vec<Vec<Taken>>,
    /// What speaks against publishing.
    pub problems: Vec<Diagnostic>,
    drawn: HashSet<String>,
}

impl<'a> Collector<'a> {
    pub fn new(
        destinations: &'a Destinations,
        file: &'a PublishFile,
        objects: &'a Repository,
        known: HashSet<Oid>,
    ) -> Self {
        let lanes = destinations.lanes.iter().map(|_| RenderedFiles::default()).collect();
        let clusters = destinations.lanes.iter().map(|_| Vec::new()).collect();
        let (problems, drawn) = (Vec::new(), HashSet::new());
        Self { destinations, file, objects, known, lanes, clusters, problems, drawn }
    }

    /// The names of the clusters that files came of, lane by lane.
    pub fn names(&self, lane: usize) -> Vec<String> {
        self.clusters[lane].iter().map(|taken| taken.name.to_string()).collect()
    }

    /// Adds the files that are written about clusters.
    pub fn add_extra(&mut self) -> Result<(), Diagnostic> {
        for (at, lane) in self.destinations.lanes.iter().enumerate() {
            let clusters: Vec<PublishedCluster<'_>> = self.clusters[at]
                .iter()
                .map(|Taken { name, cluster, files }| PublishedCluster {
                    cluster,
                    folder: self.destinations.places.get(&**name).map(|(_, folder)| folder.clone()).unwrap_or_default(),
                    files: files.clone(),
                })
                .collect();
            let extra = extra_files(self.file, &lane.target, &clusters)?;
            for (name, files) in &extra.by_cluster {
                let Some((_, folder)) = self.destinations.places.get(&**name) else { continue };
                self.lanes[at]
                    .take(folder, files, Some(name), |_| None, &mut self.known, self.objects)
                    .map_err(|error| not_kept(&error))?;
            }
            self.lanes[at]
                .take(&self.destinations.root, &extra.shared, None, |_| None, &mut self.known, self.objects)
                .map_err(|error| not_kept(&error))?;
        }
        Ok(())
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
        self.problems.extend(gate::check(&handed.files, &handed.made, folder, self.file.secrets));
        self.warn_of_draws(&handed);
        let Handed { cluster, files, made } = handed;
        let spread = split(files, &made, self.file.split)?;
        let files: &OutputSet = &spread.files;
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
        let paths = files.iter().map(|(path, _)| path.to_owned()).collect();
        self.clusters[*lane].push(Taken { name, cluster: cluster.clone(), files: paths });
        Ok(())
    }
}

/// Why objects could not be kept.
pub(super) fn not_kept(error: &PublishError) -> Diagnostic {
    Diagnostic::error(WRITE, error.to_string()).blame(Blame::World)
}
