use std::fmt;
use std::sync::LazyLock;

use regex::bytes::Regex;

use crate::diag::{Code, Diagnostic};
use crate::render::{UnitCache, UnitKey};
use crate::source::{CacheAhead, CacheReport, RemoteCache};

const PROBLEM: Code = Code("cache.unusable");

/// A kind that is kept on this machine, however it is written.
static SECRET: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?m)["']?\bkind["']?\s*:\s*["']?Secret["']?\s*([,}\r\n#]|$)"#).ok());

/// The results of other machines. A result that holds a Secret is neither put there nor taken from there: a
/// cache is read by more people than a cluster is.
pub struct SharedCache {
    remote: CacheAhead,
}

impl fmt::Debug for SharedCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.remote.fmt(f)
    }
}

impl SharedCache {
    /// Over a server.
    pub fn new(remote: RemoteCache) -> Self {
        Self { remote: CacheAhead::new(remote) }
    }

    /// What was done with it, when everything that was put is there.
    pub fn report(&self) -> CacheReport {
        self.remote.report()
    }

    /// What went wrong with it: warnings, as it only made the run slower.
    pub fn problems(&self) -> Vec<Diagnostic> {
        let problems = self.remote.report().problems;
        problems.into_iter().map(|problem| Diagnostic::warning(PROBLEM, problem)).collect()
    }
}

impl UnitCache for SharedCache {
    fn expect(&self, keys: &[UnitKey]) {
        self.remote.expect(keys.iter().map(|key| key.0));
    }

    fn get(&self, key: &UnitKey) -> Option<Vec<u8>> {
        self.remote.get(&key.0)
    }

    fn put(&self, key: &UnitKey, result: &[u8]) {
        if !holds_secret(result) {
            self.remote.put(&key.0, result);
        }
    }
}

/// Whether a result holds a Secret, or cannot be looked at.
fn holds_secret(result: &[u8]) -> bool {
    SECRET.as_ref().is_none_or(|pattern| pattern.is_match(result))
}

#[cfg(test)]
mod tests {
    use super::holds_secret;

    #[test]
    fn secrets_are_found_however_they_are_written() {
        for text in [
            "a: 1\nkind: Secret\n",
            "kind: \"Secret\"",
            "{\"kind\":\"Secret\",\"x\":1}",
            "kind:   'Secret' # x",
            "- kind: Secret\r\n",
        ] {
            assert!(holds_secret(text.as_bytes()), "{text}");
        }
        for text in [
            "kind: SecretStore\n",
            "kind: ExternalSecret\n",
            "mykind: Secret\n",
            "kind: SealedSecret",
            "name: Secret\n",
        ] {
            assert!(!holds_secret(text.as_bytes()), "{text}");
        }
    }
}
