//! Values that a chart's input does not determine: where they come from, and who asked.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use rsa::rand_core::{OsRng, RngCore};
use sha2::{Digest, Sha256};

use crate::gotmpl::{CallError, Site};

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
    /// From nowhere: a function that asks fails.
    Refused,
}

/// What a function asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Asked {
    /// Random bytes.
    Random,
    /// The time.
    Time,
}

/// A place that made a value which the input did not determine.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NondeterministicUse {
    /// The file being rendered.
    pub file: Arc<str>,
    /// The text that holds the call: a file's path, or `gotpl` in a text that `tpl` executes.
    pub template: Arc<str>,
    /// 1-based line.
    pub line: u32,
    /// 0-based byte column.
    pub col: u32,
    /// The function.
    pub function: &'static str,
    /// What it asked for. A certificate asks for both.
    pub asked: Asked,
}

impl NondeterministicUse {
    /// The place in words, with 1-based columns: where the call stands, and for which file it was
    /// made when that is another one.
    pub fn place(&self) -> String {
        place(&self.file, &self.template, self.line, self.col)
    }
}

/// A call's place in words.
pub fn place(file: &str, template: &str, line: u32, col: u32) -> String {
    let position = format!("{template}:{line}:{}", col + 1);
    if file.is_empty() || file == template { position } else { format!("{position} for {file}") }
}

/// The source of such values during one release, and the record of those who asked.
///
/// A seeded value depends on the seed, the release's address, the file being rendered, the text
/// that holds the call, the function, and how many times that function was called from that text
/// for that file. So lines may move, and other files change, without changing it.
pub struct Draws {
    entropy: Entropy,
    file: Arc<str>,
    drawn: HashMap<(Arc<str>, &'static str), u64>,
    uses: Vec<NondeterministicUse>,
    known: HashSet<NondeterministicUse>,
}

impl Draws {
    /// A source from which nothing was drawn yet.
    pub fn new(entropy: Entropy) -> Self {
        Self { entropy, file: Arc::from(""), drawn: HashMap::new(), uses: Vec::new(), known: HashSet::new() }
    }

    /// The places that asked, each once, in the order in which they asked first.
    pub fn into_uses(self) -> Vec<NondeterministicUse> {
        self.uses
    }

    /// The file being rendered.
    pub fn file(&self) -> &Arc<str> {
        &self.file
    }

    /// From now on `file` is being rendered.
    pub fn begin(&mut self, file: &str) {
        self.file = Arc::from(file);
        self.drawn.clear();
    }

    /// Fills `buffer` with random bytes for a call.
    pub fn random(&mut self, site: &Site, buffer: &mut [u8]) -> Result<(), CallError> {
        self.record(site, Asked::Random);
        let (seed, address) = match &self.entropy {
            Entropy::Refused => return Err(refused()),
            Entropy::System => {
                OsRng.fill_bytes(buffer);
                return Ok(());
            }
            Entropy::Seeded { seed, address, .. } => (seed, address),
        };
        let drawn = self.drawn.entry((Arc::clone(&site.template), site.function)).or_default();
        let mut base = Sha256::new();
        let parts =
            [&**seed, address.as_bytes(), self.file.as_bytes(), site.template.as_bytes(), site.function.as_bytes()];
        for part in parts {
            base.update((part.len() as u64).to_le_bytes());
            base.update(part);
        }
        base.update(drawn.to_le_bytes());
        *drawn += 1;
        for (block, piece) in buffer.chunks_mut(32).enumerate() {
            let mut hash = base.clone();
            hash.update((block as u64).to_le_bytes());
            piece.copy_from_slice(&hash.finalize()[..piece.len()]);
        }
        Ok(())
    }

    /// The time for a call, in seconds and nanoseconds since 1970.
    pub fn now(&mut self, site: &Site) -> Result<(i64, u32), CallError> {
        self.record(site, Asked::Time);
        match &self.entropy {
            Entropy::Refused => Err(refused()),
            Entropy::Seeded { time, .. } => Ok(*time),
            Entropy::System => Ok(match SystemTime::now().duration_since(UNIX_EPOCH) {
                Ok(since) => (i64::try_from(since.as_secs()).unwrap_or(i64::MAX), since.subsec_nanos()),
                Err(before) => (-i64::try_from(before.duration().as_secs()).unwrap_or(i64::MAX), 0),
            }),
        }
    }

    fn record(&mut self, site: &Site, asked: Asked) {
        let used = NondeterministicUse {
            asked,
            function: site.function,
            file: Arc::clone(&self.file),
            template: Arc::clone(&site.template),
            line: site.line,
            col: site.col,
        };
        if self.known.insert(used.clone()) {
            self.uses.push(used);
        }
    }
}

fn refused() -> CallError {
    "the input does not determine the result, and nondeterminism is `error`: set the value, or choose `seed`".into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELPERS: &str = "a/templates/_helpers.tpl";

    fn seeded(address: &str) -> Draws {
        Draws::new(Entropy::Seeded { seed: Arc::from(&b"s"[..]), address: Arc::from(address), time: (5, 0) })
    }

    fn draw(draws: &mut Draws, function: &'static str, template: &str, line: u32) -> Vec<u8> {
        let site = Site { function, template: Arc::from(template), line, col: 3 };
        let mut buffer = vec![0; 40];
        draws.random(&site, &mut buffer).unwrap();
        buffer
    }

    /// What the first file gets, after other files and other functions asked.
    fn after(address: &str, others: &[(&str, &'static str, &str)]) -> Vec<Vec<u8>> {
        let mut draws = seeded(address);
        for (file, function, template) in others {
            draws.begin(file);
            draw(&mut draws, function, template, 1);
        }
        draws.begin("a/templates/x.yaml");
        (1..4).map(|line| draw(&mut draws, "randAlphaNum", HELPERS, line)).collect()
    }

    #[test]
    fn seeded_bytes_repeat_and_differ_by_release_and_count() {
        let first = after("prod/a", &[]);
        assert_eq!(first, after("prod/a", &[]));
        assert!(first[0] != first[1] && first[1] != first[2]);
        assert_ne!(first, after("prod/b", &[]));
    }

    #[test]
    fn other_files_and_moved_lines_change_nothing() {
        let others = [("a/templates/y.yaml", "randAlphaNum", HELPERS), ("a/templates/z.yaml", "genCA", HELPERS)];
        assert_eq!(after("prod/a", &[]), after("prod/a", &others));
        let mut draws = seeded("prod/a");
        draws.begin("a/templates/x.yaml");
        draw(&mut draws, "uuidv4", HELPERS, 1);
        draw(&mut draws, "randAlphaNum", "a/templates/x.yaml", 1);
        assert_eq!(draw(&mut draws, "randAlphaNum", HELPERS, 70), after("prod/a", &[])[0]);
    }

    #[test]
    fn places_are_recorded_once() {
        let mut draws = seeded("a");
        draws.begin("f");
        (0..3).for_each(|_| drop(draw(&mut draws, "uuidv4", "f", 2)));
        let site = Site { function: "uuidv4", template: Arc::from("f"), line: 2, col: 3 };
        assert_eq!(draws.now(&site).unwrap(), (5, 0));
        assert_eq!(draws.into_uses().iter().map(|used| used.asked).collect::<Vec<_>>(), [Asked::Random, Asked::Time]);
    }

    #[test]
    fn refusal_is_an_error() {
        let site = Site { function: "now", template: Arc::from("f"), line: 2, col: 3 };
        let mut draws = Draws::new(Entropy::Refused);
        assert!(draws.now(&site).is_err());
        assert!(draws.random(&site, &mut [0; 4]).is_err());
        assert_eq!(draws.into_uses().len(), 2);
    }
}
