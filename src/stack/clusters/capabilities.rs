use crate::diag::Diagnostic;
use crate::golang::semver::Version;
use crate::stack::fields::Fields;
use crate::stack::spec::Text;

use super::read::invalid;

/// What the charts of a cluster see of its Kubernetes. Clusters of one profile share everything that
/// depends on it.
#[derive(Clone, Debug, Default)]
pub struct CapabilityProfile {
    /// The version; the project's when absent.
    pub kube_version: Option<Text>,
    /// API versions beside the built-in ones and those of the project.
    pub api_versions: Vec<String>,
}

impl CapabilityProfile {
    /// Whether charts see the same.
    pub fn same(&self, other: &Self) -> bool {
        let version = |profile: &Self| profile.kube_version.as_ref().map(|text| text.value.clone());
        version(self) == version(other) && self.api_versions == other.api_versions
    }
}

/// `kubeVersion` of an entry.
pub(super) fn kube_version(fields: &Fields<'_>, problems: &mut Vec<Diagnostic>) -> Option<Text> {
    let text = fields.text("kubeVersion", problems)?;
    let plain = text.value.strip_prefix('v').unwrap_or(&text.value);
    let full = if plain.matches('.').count() == 1 { format!("{plain}.0") } else { plain.to_owned() };
    if Version::parse(&full).is_err() {
        let message = format!("`{}` is no version of Kubernetes", text.value.escape_debug());
        problems.push(invalid(text.place.clone(), message).help("write it like `\"1.33\"`"));
        return None;
    }
    Some(text)
}
