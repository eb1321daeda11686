//! A chart as the members of an archive, in Helm's order: what `helm package` and local dependencies
//! are packed from.

use std::sync::Arc;

use crate::yaml;

use super::chart::Chart;
use super::objects::metadata_value;

/// A member of an archive: its path, and its content.
pub type Member = (String, Arc<[u8]>);

/// The members of a chart's archive. `lock` is the text of its `Chart.lock`. The error is Helm's text.
pub fn members(chart: &Chart, lock: Option<&[u8]>) -> Result<Vec<Member>, String> {
    let mut members = Vec::new();
    add(&mut members, chart, lock, "")?;
    Ok(members)
}

fn add(members: &mut Vec<Member>, chart: &Chart, lock: Option<&[u8]>, prefix: &str) -> Result<(), String> {
    let metadata = &chart.metadata;
    let is_v1 = metadata.api_version == "v1";
    let base = format!("{prefix}{}", metadata.name);
    let mut push = |name: &str, data: &Arc<[u8]>| members.push((format!("{base}/{name}"), Arc::clone(data)));
    // Charts of version 1 declare their dependencies in a file of their own.
    let dependencies = metadata.dependencies.as_ref().filter(|_| !is_v1).map(|all| all.iter());
    push("Chart.yaml", &Arc::from(yaml::to_yaml(&metadata_value(metadata, &metadata.name, dependencies))?));
    if let Some(lock) = lock.filter(|_| metadata.api_version == "v2") {
        let lock = yaml::load(lock).map_err(|error| error.to_string())?;
        push("Chart.lock", &Arc::from(yaml::to_yaml_frozen(&lock)?));
    }
    if let Some(values) = &chart.values_file {
        push("values.yaml", &values.data);
    }
    if let Some(schema) = &chart.schema {
        if serde_json::from_slice::<serde::de::IgnoredAny>(&schema.data).is_err() {
            return Err("Invalid JSON in values.schema.json".to_owned());
        }
        push("values.schema.json", &schema.data);
    }
    for file in chart.templates.iter().chain(&chart.files) {
        push(&file.name, &file.data);
    }
    for below in &chart.charts {
        add(members, below, None, &format!("{base}/charts/"))?;
    }
    Ok(())
}
