use clap::Args;

use crate::diag::{Blame, Code, Diagnostic, Reported, Sink};
use crate::source::Overrides;

/// Folders that stand for sources.
#[derive(Debug, Clone, Default, Args)]
pub struct OverrideArgs {
    /// A folder that stands for a source, such as `github.com/org/stack=../stack`. May be repeated
    #[arg(long = "override", value_name = "SOURCE=DIR", env = "KILN_OVERRIDE", value_delimiter = ',')]
    pub overrides: Vec<String>,
}

impl OverrideArgs {
    /// The overrides; there may be none where the lock must be followed to the letter.
    pub fn read(&self, locked: bool, sink: &mut Sink) -> Result<Overrides, Reported> {
        let mut refuse = |message: String, help: &str| {
            Err(sink.fail(Diagnostic::error(Code("usage.override"), message).blame(Blame::Usage).help(help)))
        };
        let overrides = match Overrides::parse(self.overrides.iter().map(String::as_str)) {
            Ok(overrides) => overrides,
            Err(why) => return refuse(why, "write it like `github.com/org/stack=../stack`"),
        };
        if locked && !overrides.is_empty() {
            let message = "`--override` cannot go together with `--locked` or `--frozen`".to_owned();
            return refuse(message, "a folder that stands for a source is not what the lock pins");
        }
        // Said once, not for every component that asks for it.
        if let Some(gone) = overrides.rules().iter().find(|rule| !rule.folder.exists()) {
            let message = format!("`{}`, which is to stand for {}, does not exist", gone.folder.display(), gone.source);
            return refuse(message, "check the path; it starts at the current directory");
        }
        Ok(overrides)
    }
}
