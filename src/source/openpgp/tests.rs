//! The keys and signatures in `testdata/source/openpgp` were made with GnuPG 2.2; each file `NAME.prov`
//! is signed by the key `NAME@example.invalid`, over the same text.

use std::fs;
use std::path::PathBuf;

use super::*;
use crate::source::provenance::{ProvenanceError, check_provenance};

/// Some day after the keys were made.
const NOW: u64 = 1_800_000_000;
const SHA256: &str = "0eb3e36bfb24dcd9bb1d1bece1531216b59539a8fde17ee80224af0653c92aa3";

fn data(name: &str) -> Vec<u8> {
    fs::read(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata/source/openpgp").join(name)).unwrap()
}

fn checked(name: &str, now: u64) -> Result<Signer, ProvenanceError> {
    let keyring = Keyring::parse(&data("all.gpg")).unwrap();
    check_provenance("web-1.0.0.tgz", SHA256, &data(&format!("{name}.prov")), &keyring, now)
}

#[test]
fn signatures_of_every_known_algorithm_hold() {
    for (file, name, fingerprint) in [
        ("rsa", "rsa", "F7D06F9C488609BD7C15B1508AC4F8BB82FF8205"),
        ("sha384", "rsa", "F7D06F9C488609BD7C15B1508AC4F8BB82FF8205"),
        ("sha1", "rsa", "F7D06F9C488609BD7C15B1508AC4F8BB82FF8205"),
        ("dsa", "dsa", "A2334FE027901875CA939BC4A0F0DFBC3E0A1BAF"),
        ("ed25519", "ed25519", "D97B71ED195BC841966CED4EC203C94DAB476867"),
        ("p256", "p256", "F64AAE903C74E36E82F7943A9F5DC0A952EDC4CB"),
        // Signed by a key below the main one.
        ("subkey", "subkey", "734492F31C38689AE67FE49BA81849B031D0E9C8"),
    ] {
        let signer = checked(file, NOW).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert_eq!(signer.names, [format!("{name} <{name}@example.invalid>")]);
        assert_eq!(signer.fingerprint, fingerprint);
        assert_eq!(signer.is_weak, file == "sha1");
    }
}

#[test]
fn signatures_that_do_not_count_are_told_apart() {
    let refusal = |name: &str, now: u64| checked(name, now).unwrap_err();
    assert_eq!(refusal("expired", NOW), OpenPgpError::KeyExpired.into());
    assert!(checked("expired", 1_577_880_000).is_ok(), "it held on its day");
    assert_eq!(refusal("rsa", 1_577_880_000), OpenPgpError::KeyExpired.into(), "made later");
    assert_eq!(refusal("revoked", NOW), OpenPgpError::KeyRevoked.into());
    assert_eq!(refusal("p384", NOW), OpenPgpError::UnknownSigner.into(), "a curve that is not known");
    let other = Keyring::parse(&data("ed25519.gpg")).unwrap();
    let unknown = check_provenance("web-1.0.0.tgz", SHA256, &data("rsa.prov"), &other, NOW).unwrap_err();
    assert_eq!(unknown.to_string(), "openpgp: signature made by unknown entity");
}

#[test]
fn a_changed_text_a_changed_signature_and_another_archive_are_refused() {
    let keyring = Keyring::parse(&data("all.gpg")).unwrap();
    let check = |file: &str, sha256: &str, text: &str| {
        check_provenance(file, sha256, text.as_bytes(), &keyring, NOW).unwrap_err().to_string()
    };
    for (name, words) in [("rsa", "RSA"), ("dsa", "DSA"), ("ed25519", "EdDSA"), ("p256", "ECDSA")] {
        let text = String::from_utf8(data(&format!("{name}.prov"))).unwrap();
        let changed = text.replace("version: 1.0.0", "version: 1.0.1");
        let expected = format!("openpgp: invalid signature: {words} verification failure");
        assert_eq!(check("web-1.0.0.tgz", SHA256, &changed), expected);
        assert_eq!(
            check("other.tgz", SHA256, &text),
            "provenance does not contain a SHA for a file named \"other.tgz\""
        );
        let zeros = "0".repeat(64);
        assert_eq!(
            check("web-1.0.0.tgz", &zeros, &text),
            format!("sha256 sum does not match for web-1.0.0.tgz: \"sha256:{SHA256}\" != \"sha256:{zeros}\"")
        );
        // Spaces at the ends of lines are nobody's, and neither is the kind of line end.
        let spaced = text.replace("version: 1.0.0\n", "version: 1.0.0 \t\r\n");
        assert!(check_provenance("web-1.0.0.tgz", SHA256, spaced.as_bytes(), &keyring, NOW).is_ok());
    }
    assert_eq!(check("x", SHA256, "no signature"), "failed to decode signature: signature block not found");
}

#[test]
fn keyrings_are_read_as_packets_or_as_text() {
    let armored = data("rsa.asc");
    assert!(Keyring::parse_any(&armored).unwrap().has("f7d06f9c488609bd7c15b1508ac4f8bb82ff8205"));
    let words = Keyring::parse(&armored).unwrap_err().to_string();
    assert_eq!(words, "openpgp: invalid data: tag byte does not have MSB set");
    assert!(Keyring::parse(b"").unwrap().signer(b"", b"", NOW).is_err());
}

#[test]
fn damaged_keyrings_and_signatures_never_panic() {
    let (ring, text) = (data("all.gpg"), data("subkey.prov"));
    let block = clear_signed(&text).unwrap();
    let whole = Keyring::parse(&ring).unwrap();
    // Every part of a small ring, and some of all of them.
    for (ring, step) in [(data("ed25519.gpg"), 1), (ring, 61)] {
        for at in (0..ring.len()).step_by(step) {
            let mut damaged = ring.clone();
            damaged[at] ^= 0x55;
            let _ = Keyring::parse(&damaged).map(|ring| ring.signer(&block.signed, &block.signature, NOW));
            let _ = Keyring::parse(&ring[..at]);
        }
    }
    for at in 0..block.signature.len() {
        let mut damaged = block.signature.clone();
        damaged[at] ^= 0x55;
        let _ = whole.signer(&block.signed, &damaged, NOW);
        assert!(whole.signer(&block.signed, &block.signature[..at], NOW).is_err());
    }
}
