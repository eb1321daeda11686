use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;

use crate::gotmpl::{CallError, Host, Site};
use crate::value::{Str, Value};

use super::entropy::{Draws, Entropy, NondeterministicUse};
use super::lookup::{Answers, Lookup, LookupUse, Resources};

/// What a release execution offers to functions.
pub struct ReleaseHost {
    draws: Draws,
    answers: Answers,
    /// Whether Helm would ask for the addresses of names.
    resolves_names: bool,
    /// How often a named template is being executed by `include` at this moment.
    included: HashMap<Str, u32>,
    /// What `required` and `fail` would have said, where they end nothing.
    notes: Option<Vec<String>>,
}

/// How often `include` may execute one name inside of itself.
const MAX_NESTED_INCLUDES: u32 = 1000;
/// How many notes of functions that end nothing are kept.
const MAX_NOTES: usize = 10_000;

impl ReleaseHost {
    /// A host with nothing used yet, that has no answers for `lookup`.
    pub fn new(entropy: Entropy) -> Self {
        let answers = Answers::default();
        Self { draws: Draws::new(entropy), answers, resolves_names: false, included: HashMap::new(), notes: None }
    }

    /// A host under which `required` and `fail` end nothing, as while linting.
    pub fn linting(entropy: Entropy) -> Self {
        Self { notes: Some(Vec::new()), ..Self::new(entropy) }
    }

    /// Keeps what a function would have failed with. Returns whether failing is left out.
    pub fn excuses(&mut self, note: impl FnOnce() -> String) -> bool {
        let Some(notes) = &mut self.notes else { return false };
        if notes.len() < MAX_NOTES {
            notes.push(note());
        }
        true
    }

    /// What was kept, in order.
    pub fn take_notes(&mut self) -> Vec<String> {
        self.notes.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// With recorded objects to answer `lookup`, and with Helm's `--enable-dns`.
    pub fn with_world(self, resources: Option<Arc<Resources>>, resolves_names: bool) -> Self {
        Self { answers: Answers::new(resources), resolves_names, ..self }
    }

    /// The host of a chart's execution.
    pub fn of(host: &mut dyn Host) -> &mut Self {
        host.as_any().downcast_mut().expect("charts are always executed with a ReleaseHost")
    }

    /// The places that made values which the input did not determine, and those that asked for
    /// objects of a cluster.
    pub fn into_uses(self) -> (Vec<NondeterministicUse>, Vec<LookupUse>) {
        (self.draws.into_uses(), self.answers.into_uses())
    }

    /// The answer for a call of `lookup`.
    pub fn lookup(&mut self, asked: Lookup, site: &Site) -> Value {
        self.answers.answer(asked, self.draws.file(), site)
    }

    /// The address of a name: none, as Helm answers unless it may ask; then an error.
    pub fn address_of(&self, name: &Str) -> Result<Value, CallError> {
        if self.resolves_names {
            let why = "names are not resolved while rendering; without --enable-dns the answer is empty";
            return Err(format!("{name}: {why}").into());
        }
        Ok(Value::str(""))
    }

    /// From now on `file` is being rendered.
    pub fn begin(&mut self, file: &str) {
        self.draws.begin(file);
    }

    /// Counts an `include`; the error is Helm's text for too many of one name.
    pub fn enter(&mut self, name: &Str) -> Result<(), String> {
        let count = self.included.entry(name.clone()).or_default();
        if *count > MAX_NESTED_INCLUDES {
            return Err(format!("rendering template has a nested reference name: {name}: unable to execute template"));
        }
        *count += 1;
        Ok(())
    }

    /// Ends what [`ReleaseHost::enter`] began.
    pub fn leave(&mut self, name: &Str) {
        if let Some(count) = self.included.get_mut(name) {
            *count -= 1;
        }
    }
}

impl Host for ReleaseHost {
    fn fill_random(&mut self, site: &Site, buffer: &mut [u8]) -> Result<(), CallError> {
        self.draws.random(site, buffer)
    }

    fn now(&mut self, site: &Site) -> Result<(i64, u32), CallError> {
        self.draws.now(site)
    }

    fn as_any(&mut self) -> &mut dyn Any {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn includes_of_one_name_are_bounded() {
        let mut host = ReleaseHost::new(Entropy::System);
        let name = Str::from("x");
        for _ in 0..=MAX_NESTED_INCLUDES {
            assert_eq!(host.enter(&name), Ok(()));
        }
        assert!(host.enter(&name).is_err());
        host.leave(&name);
        assert_eq!(host.enter(&name), Ok(()));
    }
}
