use super::openpgp::{Keyring, OpenPgpError, Signer, clear_signed};
use crate::value::Frozen;
use crate::yaml;

/// Why a chart's provenance file does not vouch for it, in the words of Helm.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProvenanceError {
    /// There is no signed text in it.
    #[error("failed to decode signature: signature block not found")]
    NoSignature,
    /// The signature does not hold.
    #[error("{0}")]
    Signature(#[from] OpenPgpError),
    /// The signed text does not have the two parts of a provenance file.
    #[error("message block must have at least two parts")]
    OnePart,
    /// The signed text is not YAML.
    #[error("{0}")]
    NotYaml(String),
    /// It is about other files.
    #[error("provenance does not contain a SHA for a file named {0:?}")]
    NoSuchFile(String),
    /// It is about another content.
    #[error("sha256 sum does not match for {file}: {expected:?} != {found:?}")]
    OtherContent {
        /// The name of the archive.
        file: String,
        /// The digest that was signed.
        expected: String,
        /// The digest that the archive has.
        found: String,
    },
}

/// Checks that a provenance file (`CHART.tgz.prov`) vouches for an archive: that a key of the keyring
/// signed it, and that it names the archive's file name with its SHA-256. `now` is in seconds since
/// 1970. Gives who signed it.
pub fn check_provenance(
    file: &str,
    sha256: &str,
    provenance: &[u8],
    keyring: &Keyring,
    now: u64,
) -> Result<Signer, ProvenanceError> {
    let block = clear_signed(provenance).ok_or(ProvenanceError::NoSignature)?;
    let signer = keyring.signer(&block.signed, &block.signature, now)?;
    let text = String::from_utf8_lossy(&block.text);
    let mut parts = text.split("\n...\n");
    let (Some(metadata), Some(sums)) = (parts.next(), parts.next()) else { return Err(ProvenanceError::OnePart) };
    let not_yaml = |error: yaml::YamlError| ProvenanceError::NotYaml(error.message);
    yaml::load(metadata.as_bytes()).map_err(not_yaml)?;
    let sums = yaml::load(sums.as_bytes()).map_err(not_yaml)?;
    let expected = sums.get("files").and_then(|files| files.get(file)).and_then(Frozen::as_str);
    let expected = expected.ok_or_else(|| ProvenanceError::NoSuchFile(file.to_owned()))?;
    let found = format!("sha256:{sha256}");
    if expected != found {
        return Err(ProvenanceError::OtherContent { file: file.to_owned(), expected: expected.to_owned(), found });
    }
    Ok(signer)
}
