//! Signatures of charts: which keyring, which provenance file, and what is said of who signed.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::source::{Keyring, Signer, check_provenance, sha256_hex};

use super::command::{Action, Arguments};
use super::failure::{Outcome, go_words};
use super::flags::KEYRING;
use super::pflag::{Flag, Words};
use super::settings;

/// `helm verify`.
pub const ACTION: Action = Action { usage: "PATH", arguments: Arguments::One, flags: &[FLAGS], run };

static FLAGS: &[Flag] = &[KEYRING];

/// What is made of the signature of a chart that is fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signatures {
    /// It is not asked for.
    Ignore,
    /// It is fetched if there is one.
    Fetch,
    /// If there is one it must hold.
    CheckIfThere(PathBuf),
    /// There must be one and it must hold.
    Check(PathBuf),
}

/// An archive whose signature holds.
pub struct Signed {
    signer: Signer,
    sha256: String,
}

impl Signed {
    /// What helm says of it.
    pub fn report(&self) -> String {
        let names: String = self.signer.names.iter().map(|name| format!("Signed by: {name}\n")).collect();
        let Signer { fingerprint, .. } = &self.signer;
        format!("{names}Using Key With Fingerprint: {fingerprint}\nChart Hash Verified: sha256:{}\n", self.sha256)
    }
}

fn run(words: Words) -> Outcome {
    let path = words.arguments.first().map_or("", String::as_str);
    Ok(verify(Path::new(path), &keyring(&words))?.report().into_bytes())
}

/// The keyring that the flags name, else the one that GnuPG had before version 2.1.
pub fn keyring(words: &Words) -> PathBuf {
    if let Some(path) = words.last("keyring") {
        return path.into();
    }
    match std::env::var_os("GNUPGHOME") {
        Some(folder) => Path::new(&folder).join("pubring.gpg"),
        None => Path::new(&settings::variable("HOME")).join(".gnupg/pubring.gpg"),
    }
}

/// Checks the signature of an archive, which stands beside it in `ARCHIVE.prov`.
pub fn verify(path: &Path, keyring: &Path) -> Result<Signed, String> {
    let meta = fs::metadata(path).map_err(|error| format!("stat {}: {}", path.display(), go_words(&error)))?;
    if meta.is_dir() {
        return Err("unpacked charts cannot be verified".to_owned());
    }
    if path.extension().is_none_or(|end| !end.eq_ignore_ascii_case("tgz")) {
        return Err("chart must be a tgz file".to_owned());
    }
    let provenance = PathBuf::from(format!("{}.prov", path.display()));
    let shown = provenance.display();
    let meta = fs::metadata(&provenance)
        .map_err(|error| format!("could not load provenance file {shown}: stat {shown}: {}", go_words(&error)))?;
    let open = |path: &Path| fs::read(path).map_err(|error| format!("open {}: {}", path.display(), go_words(&error)));
    let ring = open(keyring).and_then(|bytes| Keyring::parse(&bytes).map_err(|error| error.to_string()));
    let ring = ring.map_err(|error| format!("failed to load keyring: {error}"))?;
    if meta.is_dir() {
        return Err(format!("{shown} cannot be a directory"));
    }
    let (archive, text) = (open(path)?, open(&provenance)?);
    let sha256 = sha256_hex(&archive);
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let signer = check_provenance(&name, &sha256, &text, &ring, now).map_err(|error| error.to_string())?;
    Ok(Signed { signer, sha256 })
}
