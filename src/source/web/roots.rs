use std::fs;
use std::path::{Path, PathBuf};

use ureq::tls::{Certificate, PemItem, RootCerts, parse_pem};

use crate::source::credentials::Environment;
use crate::source::error::{INVALID, SourceError};
use crate::source::folder::list_folder;

/// Whom to trust over https: `SSL_CERT_FILE` and `SSL_CERT_DIR`, else what the system trusts, else
/// the authorities that browsers trust; and always those of `--ca-file` and `GIT_SSL_CAINFO`.
pub(super) fn roots(environment: &Environment, ca_file: Option<&Path>) -> Result<RootCerts, SourceError> {
    let mut own = Vec::new();
    for (name, path) in
        [("--ca-file", ca_file.map(Path::to_owned)), ("GIT_SSL_CAINFO", environment.path("GIT_SSL_CAINFO"))]
    {
        if let Some(path) = path {
            own.extend(file(name, &path)?);
        }
    }
    let named = (environment.path("SSL_CERT_FILE"), environment.path("SSL_CERT_DIR"));
    let system = match named {
        (None, None) => rustls_native_certs::load_native_certs()
            .certs
            .iter()
            .map(|certificate| Certificate::from_der(certificate).to_owned())
            .collect(),
        (one, many) => {
            let mut found = one.map(|path| file("SSL_CERT_FILE", &path)).transpose()?.unwrap_or_default();
            if let Some(paths) = many {
                found.extend(std::env::split_paths(&paths).flat_map(|folder| folder_of(&folder)));
            }
            found
        }
    };
    if system.is_empty() && own.is_empty() {
        return Ok(RootCerts::WebPki);
    }
    own.extend(system);
    Ok(RootCerts::new_with_certs(&own))
}

/// The certificates of a file that somebody named: it must have some.
fn file(name: &str, path: &Path) -> Result<Vec<Certificate<'static>>, SourceError> {
    let failed = |why: String| {
        let message = format!("the certificates of `{name}` cannot be used: `{}` {why}", path.display());
        SourceError::world(INVALID, message).help("name a file with certificates in PEM form")
    };
    let found = certificates(&fs::read(path).map_err(|error| failed(format!("cannot be read: {error}")))?);
    if found.is_empty() { Err(failed("holds none".to_owned())) } else { Ok(found) }
}

/// The certificates of a folder's files; what is none of them is passed over.
fn folder_of(folder: &Path) -> Vec<Certificate<'static>> {
    let listed = list_folder(folder).unwrap_or_default().into_iter();
    let mut files: Vec<PathBuf> = listed.map(|listed| folder.join(listed.name)).filter(|path| path.is_file()).collect();
    files.sort();
    files.iter().filter_map(|path| fs::read(path).ok()).flat_map(|pem| certificates(&pem)).collect()
}

fn certificates(pem: &[u8]) -> Vec<Certificate<'static>> {
    let certificate = |item| match item {
        Ok(PemItem::Certificate(certificate)) => Some(certificate),
        _ => None,
    };
    parse_pem(pem).filter_map(certificate).collect()
}
