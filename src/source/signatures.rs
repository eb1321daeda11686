use super::error::{SIGNATURE, SourceError, foreign};
use super::lock::Lock;
use super::openpgp::Keyring;
use super::pin::Pin;
use super::provenance::check_provenance;

/// Which charts must be signed, and by whose keys.
#[derive(Clone, Debug, Default)]
pub struct Signatures {
    rules: Vec<Rule>,
}

/// The charts of one source.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    source: String,
    keyring: Keyring,
    shown: String,
}

impl Signatures {
    /// Asks that every chart whose repository has this URL, or one below it, is signed by a key of the
    /// keyring. `shown` names the keyring in messages. Of several that fit the longest URL counts.
    pub fn require(&mut self, source: &str, keyring: Keyring, shown: &str) {
        let source = source.trim_end_matches('/').to_owned();
        self.rules.push(Rule { source, keyring, shown: shown.to_owned() });
    }

    /// What a repository has to do.
    pub(super) fn rule(&self, url: &str) -> Option<&Rule> {
        let below =
            |rule: &&Rule| url.strip_prefix(&*rule.source).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        self.rules.iter().filter(below).max_by_key(|rule| rule.source.len())
    }

    /// Whether a pin has what its repository must have: for a chart, the mark that it was found to be
    /// signed by one of the keys.
    pub(super) fn accept(&self, pin: &Pin) -> bool {
        let Pin::Chart { url, signed_by, .. } = pin else { return true };
        self.rule(url).is_none_or(|rule| signed_by.as_ref().is_some_and(|key| rule.keyring.has(key)))
    }

    /// The pins of a lock that lack it.
    pub fn lacking(&self, lock: &Lock) -> Vec<SourceError> {
        let lacking = lock.entries().filter(|(_, entry)| !self.accept(&entry.pin));
        let refused = |pin: &Pin| {
            let shown = self.rule(pin.url()).map_or("", |rule| &rule.shown);
            let message = format!("the lock does not say that {} is signed by a key of `{shown}`", named(pin));
            SourceError::policy(SIGNATURE, message).help("run `kiln install`, which checks the signature")
        };
        lacking.map(|(_, entry)| refused(&entry.pin)).collect()
    }
}

impl Rule {
    /// Checks a provenance file for an archive with a file name. Gives the fingerprint of the key that
    /// signed it.
    pub(super) fn check(&self, pin: &Pin, file: &str, provenance: &[u8], now: u64) -> Result<String, SourceError> {
        let signer = check_provenance(file, pin.sha256(), provenance, &self.keyring, now)
            .map_err(|error| self.refuse(pin, &error.to_string()))?;
        match signer.is_weak {
            true => Err(self.refuse(pin, "the signature is made over SHA-1, which no longer proves anything")),
            false => Ok(signer.fingerprint),
        }
    }

    pub(super) fn refuse(&self, pin: &Pin, why: &str) -> SourceError {
        let message = format!("{} must be signed by a key of `{}`: {}", named(pin), self.shown, foreign(why));
        SourceError::policy(SIGNATURE, message)
            .help("take the chart from whoever signs it; which sources must be signed stands in `trust.charts` of `kiln.yaml`")
    }
}

fn named(pin: &Pin) -> String {
    let url = super::address::shown(pin.url());
    match pin {
        Pin::Chart { chart, version, .. } => format!("chart `{}` {} of {url}", foreign(chart), foreign(version)),
        Pin::Git { .. } | Pin::Http { .. } => url,
    }
}
