use serde_json::json;

use super::EngineFile;
use super::text::yaml;

/// The file that tells kustomize, and engines that use it, which files to apply.
pub const KUSTOMIZATION_FILE: &str = "kustomization.yaml";

/// A `kustomization.yaml` that names the manifests of a cluster, sorted: what else lies there is not
/// applied. Files without an object are left out; kustomize takes them for mistakes.
pub fn kustomization_file<'a>(files: impl Iterator<Item = (&'a str, &'a [u8])>) -> EngineFile {
    let is_manifest = |path: &str| path.ends_with(".yaml") || path.ends_with(".yml") || path.ends_with(".json");
    let mut resources: Vec<&str> = files
        .filter(|(path, content)| is_manifest(path) && has_object(content))
        .map(|(path, _)| path)
        .filter(|path| *path != KUSTOMIZATION_FILE && *path != super::CLUSTER_FILE)
        .collect();
    resources.sort_unstable();
    let object = json!({
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": resources,
    });
    (KUSTOMIZATION_FILE.to_owned(), yaml(&object))
}

/// Whether something other than comments and separators is in a manifest.
fn has_object(content: &[u8]) -> bool {
    content
        .split(|byte| *byte == b'\n')
        .map(<[u8]>::trim_ascii)
        .any(|line| !line.is_empty() && !line.starts_with(b"#") && !matches!(line, b"---" | b"..." | b"null" | b"{}"))
}
