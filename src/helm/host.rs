use std::any::Any;
use std::collections::HashMap;

use crate::gotmpl::{CallError, Host, Site};
use crate::value::Str;

use super::entropy::{Draws, Entropy, NondeterministicUse};

/// What a release execution offers to functions.
pub struct ReleaseHost {
    draws: Draws,
    /// How often a named template is being executed by `include` at this moment.
    included: HashMap<Str, u32>,
}

/// How often `include` may execute one name inside of itself.
const MAX_NESTED_INCLUDES: u32 = 1000;

impl ReleaseHost {
    /// A host with nothing used yet.
    pub fn new(entropy: Entropy) -> Self {
        Self { draws: Draws::new(entropy), included: HashMap::new() }
    }

    /// The host of a chart's execution.
    pub fn of(host: &mut dyn Host) -> &mut Self {
        host.as_any().downcast_mut().expect("charts are always executed with a ReleaseHost")
    }

    /// The places that made values which the input did not determine.
    pub fn into_uses(self) -> Vec<NondeterministicUse> {
        self.draws.into_uses()
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
