use serde::Deserialize;

use super::wanted::is_sha256;

/// What a registry is asked for.
pub(super) const TYPES: &str = "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, \
                                application/vnd.docker.distribution.manifest.v2+json, \
                                application/vnd.docker.distribution.manifest.list.v2+json";
const CONFIG: &str = "application/vnd.cncf.helm.config.v1+json";
const CHART: &str = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
/// As Helm wrote it while registries were an experiment.
const OLD_CHART: &str = "application/tar+gzip";
const PROVENANCE: &str = "application/vnd.cncf.helm.chart.provenance.v1.prov";

/// A manifest, or an index of manifests.
#[derive(Deserialize)]
pub(super) struct Manifest {
    #[serde(default)]
    config: Option<Descriptor>,
    #[serde(default)]
    layers: Option<Vec<Descriptor>>,
    #[serde(default)]
    manifests: Option<Vec<Descriptor>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    #[serde(default)]
    media_type: String,
    #[serde(default)]
    artifact_type: String,
    #[serde(default)]
    digest: String,
}

impl Descriptor {
    /// The digest in hex, when it is of the one kind that is checked.
    fn sha256(&self) -> Option<&str> {
        self.digest.strip_prefix("sha256:").filter(|hex| is_sha256(hex))
    }
}

impl Manifest {
    /// The digest of the chart's archive. Of several layers the last one counts, as in Helm.
    pub(super) fn chart(&self) -> Option<&str> {
        let layers = self.layers.as_deref().unwrap_or_default();
        let is_helm = self.config.as_ref().is_some_and(|config| config.media_type == CONFIG);
        let is_chart = |layer: &&Descriptor| layer.media_type == CHART || (is_helm && layer.media_type == OLD_CHART);
        layers.iter().rfind(is_chart)?.sha256()
    }

    /// The digest of the signed statement about the archive.
    pub(super) fn provenance(&self) -> Option<&str> {
        let layers = self.layers.as_deref().unwrap_or_default();
        layers.iter().rfind(|layer| layer.media_type == PROVENANCE)?.sha256()
    }

    /// The digests of the manifests that an index lists, those that say they are charts first.
    pub(super) fn listed(&self) -> Vec<&str> {
        let all = self.manifests.as_deref().unwrap_or_default();
        let mut listed: Vec<&Descriptor> = all.iter().filter(|one| one.sha256().is_some()).collect();
        listed.sort_by_key(|one| one.artifact_type != CONFIG);
        listed.into_iter().filter_map(Descriptor::sha256).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(text: &str) -> Manifest {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn charts_are_known_by_their_media_types() {
        let (one, two) = ("1".repeat(64), "2".repeat(64));
        let layers = |config: &str, kind: &str| {
            manifest(&format!(
                r#"{{"config": {{"mediaType": "{config}"}}, "layers": [{{"mediaType": "{PROVENANCE}", "digest": "sha256:{two}"}},
                {{"mediaType": "{kind}", "digest": "sha256:{one}"}}]}}"#
            ))
        };
        assert_eq!(layers(CONFIG, CHART).chart(), Some(&*one));
        assert_eq!(layers(CONFIG, OLD_CHART).chart(), Some(&*one));
        assert_eq!(layers(CONFIG, CHART).provenance(), Some(&*two));
        assert_eq!(layers("other", OLD_CHART).chart(), None);
        assert_eq!(manifest("{}").chart(), None);
    }

    #[test]
    fn an_index_lists_charts_first() {
        let (one, two) = ("1".repeat(64), "2".repeat(64));
        let index = manifest(&format!(
            r#"{{"manifests": [{{"digest": "sha256:{one}"}}, {{"digest": "sha512:00"}},
            {{"artifactType": "{CONFIG}", "digest": "sha256:{two}"}}]}}"#
        ));
        assert_eq!(index.listed(), [&*two, &*one]);
    }
}
