//! Rendered files to manifests and hooks: split into documents, read their heads, sort by kind.

use crate::golang::strconv;
use crate::gotmpl::{Workers, in_parts};
use crate::yaml;

use super::compat::Compat;

/// One document of a rendered file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// The template it came from: `chart/templates/file.yaml`.
    pub path: String,
    /// The document's text, without separator and surrounding blanks.
    pub text: String,
    /// `apiVersion`, empty when missing.
    pub api_version: String,
    /// `kind`, empty when missing.
    pub kind: String,
    /// `metadata.name`, empty when missing.
    pub name: String,
    /// `metadata.namespace`, empty when missing.
    pub namespace: String,
}

/// A document that Helm applies at some point of a release's life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    /// The document.
    pub manifest: Manifest,
    /// When it is applied.
    pub events: Vec<HookEvent>,
    /// `helm.sh/hook-weight`; 0 when missing or no number.
    pub weight: i64,
}

impl Hook {
    /// Whether the hook is a test.
    pub fn is_test(&self) -> bool {
        self.events.contains(&HookEvent::Test)
    }
}

/// A point of a release's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HookEvent {
    /// `pre-install`.
    PreInstall,
    /// `post-install`.
    PostInstall,
    /// `pre-delete`.
    PreDelete,
    /// `post-delete`.
    PostDelete,
    /// `pre-upgrade`.
    PreUpgrade,
    /// `post-upgrade`.
    PostUpgrade,
    /// `pre-rollback`.
    PreRollback,
    /// `post-rollback`.
    PostRollback,
    /// `test` and `test-success`.
    Test,
}

impl HookEvent {
    fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "pre-install" => Self::PreInstall,
            "post-install" => Self::PostInstall,
            "pre-delete" => Self::PreDelete,
            "post-delete" => Self::PostDelete,
            "pre-upgrade" => Self::PreUpgrade,
            "post-upgrade" => Self::PostUpgrade,
            "pre-rollback" => Self::PreRollback,
            "post-rollback" => Self::PostRollback,
            "test" | "test-success" => Self::Test,
            _ => return None,
        })
    }
}

/// The order in which Helm installs kinds; all others follow, by name. The last two have their place only
/// in Helm 4.
const INSTALL_ORDER: [&str; 38] = [
    "PriorityClass",
    "Namespace",
    "NetworkPolicy",
    "ResourceQuota",
    "LimitRange",
    "PodSecurityPolicy",
    "PodDisruptionBudget",
    "ServiceAccount",
    "Secret",
    "SecretList",
    "ConfigMap",
    "StorageClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleList",
    "ClusterRoleBinding",
    "ClusterRoleBindingList",
    "Role",
    "RoleList",
    "RoleBinding",
    "RoleBindingList",
    "Service",
    "DaemonSet",
    "Pod",
    "ReplicationController",
    "ReplicaSet",
    "Deployment",
    "HorizontalPodAutoscaler",
    "StatefulSet",
    "Job",
    "CronJob",
    "IngressClass",
    "Ingress",
    "APIService",
    "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration",
];

/// How many kinds of [`INSTALL_ORDER`] are webhook configurations.
const WEBHOOKS: usize = 2;

/// A rendered file that is no list of YAML maps.
#[derive(Clone, Debug)]
pub struct ManifestError {
    /// The template that was rendered.
    pub path: String,
    /// The rendered document.
    pub document: String,
    /// What is wrong, in the words of Helm's YAML library.
    pub message: String,
    /// The same as data, with the place in the document.
    pub yaml: yaml::YamlError,
}

/// Names and values.
type Annotations = Vec<(String, String)>;

/// What rendered files hold.
#[derive(Debug, Default)]
pub struct Sorted {
    /// Documents in install order.
    pub manifests: Vec<Manifest>,
    /// Hooks in install order of their kinds.
    pub hooks: Vec<Hook>,
    /// Custom resource definitions with Helm 2's hook `crd-install`, which Helm 3 drops.
    pub crd_hooks: Vec<Manifest>,
    /// Hooks that were dropped, in Helm's words.
    pub warnings: Vec<String>,
}

/// Below that many bytes of documents a second thread costs more than it gives.
const WORTH_A_THREAD: usize = 64 << 10;

/// Splits and sorts rendered files, given by path in bytewise order. Many documents are read by several
/// workers at once.
pub fn sort<'f>(
    files: impl IntoIterator<Item = (&'f str, &'f [u8])>,
    compat: Compat,
    workers: Workers,
) -> Result<Sorted, Box<ManifestError>> {
    let pieces: Vec<(&str, &[u8])> = (files.into_iter())
        .flat_map(|(path, content)| split(content, compat).into_iter().map(move |piece| (path, piece)))
        .collect();
    let bytes: usize = pieces.iter().map(|(_, piece)| piece.len()).sum();
    let workers = if bytes < WORTH_A_THREAD { Workers { threads: 1, ..workers } } else { workers };
    let read = in_parts(&pieces, workers, |(_, piece)| piece.len(), |(path, piece)| read(path, piece, compat))?;
    let mut sorted = Sorted::default();
    for (manifest, annotations) in read {
        sorted.take(manifest, &annotations);
    }
    sorted.manifests.sort_by(|a, b| by_kind(&a.kind, &b.kind, compat));
    sorted.hooks.sort_by(|a, b| by_kind(&a.manifest.kind, &b.manifest.kind, compat));
    Ok(sorted)
}

impl Sorted {
    fn take(&mut self, manifest: Manifest, annotations: &Annotations) {
        let annotation = |name: &str| annotations.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str());
        let Some(words) = annotation("helm.sh/hook") else {
            self.manifests.push(manifest);
            return;
        };
        match words.split(',').map(|word| HookEvent::parse(&word.trim().to_lowercase())).collect() {
            None => {
                self.warnings.push(format!("info: skipping unknown hook: {words:?}"));
                let is_crd = manifest.kind == "CustomResourceDefinition";
                if is_crd && words.split(',').any(|word| word.trim().eq_ignore_ascii_case("crd-install")) {
                    self.crd_hooks.push(manifest);
                }
            }
            Some(events) => {
                let weight =
                    annotation("helm.sh/hook-weight").and_then(|weight| strconv::atoi(weight).ok()).unwrap_or(0);
                self.hooks.push(Hook { manifest, events, weight });
            }
        }
    }
}

/// A document with its annotations.
fn read(path: &str, piece: &[u8], compat: Compat) -> Result<(Manifest, Annotations), Box<ManifestError>> {
    let head = yaml::skim(piece).map_err(|error| {
        let document = String::from_utf8_lossy(piece).into_owned();
        Box::new(ManifestError { path: path.to_owned(), document, message: message(&error, compat), yaml: error })
    })?;
    let manifest = Manifest {
        path: path.to_owned(),
        text: text(piece),
        api_version: head.api_version,
        kind: head.kind,
        name: head.name,
        namespace: head.namespace,
    };
    Ok((manifest, head.annotations))
}

/// A copy as text. The check of text that is all valid is several times faster than the search for
/// what is not.
fn text(piece: &[u8]) -> String {
    match std::str::from_utf8(piece) {
        Ok(text) => text.to_owned(),
        Err(_) => String::from_utf8_lossy(piece).into_owned(),
    }
}

/// The words of Helm's YAML library, with the name that the type of a document's head has.
fn message(error: &yaml::YamlError, compat: Compat) -> String {
    let name = format!("{}.SimpleHead", compat.manifest_package());
    error.to_string().replace("releaseutil.SimpleHead", &name)
}

fn by_kind(a: &str, b: &str, compat: Compat) -> std::cmp::Ordering {
    let known = INSTALL_ORDER.len() - if compat.orders_webhooks() { 0 } else { WEBHOOKS };
    let rank = |kind: &str| INSTALL_ORDER[..known].iter().position(|known| *known == kind).unwrap_or(known);
    match (rank(a), rank(b)) {
        (a_rank, b_rank) if a_rank == known && b_rank == a_rank => a.cmp(b),
        (a_rank, b_rank) => a_rank.cmp(&b_rank),
    }
}

/// Splits a rendered file into documents, empty ones left out, as the Helm in question does.
pub fn split(content: &[u8], compat: Compat) -> Vec<&[u8]> {
    if compat.keeps_document_ends() { split_keeping_ends(content) } else { split_trimming(content) }
}

/// Splits at each line that starts with `---`, and takes blanks behind it off the line, as Helm 4's pattern
/// `(?m)^---[ \t]*` does. Documents come without the blanks before them, but with those at their end.
fn split_keeping_ends(content: &[u8]) -> Vec<&[u8]> {
    let content = trim_start(content);
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut from = 0;
    while let Some(found) = find_separator(content, from) {
        pieces.push(&content[start..found]);
        let behind = &content[found + 3..];
        start = found + 3 + behind.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        from = start;
    }
    pieces.push(&content[start..]);
    pieces.into_iter().map(trim_start).filter(|piece| !piece.is_empty()).collect()
}

/// Splits at lines that start with `---`, with the blanks around them, as Helm 3's pattern
/// `(?:^|\s*\n)---\s*` does. Documents come without outer blanks.
fn split_trimming(content: &[u8]) -> Vec<&[u8]> {
    let content = trim(content);
    let mut pieces = Vec::new();
    let mut start = 0;
    while let Some(found) = find_separator(content, start) {
        let end =
            content[start..found].iter().rposition(|byte| !is_blank(*byte)).map_or(start, |last| start + last + 1);
        pieces.push(&content[start..end]);
        let behind = &content[found + 3..];
        start = found + 3 + behind.iter().take_while(|byte| is_blank(**byte)).count();
    }
    pieces.push(&content[start..]);
    pieces.into_iter().filter(|piece| !piece.is_empty()).map(trim).collect()
}

/// The next `---` at the start of the text or of a line whose line break lies at or behind `start`.
fn find_separator(content: &[u8], start: usize) -> Option<usize> {
    const SEPARATOR: &[u8] = b"---";
    if start == 0 && content.starts_with(SEPARATOR) {
        return Some(0);
    }
    let mut lines = memchr::memchr_iter(b'\n', &content[start..]).map(|at| start + at + 1);
    lines.find(|at| content[*at..].starts_with(SEPARATOR))
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\x0c' | b'\r' | b' ')
}

/// Go's `strings.TrimLeftFunc` with `unicode.IsSpace`.
pub(super) fn trim_start(text: &[u8]) -> &[u8] {
    match std::str::from_utf8(text) {
        Ok(text) => text.trim_start().as_bytes(),
        Err(_) => text.trim_ascii_start(),
    }
}

/// Go's `strings.TrimSpace`.
pub(super) fn trim(text: &[u8]) -> &[u8] {
    match std::str::from_utf8(text) {
        Ok(text) => text.trim().as_bytes(),
        Err(_) => text.trim_ascii(),
    }
}

#[cfg(test)]
mod tests;
