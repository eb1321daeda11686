use git2::Oid;

use super::fetch::{Fetching, GitAsk, GitRemote, Place, reach};
use super::refs::{Advertised, Wanted, check_names};
use crate::source::error::SourceError;

/// What a ref means at this moment.
#[derive(Clone, Debug)]
pub(in crate::source) struct GitSeen {
    /// The commit; absent when one was asked for by the beginning of its id.
    pub(in crate::source) commit: Option<Oid>,
    /// The full name of the tag or branch that was meant, when no commit was asked for.
    pub(in crate::source) reference: Option<String>,
    /// The highest tag that is a version and no pre-release.
    pub(in crate::source) newest: Option<String>,
    /// Whether the locked commit is surely no ancestor of this one.
    pub(in crate::source) rewritten: bool,
}

/// Asks one repository what refs mean, without fetching anything; each answer at the place of its
/// question. The locked commit of a question is not its answer here.
pub(in crate::source) fn look(
    remote: &GitRemote,
    asks: &[GitAsk],
    fetching: &Fetching<'_>,
) -> Vec<Result<GitSeen, SourceError>> {
    match reach(remote, fetching) {
        Ok((place, advertised)) => asks.iter().map(|ask| look_for(&place, &advertised, ask, fetching.shown)).collect(),
        Err(error) => asks.iter().map(|_| Err(error.clone())).collect(),
    }
}

fn look_for(place: &Place<'_>, advertised: &Advertised, ask: &GitAsk, shown: &str) -> Result<GitSeen, SourceError> {
    check_names(ask.version.as_deref(), ask.branch.as_deref())?;
    let (commit, reference) = match advertised.find(ask.version.as_deref(), ask.branch.as_deref(), shown)? {
        Wanted::Ref { name, commit } => (Some(commit), (!ask.names_commit()).then_some(name)),
        Wanted::Commit(commit) => (Some(commit), None),
        Wanted::Prefix(_) => (None, None),
    };
    let before = ask.before.as_deref().and_then(|id| Oid::from_str(id).ok());
    Ok(GitSeen { commit, reference, newest: newest(advertised), rewritten: is_rewritten(place, before, commit) })
}

/// Whether the history from one commit to another is known and does not hold the first one.
pub(super) fn is_rewritten(place: &Place<'_>, before: Option<Oid>, now: Option<Oid>) -> bool {
    let (Place::Here(repository), Some(before), Some(now)) = (place, before, now) else { return false };
    // A commit that is gone is no ancestor of anything.
    before != now && !repository.graph_descendant_of(now, before).unwrap_or(false)
}

fn newest(advertised: &Advertised) -> Option<String> {
    let released = advertised.versions().filter(|(version, ..)| version.pre.is_empty());
    released.max_by(|(one, ..), (other, ..)| one.cmp(other)).map(|(_, tag, _)| tag.to_owned())
}
