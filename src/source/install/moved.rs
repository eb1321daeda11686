use crate::diag::{Code, Diagnostic};
use crate::source::error::foreign;
use crate::source::pin::Pin;
use crate::source::spec::SourceSpec;

/// What was pinned means something else now, though it should not.
const MOVED: Code = Code("source.moved");

/// Something that people take for fixed and that changed all the same: a tag that means another commit,
/// a version that was published again. Both ids are named.
pub(super) fn moved(spec: &SourceSpec, before: &Pin, now: &Pin) -> Option<Diagnostic> {
    let what = match (before, now) {
        (Pin::Git { reference: old, commit, .. }, Pin::Git { reference: new, commit: found, .. })
            if old == new && commit != found =>
        {
            let tag = new.as_deref()?.strip_prefix("refs/tags/")?;
            format!("the tag `{}` was moved: kiln.lock has commit {commit}, now it means {found}", foreign(tag))
        }
        (Pin::Chart { version: old, sha256, .. }, Pin::Chart { version: new, sha256: found, .. })
            if old == new && sha256 != found =>
        {
            format!(
                "version {} was published again with other content: kiln.lock has sha256:{sha256}, now it is sha256:{found}",
                foreign(new)
            )
        }
        _ => return None,
    };
    Some(Diagnostic::warning(MOVED, format!("{spec}: {what}")).help("ask its authors whether that was meant"))
}

/// The history that a branch was pinned in is no longer its history.
pub(super) fn rewritten(spec: &SourceSpec, before: &str, now: &str) -> Diagnostic {
    let message =
        format!("{spec}: the history was rewritten: kiln.lock has commit {before}, which {now} does not descend from");
    Diagnostic::warning(MOVED, message).help("ask its authors whether that was meant")
}
