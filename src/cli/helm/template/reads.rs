use std::fs;

use serde_json::{Value as Json, json};

use crate::helm::{FileQuestion, Reads};
use crate::value::{How, Read, Str};

use super::super::failure::go_words;

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
