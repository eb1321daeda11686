//! X.509 certificates, byte for byte in the structure that Go's `x509.CreateCertificate` writes.

use std::net::IpAddr;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};

use super::der::{self, Reader};
use super::keys::PrivateKey;
use super::pem;

const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
const SUBJECT_KEY_ID: &[u8] = &[0x55, 0x1D, 0x0E];
const KEY_USAGE: &[u8] = &[0x55, 0x1D, 0x0F];
const ALTERNATIVE_NAME: &[u8] = &[0x55, 0x1D, 0x11];
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1D, 0x13];
const AUTHORITY_KEY_ID: &[u8] = &[0x55, 0x1D, 0x23];
const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1D, 0x25];
const SERVER_AUTH: &[u8] = &[0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01];
const CLIENT_AUTH: &[u8] = &[0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02];

/// What a new certificate says.
pub struct Template<'a> {
    /// The common name; empty for a subject without a name.
    pub name: &'a [u8],
    /// Addresses that the certificate is for.
    pub addresses: Vec<IpAddr>,
    /// Host names that the certificate is for.
    pub hosts: Vec<Vec<u8>>,
    /// Start and end of validity in seconds since 1970.
    pub validity: (i64, i64),
    /// The serial number.
    pub serial: [u8; 16],
    /// Whether it may sign others.
    pub authority: bool,
}

/// What signing needs of the issuer's certificate.
pub struct Issuer {
    subject: Vec<u8>,
    public_info: Vec<u8>,
    key_id: Vec<u8>,
}

impl Issuer {
    /// Reads the first PEM block of a text. `place` is how Sprig's error calls the bytes.
    pub fn from_pem(text: &[u8], place: &str) -> Result<Self, String> {
        let (_, content) = pem::decode(text).ok_or("unable to decode certificate")?;
        Self::from_der(&content)
            .ok_or_else(|| format!("error parsing certificate: {place}: x509: malformed certificate"))
    }

    fn from_der(content: &[u8]) -> Option<Self> {
        let mut outer = Reader::new(content);
        let mut certificate = Reader::new(outer.expect(der::SEQUENCE)?);
        let mut fields = Reader::new(certificate.expect(der::SEQUENCE)?);
        certificate.expect(der::SEQUENCE)?;
        certificate.expect(der::BIT_STRING)?;
        fields.optional(der::context(0));
        fields.expect(der::INTEGER)?;
        // Algorithm, issuer, validity.
        for _ in 0..3 {
            fields.expect(der::SEQUENCE)?;
        }
        let subject = fields.next().filter(|element| element.tag == der::SEQUENCE)?.whole;
        let public_info = fields.next().filter(|element| element.tag == der::SEQUENCE)?.whole;
        let mut key_id = Vec::new();
        if let Some(extensions) = fields.optional(der::context(3)) {
            let mut extensions = Reader::new(Reader::new(extensions).expect(der::SEQUENCE)?);
            while !extensions.is_empty() {
                let mut extension = Reader::new(extensions.expect(der::SEQUENCE)?);
                let oid = extension.expect(der::OID)?;
                extension.optional(der::BOOLEAN);
                let value = extension.expect(der::OCTET_STRING)?;
                if oid == SUBJECT_KEY_ID {
                    key_id = Reader::new(value).expect(der::OCTET_STRING)?.to_vec();
                }
            }
        }
        outer.is_empty().then(|| Self { subject: subject.to_vec(), public_info: public_info.to_vec(), key_id })
    }
}

/// Makes a certificate for `key`, signed by `signer`, whose certificate is `issuer` (`None`: the
/// certificate signs itself), as a PEM block.
pub fn create(
    template: &Template<'_>,
    key: &PrivateKey,
    issuer: Option<&Issuer>,
    signer: &PrivateKey,
) -> Result<String, String> {
    let algorithm =
        signer.signature_algorithm().ok_or("x509: certificate private key does not implement crypto.Signer")?;
    let public_info = key.public_info().ok_or("x509: unsupported public key type: *dsa.PublicKey")?;
    if issuer.is_some_and(|issuer| signer.public_info().as_ref() != Some(&issuer.public_info)) {
        return Err("x509: provided PrivateKey doesn't match parent's PublicKey".to_owned());
    }
    let subject = name(template.name)?;
    let issuer_name = issuer.map_or(&subject, |issuer| &issuer.subject);
    // A self-issued certificate does not name its own key again.
    let authority_key = issuer.map(|issuer| &issuer.key_id).filter(|id| !id.is_empty() && *issuer_name != subject);
    let body = der::constructed(
        der::SEQUENCE,
        &[
            der::element(der::context(0), &der::integer(&[2])),
            der::integer(&template.serial),
            algorithm.clone(),
            issuer_name.clone(),
            der::constructed(der::SEQUENCE, &[time(template.validity.0)?, time(template.validity.1)?]),
            subject.clone(),
            public_info,
            der::element(der::context(3), &extensions(template, key, authority_key, template.name.is_empty())?),
        ],
    );
    let signature = signer.sign(&body)?;
    let whole = der::constructed(der::SEQUENCE, &[body, algorithm, der::bit_string(&signature)]);
    Ok(pem::encode("CERTIFICATE", &whole))
}

/// A distinguished name with at most a common name.
fn name(common: &[u8]) -> Result<Vec<u8>, String> {
    if common.is_empty() {
        return Ok(der::element(der::SEQUENCE, &[]));
    }
    let printable = common.iter().all(|byte| byte.is_ascii_alphanumeric() || b" '()+,-./:=?".contains(byte));
    if std::str::from_utf8(common).is_err() {
        return Err("asn1: string not valid UTF-8".to_owned());
    }
    let text = der::element(if printable { der::PRINTABLE_STRING } else { der::UTF8_STRING }, common);
    let pair = der::constructed(der::SEQUENCE, &[der::element(der::OID, COMMON_NAME), text]);
    Ok(der::element(der::SEQUENCE, &der::element(der::SET, &pair)))
}

/// A time with two digits for the year from 1950 to 2049.
fn time(seconds: i64) -> Result<Vec<u8>, String> {
    let outside = |_| "cannot represent time as GeneralizedTime".to_owned();
    let time = Timestamp::from_second(seconds).map_err(outside)?.to_zoned(TimeZone::UTC);
    Ok(match time.year() {
        1950..2050 => der::element(der::UTC_TIME, time.strftime("%y%m%d%H%M%SZ").to_string().as_bytes()),
        _ => der::element(der::GENERALIZED_TIME, time.strftime("%Y%m%d%H%M%SZ").to_string().as_bytes()),
    })
}

fn extension(oid: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let critical = if critical { der::element(der::BOOLEAN, &[0xFF]) } else { Vec::new() };
    der::constructed(der::SEQUENCE, &[der::element(der::OID, oid), critical, der::element(der::OCTET_STRING, value)])
}

fn extensions(
    template: &Template<'_>,
    key: &PrivateKey,
    authority_key: Option<&Vec<u8>>,
    nameless: bool,
) -> Result<Vec<u8>, String> {
    // Digital signature, key encipherment, for authorities also certificate signing; the first
    // byte counts the unused bits.
    let usage: [u8; 2] = if template.authority { [2, 0xA4] } else { [5, 0xA0] };
    let purposes = [der::element(der::OID, SERVER_AUTH), der::element(der::OID, CLIENT_AUTH)];
    let authority = if template.authority { der::element(der::BOOLEAN, &[0xFF]) } else { Vec::new() };
    let mut list = vec![
        extension(KEY_USAGE, true, &der::element(der::BIT_STRING, &usage)),
        extension(EXTENDED_KEY_USAGE, false, &der::constructed(der::SEQUENCE, &purposes)),
        extension(BASIC_CONSTRAINTS, true, &der::element(der::SEQUENCE, &authority)),
    ];
    if template.authority {
        let id = &Sha256::digest(key.public_bytes())[..20];
        list.push(extension(SUBJECT_KEY_ID, false, &der::element(der::OCTET_STRING, id)));
    }
    if let Some(id) = authority_key {
        list.push(extension(AUTHORITY_KEY_ID, false, &der::element(der::SEQUENCE, &der::element(0x80, id))));
    }
    let mut names = Vec::new();
    for host in &template.hosts {
        if !host.is_ascii() {
            let quoted = crate::golang::strconv::quote(host);
            return Err(format!("x509: {quoted} cannot be encoded as an IA5String"));
        }
        names.push(der::element(0x82, host));
    }
    for address in &template.addresses {
        names.push(match address.to_canonical() {
            IpAddr::V4(address) => der::element(0x87, &address.octets()),
            IpAddr::V6(address) => der::element(0x87, &address.octets()),
        });
    }
    if !names.is_empty() {
        list.push(extension(ALTERNATIVE_NAME, nameless, &der::constructed(der::SEQUENCE, &names)));
    }
    Ok(der::constructed(der::SEQUENCE, &list))
}
