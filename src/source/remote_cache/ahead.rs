use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::client::{CacheReport, RemoteCache};
use crate::source::digest::Digest;
use crate::source::interrupt;

/// The most connections: so many requests are under way at once.
const CONNECTIONS: usize = 64;
/// Bytes of answers that nobody has taken, and of results that are not sent: beyond them nothing is asked ahead,
/// and whoever puts waits.
const MOST_HELD: usize = 64 << 20;
/// As long as a run waits for answers, in total.
const PATIENCE: Duration = Duration::from_secs(60);
/// As long as the end of a run waits for what is still to be sent.
const LAST_WAIT: Duration = Duration::from_secs(30);
/// How often who waits looks whether the process is to end.
const LOOK: Duration = Duration::from_millis(200);

/// A cache that is asked ahead and by many threads at once: a request takes longer than a small release, and
/// most of that is waiting. Results are sent while the run goes on.
pub struct CacheAhead {
    shared: Arc<Shared>,
}

struct Shared {
    cache: RemoteCache,
    state: Mutex<State>,
    /// There is work, or no more will come.
    work: Condvar,
    /// Something was answered or sent.
    news: Condvar,
}

#[derive(Default)]
struct State {
    asked: HashMap<Digest, Asked>,
    /// What somebody waits for, and what will be wanted.
    urgent: VecDeque<Digest>,
    ahead: VecDeque<Digest>,
    /// Bytes of answers.
    held: usize,
    puts: VecDeque<(Digest, Vec<u8>)>,
    /// How many are being sent, and the bytes of all that are to be sent.
    sending: usize,
    unsent: usize,
    threads: usize,
    idle: usize,
    closed: bool,
    waits: Waits,
}

enum Asked {
    Ahead,
    Urgent,
    Running,
    Answered(Option<Vec<u8>>),
}

enum Work {
    Get(Digest),
    Put(Digest, Vec<u8>),
}

/// How long at least one thread was waiting.
#[derive(Default)]
struct Waits {
    waiting: usize,
    since: Option<Instant>,
    total: Duration,
}

impl fmt::Debug for CacheAhead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shared.cache.fmt(f)
    }
}

impl CacheAhead {
    /// Over a cache. Threads start with the first request.
    pub fn new(cache: RemoteCache) -> Self {
        let (state, work, news) = (Mutex::default(), Condvar::new(), Condvar::new());
        Self { shared: Arc::new(Shared { cache, state, work, news }) }
    }

    /// Says which keys will be asked for soon, in about this order, and that nobody will ask for those that
    /// were announced before.
    pub fn expect(&self, keys: impl IntoIterator<Item = Digest>) {
        if self.shared.cache.is_off() {
            return;
        }
        let mut state = self.shared.state();
        state.ahead.clear();
        state.held = 0;
        state.asked.retain(|_, asked| matches!(asked, Asked::Running | Asked::Urgent));
        let State { asked, ahead, .. } = &mut *state;
        for key in keys {
            if let Entry::Vacant(place) = asked.entry(key) {
                place.insert(Asked::Ahead);
                ahead.push_back(key);
            }
        }
        self.start(&mut state);
        self.shared.work.notify_all();
    }

    /// The result of a key, if the cache has one whose digest fits.
    pub fn get(&self, key: &Digest) -> Option<Vec<u8>> {
        let shared = &*self.shared;
        if shared.cache.is_off() {
            return None;
        }
        let mut state = shared.state();
        state.waits.begin();
        let answer = loop {
            match state.asked.get(key) {
                Some(Asked::Answered(_)) => {
                    let Some(Asked::Answered(answer)) = state.asked.remove(key) else { break None };
                    state.held = state.held.saturating_sub(answer.as_ref().map_or(0, Vec::len));
                    shared.work.notify_all();
                    break answer;
                }
                Some(Asked::Urgent | Asked::Running) => {}
                Some(Asked::Ahead) | None => {
                    state.asked.insert(*key, Asked::Urgent);
                    state.urgent.push_back(*key);
                    self.start(&mut state);
                    if state.threads == 0 {
                        state.asked.remove(key);
                        drop(state);
                        let answer = shared.cache.get(key);
                        shared.state().waits.end();
                        return answer;
                    }
                    shared.work.notify_one();
                }
            }
            if state.waits.total() > PATIENCE {
                shared.cache.give_up("the run has waited a minute for its answers");
            }
            if shared.cache.is_off() || interrupt::check().is_err() {
                break None;
            }
            state = shared.wait(state);
        };
        state.waits.end();
        answer
    }

    /// Sends a result, in a cache that may be written to, while the caller goes on.
    pub fn put(&self, key: &Digest, result: &[u8]) {
        let shared = &*self.shared;
        let is_over = || !shared.cache.takes() || interrupt::check().is_err();
        let mut state = shared.state();
        while state.unsent > MOST_HELD && !is_over() {
            state = shared.wait(state);
        }
        if is_over() {
            return;
        }
        state.unsent += result.len();
        state.puts.push_back((*key, result.to_vec()));
        self.start(&mut state);
        if state.threads == 0 {
            state.puts.clear();
            state.unsent = 0;
            drop(state);
            return shared.cache.put(key, result);
        }
        shared.work.notify_one();
    }

    /// What was done, when everything that was put is there.
    pub fn report(&self) -> CacheReport {
        let shared = &*self.shared;
        let until = Instant::now() + LAST_WAIT;
        let mut state = shared.state();
        while (state.sending > 0 || !state.puts.is_empty()) && interrupt::check().is_ok() {
            if Instant::now() > until {
                shared.cache.give_up("it is too slow to take what was rendered");
                break;
            }
            state = shared.wait(state);
        }
        drop(state);
        shared.cache.report()
    }

    /// Starts threads for the work that there is, as far as none is idle.
    fn start(&self, state: &mut State) {
        let wanted = state.urgent.len() + state.ahead.len() + state.puts.len();
        let more = wanted.saturating_sub(state.idle).min(CONNECTIONS - state.threads);
        for _ in 0..more {
            let shared = Arc::clone(&self.shared);
            let started = thread::Builder::new().name("kiln-cache".to_owned()).spawn(move || shared.serve());
            if started.is_err() {
                return;
            }
            state.threads += 1;
        }
    }
}

impl Drop for CacheAhead {
    fn drop(&mut self) {
        self.shared.state().closed = true;
        self.shared.work.notify_all();
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for news, or for a while.
    fn wait<'s>(&self, state: MutexGuard<'s, State>) -> MutexGuard<'s, State> {
        self.news.wait_timeout(state, LOOK).unwrap_or_else(PoisonError::into_inner).0
    }

    /// Does work as long as some comes.
    fn serve(&self) {
        let mut state = self.state();
        loop {
            let Some(work) = state.next() else {
                if state.closed {
                    return;
                }
                state.idle += 1;
                state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
                state.idle -= 1;
                continue;
            };
            drop(state);
            state = match work {
                Work::Get(key) => {
                    let answer = self.cache.get(&key);
                    let mut state = self.state();
                    state.held += answer.as_ref().map_or(0, Vec::len);
                    state.asked.insert(key, Asked::Answered(answer));
                    state
                }
                Work::Put(key, result) => {
                    self.cache.put(&key, &result);
                    let mut state = self.state();
                    state.sending -= 1;
                    state.unsent = state.unsent.saturating_sub(result.len());
                    state
                }
            };
            self.news.notify_all();
        }
    }
}

impl State {
    fn next(&mut self) -> Option<Work> {
        while let Some(key) = self.urgent.pop_front() {
            if let Some(asked @ Asked::Urgent) = self.asked.get_mut(&key) {
                *asked = Asked::Running;
                return Some(Work::Get(key));
            }
        }
        while self.held < MOST_HELD
            && let Some(key) = self.ahead.pop_front()
        {
            // Somebody may have been faster.
            if let Some(asked @ Asked::Ahead) = self.asked.get_mut(&key) {
                *asked = Asked::Running;
                return Some(Work::Get(key));
            }
        }
        let (key, result) = self.puts.pop_front()?;
        self.sending += 1;
        Some(Work::Put(key, result))
    }
}

impl Waits {
    fn begin(&mut self) {
        self.waiting += 1;
        self.since.get_or_insert_with(Instant::now);
    }

    fn end(&mut self) {
        self.waiting = self.waiting.saturating_sub(1);
        if self.waiting == 0 {
            self.total = self.total();
            self.since = None;
        }
    }

    fn total(&self) -> Duration {
        self.total + self.since.map_or(Duration::ZERO, |since| since.elapsed())
    }
}
