use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use sha2::{Digest, Sha256};

/// More shards than this are taken for a mistake.
const MOST: u32 = 10_000;

/// A part of a run: the `index`-th of `count`, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shard {
    index: NonZeroU32,
    count: NonZeroU32,
}

/// Numbers that are no shard.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShardSyntaxError {
    /// Not of the form `i/n`.
    #[error("`{0}` is no shard: write `i/n`, such as `3/8`")]
    Form(String),
    /// Not from 1 to the number of shards.
    #[error("there is no shard {index} of {count}: shards are counted from 1 to {count}")]
    Range {
        /// The number of the shard.
        index: u64,
        /// The number of shards.
        count: u64,
    },
    /// No shards, or too many.
    #[error("{0} shards are not possible: from 1 to {MOST} are")]
    Count(u64),
}

impl Shard {
    /// The `index`-th of `count` shards, counted from 1.
    ///
    /// # Errors
    /// When there is no such shard.
    pub fn new(index: u64, count: u64) -> Result<Self, ShardSyntaxError> {
        let number =
            |number: u64| u32::try_from(number).ok().filter(|number| *number <= MOST).and_then(NonZeroU32::new);
        let of = number(count).ok_or(ShardSyntaxError::Count(count))?;
        match number(index).filter(|index| *index <= of) {
            Some(index) => Ok(Self { index, count: of }),
            None => Err(ShardSyntaxError::Range { index, count }),
        }
    }

    /// Its number, from 1.
    pub fn index(self) -> u32 {
        self.index.get()
    }

    /// How many shards there are.
    pub fn count(self) -> u32 {
        self.count.get()
    }

    /// Whether the cluster of this name belongs to the shard. Each name belongs to one of the shards,
    /// whatever other names there are; with one shard more, only names that the new one gets move.
    pub fn owns(self, name: &str) -> bool {
        owner(name, self.count) == self.index.get()
    }
}

/// The shard that a name belongs to, by rendezvous hashing: the one with the highest weight, of equal
/// ones the first. The weight of shard `k` is what the generator SplitMix64 gives in the state
/// `h + k · 0x9E3779B97F4A7C15`, where `h` is the first 8 bytes, the highest first, of the SHA-256 of the
/// name.
fn owner(name: &str, count: NonZeroU32) -> u32 {
    let digest = Sha256::digest(name.as_bytes());
    let start = digest.iter().take(8).fold(0, |number: u64, byte| number << 8 | u64::from(*byte));
    let (mut best, mut highest) = (1, 0);
    for index in 1..=count.get() {
        let weight = mixed(start.wrapping_add(u64::from(index).wrapping_mul(0x9E37_79B9_7F4A_7C15)));
        if index == 1 || weight > highest {
            (best, highest) = (index, weight);
        }
    }
    best
}

/// The finalizer of SplitMix64.
fn mixed(state: u64) -> u64 {
    let state = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    state ^ (state >> 31)
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

impl FromStr for Shard {
    type Err = ShardSyntaxError;

    fn from_str(text: &str) -> Result<Self, ShardSyntaxError> {
        let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u64>().ok());
        let parts = text.split_once('/').and_then(|(index, count)| Some((number(index)??, number(count)??)));
        let (index, count) = parts.ok_or_else(|| ShardSyntaxError::Form(text.to_owned()))?;
        Self::new(index, count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner_of(name: &str, count: u32) -> u32 {
        owner(name, NonZeroU32::new(count).unwrap())
    }

    #[test]
    fn each_name_has_one_shard_and_shards_are_about_equal() {
        let names: Vec<String> = (0..4000).map(|at| format!("cluster-{at}")).collect();
        for count in [1_u32, 2, 3, 8, 50] {
            let mut sizes = vec![0; count as usize];
            for name in &names {
                let owners: Vec<u64> = (1..=u64::from(count))
                    .filter(|index| Shard::new(*index, count.into()).unwrap().owns(name))
                    .collect();
                assert_eq!(owners.len(), 1, "{name} of {count}");
                sizes[owners[0] as usize - 1] += 1;
            }
            let fair = 4000 / i32::try_from(count).unwrap();
            assert!(sizes.iter().all(|size: &i32| (size - fair).abs() < 40 + fair / 4), "{count}: {sizes:?}");
        }
    }

    #[test]
    fn one_shard_more_takes_from_the_others_and_moves_nothing_else() {
        let names: Vec<String> = (0..2000).map(|at| format!("c{at}")).collect();
        for count in 1..12 {
            let moved: Vec<u32> = names
                .iter()
                .filter(|name| owner_of(name, count) != owner_of(name, count + 1))
                .map(|name| owner_of(name, count + 1))
                .collect();
            assert!(moved.iter().all(|owner| *owner == count + 1));
            assert!(moved.len() < 2000 / (count as usize + 1) + 100, "{count}: {}", moved.len());
        }
    }

    /// Computed by another program from the documented rule: who runs which cluster must not change from
    /// release to release.
    #[test]
    fn the_rule_is_as_documented() {
        let owners: Vec<u32> =
            ["amber-badger", "ember-newt", "fern-finch", "blue", "green", "ä", ""].map(|name| owner_of(name, 8)).into();
        assert_eq!(owners, KNOWN);
    }

    const KNOWN: [u32; 7] = [1, 7, 1, 5, 4, 1, 2];

    #[test]
    fn what_is_no_shard_is_refused() {
        for text in ["", "3", "/", "1/", "/2", "a/2", "1/2/3", "+1/2", "-1/2", "1 /2"] {
            assert!(matches!(text.parse::<Shard>(), Err(ShardSyntaxError::Form(_))), "{text:?}");
        }
        assert!(matches!("0/2".parse::<Shard>(), Err(ShardSyntaxError::Range { index: 0, count: 2 })));
        assert!(matches!("3/2".parse::<Shard>(), Err(ShardSyntaxError::Range { .. })));
        assert!(matches!("1/0".parse::<Shard>(), Err(ShardSyntaxError::Count(0))));
        assert!(matches!("1/10001".parse::<Shard>(), Err(ShardSyntaxError::Count(_))));
        assert_eq!("2/3".parse::<Shard>().unwrap().to_string(), "2/3");
    }
}
