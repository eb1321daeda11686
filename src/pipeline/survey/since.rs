use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use super::compare::{injects, is_same, may_define_kinds};
use super::differences::Files;
use super::run::Old;
use super::side::{Side, State};
use crate::diag::{Reported, Sink};
use crate::output::Target;
use crate::pipeline::revision::find_revision;
use crate::pipeline::{GenerateOptions, HookPolicy, Project};
use crate::render::{Context, Engine, RenderUnit, UnitKey};
use crate::source::{Revision, Tree};
use crate::stack::{Cluster, ClusterFile};

/// What a revision renders and what was committed of it, to be asked which components need no rendering
/// because they give the same as then and their files are there, as committed.
pub struct Since {
    found: Option<Found>,
    files: Files,
}

struct Found {
    base: Side,
    /// Clusters of the revision, by name.
    places: HashMap<String, usize>,
    /// The root of generated trees as committed.
    output: Tree,
}

/// The files of a component that is not rendered: paths below the cluster's folder, and contents.
pub type Kept = Vec<(String, Vec<u8>)>;

impl Since {
    /// Reads the revision that the options name, if any. Where it cannot be resolved, or has no generated
    /// trees, nothing is kept.
    ///
    /// # Errors
    /// When there is no such revision.
    pub fn of(
        project: &Project,
        file: &ClusterFile,
        has_hooks: bool,
        contexts: &Context,
        options: &GenerateOptions,
        root: &Path,
        sink: &mut Sink,
    ) -> Result<Option<Self>, Reported> {
        let Some(asked) = &options.changed_since else { return Ok(None) };
        let revision = find_revision(project, asked, sink)?;
        // Hooks may change any file.
        let is_open = options.hooks != HookPolicy::Allow || !has_hooks;
        let found = if is_open { Found::of(project, file, revision, contexts, options, root) } else { None };
        Ok(Some(Self { found, files: Files::default() }))
    }

    /// For each unit of a cluster the files that stand for it, unless it has to be rendered.
    pub fn kept(
        &self,
        cluster: &Cluster,
        units: &[RenderUnit],
        context: &Context,
        target: &Target,
    ) -> Vec<Option<Kept>> {
        let mut kept: Vec<Option<Kept>> = units.iter().map(|_| None).collect();
        let Some(found) = &self.found else { return kept };
        let Some(old) = found.units(cluster) else { return kept };
        let mut old: HashMap<_, State> =
            old.into_iter().map(|state| (Arc::clone(&state.unit.address), state)).collect();
        let mut kinds = false;
        for (unit, kept) in units.iter().zip(&mut kept) {
            if matches!(unit.engine, Engine::Container) {
                continue;
            }
            let before = old.remove(&unit.address);
            let key = UnitKey::of(unit, context);
            if before.as_ref().is_some_and(|before| is_same(before, unit, key)) {
                *kept = found.committed(unit, target);
            } else {
                kinds |= may_define_kinds(unit, &self.files);
                kinds |= before.is_some_and(|before| may_define_kinds(&before.unit, &self.files));
            }
        }
        kinds |= old.values().any(|gone| may_define_kinds(&gone.unit, &self.files));
        let strict = found.base.project.reading.is_strict();
        if kinds {
            drop_where(units, &mut kept, |unit| injects(unit, strict));
        }
        let is_rendered = |(unit, kept): (&RenderUnit, &Option<Kept>)| kept.is_none() && injects(unit, strict);
        if units.iter().zip(&kept).any(is_rendered) {
            drop_where(units, &mut kept, |unit| may_define_kinds(unit, &self.files));
        }
        kept
    }

    /// Gives back the memory of layers that nobody will ask for again.
    pub fn forget(&self, is_over: impl Fn(&str) -> bool) {
        if let Some(found) = &self.found {
            found.base.layers.forget(is_over);
        }
    }
}

fn drop_where(units: &[RenderUnit], kept: &mut [Option<Kept>], is_meant: impl Fn(&RenderUnit) -> bool) {
    for (unit, kept) in units.iter().zip(kept) {
        if kept.is_some() && is_meant(unit) {
            *kept = None;
        }
    }
}

impl Found {
    fn of(
        project: &Project,
        file: &ClusterFile,
        revision: Revision,
        like: &Context,
        options: &GenerateOptions,
        root: &Path,
    ) -> Option<Self> {
        let output = revision.tree_of(root)?;
        let old = Old::open(project, file, revision);
        let (then, file) = old.found.ok()?;
        let base = Side::open(Arc::new(then), file.clusters, options, Some(old.revision), Some(like), &mut Sink::new())
            .ok()?;
        let places = base.clusters.iter().enumerate().map(|(at, cluster)| (cluster.name.value.clone(), at)).collect();
        Some(Self { base, places, output })
    }

    /// What the revision renders for a cluster, if it is written to the same folder.
    fn units(&self, cluster: &Cluster) -> Option<Vec<State>> {
        let place = *self.places.get(cluster.name.value.as_str())?;
        let then = &self.base.clusters[place];
        if then.output.value != cluster.output.value || then.disabled {
            return None;
        }
        self.base.plan(place).ok()
    }

    /// The files of a unit, when they are there as they were committed.
    fn committed(&self, unit: &RenderUnit, target: &Target) -> Option<Kept> {
        let crds = format!("{}-crds.yaml", unit.output.strip_suffix(".yaml").unwrap_or(&unit.output));
        let mut kept = Vec::new();
        for path in [&*unit.output, &*crds] {
            let committed = self.output.read(&format!("{}/{path}", target.name())).ok();
            let place = target.folder().join(path);
            let is_file = std::fs::symlink_metadata(&place).is_ok_and(|meta| meta.is_file());
            match (committed, is_file) {
                (None, false) => {}
                (Some(committed), true) if std::fs::read(&place).is_ok_and(|content| content == *committed) => {
                    kept.push((path.to_owned(), committed.to_vec()));
                }
                _ => return None,
            }
        }
        // What has no file may give nothing, or may not have been committed.
        (!kept.is_empty()).then_some(kept)
    }
}
