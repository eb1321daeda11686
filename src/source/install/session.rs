use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::SystemTime;

use super::fetcher::Fetcher;
use super::group::{self, Outcome, Task};
use super::moved::moved;
use super::side_by_side::side_by_side;
use crate::diag::{Blame, Sink};
use crate::source::digest;
use crate::source::error::{INTERRUPTED, LOCK, SourceError};
use crate::source::interrupt;
use crate::source::lock::Lock;
use crate::source::pin::Pin;
use crate::source::spec::{Request, SourceSpec};

/// What happens to the pins of the present lock.
pub enum Pins<'a> {
    /// Those that still satisfy are kept; only what is new is resolved (`install`).
    Keep,
    /// Those that still satisfy are kept, and nothing may be new (`install --locked`).
    Locked,
    /// All are resolved afresh (`update`, and `install` as `fab`).
    Renew,
    /// Those of the requests that the function picks are resolved afresh (`update COMPONENT…`).
    RenewSome(&'a (dyn Fn(&Request) -> bool + Sync)),
}

/// One run of `install` or `update`.
pub struct Install<'a> {
    fetcher: &'a Fetcher,
    previous: Lock,
    lock: Lock,
    pins: Pins<'a>,
    done: HashMap<SourceSpec, Result<Pin, SourceError>>,
    lacking: BTreeMap<SourceSpec, BTreeSet<String>>,
    /// When the run began: what others find out from then on answers its questions too.
    began: SystemTime,
}

impl<'a> Install<'a> {
    /// Begins with the lock as it is.
    pub fn begin(fetcher: &'a Fetcher, previous: Option<Lock>, pins: Pins<'a>) -> Self {
        let began = SystemTime::now();
        let previous = previous.unwrap_or_default();
        let mut lock = previous.emptied();
        if lock.seed.is_empty() {
            lock.seed = new_seed();
        }
        if lock.created.is_empty() {
            lock.created = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date().to_string();
        }
        Self { fetcher, previous, lock, pins, done: HashMap::new(), lacking: BTreeMap::new(), began }
    }

    /// Resolves and fetches, independent sources side by side, each URL once. Answers stand at the
    /// places of the requests; what failed is in the sink.
    pub fn ask(&mut self, requests: &[Request], sink: &mut Sink) -> Vec<Option<Pin>> {
        let mut refused: Vec<Option<SourceError>> = Vec::with_capacity(requests.len());
        let mut groups: BTreeMap<(&str, String), Vec<Task>> = BTreeMap::new();
        let renewed: HashSet<SourceSpec> =
            requests.iter().filter(|request| self.renews(request)).map(|request| request.spec.recorded()).collect();
        for request in requests {
            let spec = request.spec.recorded();
            let place = match self.admit(request) {
                Ok(place) => place,
                Err(error) => {
                    refused.push(Some(error));
                    continue;
                }
            };
            refused.push(None);
            let group = groups.entry((spec.kind(), spec.url().to_owned())).or_default();
            if self.done.contains_key(&spec) || group.iter().any(|task| task.spec == spec) {
                continue;
            }
            let (pin, before) = match renewed.contains(&spec) {
                true => (None, self.previous.lookup(&spec).cloned()),
                false => (self.previous.satisfying(&spec).cloned(), None),
            };
            group.push(Task { spec, written: request.spec.url().to_owned(), place, pin, before });
        }
        let groups: Vec<Vec<Task>> = groups.into_values().filter(|group| !group.is_empty()).collect();
        let (fetcher, began) = (self.fetcher, self.began);
        let answers = side_by_side(&groups, |group| group::run(fetcher, group, began));
        for (task, answer) in groups.into_iter().flatten().zip(answers.into_iter().flatten()) {
            let pin = answer.map(|Outcome { pin, notes }| {
                let moved = task.before.as_ref().and_then(|before| moved(&task.spec, before, &pin));
                notes.into_iter().chain(moved).for_each(|note| sink.push(note));
                pin
            });
            self.done.insert(task.spec, pin);
        }
        requests.iter().zip(refused).map(|(request, refused)| self.answer(request, refused, sink)).collect()
    }

    /// What was asked for and refused because the lock has no entry for it (`--locked`), and by whom.
    pub fn lacking(&self) -> &BTreeMap<SourceSpec, BTreeSet<String>> {
        &self.lacking
    }

    /// The lock that holds what was asked in this run and nothing else.
    pub fn finish(self) -> Lock {
        self.lock
    }

    /// Checks that a request may be made at all.
    fn admit(&mut self, request: &Request) -> Result<crate::source::address::Address, SourceError> {
        let place = self.fetcher.place(request)?;
        if matches!(self.pins, Pins::Locked) && self.previous.satisfying(&request.spec.recorded()).is_none() {
            self.lacking.entry(request.spec.recorded()).or_default().insert(request.asker.address.clone());
            let message = format!("the lock has no entry for {}, and it may not change (`--locked`)", request.spec);
            return Err(SourceError::policy(LOCK, message).help("run `kiln install` and commit `kiln.lock`"));
        }
        Ok(place)
    }

    fn renews(&self, request: &Request) -> bool {
        match self.pins {
            Pins::Keep | Pins::Locked => false,
            Pins::Renew => true,
            Pins::RenewSome(picks) => picks(request),
        }
    }

    fn answer(&mut self, request: &Request, refused: Option<SourceError>, sink: &mut Sink) -> Option<Pin> {
        let answer = match refused {
            Some(error) => Err(error),
            None => match self.done.get(&request.spec.recorded()) {
                Some(answer) => answer.clone(),
                None => {
                    let message = format!("{} was left unanswered", request.spec);
                    Err(SourceError { blame: Blame::Internal, ..SourceError::new(LOCK, message) })
                }
            },
        };
        match answer {
            Ok(pin) => {
                self.lock.insert(&request.spec, pin.clone(), &request.asker.address);
                Some(pin)
            }
            Err(error) => {
                match interrupt::check() {
                    Ok(()) => sink.push(error.diagnostic(&request.asker)),
                    // Everything fails then: that is told once.
                    Err(_) if sink.diagnostics().iter().any(|told| told.code == INTERRUPTED) => {}
                    Err(interrupted) => sink.push(interrupted.into()),
                }
                None
            }
        }
    }
}

/// Sixteen bytes that no other project has, in hex. Not a secret: it is committed.
fn new_seed() -> String {
    let mut noise = Vec::new();
    for _ in 0..4 {
        // Every state is keyed by the operating system's random numbers.
        noise.extend(RandomState::new().build_hasher().finish().to_le_bytes());
    }
    noise.extend(jiff::Timestamp::now().as_nanosecond().to_le_bytes());
    noise.extend(std::process::id().to_le_bytes());
    digest::sha256_hex(&noise)[..32].to_owned()
}
