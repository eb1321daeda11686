use std::collections::BTreeMap;

use crate::output::publish::{OwnerManifest, Scope};
use crate::output::{CopyNote, CopyRule, Unwanted};

/// What a run does about copies of clusters.
#[derive(Clone, Debug, Default)]
pub(super) enum CopyWork {
    /// It is about clusters, and leaves copies as they are.
    #[default]
    Keeping,
    /// It publishes copies: their notes, by name, lane by lane.
    Making(Vec<BTreeMap<String, CopyNote>>),
    /// It removes those that nobody wants any more.
    Pruning(CopyRule),
}

/// What becomes of the copies on a branch.
#[derive(Clone, Debug, Default)]
pub(super) struct CopyPlan {
    /// All that are there afterwards.
    pub copies: BTreeMap<String, CopyNote>,
    /// Those that this run publishes.
    pub made: BTreeMap<String, CopyNote>,
    /// Those that it removes, and why.
    pub gone: Vec<(String, Unwanted)>,
    /// The folders and files of those.
    pub released: Vec<String>,
    /// Which files the run answers for.
    pub scope: Option<Scope>,
}

impl CopyWork {
    /// Whether copies are removed.
    pub fn is_pruning(&self) -> bool {
        matches!(self, Self::Pruning(_))
    }

    /// Whether clusters are published as they are.
    pub fn is_ordinary(&self) -> bool {
        matches!(self, Self::Keeping)
    }

    /// Plans the copies of a lane. `clusters` were rendered for it, `mine` is what the owner has there, and `scope`
    /// is what the run would answer for if there were no copies.
    pub fn plan(&self, at: usize, clusters: &[String], mine: Option<&OwnerManifest>, scope: &Scope) -> CopyPlan {
        let mut plan =
            CopyPlan { copies: mine.map(|mine| mine.copies.clone()).unwrap_or_default(), ..CopyPlan::default() };
        let mut scope = scope.clone();
        match self {
            Self::Keeping => {
                // A cluster may have got the name of what was a copy.
                plan.copies.retain(|name, _| !clusters.contains(name));
                if let Scope::AllBut(kept) = &mut scope {
                    kept.extend(plan.copies.values().flat_map(places));
                }
            }
            Self::Making(lanes) => {
                plan.made = lanes.get(at).cloned().unwrap_or_default();
                if let Scope::Only(own) = &mut scope {
                    let before = plan.made.keys().filter_map(|name| plan.copies.get(name));
                    own.extend(before.chain(plan.made.values()).flat_map(places));
                }
                plan.copies.extend(plan.made.clone());
            }
            Self::Pruning(rule) => {
                for (name, note) in &plan.copies {
                    if let Some(why) = rule.judge(note) {
                        plan.released.extend(places(note));
                        plan.gone.push((name.clone(), why));
                    }
                }
                plan.copies.retain(|name, _| !plan.gone.iter().any(|(gone, _)| gone == name));
            }
        }
        CopyPlan { scope: Some(scope), ..plan }
    }
}

/// Where the files of a copy are. The folder of everything is nobody's.
fn places(note: &CopyNote) -> impl Iterator<Item = String> {
    let folder = Some(note.folder.clone()).filter(|folder| !folder.is_empty());
    folder.into_iter().chain(note.beside.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(folder: &str, expires: &str) -> CopyNote {
        CopyNote {
            of: "a".into(),
            suffix: "-x".into(),
            folder: folder.into(),
            beside: vec![format!("engine/{folder}.yaml")],
            expires: Some(expires.into()),
            ..CopyNote::default()
        }
    }

    fn with(copies: BTreeMap<String, CopyNote>) -> OwnerManifest {
        let mut manifest = OwnerManifest::default();
        manifest.copies = copies;
        manifest
    }

    fn manifest() -> OwnerManifest {
        let (old, new) = (note("c/a-x", "2020-01-01T00:00:00Z"), note("c/b-x", "2030-01-01T00:00:00Z"));
        with([("a-x".to_owned(), old), ("b-x".to_owned(), new)].into())
    }

    #[test]
    fn ordinary_runs_keep_copies_unless_a_cluster_has_the_name() {
        let plan = CopyWork::Keeping.plan(0, &["a-x".into()], Some(&manifest()), &Scope::AllBut(vec!["c/z".into()]));
        assert_eq!(plan.copies.keys().collect::<Vec<_>>(), ["b-x"]);
        let kept = ["c/z", "c/b-x", "engine/c/b-x.yaml"].map(str::to_owned).to_vec();
        assert_eq!(plan.scope, Some(Scope::AllBut(kept)));
    }

    #[test]
    fn only_what_is_over_is_released() {
        let rule = CopyRule { now: 1_700_000_000, branches: None };
        let plan = CopyWork::Pruning(rule).plan(0, &[], Some(&manifest()), &Scope::Only(Vec::new()));
        assert_eq!(plan.released, ["c/a-x", "engine/c/a-x.yaml"]);
        assert_eq!(plan.copies.keys().collect::<Vec<_>>(), ["b-x"]);
        let nowhere = with([("r".into(), note("", "2020-01-01T00:00:00Z"))].into());
        let rule = CopyRule { now: 1_700_000_000, branches: None };
        let plan = CopyWork::Pruning(rule).plan(0, &[], Some(&nowhere), &Scope::Only(Vec::new()));
        assert_eq!(plan.released, ["engine/.yaml"]);
    }

    #[test]
    fn a_copy_answers_for_what_it_had_beside_its_folder() {
        let made = CopyNote { beside: Vec::new(), ..note("c/a-x", "2031-01-01T00:00:00Z") };
        let work = CopyWork::Making(vec![[("a-x".to_owned(), made.clone())].into()]);
        let plan = work.plan(0, &["a-x".into()], Some(&manifest()), &Scope::Only(vec!["c/a-x".into()]));
        assert_eq!(
            plan.scope,
            Some(Scope::Only(["c/a-x", "c/a-x", "engine/c/a-x.yaml", "c/a-x"].map(Into::into).into()))
        );
        assert_eq!(plan.copies["a-x"], made);
    }
}
