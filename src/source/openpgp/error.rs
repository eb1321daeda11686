/// Why a keyring cannot be read or a signature does not hold, in the words of the library that Helm
/// uses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenPgpError {
    /// The bytes make no sense.
    #[error("openpgp: invalid data: {0}")]
    Structure(String),
    /// They may make sense to others.
    #[error("openpgp: unsupported feature: {0}")]
    Unsupported(String),
    /// The signature is not one of the text, or not of the key.
    #[error("openpgp: invalid signature: {0}")]
    Signature(String),
    /// None of the keys has made the signature.
    #[error("openpgp: signature made by unknown entity")]
    UnknownSigner,
    /// The key was taken back.
    #[error("openpgp: signature made by revoked key")]
    KeyRevoked,
    /// The key's time is over, or yet to come.
    #[error("openpgp: key expired")]
    KeyExpired,
    /// The signature's time is over, or yet to come.
    #[error("openpgp: signature expired")]
    SignatureExpired,
    /// The bytes end early.
    #[error("unexpected EOF")]
    UnexpectedEnd,
    /// There are no bytes.
    #[error("EOF")]
    Empty,
}

pub(super) type Result<T> = std::result::Result<T, OpenPgpError>;

pub(super) fn structure(what: impl Into<String>) -> OpenPgpError {
    OpenPgpError::Structure(what.into())
}

pub(super) fn unsupported(what: impl Into<String>) -> OpenPgpError {
    OpenPgpError::Unsupported(what.into())
}
