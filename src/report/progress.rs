use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A progress line on a terminal; silent elsewhere. Shared by all threads of a run.
#[derive(Clone, Debug)]
pub struct Progress {
    bar: ProgressBar,
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
        Self { bar }
    }

    /// Says what is being worked on.
    pub fn at(&self, name: &str) {
        self.bar.set_message(name.to_owned());
    }

    /// One step is done.
    pub fn step(&self) {
        self.bar.inc(1);
    }

    /// Takes the line away.
    pub fn done(&self) {
        self.bar.finish_and_clear();
    }
}

/// One line for each transfer under way on a terminal; silent elsewhere.
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
        if let Ok(style) = ProgressStyle::with_template("{spinner} fetching {wide_msg} {bytes}") {
            bar.set_style(style);
        }
        bar.set_message(source.to_owned());
        let bar = self.lines.add(bar);
        self.running.lock().unwrap_or_else(PoisonError::into_inner).insert(source.to_owned(), bar);
    }

    /// So many bytes of it have arrived in total.
    pub fn received(&self, source: &str, bytes: u64) {
        if let Some(bar) = self.running.lock().unwrap_or_else(PoisonError::into_inner).get(source) {
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
