use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use git2::{Oid, Repository};
use url::Url;

use super::retry::pause;
use super::upload::{self, Wish};
use super::{Attempt, PushOutcome, RefUpdate, Refusal, RemoteRefs, local, receive};
use crate::source::address::{self, Address, For, Policy};
use crate::source::error::{INVALID, SourceError, UNREACHABLE, foreign};
use crate::source::git::fetch::open_local;
use crate::source::git::transport::{Channel, Meter, RECEIVE_PACK, UPLOAD_PACK};
use crate::source::git::{Connection, GitRemote, WebConnection};
use crate::source::install::FetchOptions;
use crate::source::interrupt;
use crate::source::spec::Trust;
use crate::source::web::{Web, WebOptions};

/// The most bytes that all objects of an answer may have, unpacked.
const MAX_UNPACKED: u64 = 16 << 30;
/// How often a refused push looks again whether a ref moves after all, and how long it waits before.
const LOOKS: u32 = 2;
const LOOK_PAUSE: Duration = Duration::from_millis(150);

/// A repository that is written to.
pub struct Upstream {
    remote: GitRemote,
    shown: String,
    timeout: Duration,
}

/// What goes along with a push.
#[derive(Clone, Debug, Default)]
pub struct PushOptions {
    /// Words for the server's hooks, as of `git push --push-option`; left out where it takes none.
    pub words: Vec<String>,
}

impl Upstream {
    /// Checks a URL or path as written in the project; nothing is reached yet. Mirrors that stand for
    /// sources are not written to, so rewriting does not apply.
    ///
    /// # Errors
    /// When the URL is refused: credentials in it, protocols and hosts that are not allowed.
    pub fn open(url: &str, options: &FetchOptions) -> Result<Self, SourceError> {
        let policy = Policy { allow_insecure: options.allow_insecure.clone(), project: options.project.clone() };
        let place = address::resolve(url, url, For::Git, Trust::Project, &policy)?;
        let remote = match place {
            Address::Local(path) => GitRemote::Local(path),
            Address::Web(target) => {
                let written = Url::parse(&address::without_credentials(url)).unwrap_or_else(|_| target.clone());
                let token = options.access.token(url, &written, &options.environment)?;
                let web = Arc::new(Web::new(WebOptions {
                    policy,
                    timeout: options.timeout,
                    environment: options.environment.clone(),
                    ca_file: options.ca_file.clone(),
                }));
                GitRemote::Elsewhere(Connection::Web(WebConnection { web, url: target, token }))
            }
            Address::Ssh(address) => {
                GitRemote::Elsewhere(Connection::Ssh { address, environment: options.environment.clone() })
            }
            Address::Daemon { host, port, path } => GitRemote::Elsewhere(Connection::Daemon { host, port, path }),
            Address::Oci(_) => {
                let message = format!("{} is no git repository", address::shown(url));
                return Err(SourceError::new(INVALID, message).help("use https or ssh"));
            }
        };
        Ok(Self { remote, shown: address::shown(url), timeout: options.timeout })
    }

    /// The URL without what must not be shown.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// The repository's folder when it is on this machine.
    pub fn folder(&self) -> Option<&Path> {
        match &self.remote {
            GitRemote::Local(path) => Some(path),
            GitRemote::Elsewhere(_) => None,
        }
    }

    /// Asks what refs there are.
    ///
    /// # Errors
    /// When the repository cannot be reached or read.
    pub fn refs(&self) -> Result<RemoteRefs, SourceError> {
        match &self.remote {
            GitRemote::Local(path) => {
                let repository = open_local(path, &self.shown)?;
                RemoteRefs::of(&repository).map_err(|error| self.failed(&error))
            }
            GitRemote::Elsewhere(connection) => {
                let channel = Channel::open(connection, UPLOAD_PACK, &self.meter())?;
                let refs = RemoteRefs::parse(&channel.refs, &self.shown)?;
                channel.leave();
                Ok(refs)
            }
        }
    }

    /// Asks what refs there are, and takes what is wanted of them. Servers send what their refs point at, and
    /// refuse what they pointed at a moment ago: then others are faster.
    ///
    /// # Errors
    /// Those of [`Self::refs`] and [`Self::take`].
    pub fn newest(
        &self,
        into: &Repository,
        wanted: impl Fn(&RemoteRefs) -> Vec<Oid>,
        have: &[Oid],
        shallow: bool,
    ) -> Result<Attempt<RemoteRefs>, SourceError> {
        let refs = self.refs()?;
        let ids = wanted(&refs);
        match self.take(into, &ids, have, shallow) {
            Ok(()) => Ok(Attempt::Done(refs)),
            Err(error) if wanted(&self.refs()?) == ids => Err(error),
            Err(error) => Ok(Attempt::Contended(error.to_string())),
        }
    }

    /// Makes objects that refs point at readable in a repository, which may have older ones: whole commits
    /// that are there already (`have`) are not sent again. With `shallow` only the commits themselves and
    /// their files are taken. Objects of a repository on this machine are read where they are, for as long
    /// as `into` is open.
    ///
    /// # Errors
    /// When the repository cannot be reached or read, or `into` not written.
    pub(super) fn take(
        &self,
        into: &Repository,
        wanted: &[Oid],
        have: &[Oid],
        shallow: bool,
    ) -> Result<(), SourceError> {
        match &self.remote {
            GitRemote::Local(path) => {
                let repository = open_local(path, &self.shown)?;
                let objects = repository.commondir().join("objects");
                let odb = into.odb().map_err(|error| self.failed(&error))?;
                let text = objects.to_string_lossy();
                odb.add_disk_alternate(&text).map_err(|error| self.failed(&error))?;
                // What others share with that repository.
                let shared = std::fs::read_to_string(objects.join("info/alternates")).unwrap_or_default();
                for line in shared.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
                    let place = objects.join(line);
                    odb.add_disk_alternate(&place.to_string_lossy()).map_err(|error| self.failed(&error))?;
                }
                Ok(())
            }
            GitRemote::Elsewhere(connection) => {
                let missing: Vec<Oid> =
                    wanted.iter().copied().filter(|id| into.find_object(*id, None).is_err()).collect();
                if missing.is_empty() {
                    return Ok(());
                }
                let meter = self.meter();
                meter.expect(MAX_UNPACKED);
                let channel = Channel::open(connection, UPLOAD_PACK, &meter)?;
                upload::take(channel, into, Wish { wanted: &missing, have, shallow }, &self.shown)
                    .map_err(|error| meter.failure().unwrap_or(error))
            }
        }
    }

    /// Sends what the repository lacks, and moves refs that are still what they are expected to be: all or
    /// none of them where the server can do that, otherwise one after the other until one is refused.
    ///
    /// # Errors
    /// When the repository cannot be reached. Refs that moved and refusals are no errors.
    pub fn push(
        &self,
        from: &Repository,
        updates: &[RefUpdate],
        options: &PushOptions,
    ) -> Result<PushOutcome, SourceError> {
        let tried = self.try_push(from, updates, options);
        let looked = |error: Option<SourceError>| -> Result<Option<PushOutcome>, SourceError> {
            for look in 0..LOOKS {
                let refs = match self.refs() {
                    Ok(refs) => refs,
                    Err(other) => return Err(error.unwrap_or(other)),
                };
                // The answer may have been lost, not the push.
                if updates.iter().all(|update| refs.get(&update.name) == update.new) {
                    return Ok(Some(PushOutcome::Pushed));
                }
                let moved = updates.iter().find(|update| {
                    let now = refs.get(&update.name);
                    now != update.old && now != update.new
                });
                if let Some(update) = moved {
                    let said = format!("`{}` has moved", foreign(&update.name));
                    return Ok(Some(PushOutcome::Contended { said }));
                }
                if look + 1 < LOOKS {
                    pause(LOOK_PAUSE)?;
                }
            }
            Ok(None)
        };
        match tried {
            Ok(PushOutcome::Refused(refusal)) => Ok(looked(None)?.unwrap_or(PushOutcome::Refused(refusal))),
            Ok(outcome) => Ok(outcome),
            Err(error) if error.code == UNREACHABLE => match looked(Some(error.clone()))? {
                Some(outcome) => Ok(outcome),
                None => Err(error),
            },
            Err(error) => Err(error),
        }
    }

    fn try_push(
        &self,
        from: &Repository,
        updates: &[RefUpdate],
        options: &PushOptions,
    ) -> Result<PushOutcome, SourceError> {
        if let GitRemote::Local(path) = &self.remote {
            let into = open_local(path, &self.shown)?;
            if !local::has_a_say(&into) {
                return noted(|| local::push(from, &into, updates, &self.shown));
            }
        }
        let meter = self.meter();
        let result = self.push_by(from, updates, options, &meter);
        result.map_err(|error| meter.failure().unwrap_or(error))
    }

    fn push_by(
        &self,
        from: &Repository,
        updates: &[RefUpdate],
        options: &PushOptions,
        meter: &Meter,
    ) -> Result<PushOutcome, SourceError> {
        let channel = self.receiver(meter)?;
        if updates.len() < 2 || receive::is_atomic(&channel, &self.shown)? {
            return noted(|| receive::push(channel, from, updates, options, &self.shown));
        }
        channel.leave();
        for update in updates {
            let (channel, update) = (self.receiver(meter)?, std::slice::from_ref(update));
            let outcome = noted(|| receive::push(channel, from, update, options, &self.shown))?;
            if outcome != PushOutcome::Pushed {
                return Ok(outcome);
            }
        }
        Ok(PushOutcome::Pushed)
    }

    fn receiver(&self, meter: &Meter) -> Result<Channel, SourceError> {
        match &self.remote {
            GitRemote::Local(path) => {
                let into = open_local(path, &self.shown)?;
                Channel::start(local::receive_pack(&into), RECEIVE_PACK, meter).map_err(|error| {
                    error.help("the repository has hooks or settings for what it receives, which need `git`")
                })
            }
            GitRemote::Elsewhere(connection) => Channel::open(connection, RECEIVE_PACK, meter),
        }
    }

    fn meter(&self) -> Meter {
        Meter::new(self.shown.clone(), Instant::now() + self.timeout)
    }

    fn failed(&self, error: &git2::Error) -> SourceError {
        SourceError::world(UNREACHABLE, format!("the git remote {}: {}", self.shown, foreign(error.message())))
    }
}

impl Refusal {
    /// Whether only refs that a rule picks are refused.
    pub fn is_only(&self, picks: impl Fn(&str) -> bool) -> bool {
        !self.refs.is_empty() && self.refs.iter().all(|name| picks(name))
    }
}

/// Pushes, so that an interrupt is told what it must be: only where somebody refused it is it sure that nothing moved.
fn noted(push: impl FnOnce() -> Result<PushOutcome, SourceError>) -> Result<PushOutcome, SourceError> {
    let before = interrupt::pushes();
    let outcome = push();
    if matches!(&outcome, Ok(outcome) if *outcome != PushOutcome::Pushed) {
        interrupt::refused(before);
    }
    outcome
}
