use std::sync::OnceLock;

use crate::pipeline::Watcher;
use crate::render::RenderUnit;
use crate::report::Progress;

/// A progress line that starts when the plan is known.
pub(in crate::cli::commands) struct Bar {
    shown: bool,
    line: OnceLock<Progress>,
}

impl Bar {
    /// A line that is shown or not.
    pub fn new(shown: bool) -> Self {
        Self { shown, line: OnceLock::new() }
    }

    /// Takes the line away.
    pub fn done(&self) {
        if let Some(line) = self.line.get() {
            line.done();
        }
    }
}

impl Watcher for Bar {
    fn planned(&self, units: usize) {
        self.line.get_or_init(|| Progress::new(self.shown, "rendering", units));
    }

    fn rendered(&self, address: &str) {
        if let Some(line) = self.line.get() {
            line.step(address);
        }
    }

    fn begun(&self, unit: &RenderUnit) {
        if let Some(line) = self.line.get().filter(|_| self.shown) {
            line.begin(unit.shown());
        }
    }

    fn ended(&self) {
        if let Some(line) = self.line.get().filter(|_| self.shown) {
            line.end();
        }
    }
}
