use std::collections::HashSet;

use crate::span::Source;
use crate::yaml::{self, Node};

use super::{Identity, Object};

/// Kinds of the Kubernetes API that live outside namespaces (1.36, and versions still met in charts),
/// by API group, sorted.
const CLUSTER_SCOPED: &[(&str, &str)] = &[
    ("", "ComponentStatus"),
    ("", "Namespace"),
    ("", "Node"),
    ("", "PersistentVolume"),
    ("admissionregistration.k8s.io", "MutatingAdmissionPolicy"),
    ("admissionregistration.k8s.io", "MutatingAdmissionPolicyBinding"),
    ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"),
    ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy"),
    ("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding"),
    ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"),
    ("apiextensions.k8s.io", "CustomResourceDefinition"),
    ("apiregistration.k8s.io", "APIService"),
    ("authentication.k8s.io", "SelfSubjectReview"),
    ("authentication.k8s.io", "TokenReview"),
    ("authorization.k8s.io", "SelfSubjectAccessReview"),
    ("authorization.k8s.io", "SelfSubjectRulesReview"),
    ("authorization.k8s.io", "SubjectAccessReview"),
    ("certificates.k8s.io", "CertificateSigningRequest"),
    ("certificates.k8s.io", "ClusterTrustBundle"),
    ("extensions", "PodSecurityPolicy"),
    ("flowcontrol.apiserver.k8s.io", "FlowSchema"),
    ("flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration"),
    ("gateway.networking.k8s.io", "GatewayClass"),
    ("internal.apiserver.k8s.io", "StorageVersion"),
    ("networking.k8s.io", "IPAddress"),
    ("networking.k8s.io", "IngressClass"),
    ("networking.k8s.io", "ServiceCIDR"),
    ("node.k8s.io", "RuntimeClass"),
    ("policy", "PodSecurityPolicy"),
    ("rbac.authorization.k8s.io", "ClusterRole"),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"),
    ("resource.k8s.io", "DeviceClass"),
    ("resource.k8s.io", "DeviceTaintRule"),
    ("resource.k8s.io", "ResourceSlice"),
    ("scheduling.k8s.io", "PriorityClass"),
    ("storage.k8s.io", "CSIDriver"),
    ("storage.k8s.io", "CSINode"),
    ("storage.k8s.io", "StorageClass"),
    ("storage.k8s.io", "VolumeAttachment"),
    ("storage.k8s.io", "VolumeAttributesClass"),
    ("storagemigration.k8s.io", "StorageVersionMigration"),
];

/// Which kinds live outside namespaces: those of Kubernetes, and those that definitions declare.
#[derive(Clone, Debug, Default)]
pub struct Scopes {
    declared: HashSet<(String, String)>,
}

impl Scopes {
    /// Takes note that a custom kind is cluster-scoped.
    pub fn declare_cluster_scoped(&mut self, group: impl Into<String>, kind: impl Into<String>) {
        self.declared.insert((group.into(), kind.into()));
    }

    /// Takes note of what an object declares, if it is a custom resource definition.
    pub fn learn(&mut self, object: &Object) {
        if object.identity.as_ref().is_none_or(|identity| identity.kind != "CustomResourceDefinition") {
            return;
        }
        let Ok(document) = yaml::parse_document(&Source::new("", object.text.as_str())) else { return };
        let Some(spec) = document.root.get("spec") else { return };
        if spec.get("scope").and_then(Node::as_str) != Some("Cluster") {
            return;
        }
        let group = spec.get("group").and_then(Node::as_str);
        let kind = spec.get("names").and_then(|names| names.get("kind")).and_then(Node::as_str);
        if let (Some(group), Some(kind)) = (group, kind) {
            self.declare_cluster_scoped(group, kind);
        }
    }

    /// The groups and kinds that were declared outside of namespaces, sorted.
    pub fn declared(&self) -> Vec<(String, String)> {
        let mut declared: Vec<_> = self.declared.iter().cloned().collect();
        declared.sort();
        declared
    }

    /// Whether objects of this kind live outside namespaces. Unknown kinds are taken for namespaced.
    pub fn is_cluster_scoped(&self, identity: &Identity) -> bool {
        let (group, kind) = (identity.group(), identity.kind.as_str());
        CLUSTER_SCOPED.binary_search(&(group, kind)).is_ok()
            || self.declared.contains(&(group.to_owned(), kind.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_so_that_it_can_be_searched() {
        assert!(CLUSTER_SCOPED.is_sorted());
    }

    #[test]
    fn scope_depends_on_the_group() {
        let identity = |api: &str, kind: &str| Identity {
            api_version: api.into(),
            kind: kind.into(),
            name: "x".into(),
            namespace: None,
        };
        let mut scopes = Scopes::default();
        assert!(scopes.is_cluster_scoped(&identity("v1", "Namespace")));
        assert!(scopes.is_cluster_scoped(&identity("rbac.authorization.k8s.io/v1", "ClusterRole")));
        assert!(!scopes.is_cluster_scoped(&identity("example.com/v1", "Namespace")));
        assert!(!scopes.is_cluster_scoped(&identity("example.com/v1", "Fleet")));
        scopes.declare_cluster_scoped("example.com", "Fleet");
        assert!(scopes.is_cluster_scoped(&identity("example.com/v1", "Fleet")));
    }
}
