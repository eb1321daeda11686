use git2::{Oid, Repository};

use crate::output::publish::PublishState;
use crate::source::{RefUpdate, RemoteRefs};

/// Where the state of an owner and a branch is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In a ref of its own, which points at a blob.
    Ref,
    /// In a note, for servers that refuse other refs.
    Note,
}

/// The state of an owner and a branch, and where it was found.
#[derive(Clone, Debug)]
pub(super) struct Tracked {
    pub state: PublishState,
    /// What the ref of the state points at now.
    pub now: Option<Oid>,
    pub place: Place,
}

/// The ref that holds the state.
pub(super) fn state_ref(owner: &str, branch: &str) -> String {
    format!("refs/kiln/state/{owner}/{branch}")
}

/// The ref of notes that holds it where a server refuses that.
pub(super) fn note_ref(owner: &str, branch: &str) -> String {
    format!("refs/notes/kiln-state/{owner}/{branch}")
}

/// Reads the state of a branch; what cannot be read is none. `tip` is the branch's commit, whose trailers tell
/// where there is no state at all.
pub(super) fn read(repository: &Repository, refs: &RemoteRefs, owner: &str, branch: &str, tip: Option<Oid>) -> Tracked {
    if let Some(id) = refs.get(&state_ref(owner, branch)) {
        let state = repository.find_blob(id).ok().and_then(|blob| PublishState::parse(blob.content()));
        return Tracked { state: state.unwrap_or_default(), now: Some(id), place: Place::Ref };
    }
    if let Some(id) = refs.get(&note_ref(owner, branch)) {
        let state = noted(repository, id).unwrap_or_default();
        return Tracked { state, now: Some(id), place: Place::Note };
    }
    let state = tip.and_then(|tip| told_by(repository, tip, owner)).unwrap_or_default();
    Tracked { state, now: None, place: Place::Ref }
}

/// The only note of a commit of notes.
fn noted(repository: &Repository, id: Oid) -> Option<PublishState> {
    let tree = repository.find_commit(id).ok()?.tree().ok()?;
    let entry = tree.iter().next()?.id();
    PublishState::parse(repository.find_blob(entry).ok()?.content())
}

/// What the trailers of a commit of this owner tell.
fn told_by(repository: &Repository, tip: Oid, owner: &str) -> Option<PublishState> {
    let commit = repository.find_commit(tip).ok()?;
    let message = String::from_utf8_lossy(commit.message_bytes()).into_owned();
    let trailer = |name: &str| message.lines().rev().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    // What a copy is made of says nothing about clusters.
    let is_of_copy = ["Kiln-Copy", "Kiln-Pruned"].iter().any(|name| trailer(name).is_some());
    if trailer("Kiln-Owner")? != owner || is_of_copy {
        return None;
    }
    let (_, source) = trailer("Kiln-Source")?.rsplit_once('@')?;
    let source = source.trim_end_matches("-dirty").to_owned();
    Some(PublishState { schema: 1, source: Some(source), ..PublishState::default() })
}

impl Tracked {
    /// The update that records a state; nothing when it says the same already.
    pub fn update(
        &self,
        repository: &Repository,
        next: &PublishState,
        owner: &str,
        branch: &str,
        place: Place,
        time: (i64, i32),
    ) -> Result<Option<RefUpdate>, git2::Error> {
        let is_moved = place != self.place;
        let now = self.now.filter(|_| !is_moved);
        if now.is_some() && self.state.same_source(next) {
            return Ok(None);
        }
        let blob = repository.blob(&next.text())?;
        Ok(Some(match place {
            Place::Ref => RefUpdate::set(state_ref(owner, branch), now, blob),
            Place::Note => {
                let mut tree = repository.treebuilder(None)?;
                // Notes are named by what they are about; the branch's tip then is as good as any.
                let about = next.tip.clone().unwrap_or_else(|| blob.to_string());
                tree.insert(about, blob, 0o100_644)?;
                let tree = repository.find_tree(tree.write()?)?;
                let who = git2::Signature::new("kiln", "kiln@localhost", &git2::Time::new(time.0, time.1))?;
                let parent = now.map(|id| repository.find_commit(id)).transpose()?;
                let parents: Vec<&git2::Commit<'_>> = parent.iter().collect();
                let commit = repository.commit(None, &who, &who, "Notes added by kiln\n", &tree, &parents)?;
                RefUpdate::set(note_ref(owner, branch), now, commit)
            }
        }))
    }
}
