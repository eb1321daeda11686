use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// How the type of a build is named whose parameters are those of `kiln generate` or `kiln publish`.
const BUILD_TYPE: &str = "urn:kiln:build:v1";

/// Who builds when nothing else is said: somebody's kiln.
pub const LOCAL_BUILDER: &str = "urn:kiln:local";

/// What a build was made from and what it made: an in-toto statement (v1) with SLSA provenance (v1) as its
/// predicate. It says nothing of time and place, so that equal builds have equal statements; it is not
/// signed.
#[derive(Clone, Debug, Default)]
pub struct Attestation {
    /// What was made: path → SHA-256 in hex.
    pub subjects: BTreeMap<String, String>,
    /// What it was made from, in any order.
    pub materials: Vec<Resource>,
    /// What the build was asked for.
    pub parameters: Map<String, Value>,
    /// Who built: a URI.
    pub builder: String,
    /// The version of kiln.
    pub version: String,
}

/// Something that a build was made from.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Resource {
    /// Its name: a path below the project, or who it is for.
    pub name: String,
    /// Where it comes from, if from elsewhere.
    pub uri: Option<String>,
    /// Algorithm → digest in hex.
    pub digest: BTreeMap<String, String>,
    /// What else is known of it.
    pub annotations: BTreeMap<String, String>,
}

impl Resource {
    /// A file of the project.
    pub fn file(path: impl Into<String>, sha256: String) -> Self {
        Self { name: path.into(), digest: [("sha256".to_owned(), sha256)].into(), ..Self::default() }
    }

    fn to_json(&self) -> Value {
        let mut object = Map::new();
        object.insert("name".to_owned(), json!(self.name));
        if let Some(uri) = &self.uri {
            object.insert("uri".to_owned(), json!(uri));
        }
        object.insert("digest".to_owned(), json!(self.digest));
        if !self.annotations.is_empty() {
            object.insert("annotations".to_owned(), json!(self.annotations));
        }
        Value::Object(object)
    }
}

impl Attestation {
    /// The statement, as JSON with a line break at its end.
    pub fn to_json(&self) -> Vec<u8> {
        let subjects: Vec<Value> = self
            .subjects
            .iter()
            .map(|(name, sha256)| json!({ "name": name, "digest": { "sha256": sha256 } }))
            .collect();
        let mut materials = self.materials.clone();
        materials.sort();
        materials.dedup();
        let statement = json!({
            "_type": "https://in-toto.io/Statement/v1",
            "subject": subjects,
            "predicateType": "https://slsa.dev/provenance/v1",
            "predicate": {
                "buildDefinition": {
                    "buildType": BUILD_TYPE,
                    "externalParameters": self.parameters,
                    "internalParameters": {},
                    "resolvedDependencies": materials.iter().map(Resource::to_json).collect::<Vec<_>>(),
                },
                "runDetails": {
                    "builder": { "id": self.builder, "version": { "kiln": self.version } },
                },
            },
        });
        let mut text = serde_json::to_vec_pretty(&statement).expect("values of JSON are written without errors");
        text.push(b'\n');
        text
    }
}
