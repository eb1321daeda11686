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
}

/// How often `include` may execute one name inside of itself.
const MAX_NESTED_INCLUDES: u32 = 1000;

impl ReleaseHost {
    /// A host with nothing used yet, that has no answers for `lookup`.
    pub fn new(entropy: Entropy) -> Self {
        let answers = Answers::default();
        Self { draws: Draws::new(entropy), answers, resolves_names: false, included: HashMap::new() }
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
