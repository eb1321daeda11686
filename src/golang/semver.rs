/// A Masterminds/semver v3 version.
#[derive(Clone, Debug)]
pub struct Version {
    /// Major.
    pub major: u64,
    /// Minor.
    pub minor: u64,
    /// Patch.
    pub patch: u64,
    /// After `-`.
    pub pre: String,
    /// After `+`.
    pub metadata: String,
    /// As written.
    pub original: String,
}
impl Version {
    /// Lenient parsing, as `semver.NewVersion`; the error is its text.
    pub fn parse(text: &str) -> Result<Self, String> {
        let _ = text;
        Err(String::new())
    }
    /// Strict parsing, as `semver.StrictNewVersion`.
    pub fn parse_strict(text: &str) -> Result<Self, String> {
        let _ = text;
        Err(String::new())
    }
}
/// A Masterminds/semver v3 constraint.
#[derive(Clone, Debug)]
pub struct Constraints(());
impl Constraints {
    /// Parses a constraint; the error is Masterminds' text.
    pub fn parse(text: &str) -> Result<Self, String> {
        let _ = text;
        Err(String::new())
    }
    /// Whether the version satisfies it.
    pub fn check(&self, version: &Version) -> bool {
        let _ = version;
        false
    }
}
