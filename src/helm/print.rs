//! A rendered release as the text that `helm template` prints.

use crate::golang::glob::path_match;

use super::compat::Compat;
use super::error::RenderError;
use super::manifest::{self, Manifest};
use super::release::Release;

/// Bytes around the path and the text of a document: a separator, a mark, line breaks.
const AROUND: usize = "---\n# Source: \n\n".len();

/// Custom resource definitions and manifests, as a post-renderer sees them.
pub fn manifests(release: &Release) -> Vec<u8> {
    let crds = release.crds.iter().map(|crd| crd.path.len() + crd.data.len());
    let manifests = release.manifests.iter().map(|manifest| manifest.path.len() + manifest.text.len());
    let mut out = Vec::with_capacity(crds.chain(manifests).map(|bytes| bytes + AROUND).sum());
    for crd in &release.crds {
        document(&mut out, &crd.path, &crd.data);
    }
    for manifest in &release.manifests {
        manifest_document(&mut out, manifest);
    }
    out
}

/// The output without hooks: `manifests` with one line break at its end.
pub fn without_hooks(mut manifests: Vec<u8>) -> Vec<u8> {
    let trimmed = manifest::trim(&manifests);
    let len = trimmed.len();
    let before = manifests.len() - manifest::trim_start(&manifests).len();
    manifests.drain(..before);
    manifests.truncate(len);
    manifests.push(b'\n');
    manifests
}

/// The whole output: `manifests` (perhaps changed by a post-renderer), then the hooks.
pub fn whole(release: &Release, manifests: Vec<u8>) -> Vec<u8> {
    let mut out = without_hooks(manifests);
    for hook in &release.hooks {
        manifest_document(&mut out, &hook.manifest);
    }
    out
}

/// What templates gave although it is no YAML, for people to look at.
pub fn faulty(error: &RenderError) -> Vec<u8> {
    let mut out = Vec::new();
    for (path, content) in error.rendered().iter().filter(|(_, content)| !manifest::trim(content).is_empty()) {
        document(&mut out, path, content);
    }
    without_hooks(out)
}

/// The documents of `whole` that came from one of the given templates, in the order of the patterns.
/// The error is Helm's text for a pattern that nothing matches.
pub fn only(whole: &[u8], patterns: &[String], compat: Compat) -> Result<Vec<u8>, String> {
    let documents = manifest::split(whole, compat);
    let documents: Vec<_> = documents.into_iter().map(|document| (source(document), document)).collect();
    let mut out = Vec::new();
    for pattern in patterns {
        let mut missing = true;
        for (source, document) in &documents {
            let matches = source.is_some_and(|source| path_match(pattern, source).unwrap_or(false));
            if matches {
                missing = false;
                out.extend_from_slice(b"---\n");
                out.extend_from_slice(document);
                out.push(b'\n');
            }
        }
        if missing {
            return Err(format!("could not find template {pattern} in chart"));
        }
    }
    Ok(out)
}

/// One document with its separator and the line that names its template.
pub fn document(out: &mut Vec<u8>, path: &str, text: &[u8]) {
    out.extend_from_slice(b"---\n# Source: ");
    out.extend_from_slice(path.as_bytes());
    out.push(b'\n');
    out.extend_from_slice(text);
    out.push(b'\n');
}

fn manifest_document(out: &mut Vec<u8>, manifest: &Manifest) {
    document(out, &manifest.path, manifest.text.as_bytes());
}

/// The path behind the chart's name in the first `# Source:` line.
fn source(document: &[u8]) -> Option<&str> {
    const MARK: &[u8] = b"# Source: ";
    let mut rest = document;
    while let Some(at) = rest.windows(MARK.len()).position(|window| window == MARK) {
        rest = &rest[at + MARK.len()..];
        let line = rest.split(|byte| *byte == b'\n').next().unwrap_or(rest);
        let path =
            line.iter().position(|byte| *byte == b'/').filter(|slash| *slash > 0).map(|slash| &line[slash + 1..]);
        if let Some(path) = path.filter(|path| !path.is_empty()) {
            return std::str::from_utf8(path).ok();
        }
    }
    None
}
