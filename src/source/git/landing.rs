//! Edits of files as a commit on a branch.

use std::path::{Path, PathBuf};

use git2::build::TreeUpdateBuilder;
use git2::{FileMode, ObjectType, Oid, Repository, RepositoryOpenFlags, Signature, StatusOptions, Time};

use super::checkout::Checkout;
use super::follow::{follow_files, stand_as};
use super::push::{Attempt, PushOptions, PushOutcome, RefUpdate, RemoteRefs, Retries, Upstream, retried};
use super::setup::{create_bare, open_bare, prepare};
use super::sign::CommitSigner;
use super::tree::git_tree;
use crate::diag::{Blame, Code};
use crate::source::credentials::Environment;
use crate::source::error::{NOT_FOUND, STORE, SourceError, UNREACHABLE, foreign};
use crate::source::folder::TemporaryFolder;
use crate::source::install::FetchOptions;
use crate::source::tree::Tree;

const REFUSED: Code = Code("commit.refused");
const IN_THE_WAY: Code = Code("commit.in-the-way");
const NO_REPOSITORY: Code = Code("commit.no-repository");
const NO_BRANCH: Code = Code("commit.no-branch");

/// How edits are committed.
#[derive(Clone, Debug, Default)]
pub struct CommitWish {
    /// Who makes the commit, as `Name <address>`; git's configuration and environment when absent.
    pub author: Option<String>,
    /// Whether the commit is made on the remote's branch and sent there.
    pub push: bool,
    /// The remote's name or URL; that of the branch that is checked out when absent.
    pub remote: Option<String>,
    /// The remote's branch; that of the branch that is checked out when absent.
    pub branch: Option<String>,
    /// How often to try when others push too.
    pub retries: Retries,
}

/// Files with new content, and what the commit of them says.
#[derive(Clone, Debug, Default)]
pub struct CommitEdit {
    /// Paths below the folder that is edited, and what they shall hold.
    pub files: Vec<(String, Vec<u8>)>,
    /// The message.
    pub message: String,
}

/// A commit that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Landed {
    /// Its id.
    pub id: String,
    /// The branch that it is on.
    pub branch: String,
    /// Where it was pushed to; nothing when it was not.
    pub remote: Option<String>,
    /// Why the files on disk are left as they were, where they are.
    pub left: Option<String>,
}

/// Commits what `edit` makes of the files of a folder: on the commit that is checked out, or on the newest of
/// the remote's branch, where `edit` is asked again for each newer one that others pushed meanwhile. `None` when
/// it changes nothing. Files on disk follow where they are as they were committed.
///
/// # Errors
/// What `edit` fails with; when the folder is in no repository, the remote cannot be reached or refuses the commit.
pub fn land_edit<E: From<SourceError>>(
    folder: &Path,
    wish: &CommitWish,
    options: &FetchOptions,
    edit: &mut dyn FnMut(&Tree) -> Result<CommitEdit, E>,
) -> Result<Option<Landed>, E> {
    let local = Local::find(folder)?;
    let who = local.signature(wish, &options.environment)?;
    let signer = CommitSigner::of(Checkout::find(folder).as_ref(), &options.environment, None)?;
    let maker = Maker { who, signer };
    if wish.push { push(&local, &maker, wish, options, edit) } else { commit(&local, &maker, edit) }
}

/// Who makes commits, and signs them where git is configured to.
struct Maker {
    who: Signature<'static>,
    signer: Option<CommitSigner>,
}

/// The repository that a folder is part of.
struct Local {
    repository: Repository,
    work: PathBuf,
    /// The folder's path in it.
    prefix: String,
}

impl Local {
    fn find(folder: &Path) -> Result<Self, SourceError> {
        let none = || {
            let message = format!("`{}` is in no git repository", folder.display());
            SourceError::new(NO_REPOSITORY, message).help("leave out `--commit` and `--push`, or clone one")
        };
        prepare().map_err(|error| failed(&error))?;
        let folder = folder.canonicalize().map_err(|_| none())?;
        let repository = Repository::open_ext(&folder, RepositoryOpenFlags::CROSS_FS, std::iter::empty::<&Path>())
            .map_err(|_| none())?;
        let work = repository.workdir().and_then(|work| work.canonicalize().ok()).ok_or_else(none)?;
        let prefix = folder.strip_prefix(&work).map_err(|_| none())?;
        let prefix = prefix.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/");
        Ok(Self { repository, work, prefix })
    }

    /// The commit that is checked out.
    fn head(&self) -> Option<Oid> {
        self.repository.head().ok()?.peel_to_commit().ok().map(|commit| commit.id())
    }

    /// The branch that is checked out.
    fn branch(&self) -> Option<String> {
        let head = self.repository.find_reference("HEAD").ok()?;
        let name = head.symbolic_target().ok().flatten()?;
        name.strip_prefix("refs/heads/").map(str::to_owned)
    }

    fn setting(&self, name: &str) -> Option<String> {
        let config = self.repository.config().ok()?;
        config.get_string(name).ok().filter(|text| !text.is_empty())
    }

    fn signature(&self, wish: &CommitWish, environment: &Environment) -> Result<Signature<'static>, SourceError> {
        let whole = wish.author.as_deref().and_then(|author| {
            let (name, address) = author.strip_suffix('>')?.split_once('<')?;
            Some((name.trim().to_owned(), address.trim().to_owned()))
        });
        let user = environment.path("HOME").map(|home| home.join(".gitconfig"));
        let user = user.filter(|file| file.is_file()).and_then(|file| git2::Config::open(&file).ok());
        let part = |key: &str, variables: [&str; 2]| {
            let set = variables.iter().find_map(|name| environment.get(name)).map(str::to_owned);
            set.or_else(|| self.setting(key)).or_else(|| user.as_ref()?.get_string(key).ok())
        };
        let (name, address) = whole.unwrap_or_else(|| {
            let name = part("user.name", ["GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"]);
            let address = part("user.email", ["GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"]);
            (name.unwrap_or_else(|| "kiln".to_owned()), address.unwrap_or_else(|| "kiln@localhost".to_owned()))
        });
        let date = environment.get("SOURCE_DATE_EPOCH").and_then(|date| date.parse::<i64>().ok());
        let made = match date {
            Some(date) => Signature::new(&name, &address, &Time::new(date, 0)),
            None => Signature::now(&name, &address),
        };
        made.map_err(|_| {
            SourceError::new(NO_BRANCH, format!("`{name} <{address}>` cannot be the author of a commit"))
                .help("write it as `Name <address>`")
        })
    }

    fn in_repository(&self, path: &str) -> String {
        if self.prefix.is_empty() { path.to_owned() } else { format!("{}/{path}", self.prefix) }
    }

    /// The folder as a commit has it.
    fn folder_at(&self, repository: &Repository, commit: Oid) -> Result<Tree, SourceError> {
        let root = repository.find_commit(commit).and_then(|commit| commit.tree()).map_err(|error| failed(&error))?;
        // Paths are shown as they are below the folder, so that is where the tree begins.
        let id = match self.prefix.as_str() {
            "" => root.id(),
            prefix => match root.get_path(Path::new(prefix)) {
                Ok(entry) if entry.kind() == Some(ObjectType::Tree) => entry.id(),
                _ => return Err(in_the_way(prefix, "is no folder in the commit that is edited")),
            },
        };
        git_tree(repository.path().to_owned(), id, String::new()).map_err(|error| failed(&error))
    }

    /// Makes a commit on another one; `None` when it would change nothing.
    fn commit_on(
        &self,
        repository: &Repository,
        parent: Oid,
        edit: &CommitEdit,
        maker: &Maker,
    ) -> Result<Option<Oid>, SourceError> {
        let make = || -> Result<Result<Option<Oid>, SourceError>, git2::Error> {
            let parent = repository.find_commit(parent)?;
            let base = parent.tree()?;
            let mut update = TreeUpdateBuilder::new();
            for (path, content) in &edit.files {
                let path = self.in_repository(path);
                let mode = match base.get_path(Path::new(&path)) {
                    Ok(entry) if entry.kind() == Some(ObjectType::Blob) => entry.filemode(),
                    Ok(_) => return Ok(Err(in_the_way(&path, "is no file in the repository"))),
                    Err(_) => i32::from(FileMode::Blob),
                };
                let mode = match mode {
                    0o100_755 => FileMode::BlobExecutable,
                    0o120_000 => return Ok(Err(in_the_way(&path, "is a link; name the file that it leads to"))),
                    _ => FileMode::Blob,
                };
                update.upsert(path, repository.blob(content)?, mode);
            }
            let tree = update.create_updated(repository, &base)?;
            if tree == base.id() {
                return Ok(Ok(None));
            }
            let tree = repository.find_tree(tree)?;
            let message = format!("{}\n", edit.message.trim_end());
            let Maker { who, signer } = maker;
            let Some(signer) = signer else {
                return Ok(Ok(Some(repository.commit(None, who, who, &message, &tree, &[&parent])?)));
            };
            let buffer = repository.commit_create_buffer(who, who, &message, &tree, &[&parent])?;
            let text = String::from_utf8_lossy(&buffer).into_owned();
            Ok(match signer.sign(&text) {
                Ok(signature) => Ok(Some(repository.commit_signed(&text, signature.trim_end(), Some("gpgsig"))?)),
                Err(error) => Err(error),
            })
        };
        make().unwrap_or_else(|error| Err(failed(&error)))
    }

    /// Whether some file is not as it was committed, or is staged; files that git does not know do not count.
    fn is_dirty(&self, only: Option<&[String]>) -> Result<bool, SourceError> {
        let mut options = StatusOptions::new();
        options.include_untracked(only.is_some()).recurse_untracked_dirs(true).exclude_submodules(true);
        if let Some(only) = only {
            options.disable_pathspec_match(true);
            for path in only {
                options.pathspec(path);
            }
        }
        let statuses = self.repository.statuses(Some(&mut options)).map_err(|error| failed(&error))?;
        Ok(!statuses.is_empty())
    }
}

/// Commits on the commit that is checked out.
fn commit<E: From<SourceError>>(
    local: &Local,
    maker: &Maker,
    edit: &mut dyn FnMut(&Tree) -> Result<CommitEdit, E>,
) -> Result<Option<Landed>, E> {
    let Some(head) = local.head() else {
        let error = SourceError::new(NO_BRANCH, "the repository has no commit yet");
        return Err(error.help("make a first commit with git").into());
    };
    let repository = &local.repository;
    let edit = edit(&local.folder_at(repository, head)?)?;
    let paths: Vec<String> = edit.files.iter().map(|(path, _)| local.in_repository(path)).collect();
    if !paths.is_empty() && local.is_dirty(Some(&paths))? {
        return Err(in_the_way(&paths.join("`, `"), "has changes that are not committed").into());
    }
    let Some(id) = local.commit_on(repository, head, &edit, maker)? else { return Ok(None) };
    let settle = || -> Result<String, git2::Error> {
        let old = repository.find_commit(head)?.tree()?;
        if !follow_files(repository, &local.work, &old, &old, &repository.find_commit(id)?)? {
            return Err(git2::Error::from_str("files that git does not know are in the way"));
        }
        match local.branch() {
            Some(branch) => {
                let name = format!("refs/heads/{branch}");
                repository.reference_matching(&name, id, true, head, "kiln: edit")?;
                Ok(branch)
            }
            None => repository.set_head_detached(id).map(|()| "HEAD".to_owned()),
        }
    };
    let branch = settle().map_err(|error| failed(&error))?;
    Ok(Some(Landed { id: id.to_string(), branch, remote: None, left: None }))
}

/// Commits on the newest commit of the remote's branch, until the remote takes it.
fn push<E: From<SourceError>>(
    local: &Local,
    maker: &Maker,
    wish: &CommitWish,
    options: &FetchOptions,
    edit: &mut dyn FnMut(&Tree) -> Result<CommitEdit, E>,
) -> Result<Option<Landed>, E> {
    let Target { name, url, branch, own } = target(local, wish)?;
    let options = FetchOptions { project: local.work.clone(), ..options.clone() };
    let upstream = Upstream::open(&url, &options)?;
    let work = Workshop::open(local, upstream.folder())?;
    let shallow = local.repository.is_shallow();
    let known: Vec<Oid> = if shallow { Vec::new() } else { local.head().into_iter().collect() };
    let full = format!("refs/heads/{branch}");
    let made = retried(wish.retries, |_| {
        let refs = match upstream.folder() {
            // Its objects are read where they are.
            Some(_) => upstream.refs()?,
            None => {
                let wanted = |refs: &RemoteRefs| refs.get(&full).into_iter().collect();
                match upstream.newest(&work.repository, wanted, &known, shallow)? {
                    Attempt::Done(refs) => refs,
                    Attempt::Contended(said) => return Ok(Attempt::Contended(said)),
                }
            }
        };
        let Some(tip) = refs.get(&full) else {
            let message = format!("{} has no branch `{}`", upstream.shown(), branch.escape_debug());
            let error = SourceError::new(NOT_FOUND, message);
            return Err(error.help("name another with `--onto`, or push the branch first").into());
        };
        let edit = edit(&local.folder_at(&work.repository, tip)?)?;
        let Some(id) = local.commit_on(&work.repository, tip, &edit, maker)? else { return Ok(Attempt::Done(None)) };
        let update = RefUpdate::set(full.as_str(), Some(tip), id);
        match upstream.push(&work.repository, &[update], &PushOptions::default())? {
            PushOutcome::Pushed => Ok(Attempt::Done(Some((tip, id)))),
            PushOutcome::Contended { said } => Ok(Attempt::Contended(said)),
            PushOutcome::Refused(refusal) => {
                let message = format!("{} refuses the commit: {}", upstream.shown(), refusal.said.trim());
                let error = SourceError { blame: Blame::Target, ..SourceError::new(REFUSED, message) };
                Err(E::from(error.help("see its hooks and the protection of the branch")))
            }
        }
    })?;
    let Some((tip, id)) = made else { return Ok(None) };
    let tracking = name.map(|name| format!("refs/remotes/{name}/{branch}"));
    let left = follow(local, &work.repository, own, tip, id, tracking.as_deref())
        .unwrap_or_else(|error| Some(foreign(error.message())));
    Ok(Some(Landed { id: id.to_string(), branch, remote: Some(upstream.shown().to_owned()), left }))
}

/// Where a commit goes.
struct Target {
    /// The remote's name, unless only its URL is known.
    name: Option<String>,
    url: String,
    branch: String,
    /// Whether the branch that is checked out follows it.
    own: bool,
}

fn target(local: &Local, wish: &CommitWish) -> Result<Target, SourceError> {
    let here = local.branch();
    let setting = |key: &str| local.setting(&format!("branch.{}.{key}", here.as_deref()?));
    let upstream = setting("remote").filter(|name| name != ".");
    let name = wish.remote.clone().or_else(|| upstream.clone()).unwrap_or_else(|| "origin".to_owned());
    let (name, url) = match local.repository.find_remote(&name) {
        Ok(remote) => {
            let url = remote.pushurl().ok().flatten().or_else(|| remote.url().ok()).unwrap_or_default().to_owned();
            (Some(name), url)
        }
        Err(_) if wish.remote.is_some() && name.contains(['/', ':', '\\']) => (None, name),
        Err(_) => {
            let message = format!("the repository has no remote `{}`", name.escape_debug());
            return Err(SourceError::new(NO_BRANCH, message).help("name one, or a URL, with `--remote`"));
        }
    };
    let merged = setting("merge").and_then(|name| name.strip_prefix("refs/heads/").map(str::to_owned));
    let followed = merged.or_else(|| here.clone());
    let branch = match wish.branch.clone().or_else(|| followed.clone()) {
        Some(branch) if git2::Reference::is_valid_name(&format!("refs/heads/{branch}")) => branch,
        Some(branch) => {
            let message = format!("`{}` is not the name of a branch", branch.escape_debug());
            return Err(SourceError::new(NO_BRANCH, message));
        }
        None => {
            let error = SourceError::new(NO_BRANCH, "no branch is checked out, so that none is known to push to");
            return Err(error.help("name it with `--onto`"));
        }
    };
    let own = here.is_some() && followed.as_ref() == Some(&branch) && (upstream.is_none() || upstream == name);
    Ok(Target { name, url, branch, own })
}

/// A repository for new objects, which reads those of others where they are.
struct Workshop {
    repository: Repository,
    _folder: TemporaryFolder,
}

impl Workshop {
    fn open(local: &Local, upstream: Option<&Path>) -> Result<Self, SourceError> {
        let failed_at = |why: String| SourceError::world(STORE, format!("no temporary repository can be made: {why}"));
        let folder = TemporaryFolder::anywhere("kiln-").map_err(|error| failed_at(error.to_string()))?;
        let made = create_bare(folder.path()).map_err(|error| failed_at(foreign(error.message())))?;
        let mut objects = vec![local.repository.commondir().join("objects")];
        if let Some(upstream) = upstream {
            let remote = Repository::open(upstream).map_err(|error| {
                SourceError::world(UNREACHABLE, format!("`{}`: {}", upstream.display(), foreign(error.message())))
            })?;
            objects.push(remote.commondir().join("objects"));
        }
        let mut lines = String::new();
        for place in objects {
            let place = place.canonicalize().unwrap_or(place);
            // What others share with that repository.
            let shared = std::fs::read_to_string(place.join("info/alternates")).unwrap_or_default();
            let shared = shared.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
            for place in std::iter::once(place.clone()).chain(shared.map(|line| place.join(line))) {
                lines.push_str(&format!("{}\n", place.display()));
            }
        }
        let list = made.path().join("objects/info/alternates");
        let write = list.parent().map_or(Ok(()), std::fs::create_dir_all).and_then(|()| std::fs::write(&list, lines));
        write.map_err(|error| failed_at(error.to_string()))?;
        drop(made);
        let repository = open_bare(folder.path()).map_err(|error| failed_at(foreign(error.message())))?;
        Ok(Self { repository, _folder: folder })
    }
}

/// Moves the branch that is checked out, and the files on disk, to a commit that was pushed. Says why they
/// are left where they are.
fn follow(
    local: &Local,
    work: &Repository,
    own: bool,
    tip: Oid,
    id: Oid,
    tracking: Option<&str>,
) -> Result<Option<String>, git2::Error> {
    let left = |why: &str| Ok(Some(why.to_owned()));
    let repository = &local.repository;
    let Some(head) = local.head() else { return left("nothing is checked out") };
    if repository.is_shallow() && head != tip {
        return left("the clone is shallow, and others pushed meanwhile");
    }
    if head != tip && !work.graph_descendant_of(tip, head).unwrap_or(false) {
        return left("the branch has commits that are not pushed");
    }
    // What is new, as one pack.
    let mut walk = work.revwalk()?;
    walk.push(id)?;
    walk.hide(head)?;
    let mut pack = work.packbuilder()?;
    pack.insert_walk(&mut walk)?;
    let odb = repository.odb()?;
    let mut writer = odb.packwriter()?;
    pack.foreach(|bytes| std::io::Write::write_all(&mut writer, bytes).is_ok())?;
    writer.commit()?;
    if let Some(tracking) = tracking {
        repository.reference(tracking, id, true, "kiln: push")?;
    }
    if !own {
        return left("another branch is checked out");
    }
    let [old, newest] = [head, tip].map(|commit| repository.find_commit(commit).and_then(|commit| commit.tree()));
    let (old, newest) = (old?, newest?);
    let from = match local.is_dirty(None).unwrap_or(true) {
        false => &old,
        // A run that was killed when it had written the files, or somebody who made the same edit.
        true if stand_as(repository, &newest)? => &newest,
        true => return left("files have changes that are not committed"),
    };
    if !follow_files(repository, &local.work, from, &old, &repository.find_commit(id)?)? {
        return left("files that git does not know are in the way");
    }
    let head_ref = repository.find_reference("HEAD")?;
    if let Some(name) = head_ref.symbolic_target().ok().flatten() {
        repository.reference_matching(name, id, true, head, "kiln: fast-forward")?;
    }
    Ok(None)
}

fn in_the_way(path: &str, why: &str) -> SourceError {
    SourceError::new(IN_THE_WAY, format!("`{path}` {why}"))
}

fn failed(error: &git2::Error) -> SourceError {
    SourceError::world(STORE, format!("the repository: {}", foreign(error.message())))
}
