use std::fs::{self, File};
use std::path::{Path, PathBuf};

use git2::{Oid, Repository};

use crate::diag::{Blame, Code, Diagnostic};
use crate::source::{TemporaryFolder, create_bare, list_folder, open_bare, remove_folder, sha256_hex};

const CACHE: Code = Code("publish.cache");
/// So many packs are enough: then the cache starts again.
const MOST_PACKS: usize = 64;

/// Objects of a repository that is published to, and new ones for it: `.kiln/publish/<digest of its name>`.
/// Nothing in it is needed: it is made anew when it is broken, and another process that uses it at this moment
/// makes this one work in a folder of its own.
pub(super) struct Cache {
    pub repository: Repository,
    /// Held as long as the cache is used.
    _lock: Option<File>,
    /// A folder that goes away with this.
    _own: Option<TemporaryFolder>,
}

impl Cache {
    /// Opens the cache for a target below a folder.
    pub fn open(folder: &Path, target: &str, kind: &str) -> Result<Self, Diagnostic> {
        let name = format!("{}{kind}", &sha256_hex(target.as_bytes())[..16]);
        let place = folder.join(&name);
        let failed = |place: &Path, why: &str| {
            let message = format!("the cache `{}` cannot be used: {why}", place.display());
            Diagnostic::error(CACHE, message).blame(Blame::World).help("free some space, or remove the folder")
        };
        fs::create_dir_all(folder).map_err(|error| failed(folder, &error.to_string()))?;
        ignore(folder);
        let path = folder.join(format!("{name}.lock"));
        let lock = File::options().create(true).truncate(false).write(true).open(&path);
        let lock = lock.map_err(|error| failed(&path, &error.to_string()))?;
        if lock.try_lock().is_err() {
            let own = TemporaryFolder::below(folder, "own-");
            let own = own.map_err(|error| failed(folder, &error.to_string()))?;
            let repository = create_bare(own.path()).map_err(|error| failed(own.path(), error.message()))?;
            return Ok(Self { repository, _lock: None, _own: Some(own) });
        }
        let repository = match open_bare(&place) {
            Ok(repository) if is_sound(&repository) => repository,
            _ => Self::start_again(&place).map_err(|why| failed(&place, &why))?,
        };
        Ok(Self { repository, _lock: Some(lock), _own: None })
    }

    fn start_again(place: &Path) -> Result<Repository, String> {
        remove_folder(place).map_err(|error| error.to_string())?;
        create_bare(place).map_err(|error| error.message().to_owned())
    }

    /// Commits that are there with all that they hold, so that they are not fetched again.
    pub fn whole(&self) -> Vec<Oid> {
        let refs = self.repository.references_glob("refs/kiln/have/*");
        refs.into_iter().flatten().filter_map(|reference| reference.ok()?.target()).collect()
    }

    /// Remembers such a commit, in place of the one before of this name.
    pub fn remember(&self, name: &[u8], commit: Oid) {
        let name = format!("refs/kiln/have/{}", &sha256_hex(name)[..16]);
        // Without it the next run fetches more than it has to.
        let _ = self.repository.reference(&name, commit, true, "");
    }

    /// Throws away what was kept: it turned out to be broken.
    pub fn renew(self) -> Result<Self, Diagnostic> {
        let place: PathBuf = self.repository.path().to_owned();
        let Self { repository, _lock, _own } = self;
        drop(repository);
        let failed = |why: String| {
            let message = format!("the cache `{}` cannot be used: {why}", place.display());
            Diagnostic::error(CACHE, message).blame(Blame::World)
        };
        let repository = Self::start_again(&place).map_err(failed)?;
        Ok(Self { repository, _lock, _own })
    }
}

/// Whether a cache can be used: its folders are there, and not too many packs.
fn is_sound(repository: &Repository) -> bool {
    let packs = list_folder(&repository.path().join("objects/pack"));
    let few = packs.is_ok_and(|packs| packs.len() < 2 * MOST_PACKS);
    few && repository.is_bare() && repository.odb().is_ok()
}

/// Keeps the folder out of the project's repository.
fn ignore(folder: &Path) {
    let Some(state) = folder.ancestors().find(|above| above.file_name().is_some_and(|name| name == ".kiln")) else {
        return;
    };
    let file = state.join(".gitignore");
    if !file.exists() {
        // Only a courtesy: what git sees there harms nobody.
        let _ = fs::write(file, "*\n");
    }
}
