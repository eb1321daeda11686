use std::collections::{BTreeMap, BTreeSet};

use git2::{ObjectType, Oid, Repository};

use crate::diag::{Blame, Code, Diagnostic, Reported, Sink};
use crate::output::publish::{
    Base, CommitBase, DeleteBound, Owned, Plan, PlanOptions, Preserve, PublishError, PublishState, RenderedFiles,
    Scope, Sign, commit_message, folder_of, hydrator_metadata, hydrator_note, plan, splice, with_note, write_commit,
};
use crate::output::{Contents, FileContents};
use crate::source::{
    Attempt, CommitSigner, Lineage, PushOptions, PushOutcome, RefUpdate, RemoteRefs, SourceError, Upstream,
};
use crate::stack::PublishFile;

use super::copies::{CopyPlan, CopyWork};
use super::destination::{Destinations, Lane};
use super::message::{CommitInput, Digests, commit_text, component_changes};
use super::objections::{server_refused, stale, told};
use super::origin::Origin;
use super::tracking::{self, Place, Tracked};
use super::{BranchOutcome, DriftRight, PublishOptions, proposal};

const STATE: Code = Code("publish.state");
const HYDRATOR_NOTES: &str = "refs/notes/hydrator.metadata";
const HYDRATOR_FILE: &str = "hydrator.metadata";

/// Everything that stays the same from try to try.
pub(super) struct Putting<'a> {
    pub file: &'a PublishFile,
    pub options: &'a PublishOptions,
    pub destinations: &'a Destinations,
    pub origin: &'a Origin,
    pub digests: &'a Digests,
    pub preserve: &'a [Preserve],
    pub bounds: &'a [DeleteBound],
    pub lanes: &'a [RenderedFiles],
    /// The clusters that were rendered, lane by lane.
    pub clusters: &'a [Vec<String>],
    /// Which files the run answers for, lane by lane.
    pub scopes: &'a [Scope],
    /// What is done about copies.
    pub copies: &'a CopyWork,
    /// The clusters that were selected; `None` when all were.
    pub selected: Option<&'a [String]>,
    /// Whether `hydrator.metadata` is written.
    pub hydrates: bool,
    pub time: (i64, i32),
    /// Where contents, trees and commits are kept until they are pushed.
    pub objects: &'a Repository,
    pub signer: Option<&'a CommitSigner>,
}

/// A branch as it shall become.
struct Put<'a> {
    lane: &'a Lane,
    outcome: BranchOutcome,
    update: Option<RefUpdate>,
    /// The commit that the branch will point at.
    tip: Option<Oid>,
}

impl Putting<'_> {
    /// One try: puts the files onto what the branches hold now, and pushes.
    pub fn attempt(
        &self,
        upstream: &Upstream,
        refs: &RemoteRefs,
        place: &mut Place,
        sink: &mut Sink,
    ) -> Result<Attempt<Vec<BranchOutcome>>, Reported> {
        let mut puts = Vec::new();
        let mut states = Vec::new();
        for (at, lane) in self.destinations.lanes.iter().enumerate() {
            // A run for some clusters leaves the branches of others alone.
            if self.clusters[at].is_empty() && self.selected.is_some() && !self.copies.is_pruning() {
                continue;
            }
            let (put, state) = self.put(at, lane, refs, *place, sink)?;
            states.extend(state);
            puts.push(put);
        }
        sink.check()?;
        if self.options.dry_run {
            return Ok(Attempt::Done(puts.into_iter().map(|put| put.outcome).collect()));
        }
        let branches: Vec<RefUpdate> = ordered(&puts);
        let words = PushOptions { words: self.push_words(&puts) };
        let failed = |error: SourceError| Diagnostic::from(error);
        let all: Vec<RefUpdate> = branches.iter().chain(&states).cloned().collect();
        if !all.is_empty() {
            match upstream.push(self.objects, &all, &words).map_err(|error| sink.fail(failed(error)))? {
                PushOutcome::Pushed => {}
                PushOutcome::Contended { said } => return Ok(Attempt::Contended(said)),
                PushOutcome::Refused(refusal) => {
                    let is_state = |name: &str| states.iter().any(|state| state.name == name);
                    if *place == Place::Ref && refusal.is_only(is_state) {
                        // The branches are fine with the server, the ref of ours is not.
                        *place = Place::Note;
                        return Ok(Attempt::Contended(refusal.said));
                    }
                    if refusal.is_only(is_state) {
                        return self.without_state(upstream, &branches, &words, &refusal.said, sink)?.map_or_else(
                            || Ok(Attempt::Done(puts.into_iter().map(|put| put.outcome).collect())),
                            |said| Ok(Attempt::Contended(said)),
                        );
                    }
                    let names: Vec<&str> = puts.iter().map(|put| put.lane.head.as_str()).collect();
                    let place = format!("{} of {}", names.join(", "), upstream.shown());
                    return Err(sink.fail(server_refused(&refusal.said, &place)));
                }
            }
        }
        if self.hydrates {
            self.push_notes(upstream, &puts).map_err(|error| sink.fail(error))?;
        }
        Ok(Attempt::Done(puts.into_iter().map(|put| put.outcome).collect()))
    }

    /// Pushes branches without any state; gives the server's words when somebody else was faster.
    fn without_state(
        &self,
        upstream: &Upstream,
        branches: &[RefUpdate],
        words: &PushOptions,
        said: &str,
        sink: &mut Sink,
    ) -> Result<Option<String>, Reported> {
        let message = format!("{} keeps neither refs nor notes of kiln: {said}", upstream.shown());
        if !branches.is_empty() {
            match upstream.push(self.objects, branches, words).map_err(|error| sink.fail(error.into()))? {
                PushOutcome::Pushed => {}
                PushOutcome::Contended { said } => return Ok(Some(said)),
                PushOutcome::Refused(refusal) => return Err(sink.fail(server_refused(&refusal.said, upstream.shown()))),
            }
        }
        let help = "only the trailers of the last commit tell which source was published: a late run of an older one \
                    is noticed only when that one changed something";
        sink.push(Diagnostic::warning(STATE, message).help(help));
        Ok(None)
    }

    /// One branch.
    fn put<'l>(
        &self,
        at: usize,
        lane: &'l Lane,
        refs: &RemoteRefs,
        place: Place,
        sink: &mut Sink,
    ) -> Result<(Put<'l>, Option<RefUpdate>), Reported> {
        let objects = self.objects;
        let head_ref = format!("refs/heads/{}", lane.head);
        let (there, target) = (refs.get(&head_ref), refs.get(&format!("refs/heads/{}", lane.target)));
        let parent = if lane.grows { there.or(target) } else { target };
        let shown = format!("the branch `{}`", if lane.grows { &lane.head } else { &lane.target });
        let key = self.state_key(lane);
        let tracked = tracking::read(objects, refs, &self.destinations.owner, &key, parent);
        let before = self.before(&tracked.state, at);
        let newer = self.newer(&before, &shown, sink);
        let failed = |error: PublishError| unreadable(&error);
        let base = CommitBase::open(objects, parent).map_err(|error| sink.fail(failed(error)))?;
        let (plan, owned, copies) = self.plan(at, &base, &shown, sink)?;
        let tree = self.tree(&base, &plan, &owned, &copies).map_err(|error| sink.fail(failed(error)))?;
        let mut put = Put { lane, outcome: self.outcome(at, lane, &plan), update: None, tip: parent };
        put.outcome.before = there.map(|id| id.to_string());
        put.outcome.pruned.clone_from(&copies.gone);
        let old_tree = parent.and_then(|id| objects.find_commit(id).ok()).map(|commit| commit.tree_id());
        let is_new = old_tree.map_or(!plan.own.is_empty(), |old| old != tree);
        if self.options.dry_run || self.options.contents == Contents::Kept {
            put.outcome.texts = texts(&base, &plan, objects).map_err(|error| sink.fail(failed(error)))?;
        }
        if self.options.dry_run {
            put.outcome.changed = is_new;
            return Ok((put, None));
        }
        if sink.has_errors() {
            return Ok((put, None));
        }
        if is_new {
            let commit = self
                .commit(at, &plan, &copies, &put.outcome, &newer, (tree, parent))
                .map_err(|problem| sink.fail(problem))?;
            let is_there = !lane.grows && there.is_some_and(|there| is_same(objects, there, commit));
            put.tip = Some(if is_there { there.unwrap_or(commit) } else { commit });
            put.outcome.commit = put.tip.map(|id| id.to_string());
            if !is_there {
                put.update = Some(RefUpdate::set(head_ref, there, commit));
                put.outcome.changed = true;
            }
        } else if !lane.grows && there.is_some() {
            // What was proposed is there by now, or nobody wants it any more.
            put.update = Some(RefUpdate { name: head_ref, old: there, new: None });
            put.outcome.changed = true;
            put.tip = None;
        }
        let state = self.state(&tracked, at, &copies, &key, place, put.tip.or(parent));
        let state = state
            .map_err(|error| sink.fail(unreadable(&PublishError::Git { action: "keep the state", source: error })))?;
        Ok((put, state))
    }

    /// Commits that were published before and are not ancestors of the one that is published now; they are
    /// objections unless going back is allowed.
    pub(super) fn newer(&self, before: &[String], shown: &str, sink: &mut Sink) -> Vec<String> {
        let mut newer = Vec::new();
        for commit in before {
            let lineage = self.origin.lineage(commit);
            if lineage == Lineage::Follows {
                continue;
            }
            if self.options.rights.rollback {
                newer.push(commit.clone());
            } else {
                let now = self.origin.commit.as_ref().map(|commit| commit.id.as_str());
                sink.push(stale(commit, now, lineage, shown));
                break;
            }
        }
        newer
    }

    /// The commits that a run for the lane must not be older than. Branches that copies are made for are rebased:
    /// only what is plainly older is too late.
    pub fn before(&self, state: &PublishState, at: usize) -> Vec<String> {
        let clusters = self.clusters[at].as_slice();
        match self.copies {
            CopyWork::Keeping => state.before(self.selected.map(|_| clusters)),
            CopyWork::Making(_) => {
                let is_older = |commit: &String| self.origin.lineage(commit) == Lineage::Older;
                state.before_copies(clusters).into_iter().filter(is_older).collect()
            }
            CopyWork::Pruning(_) => Vec::new(),
        }
    }

    /// What is known of the source after a run for the lane; nothing when there is nothing to say.
    pub fn after(
        &self,
        state: &PublishState,
        at: usize,
        copies: &CopyPlan,
        tip: Option<String>,
    ) -> Option<PublishState> {
        let source = self.origin.commit.as_ref().map(|commit| commit.id.as_str());
        let clusters = self.clusters[at].as_slice();
        match self.copies {
            CopyWork::Keeping => Some(state.after(self.selected.map(|_| clusters), source?, tip)),
            CopyWork::Making(_) => Some(state.after_copies(clusters, Some(source?), tip)),
            CopyWork::Pruning(_) => {
                let gone: Vec<String> = copies.gone.iter().map(|(name, _)| name.clone()).collect();
                let next = state.after_copies(&gone, None, tip);
                (!next.same_source(state)).then_some(next)
            }
        }
    }

    /// Plans a branch or folder; what speaks against it goes to the sink.
    pub fn plan(
        &self,
        at: usize,
        base: &dyn Base,
        shown: &str,
        sink: &mut Sink,
    ) -> Result<(Plan, Owned, CopyPlan), Reported> {
        let root = &self.destinations.root;
        let owned = Owned::read(base, root).map_err(|error| sink.fail(unreadable(&error)))?;
        let folders: Vec<String> = self.clusters[at]
            .iter()
            .filter_map(|name| self.destinations.places.get(name).map(|(_, folder)| folder.clone()))
            .collect();
        let mine = owned.of(&self.destinations.owner);
        let copies = self.copies.plan(at, &self.clusters[at], mine, &self.scopes[at]);
        // Where nothing is removed, that nothing was rendered is no news.
        if self.copies.is_pruning() && copies.gone.is_empty() {
            let own = mine.map(|mine| mine.files.clone()).unwrap_or_default();
            return Ok((Plan { unchanged: own.len(), own, ..Plan::default() }, owned, copies));
        }
        let options = PlanOptions {
            owner: &self.destinations.owner,
            root,
            scope: copies.scope.clone().unwrap_or_else(|| self.scopes[at].clone()),
            folders: &folders,
            depth: self.destinations.depth,
            released: &copies.released,
            preserve: self.preserve,
            bounds: self.bounds,
            adopt: self.options.rights.adopt,
            overwrite_drift: self.options.rights.drift == DriftRight::Overwrite,
            allow_delete: self.options.rights.delete,
        };
        let (plan, objections) =
            plan(base, &owned, &self.lanes[at], &options).map_err(|error| sink.fail(unreadable(&error)))?;
        for objection in &objections {
            sink.push(told(objection, shown, base, &self.lanes[at], self.objects));
        }
        Ok((plan, owned, copies))
    }

    /// The tree of a branch with the files of the plan, and the manifest of the owner.
    fn tree(&self, base: &CommitBase<'_>, plan: &Plan, owned: &Owned, copies: &CopyPlan) -> Result<Oid, PublishError> {
        let objects = self.objects;
        let mut edits: BTreeMap<String, Option<Oid>> =
            plan.changes.iter().map(|change| (change.path.clone(), change.now)).collect();
        for (path, text) in self.manifests(plan, owned, copies) {
            match text {
                Some(text) => {
                    let id = Oid::hash_object(ObjectType::Blob, &text);
                    let id = id.map_err(|source| PublishError::Git { action: "digest a file", source })?;
                    if base.files().get(&path) != Some(&id) {
                        objects.blob(&text).map_err(|source| PublishError::Git { action: "keep a file", source })?;
                        edits.insert(path, Some(id));
                    }
                }
                None => {
                    edits.insert(path, None);
                }
            }
        }
        let tree = base.commit().map(|id| objects.find_commit(id).and_then(|commit| commit.tree()));
        let tree = tree.transpose().map_err(|source| PublishError::Git { action: "read the target", source })?;
        if edits.is_empty()
            && let Some(tree) = &tree
        {
            return Ok(tree.id());
        }
        if let (true, Some(commit)) = (self.hydrates, &self.origin.commit) {
            let text = hydrator_metadata(self.origin.url().as_deref(), commit);
            let id = objects.blob(&text).map_err(|source| PublishError::Git { action: "keep a file", source })?;
            let path = match self.destinations.root.as_str() {
                "" => HYDRATOR_FILE.to_owned(),
                root => format!("{root}/{HYDRATOR_FILE}"),
            };
            edits.insert(path, Some(id));
        }
        splice(objects, tree.as_ref(), &edits)
    }

    /// What the owner's manifest becomes.
    pub fn manifests(&self, plan: &Plan, owned: &Owned, copies: &CopyPlan) -> BTreeMap<String, Option<Vec<u8>>> {
        let (owner, root) = (&self.destinations.owner, &self.destinations.root);
        let nobody = Default::default();
        let mine = owned.of(owner).unwrap_or(&nobody);
        let is_there = owned.of(owner).is_some() || self.copies.is_pruning();
        if mine.files == plan.own && mine.copies == copies.copies && is_there && mine.pending.is_empty() {
            return BTreeMap::new();
        }
        mine.written(owner, &plan.own, &copies.copies, root, self.destinations.depth)
    }

    /// Makes the commit of a tree on top of another one.
    fn commit(
        &self,
        at: usize,
        plan: &Plan,
        copies: &CopyPlan,
        outcome: &BranchOutcome,
        newer: &[String],
        (tree, parent): (Oid, Option<Oid>),
    ) -> Result<Oid, Diagnostic> {
        let signer = self.signer;
        let text = commit_text(&CommitInput {
            origin: self.origin,
            owner: &self.destinations.owner,
            digests: self.digests,
            plan,
            copies,
            changes: &outcome.components,
            clusters: (self.clusters[at].len(), outcome.clusters.1),
            subject: self.file.commit.subject.clone(),
            message: self.options.message.clone(),
            trailers: self.file.commit.trailers,
            rollback_from: newer,
        });
        let author = &self.file.commit.author;
        let sign = |text: &str| -> Result<String, CommitProblem> {
            signer.map_or_else(
                || Ok(String::new()),
                |signer| signer.sign(text).map_err(|error| CommitProblem(error.into())),
            )
        };
        let sign = signer.map(|_| &sign as Sign<'_, CommitProblem>);
        let made = write_commit(
            self.objects,
            tree,
            parent,
            (&author.name, &author.email),
            self.time,
            &commit_message(&text),
            sign,
        );
        made.map_err(|problem| problem.0)
    }

    /// What is told of a branch.
    pub fn outcome(&self, at: usize, lane: &Lane, plan: &Plan) -> BranchOutcome {
        let folders: BTreeMap<&str, &str> = self
            .destinations
            .places
            .iter()
            .filter(|(_, (of, _))| *of == at)
            .map(|(name, (_, folder))| (folder.as_str(), name.as_str()))
            .collect();
        let components = component_changes(plan, &self.lanes[at], &folders, |path| {
            let (root, depth) = (self.destinations.root.as_str(), self.destinations.depth);
            Some(folder_of(path, root, depth)).filter(|folder| !folder.is_empty()).map(|folder| match root {
                "" => folder,
                root => format!("{root}/{folder}"),
            })
        });
        let changed: BTreeSet<&str> =
            components.iter().map(|change| change.cluster.as_str()).filter(|name| !name.is_empty()).collect();
        let clusters = (self.clusters[at].len(), changed.len());
        let repo = self.destinations.repo.as_deref().unwrap_or_default();
        let proposes = lane.proposes() && !repo.is_empty();
        BranchOutcome {
            branch: lane.head.clone(),
            proposed_for: proposes.then(|| lane.target.clone()),
            counts: [plan.added(), plan.changed(), plan.removed(), plan.unchanged],
            clusters,
            kept: plan.kept.clone(),
            compare_url: proposes.then(|| proposal::compare_url(repo, &lane.target, &lane.head)).flatten(),
            body: proposes.then(|| super::message::change_lines(&components).join("\n")),
            components,
            ..BranchOutcome::default()
        }
    }

    /// The name by which the state of a branch is kept: proposals of a branch have one for all.
    fn state_key(&self, lane: &Lane) -> String {
        if lane.grows { lane.head.clone() } else { format!("kiln/{}/{}", self.destinations.owner, lane.target) }
    }

    fn state(
        &self,
        tracked: &Tracked,
        at: usize,
        copies: &CopyPlan,
        key: &str,
        place: Place,
        tip: Option<Oid>,
    ) -> Result<Option<RefUpdate>, git2::Error> {
        let Some(next) = self.after(&tracked.state, at, copies, tip.map(|tip| tip.to_string())) else {
            return Ok(None);
        };
        // What is kept as a note stays there.
        let place = if tracked.place == Place::Note { Place::Note } else { place };
        tracked.update(self.objects, &next, &self.destinations.owner, key, place, self.time)
    }

    fn push_words(&self, puts: &[Put<'_>]) -> Vec<String> {
        let Some(put) = puts.iter().find(|put| put.lane.proposes() && put.outcome.commit.is_some()) else {
            return Vec::new();
        };
        let repo = self.destinations.repo.as_deref().unwrap_or_default();
        let title = format!("render: {} clusters", put.outcome.clusters.1);
        let lines: Vec<String> =
            put.outcome.body.iter().flat_map(|body| body.lines().take(10)).map(str::to_owned).collect();
        proposal::push_options(repo, &put.lane.target, &title, &lines)
    }

    /// Notes which source commit each branch was made of, also when that changed nothing.
    fn push_notes(&self, upstream: &Upstream, puts: &[Put<'_>]) -> Result<(), Diagnostic> {
        let Some(commit) = &self.origin.commit else { return Ok(()) };
        let note = hydrator_note(commit);
        crate::source::retried(self.options.retries, |_| -> Result<Attempt<()>, NoteProblem> {
            let wanted = |refs: &RemoteRefs| refs.get(HYDRATOR_NOTES).into_iter().collect();
            let now = match upstream.newest(self.objects, wanted, &[], true)? {
                Attempt::Done(refs) => refs.get(HYDRATOR_NOTES),
                Attempt::Contended(said) => return Ok(Attempt::Contended(said)),
            };
            let mut notes = now;
            for tip in puts.iter().filter_map(|put| put.tip) {
                notes = Some(with_note(self.objects, notes, tip, &note, self.time)?);
            }
            let Some(notes) = notes.filter(|notes| Some(*notes) != now) else { return Ok(Attempt::Done(())) };
            let update = RefUpdate::set(HYDRATOR_NOTES, now, notes);
            Ok(match upstream.push(self.objects, &[update], &PushOptions::default())? {
                PushOutcome::Pushed => Attempt::Done(()),
                PushOutcome::Contended { said } => Attempt::Contended(said),
                PushOutcome::Refused(refusal) => {
                    return Err(NoteProblem(server_refused(&refusal.said, HYDRATOR_NOTES)));
                }
            })
        })
        .map_err(|problem| problem.0)
    }
}

/// Why a note could not be pushed.
struct NoteProblem(Diagnostic);

impl From<SourceError> for NoteProblem {
    fn from(error: SourceError) -> Self {
        Self(error.into())
    }
}

impl From<PublishError> for NoteProblem {
    fn from(error: PublishError) -> Self {
        Self(unreadable(&error))
    }
}

/// Why a commit could not be made.
struct CommitProblem(Diagnostic);

impl From<PublishError> for CommitProblem {
    fn from(error: PublishError) -> Self {
        Self(unreadable(&error))
    }
}

/// The updates of branches: those that propose come last, for servers that move one after the other.
fn ordered(puts: &[Put<'_>]) -> Vec<RefUpdate> {
    let (mut own, proposed): (Vec<_>, Vec<_>) =
        puts.iter().filter(|put| put.update.is_some()).partition(|put| !put.lane.proposes());
    own.extend(proposed);
    own.into_iter().filter_map(|put| put.update.clone()).collect()
}

/// Whether two commits are the same change of the same commit.
fn is_same(objects: &Repository, one: Oid, other: Oid) -> bool {
    let read = |id| objects.find_commit(id).ok().map(|commit| (commit.tree_id(), commit.parent_id(0).ok()));
    one == other || (read(one).is_some() && read(one) == read(other))
}

/// The contents of files that change.
pub(super) fn texts(base: &dyn Base, plan: &Plan, objects: &Repository) -> Result<Vec<FileContents>, PublishError> {
    let mut found = Vec::with_capacity(plan.changes.len());
    let by_id = |id: Oid| -> Result<Vec<u8>, PublishError> {
        if let Ok(blob) = objects.find_blob(id) {
            return Ok(blob.content().to_vec());
        }
        // The target has it under another name.
        match base.files().iter().find(|(_, there)| **there == id) {
            Some((path, _)) => base.read(path),
            None => Ok(Vec::new()),
        }
    };
    for change in &plan.changes {
        let before = change.before.map(|_| base.read(&change.path)).transpose()?;
        let now = change.now.map(by_id).transpose()?;
        found.push(FileContents { path: change.path.clone(), before, now });
    }
    Ok(found)
}

/// A target that makes no sense.
pub(super) fn unreadable(error: &PublishError) -> Diagnostic {
    match error {
        PublishError::Damaged { .. } => Diagnostic::error(Code("publish.damaged"), error.to_string())
            .blame(Blame::Target)
            .help("restore the file from the history of the target, or remove it and publish with `--adopt`"),
        _ => super::collect::not_kept(error),
    }
}
