use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use git2::{ErrorCode, Oid, Repository, Signature, Time, Transaction};

use super::objects;
use super::{PushOutcome, RefUpdate, Refusal};
use crate::source::error::{STORE, SourceError, foreign};
use crate::source::git::pack::write_pack;

/// Hooks that have a say when a repository is pushed to.
const HOOKS: [&str; 7] = [
    "pre-receive",
    "update",
    "post-receive",
    "post-update",
    "reference-transaction",
    "proc-receive",
    "push-to-checkout",
];

/// Variables that would make git work on another repository than the one that is named.
const MISLEADING: [&str; 8] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_QUARANTINE_PATH",
];

/// Whether a repository has hooks, or settings for what it receives: these only git itself heeds.
pub(super) fn has_a_say(repository: &Repository) -> bool {
    let hooks = repository.commondir().join("hooks");
    if HOOKS.iter().any(|hook| is_executable(&hooks.join(hook))) {
        return true;
    }
    let Ok(config) = repository.config() else { return false };
    let names = "^(receive\\..*|transfer\\..*|core\\.hookspath|extensions\\.(refstorage|objectformat))$";
    config.entries(Some(names)).is_ok_and(|mut entries| matches!(entries.next(), Some(Ok(_))))
}

#[cfg(unix)]
fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(file: &Path) -> bool {
    file.is_file()
}

/// The program that receives what is pushed to a repository on this machine.
pub(super) fn receive_pack(repository: &Repository) -> Command {
    let mut command = Command::new("git");
    MISLEADING.iter().for_each(|name| {
        command.env_remove(name);
    });
    command.arg("receive-pack").arg("--").arg(repository.path());
    command
}

/// Moves refs of a repository on this machine, all or none: their locks are taken first, then they are
/// compared, then moved.
pub(super) fn push(
    from: &Repository,
    into: &Repository,
    updates: &[RefUpdate],
    shown: &str,
) -> Result<PushOutcome, SourceError> {
    let failed = |error: git2::Error| SourceError::world(STORE, format!("{shown}: {}", foreign(error.message())));
    if let Some(name) = checked_out(into).filter(|head| updates.iter().any(|update| update.name == *head)) {
        let said = format!("{name}: the branch is checked out in {shown}");
        return Ok(PushOutcome::Refused(Refusal { refs: vec![name], said }));
    }
    let known: HashSet<Oid> = into
        .references()
        .and_then(|refs| refs.map(|reference| reference.map(|reference| reference.target())).collect())
        .map(|targets: Vec<Option<Oid>>| targets.into_iter().flatten().collect())
        .map_err(failed)?;
    let wanted: Vec<Oid> = updates.iter().filter_map(|update| update.new).collect();
    let objects = objects::missing(from, &wanted, &known).map_err(failed)?;
    if !objects.is_empty() {
        let (source, target) = (from.odb().map_err(failed)?, into.odb().map_err(failed)?);
        write_pack(&target, &objects, |id| {
            let object = source.read(*id)?;
            Ok::<_, git2::Error>((object.kind(), object.data().to_vec()))
        })
        .map_err(failed)?;
    }
    move_refs(into, updates).or_else(|error| match error.code() {
        // Another process holds the lock: it is moving the ref.
        ErrorCode::Locked | ErrorCode::Exists | ErrorCode::Modified => {
            Ok(PushOutcome::Contended { said: foreign(error.message()) })
        }
        _ => Err(failed(error)),
    })
}

fn move_refs(into: &Repository, updates: &[RefUpdate]) -> Result<PushOutcome, git2::Error> {
    updates.iter().for_each(|update| remove_left(into, &update.name));
    let mut transaction = into.transaction()?;
    updates.iter().try_for_each(|update| transaction.lock_ref(&update.name))?;
    for update in updates {
        if target(into, &update.name)? != update.old {
            return Ok(PushOutcome::Contended { said: format!("`{}` has moved", foreign(&update.name)) });
        }
    }
    for update in updates {
        set(&mut transaction, &update.name, update.new)?;
    }
    // All refs are locked: what fails now is the system's fault, after some refs may have moved.
    transaction.commit().map_or_else(|error| undo(into, updates, error), |()| Ok(PushOutcome::Pushed))
}

/// What a ref points at.
fn target(into: &Repository, name: &str) -> Result<Option<Oid>, git2::Error> {
    match into.find_reference(name) {
        Ok(reference) => Ok(reference.target()),
        Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn set(transaction: &mut Transaction<'_>, name: &str, to: Option<Oid>) -> Result<(), git2::Error> {
    // Of a log that few repositories keep.
    let who = Signature::new("kiln", "kiln@localhost", &Time::new(0, 0))?;
    match to {
        Some(id) => transaction.set_target(name, id, Some(&who), "push"),
        None => transaction.remove(name),
    }
}

/// Moves refs back of a push that failed half way. Where even that fails, those that did not move are as if they
/// had been refused.
fn undo(into: &Repository, updates: &[RefUpdate], error: git2::Error) -> Result<PushOutcome, git2::Error> {
    let has_moved =
        |update: &&RefUpdate| update.old != update.new && target(into, &update.name).is_ok_and(|now| now == update.new);
    for update in updates.iter().filter(has_moved) {
        let back = || -> Result<(), git2::Error> {
            let mut transaction = into.transaction()?;
            transaction.lock_ref(&update.name)?;
            // Somebody may have gone on from there.
            if has_moved(&update) {
                set(&mut transaction, &update.name, update.old)?;
            }
            transaction.commit()
        };
        // What stays is looked at below.
        let _ = back();
    }
    if !updates.iter().any(|update| has_moved(&update)) {
        return Err(error);
    }
    let refs = updates.iter().filter(|update| !has_moved(update)).map(|update| update.name.clone()).collect();
    Ok(PushOutcome::Refused(Refusal { refs, said: foreign(error.message()) }))
}

/// Moving a ref takes milliseconds: a lock this old was left by a process that was killed.
const LEFT: Duration = Duration::from_secs(5);

/// Removes the lock of a ref that a killed process left. Nobody else would, and nothing could be pushed any more.
fn remove_left(into: &Repository, name: &str) {
    let lock = into.commondir().join(format!("{name}.lock"));
    let age = fs::symlink_metadata(&lock).and_then(|meta| meta.modified()).ok().and_then(|made| made.elapsed().ok());
    if age.is_some_and(|age| age > LEFT) {
        let _ = fs::remove_file(&lock);
    }
}

/// The branch whose files stand in the repository's work tree.
fn checked_out(repository: &Repository) -> Option<String> {
    if repository.is_bare() {
        return None;
    }
    repository.find_reference("HEAD").ok()?.symbolic_target().ok().flatten().map(str::to_owned)
}
