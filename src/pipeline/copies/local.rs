use std::path::Path;

use crate::diag::{Reported, Sink};
use crate::output::{ChangeSet, Contents, CopyNote, CopyRule, Hold, OutputSet, Target, Unwanted, WriteOptions};
use crate::pipeline::generate::output_root;
use crate::pipeline::stages::not_written;
use crate::pipeline::{GenerateOptions, Project};

use super::{CopyTerms, Copying};

/// A copy that was removed, or would be.
#[derive(Debug)]
pub struct PrunedCopy {
    /// Its folder below the root of generated trees, or its name.
    pub name: String,
    /// Why.
    pub why: Unwanted,
    /// What goes away; files that are not kiln's stay.
    pub changes: ChangeSet,
}

/// Records which generated folders are copies: names of folders below the root, and what each is a copy of.
///
/// # Errors
/// When a record cannot be written.
pub fn record_copies<'a>(
    root: &Path,
    made: impl IntoIterator<Item = (&'a str, &'a str)>,
    copying: &Copying,
    terms: &CopyTerms,
    sink: &mut Sink,
) -> Result<(), Reported> {
    for (folder, of) in made {
        let recorded = Target::new(root, folder).record_copy(&copying.note(of, terms));
        recorded.map_err(|error| sink.fail(not_written(&error)))?;
    }
    Ok(())
}

/// Removes the generated folders of copies that nobody wants any more.
///
/// # Errors
/// When a folder cannot be read or written.
pub fn prune_copies(
    project: &Project,
    options: &GenerateOptions,
    rule: &CopyRule,
    sink: &mut Sink,
) -> Result<Vec<PrunedCopy>, Reported> {
    let root = output_root(project, options, sink)?;
    let unwanted = |(target, note): (Target, CopyNote)| Some((target, rule.judge(&note)?));
    let found: Vec<(Target, Unwanted)> = Target::copies(&root).into_iter().filter_map(unwanted).collect();
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let targets: Vec<Target> = found.iter().map(|(target, _)| target.clone()).collect();
    let hold = if options.dry_run { Ok(None) } else { Hold::of(&root, &targets).map(Some) };
    let _hold = hold.map_err(|error| sink.fail(not_written(&error)))?;
    let mut pruned = Vec::with_capacity(found.len());
    for (target, why) in found {
        let nothing = OutputSet::new();
        let changes = match options.dry_run {
            true => target.compare(&nothing, options.contents),
            false => target
                .stage(&nothing, WriteOptions { sync: options.sync, contents: Contents::Dropped })
                .and_then(|staged| staged.commit())
                .and_then(|changes| target.remove_if_empty().map(|()| changes))
                .and_then(|changes| target.forget_copy().map(|()| changes)),
        };
        let changes = changes.map_err(|error| sink.fail(not_written(&error)))?;
        pruned.push(PrunedCopy { name: target.name().to_owned(), why, changes });
    }
    Ok(pruned)
}
