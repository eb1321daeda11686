//! What a chart says about itself, as the parts of `helm show`. A [`Chart`] enters, the bytes that Helm
//! prints leave.

use crate::k8s::jsonpath::JsonPath;
use crate::value::{Frozen, Value};
use crate::yaml;

use super::chart::{Attachment, Chart, Metadata};
use super::objects::metadata_value;

/// `helm show chart`: `Chart.yaml` as Helm understood it. The error is Helm's text.
pub fn definition(chart: &Chart) -> Result<Vec<u8>, String> {
    let mut text = metadata_yaml(&chart.metadata, true)?;
    text.push(b'\n');
    Ok(text)
}

/// The metadata of a chart as YAML, with sorted keys, with or without its dependencies.
pub fn metadata_yaml(metadata: &Metadata, with_dependencies: bool) -> Result<Vec<u8>, String> {
    let dependencies = metadata.dependencies.as_ref().filter(|_| with_dependencies);
    yaml::to_yaml(&metadata_value(metadata, &metadata.name, dependencies.map(|all| all.iter())))
}

/// `helm show values`: the text of `values.yaml`.
pub fn values(chart: &Chart) -> Vec<u8> {
    chart.values_file.as_ref().map_or_else(Vec::new, |file| line(&file.data))
}

/// `helm show values --jsonpath`: what a template finds in the values. The outer error is about the
/// template, in Helm's words; the inner one ended its execution, which Helm tells nobody.
pub fn values_at(chart: &Chart, template: &str) -> Result<(Vec<u8>, Result<(), String>), String> {
    if matches!(chart.values, Frozen::Nil) {
        return Ok((Vec::new(), Ok(())));
    }
    let path = JsonPath::parse(template).map_err(|error| format!("error parsing jsonpath {template}: {error}"))?;
    Ok(path.execute(&Value::from(&chart.values)))
}

/// `helm show readme`: the first file with a readme's name.
pub fn readme(chart: &Chart) -> Result<Vec<u8>, String> {
    match chart.files.iter().find(|file| is_readme(file)) {
        Some(file) => content(file),
        None => Ok(Vec::new()),
    }
}

/// `helm show crds`: the custom resource definitions of the chart and of the charts in it.
pub fn crds(chart: &Chart) -> Result<Vec<u8>, String> {
    let mut text = Vec::new();
    for file in chart.crds() {
        text.extend(content(file)?);
    }
    for child in &chart.charts {
        text.extend(crds(child)?);
    }
    Ok(text)
}

/// `helm show all`: everything, with separators.
pub fn all(chart: &Chart) -> Result<Vec<u8>, String> {
    let mut text = definition(chart)?;
    let mut part = |part: Vec<u8>, separated: bool| {
        if separated && !part.is_empty() {
            text.extend_from_slice(b"---\n");
        }
        text.extend(part);
    };
    part(values(chart), true);
    part(readme(chart)?, true);
    let crds = crds(chart)?;
    let separated = !crds.starts_with(b"---");
    part(crds, separated);
    Ok(text)
}

fn is_readme(file: &Attachment) -> bool {
    ["readme.md", "readme.txt", "readme"].iter().any(|name| file.name.eq_ignore_ascii_case(name))
}

fn content(file: &Attachment) -> Result<Vec<u8>, String> {
    file.read().map(|data| line(&data)).map_err(|error| error.to_string())
}

fn line(text: &[u8]) -> Vec<u8> {
    [text, b"\n"].concat()
}
