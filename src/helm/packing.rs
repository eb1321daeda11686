//! A chart as the members of its archive, in Helm's order and with Helm's content: `Chart.yaml` and the
//! lock file are written anew, everything else is kept. Charts in `charts/` become folders.

use std::sync::Arc;

use super::chart::{Chart, Metadata};
use super::show::metadata_yaml;

/// A file of an archive: its path, with the chart's name in front, and its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The path.
    pub path: String,
    /// The content.
    pub data: Arc<[u8]>,
}

/// The metadata that a chart is packed with: versions may be replaced (empty texts replace nothing), and
/// all declared dependencies must be there. The error is Helm's text.
pub fn metadata_for_package(chart: &Chart, version: &str, app_version: &str) -> Result<Metadata, String> {
    let mut metadata = chart.metadata.clone();
    if !version.is_empty() {
        version.clone_into(&mut metadata.version);
    }
    crate::golang::semver::Version::parse(&metadata.version)?;
    if !app_version.is_empty() {
        app_version.clone_into(&mut metadata.app_version);
    }
    let missing = chart.missing_dependencies();
    if !missing.is_empty() {
        return Err(format!("found in Chart.yaml, but missing in charts/ directory: {}", missing.join(", ")));
    }
    metadata.validate().map_err(|fault| format!("failed to save: chart validation: validation: {}", fault.message))?;
    Ok(metadata)
}

/// The members of the archive of a chart that is packed with the given metadata. The error is Helm's text.
pub fn members(chart: &Chart, metadata: &Metadata) -> Result<Vec<Member>, String> {
    let mut members = Vec::new();
    collect(chart, metadata, "", &mut members)?;
    Ok(members)
}

fn collect(chart: &Chart, metadata: &Metadata, below: &str, members: &mut Vec<Member>) -> Result<(), String> {
    let base = format!("{below}{}", metadata.name);
    let mut add = |name: &str, data: Arc<[u8]>| members.push(Member { path: format!("{base}/{name}"), data });
    add("Chart.yaml", metadata_yaml(metadata, metadata.api_version != "v1")?.into());
    if metadata.api_version == "v2"
        && let Some(lock) = &chart.lock
    {
        add("Chart.lock", lock.to_yaml()?.into());
    }
    if let Some(file) = &chart.values_file {
        add("values.yaml", Arc::clone(&file.data));
    }
    if let Some(file) = &chart.schema {
        if crate::golang::json::unmarshal(&file.data).is_err() {
            return Err("Invalid JSON in values.schema.json".to_owned());
        }
        add("values.schema.json", Arc::clone(&file.data));
    }
    for file in &chart.templates {
        add(&file.name, Arc::clone(&file.data));
    }
    for file in &chart.files {
        add(&file.name, file.read().map_err(|error| error.to_string())?);
    }
    for child in &chart.charts {
        collect(child, &child.metadata, &format!("{base}/charts/"), members)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::helm::load;
    use crate::source::Tree;

    fn chart(files: &[(&str, &str)]) -> Arc<Chart> {
        let files: BTreeMap<String, Arc<[u8]>> =
            files.iter().map(|(path, text)| ((*path).to_owned(), Arc::from(text.as_bytes()))).collect();
        load(&Tree::memory(files, "demo")).unwrap()
    }

    #[test]
    fn members_stand_in_helms_order() {
        let chart = chart(&[
            ("Chart.yaml", "version: 1.0.0\nname: demo\napiVersion: v2\ndependencies: [{name: sub, version: 1.x}]\n"),
            ("Chart.lock", "digest: sha256:0\ngenerated: 2024-01-02T03:04:05.600Z\ndependencies:\n- name: sub\n"),
            ("README.md", "read"),
            ("values.yaml", "a: 1 # kept\n"),
            ("templates/x.yaml", "x"),
            ("charts/sub/Chart.yaml", "apiVersion: v1\nname: sub\nversion: 1.2.3\n"),
        ]);
        let metadata = metadata_for_package(&chart, "2.0.0", "").unwrap();
        let members = members(&chart, &metadata).unwrap();
        let paths: Vec<&str> = members.iter().map(|member| member.path.as_str()).collect();
        assert_eq!(
            paths,
            [
                "demo/Chart.yaml",
                "demo/Chart.lock",
                "demo/values.yaml",
                "demo/templates/x.yaml",
                "demo/README.md",
                "demo/charts/sub/Chart.yaml"
            ]
        );
        let text = |at: usize| String::from_utf8_lossy(&members[at].data).into_owned();
        assert_eq!(
            text(0),
            "apiVersion: v2\ndependencies:\n- name: sub\n  repository: \"\"\n  version: 1.x\nname: demo\nversion: 2.0.0\n"
        );
        assert_eq!(
            text(1),
            "dependencies:\n- name: sub\n  repository: \"\"\ndigest: sha256:0\ngenerated: \"2024-01-02T03:04:05.6Z\"\n"
        );
        assert_eq!(text(2), "a: 1 # kept\n");
    }

    #[test]
    fn what_cannot_be_packed_is_told() {
        let lacking = chart(&[(
            "Chart.yaml",
            "apiVersion: v2\nname: demo\nversion: 1.0.0\ndependencies: [{name: a}, {name: b}]\n",
        )]);
        assert_eq!(
            metadata_for_package(&lacking, "", "").unwrap_err(),
            "found in Chart.yaml, but missing in charts/ directory: a, b"
        );
        let wrong =
            chart(&[("Chart.yaml", "apiVersion: v2\nname: demo\nversion: 1.0.0\n"), ("values.schema.json", "{")]);
        assert!(metadata_for_package(&wrong, "new", "").is_err());
        assert_eq!(members(&wrong, &wrong.metadata).unwrap_err(), "Invalid JSON in values.schema.json");
    }
}
