//! Material and where it comes from: read-only file trees, sources, pins, the store.
//!
//! What components ask for enters as [`SourceSpec`]s; [`Tree`]s leave, and a [`Lock`] that says what
//! each was resolved to. `install` goes through an [`Install`], the only way to the network and the
//! only writer of the [`Store`]; `generate` looks a spec up in the lock and opens its [`Pin`] from the
//! store, offline. Content is checked against its digest whenever it is read.
//!
//! This room knows nothing of what the files mean, except what it takes to find the dependencies of a
//! chart. Credentials stay inside of it, in memory.

mod address;
mod archive;
mod atomic;
mod bundle;
mod carry;
mod chart_repo;
mod copies;
mod credentials;
mod dependencies;
mod digest;
mod error;
#[cfg(test)]
pub(crate) mod fixture;
mod folder;
mod git;
mod http;
mod install;
mod interrupt;
mod links;
mod listing;
mod lock;
mod openpgp;
mod overlay;
mod overrides;
mod pack;
mod pin;
mod program;
mod progress;
mod provenance;
pub mod remote;
mod remote_cache;
mod rewrite;
mod signatures;
mod spec;
mod store;
mod trace;
mod tree;
mod vendor;
mod web;

pub use archive::{ArchiveBudget, ArchiveError, ArchiveProblem, Naming, expect_gzip, pack_tgz, unpack_tgz};
pub use atomic::{NewFile, NewFolder, swap_folders, write as write_atomically, write_as, write_private};
pub use bundle::{Exported, Imported, export_bundle, import_bundle};
pub use copies::{CopyDifference, compare_copy};
pub use credentials::{Access, Environment};
pub use dependencies::{Needed, NeededChart, NeededFrom, complete_chart, needed_charts};
pub use digest::{Digest, Digester, sha256_hex};
pub use error::SourceError;
pub use folder::{FileKind, FolderEntry, TemporaryFolder, list_folder, remove_folder};
pub use git::{
    Attempt, Checkout, CommitEdit, CommitSigner, CommitWish, HeadCommit, Landed, Lineage, PushOptions, PushOutcome,
    RefUpdate, Refusal, RemoteRefs, Retries, Revision, Upstream, create_bare, land_edit, open_bare, retried,
    write_blobs,
};
pub use http::names_archive;
pub use install::{Asked, FetchOptions, Fetcher, Install, Pins, Seen};
pub use interrupt::{abandon, after_interrupt, interrupt};
pub use lock::{LOCK_NAME, Lock, LockEntry};
pub use openpgp::{Keyring, OpenPgpError, Signer};
pub use overlay::{Overlaid, overlay};
pub use overrides::{Override, Overrides};
pub use pack::{Packer, Unpacker};
pub use pin::Pin;
pub use program::run_program;
pub use progress::{Progress, Quiet};
pub use provenance::{ProvenanceError, check_provenance};
pub use remote_cache::{CacheAhead, CacheMode, CacheOptions, CacheReport, RemoteCache};
pub use rewrite::Rewrites;
pub use signatures::Signatures;
pub use spec::{Asker, Request, SourceSpec, Trust};
pub use store::{Store, Stored, StoredKind};
pub use trace::{DiskFolder, Memo, Observed, Question, Recheck, Trace, observe};
pub use tree::{Backing, Entry, EntryKind, Held, Tree, TreeError, stays_below};
pub use vendor::{Difference, Vendor, Vendored, compare_vendor, write_vendor};
