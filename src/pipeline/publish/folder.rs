use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::diag::{Blame, Code, Diagnostic, Reported, Sink};
use crate::output::Contents;
use crate::output::publish::{FolderBase, PublishError, PublishState, pending_manifest};
use crate::source::write_atomically;

use super::BranchOutcome;
use super::put::{Putting, texts, unreadable};

const FOLDER: Code = Code("publish.folder");

impl Putting<'_> {
    /// Publishes into a folder on this machine: the same guards and owners as for a branch, and no commit.
    pub fn write_folder(&self, folder: &Path, sink: &mut Sink) -> Result<BranchOutcome, Reported> {
        let failed = |error: &PublishError| unreadable(error);
        let state_file = state_file(folder, &self.destinations.owner);
        let _lock = if self.options.dry_run { None } else { Some(hold(folder).map_err(|problem| sink.fail(problem))?) };
        let state = fs::read(&state_file).ok().and_then(|text| PublishState::parse(&text)).unwrap_or_default();
        let shown = format!("the folder `{}`", folder.display());
        self.newer(&self.before(&state, 0), &shown, sink);
        let base = FolderBase::open(folder).map_err(|error| sink.fail(failed(&error)))?;
        let (plan, owned, copies) = self.plan(0, &base, &shown, sink)?;
        sink.check()?;
        let mut outcome = self.outcome(0, &self.destinations.lanes[0], &plan);
        outcome.pruned.clone_from(&copies.gone);
        let manifests = self.manifests(&plan, &owned, &copies);
        outcome.changed = !plan.changes.is_empty() || !manifests.is_empty();
        if self.options.dry_run || self.options.contents == Contents::Kept {
            outcome.texts = texts(&base, &plan, self.objects).map_err(|error| sink.fail(failed(&error)))?;
        }
        if self.options.dry_run {
            return Ok(outcome);
        }
        if outcome.changed {
            let pending = pending_manifest(&self.destinations.owner, &plan.own, &self.destinations.root);
            base.follow(&plan, &pending, &manifests, self.objects).map_err(|error| sink.fail(failed(&error)))?;
        }
        if let Some(next) = self.after(&state, 0, &copies, None).filter(|next| *next != state) {
            write_atomically(&state_file, &next.text()).map_err(|error| {
                let message = format!("cannot write {}: {error}", state_file.display());
                sink.fail(Diagnostic::error(FOLDER, message).blame(Blame::World))
            })?;
        }
        Ok(outcome)
    }
}

/// Where the state of a folder is kept: in a working copy where git does not see it.
fn state_file(folder: &Path, owner: &str) -> PathBuf {
    let git = folder.join(".git");
    match git.is_dir() {
        true => git.join("kiln").join(format!("{owner}.state.json")),
        false => folder.join(".kiln").join("state").join(format!("{owner}.json")),
    }
}

/// Keeps other publishers out of a folder.
fn hold(folder: &Path) -> Result<File, Diagnostic> {
    let git = folder.join(".git");
    let place = if git.is_dir() { git.join("kiln") } else { folder.join(".kiln") };
    let failed = |error: std::io::Error| {
        let message = format!("cannot write to `{}`: {error}", folder.display());
        Diagnostic::error(FOLDER, message).blame(Blame::World).help("choose a folder that may be written")
    };
    fs::create_dir_all(&place).map_err(failed)?;
    let file = File::options().create(true).truncate(false).write(true).open(place.join("lock")).map_err(failed)?;
    file.lock().map_err(failed)?;
    Ok(file)
}
