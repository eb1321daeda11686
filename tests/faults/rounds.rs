//! How often, and when: random moments that can be repeated.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How many rounds a test runs: as many as asked for, else its own short number.
pub fn rounds(short: usize) -> usize {
    std::env::var("KILN_FAULTS").ok().and_then(|text| text.parse().ok()).unwrap_or(short)
}

/// Random numbers (SplitMix64), seeded by `KILN_FAULTS_SEED` or the clock. The seed is printed, and shown
/// when the test fails.
pub struct Random {
    state: u64,
}

impl Random {
    pub fn new(test: &str) -> Self {
        let given = std::env::var("KILN_FAULTS_SEED").ok().and_then(|text| text.parse().ok());
        let clock = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |since| since.subsec_nanos().into());
        let state = given.unwrap_or_else(clock);
        eprintln!("{test}: KILN_FAULTS_SEED={state}");
        Self { state }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.state;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// A number below a limit.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit.max(1)
    }

    /// A moment in a run that takes so long, or a little after it.
    pub fn moment(&mut self, whole: Duration) -> Duration {
        let micros = u64::try_from(whole.as_micros()).expect("runs take seconds");
        Duration::from_micros(self.below(micros + micros / 8))
    }
}
