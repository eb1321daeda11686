use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::graphs::without_cluster;
use super::materials::Locked;
use crate::diag::{Blame, Code, Diagnostic, Reported, Sink};
use crate::jinja::expression::Variables;
use crate::source::{Keyring, LOCK_NAME, Lock, Overrides, Signatures, Store, Tree, Vendor};
use crate::stack::{Graph, ProjectFile, Reach, Reading, SignedSource, StackInput, load_project_file, resolve};
use crate::value::Frozen;

const STALE: Code = Code("vendor.stale");
const NO_FOLDER: Code = Code("project.no-folder");
const KEYRING: Code = Code("project.keyring");

/// A project on disk: the folder of a root component and what belongs to it.
pub struct Project {
    /// The folder.
    pub folder: PathBuf,
    /// The folder to read from; users see paths relative to it.
    pub tree: Tree,
    /// How it is read: whether there is a `kiln.yaml`.
    pub reading: Reading,
    /// What `kiln.yaml` says.
    pub file: ProjectFile,
    /// The lock, when there is one.
    pub lock: Option<Lock>,
    /// The fetched sources.
    pub store: Store,
    /// Whether the lock must answer for every fetched source, also for those kept beside components.
    pub locked: bool,
    /// Whether copies beside components that are not what the lock pins are taken all the same.
    pub lenient: bool,
    /// Folders that stand for sources.
    pub overrides: Overrides,
}

impl Project {
    /// Opens the project in `folder`; `store` is where fetched sources are kept, `.kiln/store` in
    /// the project when there is no such place.
    pub fn open(folder: &Path, store: Option<PathBuf>, sink: &mut Sink) -> Result<Self, Reported> {
        // A current directory that was removed still counts as a directory, but has no path.
        if !folder.is_dir() || folder.canonicalize().is_err() {
            let message = match folder == Path::new(".") {
                true => "the current directory does not exist any more".to_owned(),
                false => format!("`{}`: no such directory", folder.display()),
            };
            return Err(sink.fail(Diagnostic::error(NO_FOLDER, message).blame(Blame::Usage)));
        }
        // A process may stand in a folder that somebody removed: it is there, but has no place.
        if let Err(error) = std::path::absolute(folder).and_then(|folder| folder.canonicalize()) {
            let message = format!("the current directory cannot be used: {error}");
            let help = "it was removed or is not readable; change to another directory";
            return Err(sink.fail(Diagnostic::error(NO_FOLDER, message).blame(Blame::World).help(help)));
        }
        // The current directory shows as nothing, so that its files show as they are named.
        let shown = folder.to_string_lossy();
        let shown = if shown == "." { "" } else { shown.trim_end_matches('/') };
        let tree = Tree::directory(folder, shown);
        let file = load_project_file(&tree, sink)?;
        let reading = if file.is_some() { Reading::Strict } else { Reading::Fabrikate };
        let vendor = Vendor::open(folder, shown).map_err(|problem| sink.fail(problem.into()))?;
        let lock = Lock::read(&folder.join(LOCK_NAME), &tree.display(LOCK_NAME));
        Ok(Self {
            folder: folder.to_owned(),
            tree,
            reading,
            file: file.unwrap_or_default(),
            lock: lock.map_err(|problem| sink.fail(problem))?,
            store: store.map_or_else(|| Store::of_project(folder), Store::at).with_vendor(vendor),
            locked: false,
            lenient: false,
            overrides: Overrides::default(),
        })
    }

    /// Tells which pins of a lock the project's vendor folder lacks: they come from the store. Where
    /// nothing may change (`--locked`) that is an error.
    pub fn check_vendor(&self, lock: &Lock, locked: bool, sink: &mut Sink) -> Result<(), Reported> {
        let Some(vendor) = self.store.vendor() else { return Ok(()) };
        let missing = vendor.missing(lock);
        let Some(first) = missing.first() else { return Ok(()) };
        let more = match missing.len() {
            1 => String::new(),
            count => format!(" and {} more", count - 1),
        };
        let message = format!("`{}` lacks what kiln.lock pins: {first}{more}", vendor.shown());
        let help = "run `kiln vendor`";
        if locked {
            return Err(sink.fail(Diagnostic::error(STALE, message).blame(Blame::Policy).help(help)));
        }
        sink.push(Diagnostic::warning(STALE, format!("{message}; taken from the store")).help(help));
        Ok(())
    }

    /// How far local paths may reach: with `kiln.yaml` to the repository that the project is part of.
    pub fn reach(&self) -> Reach {
        if !self.reading.is_strict() {
            return Reach::Anywhere;
        }
        let folder = self.folder.canonicalize().unwrap_or_else(|_| self.folder.clone());
        let repository = folder.ancestors().find(|above| above.join(".git").exists());
        Reach::Below(repository.map_or_else(|| folder.clone(), Path::to_path_buf))
    }

    /// Which charts must be signed, with the keys of the keyrings that `kiln.yaml` names.
    pub fn signatures(&self, sink: &mut Sink) -> Result<Signatures, Reported> {
        let mut signatures = Signatures::default();
        for SignedSource { source, keyring } in &self.file.trust.charts {
            let shown = self.tree.display(&keyring.value);
            let read = self.tree.read(&keyring.value).map_err(|error| error.to_string());
            let keys = read.and_then(|bytes| Keyring::parse_any(&bytes).map_err(|error| format!("{shown}: {error}")));
            match keys {
                Ok(keys) => signatures.require(source, keys, &shown),
                Err(error) => {
                    let problem = Diagnostic::error(KEYRING, format!("the keyring cannot be used: {error}"));
                    let help = "write the keys with `gpg --export KEY… > FILE`";
                    return Err(sink.fail(problem.at(keyring.place.clone(), "").help(help)));
                }
            }
        }
        Ok(signatures)
    }

    /// Checks that the lock has what `kiln.yaml` asks of signatures.
    pub fn check_signatures(&self, sink: &mut Sink) -> Result<(), Reported> {
        let signatures = self.signatures(sink)?;
        for error in self.lock.iter().flat_map(|lock| signatures.lacking(lock)) {
            sink.push(error.into());
        }
        sink.check()
    }

    /// The project's variables, a map.
    pub fn vars(&self) -> Frozen {
        Frozen::Map(Arc::clone(&self.file.vars))
    }

    /// Resolves the stack from the project's files, its lock and its store, without any network, for no
    /// cluster.
    pub fn resolve(&self, sink: &mut Sink) -> Result<Graph, Reported> {
        self.resolve_for(without_cluster(&self.vars()), sink)
    }

    /// The same with what expressions in fields of components see.
    pub fn resolve_for(&self, variables: Variables, sink: &mut Sink) -> Result<Graph, Reported> {
        let nothing = Lock::default();
        let materials = Locked {
            lock: self.lock.as_ref().unwrap_or(&nothing),
            store: &self.store,
            complete: self.locked,
            lenient: self.lenient && !self.locked,
            overrides: &self.overrides,
        };
        let input = StackInput {
            root: self.tree.clone(),
            reading: self.reading,
            reach: self.reach(),
            materials: &materials,
            variables,
        };
        resolve(&input, sink)
    }
}
