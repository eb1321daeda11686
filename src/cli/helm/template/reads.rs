use std::fs;

use serde_json::{Value as Json, json};

use crate::helm::{FileQuestion, LookupRead, Reads};
use crate::value::{How, Read, Str};

use super::super::failure::go_words;
use super::nondeterminism::use_as_json;

/// Writes what a release read to a file, as JSON. The error says which file.
pub fn write(reads: &Reads, file: &str) -> Result<(), String> {
    let mut text = format!("{:#}", document(reads));
    text.push('\n');
    fs::write(file, text).map_err(|error| format!("open {file}: {}", go_words(&error)))
}

fn document(reads: &Reads) -> Json {
    let files = reads.files.iter().map(|file| match &file.what {
        FileQuestion::Path(path) => json!({"chart": file.chart, "path": path}),
        FileQuestion::Glob(pattern) => json!({"chart": file.chart, "glob": pattern}),
        FileQuestion::All => json!({"chart": file.chart, "all": true}),
    });
    let capabilities = &reads.capabilities;
    let lookups = reads.lookups.iter().map(|LookupRead { asked, is_found }| {
        json!({
            "apiVersion": asked.api_version, "kind": asked.kind,
            "namespace": asked.namespace, "name": asked.name, "found": is_found,
        })
    });
    json!({
        "apiVersion": "kiln/v1alpha1",
        "kind": "Reads",
        "values": reads.values.iter().map(one).collect::<Vec<_>>(),
        "checkedBySchema": reads.checked.iter().map(|path| keys(path)).collect::<Vec<_>>(),
        "release": reads.release.iter().map(one).collect::<Vec<_>>(),
        "files": files.collect::<Vec<_>>(),
        "capabilities": {
            "kubeVersion": capabilities.kube_version,
            "helmVersion": capabilities.helm_version,
            "allAPIVersions": capabilities.all_api_versions,
            "apiVersions": capabilities.api_versions,
        },
        "lookups": lookups.collect::<Vec<_>>(),
        "nondeterministic": reads.nondeterministic.iter().map(use_as_json).collect::<Vec<_>>(),
    })
}

fn one(read: &Read) -> Json {
    let how = match read.how {
        How::Missing => "missing",
        How::Presence => "presence",
        How::Length => "length",
        How::Keys => "keys",
        How::Value => "value",
        How::Whole => "whole",
    };
    json!({"path": keys(&read.path), "read": how})
}

fn keys(path: &[Str]) -> Vec<String> {
    path.iter().map(ToString::to_string).collect()
}
