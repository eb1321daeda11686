use std::any::Any;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use rsa::rand_core::{OsRng, RngCore};
use sha2::{Digest, Sha256};

use crate::gotmpl::{Host, Site};
use crate::value::Str;

/// Where values come from that the input does not determine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entropy {
    /// From the operating system: different on every run, as in Helm.
    System,
    /// From a seed: the same on every run. Repeatable, not secret.
    Seeded {
        /// The project's seed.
        seed: Arc<[u8]>,
        /// What tells releases of one project apart.
        address: Arc<str>,
        /// The time that `now` gives: seconds and nanoseconds since 1970.
        time: (i64, u32),
    },
}

/// A place where the input did not determine a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NondeterministicUse {
    /// The function.
    pub function: &'static str,
    /// The template.
    pub template: Arc<str>,
    /// 1-based line.
    pub line: u32,
    /// 0-based byte column.
    pub col: u32,
}

/// What a release execution offers to functions.
pub struct ReleaseHost {
    entropy: Entropy,
    uses: Vec<NondeterministicUse>,
    places: HashSet<NondeterministicUse>,
    /// How often a place has asked, because it may stand in a loop.
    asked: HashMap<(Arc<str>, u32, u32, &'static str), u64>,
    /// How often a named template is being executed by `include` at this moment.
    included: HashMap<Str, u32>,
}

/// How often `include` may execute one name inside of itself.
const MAX_NESTED_INCLUDES: u32 = 1000;

impl ReleaseHost {
    /// A host with nothing used yet.
    pub fn new(entropy: Entropy) -> Self {
        Self { entropy, uses: Vec::new(), places: HashSet::new(), asked: HashMap::new(), included: HashMap::new() }
    }

    /// Where the input did not determine values, in the order in which they were first made.
    pub fn into_uses(self) -> Vec<NondeterministicUse> {
        self.uses
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

    fn record(&mut self, site: &Site) {
        let used = NondeterministicUse {
            function: site.function,
            template: Arc::clone(&site.template),
            line: site.line,
            col: site.col,
        };
        // A loop comes by many times.
        if self.places.insert(used.clone()) {
            self.uses.push(used);
        }
    }
}

impl Host for ReleaseHost {
    fn fill_random(&mut self, site: &Site, buffer: &mut [u8]) {
        self.record(site);
        let (seed, address) = match &self.entropy {
            Entropy::System => return OsRng.fill_bytes(buffer),
            Entropy::Seeded { seed, address, .. } => (seed, address),
        };
        let asked = self.asked.entry((Arc::clone(&site.template), site.line, site.col, site.function)).or_default();
        let mut base = Sha256::new();
        for part in [&**seed, address.as_bytes(), site.template.as_bytes(), site.function.as_bytes()] {
            base.update((part.len() as u64).to_le_bytes());
            base.update(part);
        }
        base.update(site.line.to_le_bytes());
        base.update(site.col.to_le_bytes());
        base.update(asked.to_le_bytes());
        *asked += 1;
        for (block, piece) in buffer.chunks_mut(32).enumerate() {
            let mut hash = base.clone();
            hash.update((block as u64).to_le_bytes());
            piece.copy_from_slice(&hash.finalize()[..piece.len()]);
        }
    }

    fn now(&mut self, site: &Site) -> (i64, u32) {
        self.record(site);
        match &self.entropy {
            Entropy::Seeded { time, .. } => *time,
            Entropy::System => match SystemTime::now().duration_since(UNIX_EPOCH) {
                Ok(since) => (i64::try_from(since.as_secs()).unwrap_or(i64::MAX), since.subsec_nanos()),
                Err(before) => (-i64::try_from(before.duration().as_secs()).unwrap_or(i64::MAX), 0),
            },
        }
    }

    fn as_any(&mut self) -> &mut dyn Any {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(col: u32) -> Site {
        Site { function: "randAlphaNum", template: Arc::from("a/templates/x.yaml"), line: 1, col }
    }

    fn draw(address: &str, col: u32, times: usize) -> Vec<Vec<u8>> {
        let entropy = Entropy::Seeded { seed: Arc::from(&b"s"[..]), address: Arc::from(address), time: (0, 0) };
        let mut host = ReleaseHost::new(entropy);
        let draws = (0..times).map(|_| {
            let mut buffer = vec![0; 40];
            host.fill_random(&site(col), &mut buffer);
            buffer
        });
        draws.collect()
    }

    #[test]
    fn seeded_bytes_repeat_and_differ_by_release_place_and_count() {
        assert_eq!(draw("prod/a", 3, 2), draw("prod/a", 3, 2));
        let twice = draw("prod/a", 3, 2);
        assert_ne!(twice[0], twice[1]);
        assert_ne!(draw("prod/a", 3, 1), draw("prod/b", 3, 1));
        assert_ne!(draw("prod/a", 3, 1), draw("prod/a", 4, 1));
    }

    #[test]
    fn a_place_in_a_loop_is_recorded_once() {
        let mut host = ReleaseHost::new(Entropy::System);
        for col in [3, 4, 3, 3] {
            host.now(&site(col));
        }
        assert_eq!(host.into_uses().iter().map(|used| used.col).collect::<Vec<_>>(), [3, 4]);
    }

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
