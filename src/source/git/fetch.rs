use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use git2::{AutotagOption, Direction, FetchOptions, ObjectType, Oid, RemoteCallbacks, Repository};

use super::census::{Census, census, measure};
use super::copy::copy_commit;
use super::look::is_rewritten;
use super::refs::{Advertised, Wanted, check_names, full_id};
use super::setup::{create_bare, open_bare};
use super::transport::{Connection, Meter, REMOTE_URL, within};
use crate::source::error::{About, CORRUPT, NOT_FOUND, STORE, SourceError, UNREACHABLE, foreign};
use crate::source::folder::{TemporaryFolder, list_folder};
use crate::source::progress;

/// The most bytes of all objects of one commit, unpacked.
const MAX_UNPACKED: u64 = 2 << 30;
/// The most bytes of all objects of a history, unpacked one by one.
const MAX_HISTORY: u64 = 256 << 30;

/// The ref that a fetched commit has in the temporary repository.
const PIN_REF: &str = "refs/kiln/pin";

/// Where a repository is.
#[derive(Clone)]
pub(in crate::source) enum GitRemote {
    /// A folder on this machine; `.git` at its end may be missing or too much.
    Local(PathBuf),
    /// Elsewhere.
    Elsewhere(Connection),
}

/// One commit that is wanted of a repository.
#[derive(Clone, Debug)]
pub(in crate::source) struct GitAsk {
    /// Commit, tag or branch.
    pub(in crate::source) version: Option<String>,
    /// Branch or tag.
    pub(in crate::source) branch: Option<String>,
    /// The commit that the lock names: it is taken, whatever the others mean by now.
    pub(in crate::source) locked: Option<String>,
    /// The commit that the lock named until now, when it is to be replaced.
    pub(in crate::source) before: Option<String>,
}

impl GitAsk {
    /// Whether a commit is asked for by its full id.
    pub(super) fn names_commit(&self) -> bool {
        self.version.as_deref().is_some_and(|version| full_id(version).is_some())
    }
}

/// A commit that is now in the store.
#[derive(Clone, Debug)]
pub(in crate::source) struct GitFetched {
    /// The full name of the tag or branch that was meant, when no commit was asked for.
    pub(in crate::source) reference: Option<String>,
    /// Whether the commit that was locked before is surely no ancestor of this one.
    pub(in crate::source) rewritten: bool,
    pub(in crate::source) commit: Oid,
    pub(in crate::source) tree: Oid,
    pub(in crate::source) census: Census,
}

/// What a fetch needs beside the remote.
pub(in crate::source) struct Fetching<'a> {
    /// The remote as shown to users.
    pub(in crate::source) shown: &'a str,
    /// The bare repository of the store that takes the commits.
    pub(in crate::source) store: &'a Path,
    /// A folder for temporary repositories, on the store's file system.
    pub(in crate::source) scratch: &'a Path,
    /// When everything has to be done.
    pub(in crate::source) deadline: Instant,
}

/// Fetches commits of one repository into the store, each answer at the place of its question.
pub(in crate::source) fn fetch(
    remote: &GitRemote,
    asks: &[GitAsk],
    fetching: &Fetching<'_>,
) -> Vec<Result<GitFetched, SourceError>> {
    match reach(remote, fetching) {
        Ok((place, advertised)) => asks.iter().map(|ask| fetch_one(&place, &advertised, ask, fetching)).collect(),
        Err(error) => asks.iter().map(|_| Err(error.clone())).collect(),
    }
}

/// Where commits are taken from.
pub(super) enum Place<'a> {
    /// A repository on this machine, opened.
    Here(Repository),
    /// One that was asked what it has.
    There {
        /// Where it is.
        connection: &'a Connection,
        /// Bounds what it may send and how long it may take.
        meter: Meter,
    },
}

/// Opens a repository, or asks a remote what it has.
pub(super) fn reach<'a>(
    remote: &'a GitRemote,
    fetching: &Fetching<'_>,
) -> Result<(Place<'a>, Advertised), SourceError> {
    match remote {
        GitRemote::Local(path) => {
            let repository = open_local(path, fetching.shown)?;
            let advertised = Advertised::of(&repository).map_err(|error| git_failed(fetching.shown, &error))?;
            Ok((Place::Here(repository), advertised))
        }
        GitRemote::Elsewhere(connection) => {
            let meter = Meter::new(fetching.shown.to_owned(), fetching.deadline);
            let advertised = list(connection, &meter, fetching)?;
            Ok((Place::There { connection, meter }, advertised))
        }
    }
}

fn fetch_one(
    place: &Place<'_>,
    advertised: &Advertised,
    ask: &GitAsk,
    fetching: &Fetching<'_>,
) -> Result<GitFetched, SourceError> {
    let (version, branch) = (ask.version.as_deref(), ask.branch.as_deref());
    check_names(version, branch)?;
    let wanted = match &ask.locked {
        Some(commit) => advertised.find(Some(commit), None, fetching.shown)?,
        None => advertised.find(version, branch, fetching.shown)?,
    };
    let reference = match &wanted {
        Wanted::Ref { name, .. } if ask.locked.is_none() && !ask.names_commit() => Some(name.clone()),
        _ => None,
    };
    let store = open_bare(fetching.store).map_err(|error| store_failed(fetching.store, &error))?;
    let before = ask.before.as_deref().and_then(|id| Oid::from_str(id).ok());
    if let Some(fetched) = at_hand(&wanted, &store, reference.as_ref(), fetching) {
        return fetched
            .map(|fetched| GitFetched { rewritten: is_rewritten(place, before, Some(fetched.commit)), ..fetched });
    }
    let taken = match place {
        Place::Here(repository) => take_here(repository, &wanted, &store, fetching),
        Place::There { connection, meter } => {
            let hint = ask.locked.as_ref().and_then(|_| match advertised.find(version, branch, fetching.shown) {
                Ok(Wanted::Ref { name, .. }) => Some(name),
                _ => None,
            });
            take_there(connection, meter, &wanted, hint.as_deref(), &store, fetching)
        }
    };
    let commit = taken.map_err(|error| explain(error, ask, advertised, fetching.shown))?;
    // The new pack must be seen.
    let store = open_bare(fetching.store).map_err(|error| store_failed(fetching.store, &error))?;
    let tree =
        store.find_commit(commit).map(|commit| commit.tree_id()).map_err(|error| git_failed(fetching.shown, &error))?;
    let census = census(&store, tree, fetching.shown)?;
    Ok(GitFetched { reference, rewritten: is_rewritten(place, before, Some(commit)), commit, tree, census })
}

/// The commit that is wanted, when the store has it already.
fn at_hand(
    wanted: &Wanted,
    store: &Repository,
    reference: Option<&String>,
    fetching: &Fetching<'_>,
) -> Option<Result<GitFetched, SourceError>> {
    let id = match wanted {
        Wanted::Ref { commit, .. } | Wanted::Commit(commit) => *commit,
        Wanted::Prefix(_) => return None,
    };
    let tree = store.find_commit(id).ok()?.tree_id();
    Some(census(store, tree, fetching.shown).map(|census| GitFetched {
        reference: reference.cloned(),
        rewritten: false,
        commit: id,
        tree,
        census,
    }))
}

/// A commit that cannot be had: say so in the words of what was asked.
fn explain(missing: Missing, ask: &GitAsk, advertised: &Advertised, shown: &str) -> SourceError {
    let wanted = match missing {
        Missing::Failed(error) => return error,
        Missing::Commit(wanted) => wanted,
    };
    if let Some(commit) = &ask.locked {
        let now = match advertised.find(ask.version.as_deref(), ask.branch.as_deref(), shown) {
            Ok(Wanted::Ref { name, commit }) => format!("; `{}` now means {commit}", foreign(&name)),
            _ => String::new(),
        };
        let message = format!("the locked commit {commit} is no longer in {shown}: its history was rewritten{now}");
        return SourceError::policy(NOT_FOUND, message).help("run `kiln update` if that is intended");
    }
    let message = format!("there is no commit `{wanted}` in {shown}: not found");
    SourceError::new(NOT_FOUND, message).about(About::Version).help("name a full commit id, a tag or a branch")
}

/// Why a commit was not taken.
enum Missing {
    /// The repository does not have it.
    Commit(String),
    /// Something else.
    Failed(SourceError),
}

impl From<SourceError> for Missing {
    fn from(error: SourceError) -> Self {
        Self::Failed(error)
    }
}

/// Opens a local repository, tolerating `.git` at the end of its path or its lack.
pub(super) fn open_local(path: &Path, shown: &str) -> Result<Repository, SourceError> {
    let mut candidates = vec![path.to_owned()];
    match path.extension() {
        Some(extension) if extension == "git" => candidates.push(path.with_extension("")),
        _ => {
            let mut with = path.as_os_str().to_owned();
            with.push(".git");
            candidates.push(with.into());
        }
    }
    let mut first = None;
    for candidate in candidates {
        match open_bare(&candidate) {
            Ok(repository) => return Ok(repository),
            Err(error) => first = first.or(Some(error)),
        }
    }
    let words = first.map(|error| foreign(error.message())).unwrap_or_default();
    Err(SourceError::world(NOT_FOUND, format!("{shown} is no git repository: {words}")).help("check the path"))
}

fn take_here(from: &Repository, wanted: &Wanted, store: &Repository, fetching: &Fetching<'_>) -> Result<Oid, Missing> {
    let commit = find_here(from, wanted, fetching.shown)?;
    survey(from, commit, fetching.shown)?;
    let bytes = copy_commit(from, commit, store).map_err(|error| git_failed(fetching.shown, &error))?;
    progress::arrived(bytes);
    Ok(commit)
}

/// The commit in a repository that has everything it will ever have.
fn find_here(from: &Repository, wanted: &Wanted, shown: &str) -> Result<Oid, Missing> {
    let peel = |id: Oid| {
        from.find_object(id, None)
            .and_then(|object| object.peel(ObjectType::Commit))
            .map(|commit| commit.id())
            .map_err(|_| Missing::Commit(id.to_string()))
    };
    match wanted {
        Wanted::Ref { commit, .. } => Ok(*commit),
        Wanted::Commit(id) => peel(*id),
        Wanted::Prefix(prefix) => {
            let found = from.revparse_single(prefix).and_then(|object| object.peel(ObjectType::Commit));
            match found {
                Ok(commit) => Ok(commit.id()),
                Err(error) if error.code() == git2::ErrorCode::Ambiguous => {
                    let message = format!("the short commit id `{prefix}` is ambiguous in {shown}");
                    Err(SourceError::new(NOT_FOUND, message).about(About::Version).help("write the full id").into())
                }
                Err(_) => Err(Missing::Commit(prefix.clone())),
            }
        }
    }
}

/// Asks a remote what it has.
fn list(connection: &Connection, meter: &Meter, fetching: &Fetching<'_>) -> Result<Advertised, SourceError> {
    let scratch = temporary(fetching)?;
    let repository = create_bare(scratch.path()).map_err(|error| store_failed(scratch.path(), &error))?;
    let listed = within(connection, meter, || -> Result<Advertised, git2::Error> {
        let mut remote = repository.remote_anonymous(REMOTE_URL)?;
        remote.connect(Direction::Fetch)?;
        let mut found = Advertised::default();
        for head in remote.list()? {
            match head.name() {
                "HEAD" => {
                    found.head = Some(head.oid());
                    found.head_target = head.symref_target().map(str::to_owned);
                }
                // A tag object is followed by the commit that it means.
                name => {
                    found.refs.insert(name.strip_suffix("^{}").unwrap_or(name).to_owned(), head.oid());
                }
            }
        }
        remote.disconnect()?;
        Ok(found)
    });
    listed.map_err(|error| remote_failed(meter, fetching.shown, &error))
}

/// Takes a commit from a remote by the cheapest way that its server goes along with: the one commit, the
/// ref alone with its history, everything.
fn take_there(
    connection: &Connection,
    meter: &Meter,
    wanted: &Wanted,
    hint: Option<&str>,
    store: &Repository,
    fetching: &Fetching<'_>,
) -> Result<Oid, Missing> {
    let remote = Remote { connection, meter, fetching };
    let shallow = match wanted {
        Wanted::Ref { name, commit } => remote.take_shallow(name, *commit, store),
        Wanted::Commit(id) => remote.take_shallow(&id.to_string(), *id, store),
        Wanted::Prefix(_) => Err(Refused::ByServer),
    };
    match shallow {
        Ok(commit) => return Ok(commit),
        Err(Refused::Failed(error)) => return Err(error.into()),
        // Many servers hand out only what a ref points at, and some nothing without its history.
        Err(Refused::ByServer) => {}
    }
    let name = match wanted {
        Wanted::Ref { name, .. } => Some(name.as_str()),
        Wanted::Commit(_) | Wanted::Prefix(_) => hint,
    };
    if let Some(name) = name {
        match remote.take_from(&[format!("+{name}:{PIN_REF}")], wanted, store) {
            Err(Missing::Commit(_)) => {}
            taken => return taken,
        }
    }
    let all = ["+refs/heads/*:refs/heads/*".to_owned(), "+refs/tags/*:refs/tags/*".to_owned()];
    remote.take_from(&all, wanted, store)
}

/// A remote that commits are taken from.
struct Remote<'a> {
    connection: &'a Connection,
    meter: &'a Meter,
    fetching: &'a Fetching<'a>,
}

/// Why a cheap way does not work.
enum Refused {
    /// The server does not go along; there are others.
    ByServer,
    /// No way will work.
    Failed(SourceError),
}

impl From<SourceError> for Refused {
    fn from(error: SourceError) -> Self {
        Self::Failed(error)
    }
}

impl Remote<'_> {
    /// Fetches one commit without history, by a ref or its id, and moves its pack into the store.
    fn take_shallow(&self, name: &str, expected: Oid, store: &Repository) -> Result<Oid, Refused> {
        let fetching = self.fetching;
        let scratch = temporary(fetching)?;
        let repository = create_bare(scratch.path()).map_err(|error| store_failed(scratch.path(), &error))?;
        if self.download(&repository, &[format!("+{name}:{PIN_REF}")], 1).is_err() {
            return Err(self.meter.failure().map_or(Refused::ByServer, Refused::Failed));
        }
        let commit = repository
            .find_reference(PIN_REF)
            .and_then(|reference| reference.peel_to_commit())
            .map_err(|_| {
                let message = format!("`{}` of {} is no commit", foreign(name), fetching.shown);
                SourceError::new(NOT_FOUND, message)
                    .about(About::Version)
                    .help("name a commit, a tag of one, or a branch")
            })?
            .id();
        if commit != expected {
            return Err(other_commit(fetching.shown, expected, commit).into());
        }
        let (from, into) = (repository.path().join("objects/pack"), store.path().join("objects/pack"));
        move_packs(&from, &into).map_err(|error| {
            SourceError::world(STORE, format!("cannot write to the store `{}`: {error}", into.display()))
        })?;
        Ok(commit)
    }

    /// Fetches refs with their history and keeps one commit of it.
    fn take_from(&self, refspecs: &[String], wanted: &Wanted, store: &Repository) -> Result<Oid, Missing> {
        let fetching = self.fetching;
        let scratch = temporary(fetching)?;
        let repository = create_bare(scratch.path()).map_err(|error| store_failed(scratch.path(), &error))?;
        self.download(&repository, refspecs, 0).map_err(|error| match wanted {
            Wanted::Ref { commit, .. } | Wanted::Commit(commit)
                if is_other(&error) && self.meter.failure().is_none() =>
            {
                SourceError::policy(CORRUPT, format!("{} does not send commit {commit}, but another", fetching.shown))
                    .help("try again; if it stays, do not trust this server")
            }
            _ => remote_failed(self.meter, fetching.shown, &error),
        })?;
        let commit = match wanted {
            // What the ref meant when the refs were listed; by now it may have moved on.
            Wanted::Ref { commit, .. } => find_here(&repository, &Wanted::Commit(*commit), fetching.shown)?,
            Wanted::Commit(_) | Wanted::Prefix(_) => find_here(&repository, wanted, fetching.shown)?,
        };
        survey(&repository, commit, fetching.shown)?;
        copy_commit(&repository, commit, store).map_err(|error| git_failed(fetching.shown, &error))?;
        Ok(commit)
    }

    fn download(&self, into: &Repository, refspecs: &[String], depth: i32) -> Result<(), git2::Error> {
        self.meter.expect(if depth > 0 { MAX_UNPACKED } else { MAX_HISTORY });
        within(self.connection, self.meter, || {
            let mut callbacks = RemoteCallbacks::new();
            callbacks.transfer_progress(|progress| {
                self.meter.remaining().is_ok() && self.meter.admits(progress.total_objects())
            });
            let mut options = FetchOptions::new();
            options.remote_callbacks(callbacks).download_tags(AutotagOption::None).update_fetchhead(false);
            if depth > 0 {
                options.depth(depth);
            }
            into.remote_anonymous(REMOTE_URL)?.fetch(refspecs, Some(&mut options), None)
        })
    }
}

/// Whether libgit2 misses a commit in the pack that a server sent for it.
fn is_other(error: &git2::Error) -> bool {
    error.class() == git2::ErrorClass::Reference && error.message().contains("target OID")
}

/// A server that sends something else than what it was asked for.
fn other_commit(shown: &str, expected: Oid, found: Oid) -> SourceError {
    let message = format!("{shown} sends another commit than the one asked for: expected {expected}, found {found}");
    SourceError::policy(CORRUPT, message).help("try again; if it stays, do not trust this server")
}

/// Holds a commit against the limits before its files are read.
fn survey(repository: &Repository, commit: Oid, shown: &str) -> Result<(), SourceError> {
    let tree = repository.find_commit(commit).map_err(|error| git_failed(shown, &error))?.tree_id();
    measure(repository, tree, shown)
}

/// Moves packs, the content before its index, so that a pack that is found is whole.
fn move_packs(from: &Path, into: &Path) -> std::io::Result<()> {
    fs::create_dir_all(into)?;
    let mut files: Vec<PathBuf> = list_folder(from)?.into_iter().map(|listed| from.join(listed.name)).collect();
    files.sort_by_key(|file| file.extension().is_some_and(|extension| extension == "idx"));
    for file in files {
        if let Some(name) = file.file_name() {
            fs::rename(&file, into.join(name))?;
        }
    }
    Ok(())
}

fn temporary(fetching: &Fetching<'_>) -> Result<TemporaryFolder, SourceError> {
    TemporaryFolder::below(fetching.scratch, "fetch-").map_err(|error| {
        SourceError::world(STORE, format!("cannot write to the store `{}`: {error}", fetching.scratch.display()))
    })
}

fn remote_failed(meter: &Meter, shown: &str, error: &git2::Error) -> SourceError {
    meter.failure().unwrap_or_else(|| git_failed(shown, error))
}

fn git_failed(shown: &str, error: &git2::Error) -> SourceError {
    SourceError::world(UNREACHABLE, format!("the git remote {shown}: {}", foreign(error.message())))
}

fn store_failed(path: &Path, error: &git2::Error) -> SourceError {
    SourceError::world(STORE, format!("the store `{}`: {}", path.display(), foreign(error.message())))
}
