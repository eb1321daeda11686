//! `publish.yaml`: where generated files are committed, and by which rules.
//!
//! In: the project's folder ([`load_publish`]). Out: a [`PublishFile`], valid by itself. Whether the
//! repository exists, and which clusters there are, is for others to say.

mod file;
mod read;

pub use file::{Author, CommitRules, DeleteLimits, Layout, Mode, PublishFile, SecretRule, Split, fill_folder};
pub use read::{PUBLISH_FILE, load_publish, parse_owner};

#[cfg(test)]
mod tests;
