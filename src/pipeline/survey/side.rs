use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use crate::config::{Assignments, Layers, MergeRules};
use crate::diag::{Diagnostic, Reported, Severity, Sink};
use crate::pipeline::fleet::{Contexts, request};
use crate::pipeline::graphs::Graphs;
use crate::pipeline::images::Images;
use crate::pipeline::plan::Planner;
use crate::pipeline::{GenerateOptions, Project, settings};
use crate::render::{Context, Engine, RenderUnit, UnitKey};
use crate::source::Revision;
use crate::span::Span;
use crate::stack::{Cluster, Node};

/// A project and its clusters, as they are or as they were.
pub struct Side {
    pub project: Arc<Project>,
    pub clusters: Vec<Cluster>,
    pub graphs: Graphs,
    assignments: Arc<Assignments>,
    pub layers: Layers,
    pub rules: MergeRules,
    images: Images,
    contexts: Contexts,
    /// The revision, unless it is the project as it is.
    pub revision: Option<Revision>,
    allow_missing_layers: bool,
    /// What was said about environments that somebody typed.
    said: Mutex<Vec<Diagnostic>>,
}

/// A unit and its key.
pub struct State {
    pub unit: RenderUnit,
    pub key: Option<UnitKey>,
}

impl Side {
    /// Resolves a project for its clusters. Sides that are compared share the digests of `like`.
    pub fn open(
        project: Arc<Project>,
        clusters: Vec<Cluster>,
        options: &GenerateOptions,
        revision: Option<Revision>,
        like: Option<&Context>,
        sink: &mut Sink,
    ) -> Result<Self, Reported> {
        let graphs = Graphs::of(&project, &clusters.iter().collect::<Vec<_>>(), sink)?;
        let images = Images::open(&project, graphs.first(), sink)?;
        images.check(&clusters.iter().collect::<Vec<_>>(), sink)?;
        let mut base = settings::context(&project, graphs.first().root().spec.name(), options, sink)?;
        if let Some(like) = like {
            base.contents = Arc::clone(&like.contents);
        }
        let contexts = Contexts::of(&clusters.iter().collect::<Vec<_>>(), base, sink)?;
        Ok(Self {
            clusters,
            layers: Layers::new(project.reading, project.reach()),
            rules: MergeRules { reading: project.reading, force_types: options.force_types },
            assignments: match &revision {
                // What is set now was not when that tree was made.
                Some(_) => Arc::default(),
                None => graphs.assignments(&options.assignments, sink)?,
            },
            graphs,
            images,
            contexts,
            allow_missing_layers: options.allow_missing_layers || revision.is_some(),
            revision,
            project,
            said: Mutex::default(),
        })
    }

    /// The units of a cluster, none for one that is disabled. Containers are none.
    pub fn plan(&self, at: usize) -> Result<Vec<State>, Vec<Diagnostic>> {
        let cluster = &self.clusters[at];
        if cluster.disabled {
            return Ok(Vec::new());
        }
        let mut messages = Sink::new();
        let mut request = request(cluster, &self.graphs, self.allow_missing_layers, &self.images, &mut messages);
        request.assignments = Arc::clone(&self.assignments);
        let plan =
            Planner::new(self.graphs.of_cluster(cluster), &self.layers, self.rules).plan(&request, &mut messages);
        let mut problems = messages.into_diagnostics();
        let Ok(plan) = plan else {
            problems.retain(|problem| problem.severity == Severity::Error);
            return Err(problems);
        };
        if cluster.is_typed {
            self.said.lock().unwrap_or_else(PoisonError::into_inner).append(&mut problems);
        }
        let context = self.context(at);
        let units = plan.units.into_iter().filter(|unit| !matches!(unit.engine, Engine::Container));
        Ok(units.map(|unit| State { key: UnitKey::of(&unit, context), unit }).collect())
    }

    /// Takes what was said about environments that somebody typed.
    pub fn take_said(&self) -> Vec<Diagnostic> {
        std::mem::take(&mut self.said.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What the units of a cluster are rendered with.
    pub fn context(&self, at: usize) -> &Context {
        self.contexts.of_cluster(at)
    }

    /// What units of clusters without an own profile are rendered with.
    pub fn base_context(&self) -> &Context {
        self.contexts.base()
    }

    /// The component with this address.
    pub fn node(&self, address: &str) -> Option<&Node> {
        let mut nodes = self.graphs.all().iter().flat_map(|graph| &graph.nodes);
        nodes.find(|node| *node.address == *address)
    }

    /// A place as the project as it is names its files, with its line.
    pub fn place(&self, span: &Span) -> (String, usize) {
        let line = span.source.line_col(span.start as usize).0;
        (self.file(span.source.name()), line)
    }

    /// A file's name as the project as it is names it.
    pub fn file(&self, shown: &str) -> String {
        let local = self.revision.as_ref().and_then(|revision| revision.local(shown));
        let Some(local) = local else { return shown.to_owned() };
        let folder = &self.project.folder;
        match folder == Path::new(".") {
            true => local.to_owned(),
            false => format!("{}/{local}", folder.to_string_lossy().trim_end_matches('/')),
        }
    }

    /// ` at REV`, unless it is the project as it is.
    pub fn when(&self) -> String {
        self.revision.as_ref().map_or_else(String::new, |revision| format!(" at {}", revision.asked()))
    }
}
