//! Signatures of OpenPGP, as far as it takes to check who signed a chart.
//!
//! A keyring and a clear-signed text enter; the text leaves with the key that signed it. Keys and
//! signatures of version 4 with RSA, DSA, ECDSA over P-256 and Ed25519 are known. What counts as valid
//! is what counts for the library that Helm 3.21 uses, and errors are its texts. Nothing is signed,
//! encrypted or fetched here.

mod armor;
mod cursor;
mod entity;
mod error;
mod hash;
mod key;
mod keyring;
mod signature;
mod verify;

pub(super) use armor::clear_signed;
pub use error::OpenPgpError;
pub use keyring::{Keyring, Signer};

#[cfg(test)]
mod tests;
