use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::running::Running;

/// A progress line on a terminal; silent elsewhere. Shared by all threads of a run. It names what takes longest of
/// all that is under way, and else what was done last.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    running: Arc<Running>,
    last: Arc<Mutex<String>>,
}

impl Progress {
    /// A line for `total` steps of `what` (such as `rendering`); hidden unless `shown`.
    pub fn new(shown: bool, what: &'static str, total: usize) -> Self {
        let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(total as u64), target);
        if let Ok(style) = ProgressStyle::with_template("{prefix} {bar:30} {pos}/{len} {wide_msg}") {
            bar.set_style(style);
        }
        bar.set_prefix(what);
        let (running, last) = (Arc::default(), Arc::default());
        if !bar.is_hidden() {
            watch(&bar, &running, &last);
        }
        Self { bar, running, last }
    }

    /// This thread begins to work on something.
    pub fn begin(&self, name: String) {
        self.running.begin(name, Instant::now());
    }

    /// It is done with what it began last.
    pub fn end(&self) {
        self.running.end();
    }

    /// One step, of this name, is done.
    pub fn step(&self, name: &str) {
        if !self.bar.is_hidden() {
            name.clone_into(&mut self.last.lock().unwrap_or_else(PoisonError::into_inner));
        }
        self.bar.inc(1);
    }

    /// Takes the line away.
    pub fn done(&self) {
        self.bar.finish_and_clear();
    }
}

/// Draws a line anew while it stands.
fn watch(bar: &ProgressBar, running: &Arc<Running>, last: &Arc<Mutex<String>>) {
    let (bar, running, last) = (bar.clone(), Arc::downgrade(running), Arc::clone(last));
    let draw = move || {
        while let Some(running) = running.upgrade().filter(|_| !bar.is_finished()) {
            let slowest = running.slowest(Instant::now());
            bar.set_message(slowest.unwrap_or_else(|| last.lock().unwrap_or_else(PoisonError::into_inner).clone()));
            drop(running);
            thread::sleep(TICK);
        }
    };
    // Without the thread nothing is named.
    let _ = thread::Builder::new().name("kiln-progress".to_owned()).spawn(draw);
}

/// What is shown of a transfer whose length is not known.
const OPEN: &str = "{spinner} {wide_msg} {bytes:>10} {bytes_per_sec:>14}";
/// What is shown of one whose length is known.
const MEASURED: &str = "{spinner} {wide_msg} {bar:12} {bytes:>10} of {total_bytes:>10}";
/// The most characters of a source that are shown.
const SHOWN_CHARS: usize = 40;
/// How often a bar moves by itself, so that a slow server does not look like a program that hangs.
const TICK: Duration = Duration::from_millis(120);

/// One bar for each transfer under way on a terminal; silent elsewhere.
#[derive(Debug)]
pub struct Transfers {
    lines: MultiProgress,
    running: Mutex<HashMap<String, ProgressBar>>,
}

impl Transfers {
    /// No transfer yet; hidden unless `shown`.
    pub fn new(shown: bool) -> Self {
        let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        Self { lines: MultiProgress::with_draw_target(target), running: Mutex::default() }
    }

    /// A source is being fetched.
    pub fn started(&self, source: &str) {
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template(OPEN) {
            bar.set_style(style);
        }
        bar.set_message(shortened(source));
        let bar = self.lines.add(bar);
        if !self.lines.is_hidden() {
            bar.enable_steady_tick(TICK);
        }
        self.running.lock().unwrap_or_else(PoisonError::into_inner).insert(source.to_owned(), bar);
    }

    /// So many bytes of it have arrived in total, of those that are known to come.
    pub fn received(&self, source: &str, bytes: u64, expected: Option<u64>) {
        if let Some(bar) = self.running.lock().unwrap_or_else(PoisonError::into_inner).get(source) {
            if expected != bar.length() {
                let template = if expected.is_some() { MEASURED } else { OPEN };
                if let Ok(style) = ProgressStyle::with_template(template) {
                    bar.set_style(style);
                }
                expected.map_or_else(|| bar.unset_length(), |expected| bar.set_length(expected));
            }
            bar.set_position(bytes);
        }
    }

    /// It is done, well or not.
    pub fn finished(&self, source: &str) {
        if let Some(bar) = self.running.lock().unwrap_or_else(PoisonError::into_inner).remove(source) {
            bar.finish_and_clear();
        }
    }

    /// Takes all lines away.
    pub fn done(&self) {
        for (_, bar) in self.running.lock().unwrap_or_else(PoisonError::into_inner).drain() {
            bar.finish_and_clear();
        }
    }
}

/// The end of a long URL says more than its beginning.
fn shortened(source: &str) -> String {
    let plain = source.split_once("://").map_or(source, |(_, rest)| rest);
    let count = plain.chars().count();
    match count > SHOWN_CHARS {
        true => format!("…{}", plain.chars().skip(count - SHOWN_CHARS + 1).collect::<String>()),
        false => plain.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_sources_show_their_end() {
        assert_eq!(shortened("https://git.example.com/a.git"), "git.example.com/a.git");
        let long = shortened("https://git.example.com/a-rather-long-group/of-groups/and-a-name.git");
        assert_eq!((long.chars().count(), long.ends_with("of-groups/and-a-name.git")), (SHOWN_CHARS, true));
    }

    #[test]
    fn transfers_come_and_go_in_any_order() {
        let transfers = Transfers::new(false);
        transfers.started("a");
        transfers.received("a", 10, None);
        transfers.received("a", 20, Some(100));
        transfers.received("b", 1, None);
        transfers.finished("b");
        transfers.started("b");
        transfers.finished("a");
        transfers.done();
    }
}
