use crate::golang::strconv;
use crate::helm::chart::{Shape, StructShape, decode};
use crate::k8s::{NameRule, deprecation};
use crate::value::Frozen;

use super::documents::{self, Document};

/// The part of an object that the rules look at.
#[derive(Debug, Default)]
pub struct Object {
    api_version: String,
    kind: String,
    name: String,
}

const STRING: Shape = Shape::Str;

const OBJECT: Shape = Shape::Struct(&StructShape {
    name: "K8sYamlStruct",
    type_name: "rules.K8sYamlStruct",
    fields: &[
        ("apiVersion", Shape::Str),
        ("Kind", Shape::Str),
        (
            "Metadata",
            Shape::Struct(&StructShape {
                name: "k8sYamlMetadata",
                type_name: "rules.k8sYamlMetadata",
                fields: &[("Namespace", Shape::Str), ("Name", Shape::Str)],
            }),
        ),
    ],
});

/// The annotations of the objects in a list.
const LIST: Shape = Shape::Struct(&StructShape {
    name: "",
    type_name: "struct { Items []struct { Metadata struct { Annotations map[string]string } } }",
    fields: &[(
        "Items",
        Shape::List(&Shape::Struct(&StructShape {
            name: "",
            type_name: "struct { Metadata struct { Annotations map[string]string } }",
            fields: &[(
                "Metadata",
                Shape::Struct(&StructShape {
                    name: "",
                    type_name: "struct { Annotations map[string]string }",
                    fields: &[("Annotations", Shape::Map(&STRING))],
                }),
            )],
        })),
    )],
});

impl Object {
    /// Reads a document; `None` when it holds nothing. The error is Go's text.
    pub fn read(document: &Document) -> Result<Option<Self>, String> {
        if matches!(document.data, Frozen::Nil) {
            return Ok(None);
        }
        let data = decode(&OBJECT, &document.data).map_err(|mismatch| {
            let prefix = "error unmarshaling JSON: while decoding JSON: ";
            match document.is_json {
                true => mismatch.message.replacen(prefix, "", 1),
                false => mismatch.message,
            }
        })?;
        let text = |data: &Frozen, key: &str| match data.get(key) {
            Some(Frozen::Str(text)) => text.to_string(),
            _ => String::new(),
        };
        let name = data.get("Metadata").map_or_else(String::new, |metadata| text(metadata, "Name"));
        Ok(Some(Self { api_version: text(&data, "apiVersion"), kind: text(&data, "Kind"), name }))
    }

    /// Whether the name suits the kind.
    pub fn check_name(&self) -> Result<(), String> {
        let complaints = NameRule::of(&self.kind).complaints(&self.name);
        if complaints.is_empty() {
            return Ok(());
        }
        let name = strconv::quote(self.name.as_bytes());
        let complaints: Vec<String> =
            complaints.iter().map(|complaint| format!("metadata.name: Invalid value: {name}: {complaint}")).collect();
        let text = match complaints.as_slice() {
            [one] => one.clone(),
            all => format!("[{}]", all.join(", ")),
        };
        Err(format!("object name does not conform to Kubernetes naming requirements: {name}: {text}"))
    }

    /// Whether the API is deprecated in a version of Kubernetes.
    pub fn check_deprecation(&self, version: (u32, u32)) -> Result<(), String> {
        if self.api_version.is_empty() || self.kind.is_empty() {
            return Ok(());
        }
        deprecation(&self.api_version, &self.kind, version).map_or(Ok(()), Err)
    }

    /// Whether the file of a workload speaks of a selector.
    pub fn check_selector(&self, file: &str) -> Result<(), String> {
        let kind = self.kind.as_str();
        let wants = matches!(kind, "Deployment" | "ReplicaSet" | "DaemonSet" | "StatefulSet");
        if !wants || file.contains("matchLabels") || file.contains("matchExpressions") {
            return Ok(());
        }
        let name = strconv::quote(self.name.as_bytes());
        Err(format!("a {kind} must contain matchLabels or matchExpressions, and {name} does not"))
    }

    /// Whether the objects of a list have annotations that Helm does not see there. Like Helm, looks at
    /// the first document of the file.
    pub fn check_list(&self, file: &str) -> Result<(), String> {
        if self.kind != "List" {
            return Ok(());
        }
        let list = documents::from_yaml(file)
            .and_then(|data| decode(&LIST, &data).map_err(|mismatch| mismatch.message))
            .map_err(|error| format!("unable to parse YAML: {error}"))?;
        let items = list.get("Items").and_then(Frozen::as_list).unwrap_or_default();
        let is_ignored = |item: &Frozen| {
            let annotations = item.get("Metadata").and_then(|metadata| metadata.get("Annotations"));
            annotations.is_some_and(|annotations| annotations.get("helm.sh/resource-policy").is_some())
        };
        match items.iter().any(is_ignored) {
            true => Err("Annotation 'helm.sh/resource-policy' within List objects are ignored".to_owned()),
            false => Ok(()),
        }
    }
}
