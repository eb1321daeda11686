use std::fs;

use ureq::tls::{Certificate, ClientCert, PemItem, PrivateKey, RootCerts, TlsConfig, parse_pem};

/// The files and flags that say whom to trust over https; empty for what the system trusts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Tls {
    /// Certificates of the only authorities that are trusted (`--ca-file`).
    pub ca_file: String,
    /// Our own certificate (`--cert-file`); counts only together with its key.
    pub cert_file: String,
    /// The key of our certificate (`--key-file`).
    pub key_file: String,
    /// Trusts everybody (`--insecure-skip-tls-verify`).
    pub insecure: bool,
}

impl Tls {
    /// Looks whether the files can be used. The error is helm's text.
    pub fn check(&self) -> Result<(), String> {
        self.config().map(drop)
    }

    /// What the client is configured with. The error is helm's text.
    pub(super) fn config(&self) -> Result<TlsConfig, String> {
        let failed = |error: String| format!("can't create TLS config for client: {error}");
        let mut config = TlsConfig::builder().disable_verification(self.insecure);
        if !self.cert_file.is_empty() && !self.key_file.is_empty() {
            config = config.client_cert(Some(self.client_cert().map_err(failed)?));
        }
        let roots = match self.ca_file.as_str() {
            "" => RootCerts::PlatformVerifier,
            file => RootCerts::new_with_certs(&authorities(file).map_err(failed)?),
        };
        Ok(config.root_certs(roots).build())
    }

    fn client_cert(&self) -> Result<ClientCert, String> {
        let (cert_file, key_file) = (&self.cert_file, &self.key_file);
        let failed = |error: String| format!("can't load key pair from cert {cert_file} and key {key_file}: {error}");
        let read = |file: &str| fs::read(file).map_err(|error| failed(format!("open {file}: {}", plain(&error))));
        let (chain, key) = (certificates(&read(cert_file)?), read(key_file)?);
        if chain.is_empty() {
            return Err(failed("tls: failed to find any PEM data in certificate input".to_owned()));
        }
        let key = PrivateKey::from_pem(&key)
            .map_err(|_| failed("tls: failed to find any PEM data in key input".to_owned()))?;
        Ok(ClientCert::new_with_certs(&chain, key))
    }
}

fn authorities(file: &str) -> Result<Vec<Certificate<'static>>, String> {
    let pem = fs::read(file).map_err(|_| format!("can't read CA file: {file}"))?;
    let found = certificates(&pem);
    if found.is_empty() {
        return Err(format!("failed to append certificates from file: {file}"));
    }
    Ok(found)
}

/// The certificates of a PEM file; what is none of them is passed over, as Go does.
fn certificates(pem: &[u8]) -> Vec<Certificate<'static>> {
    parse_pem(pem)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect()
}

fn plain(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "no such file or directory".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    }
}
