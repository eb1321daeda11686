use p256::ecdsa::signature::Verifier;
use rsa::pkcs1::DecodeRsaPublicKey;
use sha2::Digest;

use super::der::{self, Reader};
use super::keys::PrivateKey;
use super::pem;
use crate::sprig::tests::call_at;
use crate::value::Value;

fn field(certificate: &Value, name: &str) -> Vec<u8> {
    let Value::Object(object) = certificate else { panic!("no certificate") };
    object.field(name).unwrap().as_bytes().unwrap().to_vec()
}

/// Signed bytes, signature, and the elements of the signed part.
fn opened(certificate: &[u8]) -> (Vec<u8>, Vec<u8>, Vec<Vec<u8>>) {
    let mut whole = Reader::new(certificate);
    let mut parts = Reader::new(whole.expect(der::SEQUENCE).unwrap());
    let body = parts.next().unwrap();
    parts.expect(der::SEQUENCE).unwrap();
    let signature = parts.expect(der::BIT_STRING).unwrap()[1..].to_vec();
    let mut fields = Reader::new(body.content);
    let list = std::iter::from_fn(|| fields.next().map(|field| field.whole.to_vec())).collect();
    (body.whole.to_vec(), signature, list)
}

/// Checks that `certificate` is signed with the key in `signer`.
fn verify(certificate: &[u8], signer: &[u8]) {
    let (label, content) = pem::decode(certificate).unwrap();
    assert_eq!(label, "CERTIFICATE");
    let (body, signature, _) = opened(&content);
    match PrivateKey::from_pem(signer).unwrap() {
        PrivateKey::Ec(key) => {
            let signature = p256::ecdsa::Signature::from_der(&signature).unwrap();
            p256::ecdsa::SigningKey::from(key).verifying_key().verify(&body, &signature).unwrap();
        }
        PrivateKey::Ed25519(key) => {
            let signature = ed25519_dalek::Signature::from_slice(&signature).unwrap();
            key.verifying_key().verify_strict(&body, &signature).unwrap();
        }
        key @ PrivateKey::Rsa(_) => {
            let public = rsa::RsaPublicKey::from_pkcs1_der(&key.public_bytes()).unwrap();
            let scheme = rsa::Pkcs1v15Sign { hash_len: Some(32), prefix: super::keys::SHA256_PREFIX.into() };
            public.verify(scheme, &sha2::Sha256::digest(&body), &signature).unwrap();
        }
        PrivateKey::Dsa(_) => panic!("DSA signs nothing"),
    }
}

#[test]
fn signatures_hold_for_every_kind_of_key() {
    let rsa = call_at(1, "genCA", &["my ca".into(), Value::int(365)]).unwrap();
    verify(&field(&rsa, "Cert"), &field(&rsa, "Key"));
    for kind in ["ecdsa", "ed25519"] {
        let key = call_at(1, "genPrivateKey", &[kind.into()]).unwrap();
        let authority = call_at(2, "genCAWithKey", &["ca".into(), Value::int(365), key.clone()]).unwrap();
        verify(&field(&authority, "Cert"), &field(&authority, "Key"));
        assert_eq!(field(&authority, "Key"), key.as_bytes().unwrap());
        let leaf_key = call_at(3, "genPrivateKey", &["ecdsa".into()]).unwrap();
        let names = Value::list(vec!["svc.ns".into()]);
        let args = ["svc".into(), Value::Nil, names, Value::int(30), authority.clone(), leaf_key];
        let leaf = call_at(4, "genSignedCertWithKey", &args).unwrap();
        verify(&field(&leaf, "Cert"), &field(&authority, "Key"));
    }
}

#[test]
fn certificates_have_the_structure_that_go_writes() {
    let key = call_at(1, "genPrivateKey", &["ecdsa".into()]).unwrap();
    let addresses = Value::list(vec!["10.0.0.1".into(), "::1".into()]);
    let args = ["é".into(), addresses, Value::list(vec!["a.b".into()]), Value::int(10), key];
    let certificate = call_at(2, "genSelfSignedCertWithKey", &args).unwrap();
    let (_, content) = pem::decode(&field(&certificate, "Cert")).unwrap();
    let (_, _, fields) = opened(&content);
    let [version, _, algorithm, issuer, validity, subject, _, extensions] = &fields[..] else { panic!("{fields:?}") };
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    assert_eq!(hex(version), "a003020102");
    assert_eq!(hex(algorithm), "300a06082a8648ce3d040302");
    assert_eq!(hex(subject), "300d310b300906035504030c02c3a9");
    assert_eq!(issuer, subject);
    assert_eq!(&validity[2..], b"\x17\x0d231114221320Z\x17\x0d231124221320Z");
    assert_eq!(
        hex(&extensions[4..]),
        concat!(
            "300e0603551d0f0101ff0404030205a0",
            "301d0603551d250416301406082b0601050507030106082b06010505070302",
            "300c0603551d130101ff04023000",
            "30260603551d11041f301d8203612e6287040a000001871000000000000000000000000000000001",
        )
    );
}

#[test]
fn keys_read_back_as_they_were_written() {
    for kind in ["dsa", "ecdsa", "ed25519"] {
        let key = call_at(1, "genPrivateKey", &[kind.into()]).unwrap();
        let written = String::from_utf8(key.as_bytes().unwrap().to_vec()).unwrap();
        assert_eq!(PrivateKey::from_pem(written.as_bytes()).unwrap().to_pem(), written);
    }
}

/// The public key in a certificate, and its serial number and validity.
fn told(certificate: &Value) -> (Vec<u8>, Vec<u8>, Vec<u8>) {
    let (_, content) = pem::decode(&field(certificate, "Cert")).unwrap();
    let (_, _, fields) = opened(&content);
    (fields[6].clone(), fields[1].clone(), fields[4].clone())
}

#[test]
fn chains_of_made_keys_hold() {
    let authority = call_at(1, "genCA", &["ca".into(), Value::int(365)]).unwrap();
    let names = Value::list(vec!["svc.ns".into()]);
    let args = ["svc".into(), Value::Nil, names, Value::int(30), authority.clone()];
    let leaf = call_at(2, "genSignedCert", &args).unwrap();
    verify(&field(&leaf, "Cert"), &field(&authority, "Key"));
    for certificate in [&authority, &leaf] {
        let key = PrivateKey::from_pem(&field(certificate, "Key")).unwrap();
        let (public, _, validity) = told(certificate);
        assert_eq!(key.public_info().unwrap(), public, "the key is the certificate's");
        assert_eq!(&validity[4..17], b"231114221320Z", "valid from the host's time");
        let PrivateKey::Rsa(key) = key else { panic!("an RSA key") };
        key.validate().unwrap();
        assert_eq!(rsa::traits::PublicKeyParts::size(&*key), 256);
    }
    assert_ne!(told(&authority).1, told(&leaf).1, "serial numbers differ");
    let again = call_at(2, "genSignedCert", &args).unwrap();
    assert_eq!(field(&leaf, "Cert"), field(&again, "Cert"));
}
