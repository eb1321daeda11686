use std::str::FromStr;

/// How many files may be deleted at once: `20%` of an owner's files, or `200`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeleteBound {
    /// In percent.
    Percent(u32),
    /// In files.
    Files(usize),
}

impl FromStr for DeleteBound {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is neither a number of files nor a percentage such as `20%`");
        match text.trim().strip_suffix('%') {
            Some(percent) => match percent.trim().parse() {
                Ok(percent @ 0..=100) => Ok(Self::Percent(percent)),
                _ => Err(wrong()),
            },
            None => text.trim().parse().map(Self::Files).map_err(|_| wrong()),
        }
    }
}

impl DeleteBound {
    /// Whether the loss of so many files is too much.
    pub(super) fn is_exceeded(self, lost: usize, owned: usize) -> bool {
        match self {
            Self::Percent(percent) => lost as u128 * 100 > u128::from(percent) * owned as u128,
            Self::Files(files) => lost > files,
        }
    }
}
