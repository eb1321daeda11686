use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

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
