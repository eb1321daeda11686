use serde::Deserialize;
use ureq::http::StatusCode;

use super::client::Registry;
use super::reference::Reference;
use crate::source::digest::sha256_hex;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG: &str = "application/vnd.cncf.helm.config.v1+json";
const CHART: &str = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
const OLD_CHART: &str = "application/tar+gzip";
const PROVENANCE: &str = "application/vnd.cncf.helm.chart.provenance.v1.prov";
const UNDERSCORE: &str = "
OCI artifact references (e.g. tags) do not support the plus sign (+). To support
storing semantic versions, Helm adopts the convention of changing plus (+) to
an underscore (_) in chart version tags when pushing to a registry and back to
a plus (+) when pulling from a registry.";

/// A chart or its provenance file out of a registry.
pub struct Pulled {
    /// The file.
    pub chart: Vec<u8>,
    /// What helm says about it, line by line.
    pub notes: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Manifest {
    #[serde(default)]
    config: Option<Descriptor>,
    #[serde(default)]
    layers: Option<Vec<Descriptor>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    #[serde(default)]
    media_type: String,
    #[serde(default)]
    digest: String,
}

/// What a reference leads to.
struct Found {
    reference: Reference,
    digest: String,
    /// The one that says that this is a chart.
    config: Option<Descriptor>,
    layers: Vec<Descriptor>,
}

impl Found {
    fn expect(&self, descriptors: usize) -> Result<(), String> {
        if descriptors < 2 {
            return Err(format!(
                "manifest does not contain minimum number of descriptors (2), descriptors found: {descriptors}"
            ));
        }
        match self.config {
            Some(_) => Ok(()),
            None => Err(format!("could not load config with mediatype {CONFIG}")),
        }
    }

    fn notes(&self) -> Vec<String> {
        let shown = self.reference.to_string();
        let mut notes = vec![format!("Pulled: {shown}"), format!("Digest: {}", self.digest)];
        if shown.contains('_') {
            notes.extend([format!("{shown} contains an underscore."), UNDERSCORE.to_owned()]);
        }
        notes
    }
}

fn no_layer(kind: &str) -> String {
    format!("manifest does not contain a layer with mediatype {kind}")
}

impl Registry {
    /// Fetches the chart of a whole reference.
    pub fn pull(&self, text: &str) -> Result<Pulled, String> {
        let found = self.find(text)?;
        let is_chart = |layer: &&Descriptor| layer.media_type == CHART || layer.media_type == OLD_CHART;
        // Counted as helm does, which takes the manifest for one.
        found.expect(1 + found.config.iter().count() + found.layers.iter().filter(is_chart).count())?;
        let layer = found.layers.iter().rfind(is_chart).ok_or_else(|| no_layer(CHART))?;
        let chart = self.blob(&found.reference, &layer.digest)?;
        let mut notes = Vec::new();
        if layer.media_type == OLD_CHART {
            notes.push(format!("Warning: chart media type {OLD_CHART} is deprecated"));
        }
        notes.extend(found.notes());
        Ok(Pulled { chart, notes })
    }

    /// Fetches the provenance file of the chart of a whole reference.
    pub fn pull_provenance(&self, text: &str) -> Result<Pulled, String> {
        let found = self.find(text)?;
        let is_provenance = |layer: &&Descriptor| layer.media_type == PROVENANCE;
        found.expect(1 + found.config.iter().count() + found.layers.iter().filter(is_provenance).count())?;
        let layer = found.layers.iter().rfind(is_provenance).ok_or_else(|| no_layer(PROVENANCE))?;
        let chart = self.blob(&found.reference, &layer.digest)?;
        Ok(Pulled { chart, notes: found.notes() })
    }

    fn find(&self, text: &str) -> Result<Found, String> {
        let reference = Reference::parse(text)?;
        let failed = |error: String| format!("failed to perform \"FetchReference\" on source: {error}");
        if reference.asked().is_empty() {
            return Err(failed("invalid reference".to_owned()));
        }
        let (manifest, digest) = self.manifest(&reference).map_err(failed)?;
        let manifest: Manifest = serde_json::from_slice(&manifest)
            .map_err(|error| format!("failed to perform \"FindSuccessors\" on source: {error}"))?;
        let config = manifest.config.filter(|config| config.media_type == CONFIG);
        Ok(Found { reference, digest, config, layers: manifest.layers.unwrap_or_default() })
    }

    /// A manifest and its digest.
    pub(super) fn manifest(&self, reference: &Reference) -> Result<(Vec<u8>, String), String> {
        let url = self.url(reference, &format!("manifests/{}", reference.asked()));
        let answer = self.ask(reference, &url, MANIFEST)?;
        match answer.status {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND => return Err(format!("{reference}: not found")),
            _ => return Err(answer.refusal("GET")),
        }
        let digest = format!("sha256:{}", sha256_hex(&answer.body));
        if reference.tag.is_empty() && reference.digest != digest {
            return Err(format!("{reference}: mismatch digest: the content has {digest}"));
        }
        Ok((answer.body, digest))
    }

    fn blob(&self, reference: &Reference, digest: &str) -> Result<Vec<u8>, String> {
        let failed = |error: String| format!("failed to perform \"Fetch\" on source: {error}");
        if !super::reference::is_digest(digest) {
            return Err(failed(format!("invalid digest {digest:?}")));
        }
        let url = self.url(reference, &format!("blobs/{digest}"));
        let answer = self.ask(reference, &url, "").map_err(failed)?;
        match answer.status {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND => return Err(failed(format!("{digest}: not found"))),
            _ => return Err(failed(answer.refusal("GET"))),
        }
        let found = format!("sha256:{}", sha256_hex(&answer.body));
        if found != digest {
            return Err(failed(format!("{digest}: mismatch digest: the content has {found}")));
        }
        Ok(answer.body)
    }
}
