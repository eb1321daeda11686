use std::fmt;

use crate::golang::strconv;

use super::compat::Compat;

/// The API versions that Helm 3.21 knows without asking a cluster, in its order.
pub const API_VERSIONS: [&str; 55] = [
    "v1",
    "admissionregistration.k8s.io/v1",
    "admissionregistration.k8s.io/v1alpha1",
    "admissionregistration.k8s.io/v1beta1",
    "internal.apiserver.k8s.io/v1alpha1",
    "apps/v1",
    "apps/v1beta1",
    "apps/v1beta2",
    "authentication.k8s.io/v1",
    "authentication.k8s.io/v1alpha1",
    "authentication.k8s.io/v1beta1",
    "authorization.k8s.io/v1",
    "authorization.k8s.io/v1beta1",
    "autoscaling/v1",
    "autoscaling/v2",
    "batch/v1",
    "batch/v1beta1",
    "certificates.k8s.io/v1",
    "certificates.k8s.io/v1beta1",
    "certificates.k8s.io/v1alpha1",
    "coordination.k8s.io/v1alpha2",
    "coordination.k8s.io/v1beta1",
    "coordination.k8s.io/v1",
    "discovery.k8s.io/v1",
    "discovery.k8s.io/v1beta1",
    "events.k8s.io/v1",
    "events.k8s.io/v1beta1",
    "extensions/v1beta1",
    "flowcontrol.apiserver.k8s.io/v1",
    "flowcontrol.apiserver.k8s.io/v1beta1",
    "flowcontrol.apiserver.k8s.io/v1beta2",
    "flowcontrol.apiserver.k8s.io/v1beta3",
    "networking.k8s.io/v1",
    "networking.k8s.io/v1beta1",
    "node.k8s.io/v1",
    "node.k8s.io/v1alpha1",
    "node.k8s.io/v1beta1",
    "policy/v1",
    "policy/v1beta1",
    "rbac.authorization.k8s.io/v1",
    "rbac.authorization.k8s.io/v1beta1",
    "rbac.authorization.k8s.io/v1alpha1",
    "resource.k8s.io/v1",
    "resource.k8s.io/v1beta2",
    "resource.k8s.io/v1beta1",
    "resource.k8s.io/v1alpha3",
    "scheduling.k8s.io/v1alpha2",
    "scheduling.k8s.io/v1beta1",
    "scheduling.k8s.io/v1",
    "storage.k8s.io/v1beta1",
    "storage.k8s.io/v1",
    "storage.k8s.io/v1alpha1",
    "storagemigration.k8s.io/v1beta1",
    "apiextensions.k8s.io/v1beta1",
    "apiextensions.k8s.io/v1",
];

/// A Kubernetes version as charts see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KubeVersion {
    /// `v1.36.0`; what follows the numbers is dropped, or kept for Helm 4.
    pub version: String,
    /// The same without what follows the numbers: what constraints are compared with.
    pub normalized: String,
    /// `1`.
    pub major: String,
    /// `36`.
    pub minor: String,
}

impl KubeVersion {
    /// The version that Helm 3.21.4 and 4.2.4 assume.
    pub fn default_of_helm() -> Self {
        let version = "v1.36.0".to_owned();
        Self { normalized: version.clone(), version, major: "1".to_owned(), minor: "36".to_owned() }
    }

    /// Reads a version: an optional `v`, two or more numbers, then anything. The error is Helm's text
    /// (without `invalid kube version '…': `).
    pub fn parse(text: &str, compat: Compat) -> Result<Self, String> {
        let start = text.trim_start_matches(['\t', '\n', '\x0c', '\r', ' ']);
        let numbers = leading_numbers(start.strip_prefix('v').unwrap_or(start));
        if numbers.is_empty() || start.contains('\n') {
            return Err(format!("could not parse {} as version", strconv::quote(text.as_bytes())));
        }
        let parts: Vec<&str> = numbers.split('.').collect();
        let shown = || strconv::quote(text.as_bytes());
        if parts.len() < 2 {
            return Err(format!("illegal version string {}", shown()));
        }
        let mut components = Vec::with_capacity(parts.len());
        for (at, part) in parts.iter().enumerate() {
            let part_shown = strconv::quote(part.as_bytes());
            if at == 0 && part.starts_with('0') && *part != "0" {
                return Err(format!("illegal zero-prefixed version component {part_shown} in {}", shown()));
            }
            match strconv::parse_uint(part, 10, 64) {
                Ok(number) => components.push(number.to_string()),
                Err(error) => {
                    return Err(format!(
                        "illegal non-numeric version component {part_shown} in {}: {}",
                        shown(),
                        error.message("ParseUint", part)
                    ));
                }
            }
        }
        let normalized = format!("v{}", components.join("."));
        let version = match compat.keeps_kube_suffix() {
            true if text.starts_with('v') => text.to_owned(),
            true => format!("v{text}"),
            false => normalized.clone(),
        };
        Ok(Self { version, normalized, major: components[0].clone(), minor: components[1].clone() })
    }
}

impl fmt::Display for KubeVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.version)
    }
}

/// The longest beginning of the form `1.2.3`.
fn leading_numbers(text: &str) -> &str {
    let bytes = text.as_bytes();
    let digits = |at: usize| bytes[at.min(bytes.len())..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut end = digits(0);
    while end > 0 && bytes.get(end) == Some(&b'.') && digits(end + 1) > 0 {
        end += 1 + digits(end + 1);
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        for (text, expected) in
            [("1.30", "v1.30"), ("v1.28.3-gke.100", "v1.28.3"), (" 1.2.3.4x", "v1.2.3.4"), ("1.02", "v1.2")]
        {
            let parsed = KubeVersion::parse(text, Compat::V3).unwrap();
            assert_eq!((parsed.version.as_str(), parsed.normalized.as_str()), (expected, expected), "{text}");
        }
        let kept = KubeVersion::parse("1.28.3-gke.100", Compat::V4).unwrap();
        assert_eq!((kept.version.as_str(), kept.normalized.as_str()), ("v1.28.3-gke.100", "v1.28.3"));
        for (text, expected) in [
            ("x", r#"could not parse "x" as version"#),
            ("1", r#"illegal version string "1""#),
            ("01.2", r#"illegal zero-prefixed version component "01" in "01.2""#),
        ] {
            assert_eq!(KubeVersion::parse(text, Compat::V3), Err(expected.to_owned()));
        }
    }
}
