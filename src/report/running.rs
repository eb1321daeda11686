use std::sync::{Mutex, PoisonError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

/// What runs for less is not named.
const LONG: Duration = Duration::from_secs(1);

/// What the threads of a run are doing.
#[derive(Debug, Default)]
pub struct Running {
    under_way: Mutex<Vec<(ThreadId, String, Instant)>>,
}

impl Running {
    /// This thread begins with something.
    pub fn begin(&self, name: String, now: Instant) {
        self.lock().push((thread::current().id(), name, now));
    }

    /// It is done with what it began last.
    pub fn end(&self) {
        let own = thread::current().id();
        let mut under_way = self.lock();
        if let Some(at) = under_way.iter().rposition(|(thread, ..)| *thread == own) {
            under_way.remove(at);
        }
    }

    /// What takes longest, and how many whole seconds so far; nothing where all is fast.
    pub fn slowest(&self, now: Instant) -> Option<String> {
        let under_way = self.lock();
        let (_, name, since) = under_way.iter().min_by_key(|(.., since)| *since)?;
        let taken = now.saturating_duration_since(*since);
        (taken >= LONG).then(|| format!("{name} {} s", taken.as_secs()))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<(ThreadId, String, Instant)>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_is_named_when_it_is_slow() {
        let running = Running::default();
        let start = Instant::now();
        let after = |millis| start + Duration::from_millis(millis);
        assert_eq!(running.slowest(start), None);
        running.begin("blue/shop/web".to_owned(), start);
        // What another thread does, and what this one does in between.
        thread::scope(|scope| {
            scope.spawn(|| running.begin("red/shop/db".to_owned(), after(500)));
        });
        running.begin("blue/shop/web/part".to_owned(), after(600));
        assert_eq!(running.slowest(after(999)), None);
        assert_eq!(running.slowest(after(1000)).unwrap(), "blue/shop/web 1 s");
        assert_eq!(running.slowest(after(3999)).unwrap(), "blue/shop/web 3 s");
        running.end();
        assert_eq!(running.slowest(after(1600)).unwrap(), "blue/shop/web 1 s");
        running.end();
        assert_eq!(running.slowest(after(1600)).unwrap(), "red/shop/db 1 s");
        running.end();
        assert_eq!(running.slowest(after(9000)).unwrap(), "red/shop/db 8 s", "another thread's work goes on");
    }
}
