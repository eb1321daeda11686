use std::path::Path;
use std::sync::OnceLock;

use git2::{ConfigLevel, Repository, RepositoryInitOptions, RepositoryOpenFlags};

use super::transport;

/// Prepares libgit2 once: our transport, no configuration from the machine, no owner check.
pub(in crate::source) fn prepare() -> Result<(), git2::Error> {
    static DONE: OnceLock<Result<(), String>> = OnceLock::new();
    let done = DONE.get_or_init(|| initialise().map_err(|error| error.message().to_owned()));
    done.clone().map_err(|message| git2::Error::from_str(&message))
}

#[allow(unsafe_code)]
fn initialise() -> Result<(), git2::Error> {
    for level in [ConfigLevel::System, ConfigLevel::XDG, ConfigLevel::Global, ConfigLevel::ProgramData] {
        // SAFETY: these set process-wide options and must not run beside other uses of libgit2. They
        // run once, and every use of libgit2 in this program calls `prepare` first.
        unsafe { git2::opts::set_search_path(level, "")? };
    }
    // Only objects are read from repositories, nothing that they could configure is run, so it does
    // not matter who owns them; mounted mirrors and stores often belong to somebody else.
    // SAFETY: as above.
    unsafe { git2::opts::set_verify_owner_validation(false)? };
    transport::register()
}

/// Opens a repository's folder (bare, or with a `.git` in it) as it stands, without searching upwards.
///
/// # Errors
/// When there is no repository.
pub fn open_bare(path: &Path) -> Result<Repository, git2::Error> {
    prepare()?;
    let flags = RepositoryOpenFlags::NO_SEARCH | RepositoryOpenFlags::CROSS_FS;
    Repository::open_ext(path, flags, std::iter::empty::<&Path>())
}

/// Makes an empty bare repository without templates.
///
/// # Errors
/// When it cannot be made, or there is one already.
pub fn create_bare(path: &Path) -> Result<Repository, git2::Error> {
    prepare()?;
    let mut options = RepositoryInitOptions::new();
    options.bare(true).external_template(false).mkpath(true).no_reinit(false);
    Repository::init_opts(path, &options)
}
