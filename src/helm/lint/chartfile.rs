use crate::golang::semver::{Constraints, Version};
use crate::golang::{strconv, validator};
use crate::helm::chart::{METADATA, Metadata, decode};
use crate::source::{EntryKind, Tree};
use crate::value::Frozen;
use crate::yaml;

use super::message::{Findings, Severity};

const FILE: &str = "Chart.yaml";

/// The rules for `Chart.yaml`.
pub fn check(chart: &Tree, findings: &mut Findings) {
    let is_folder = matches!(chart.kind(FILE), Ok(Some(EntryKind::Dir)));
    let a_file = if is_folder { Err("should be a file, not a directory".to_owned()) } else { Ok(()) };
    findings.check(Severity::Error, FILE, a_file);
    let (metadata, raw) = match read(chart) {
        Ok(read) => read,
        Err(error) => {
            findings.check(Severity::Error, FILE, Err(format!("unable to parse YAML\n\t{error}")));
            return;
        }
    };
    let mut check = |severity, outcome| findings.check(severity, FILE, outcome);
    check(Severity::Error, name(&metadata));
    check(Severity::Error, api_version(&metadata));
    check(Severity::Error, is_text(&raw, "version"));
    check(Severity::Error, version(&metadata));
    check(Severity::Error, is_text(&raw, "appVersion"));
    check(Severity::Error, maintainers(&metadata));
    check(Severity::Error, sources(&metadata));
    let icon = &metadata.icon;
    check(Severity::Info, refuse_if(icon.is_empty(), || "icon is recommended".to_owned()));
    let is_no_url = !icon.is_empty() && !validator::is_request_url(icon);
    check(Severity::Error, refuse_if(is_no_url, || format!("invalid icon URL '{icon}'")));
    let api = &metadata.api_version;
    let is_v2 = api == "v2";
    check(
        Severity::Error,
        refuse_if(!metadata.kind.is_empty() && !is_v2, || {
            format!("chart type is not valid in apiVersion '{api}'. It is valid in apiVersion 'v2'")
        }),
    );
    check(
        Severity::Error,
        refuse_if(metadata.declares_dependencies() && !is_v2, || {
            format!(
                "dependencies are not valid in the Chart file with apiVersion '{api}'. They are valid in apiVersion \
                 'v2'"
            )
        }),
    );
}

/// The file as Helm understands it, and as it is written.
fn read(chart: &Tree) -> Result<(Metadata, Frozen), String> {
    let text = chart.read(FILE).map_err(|error| error.to_string())?;
    let data = yaml::load_native(&text).map_err(|error| format!("error converting YAML to JSON: {error}"))?;
    let mut metadata = Metadata::default();
    metadata.apply(&decode(&METADATA, &data).map_err(|mismatch| mismatch.message)?);
    Ok((metadata, data))
}

fn refuse_if(wrong: bool, text: impl FnOnce() -> String) -> Result<(), String> {
    if wrong { Err(text()) } else { Ok(()) }
}

fn name(metadata: &Metadata) -> Result<(), String> {
    let name = &metadata.name;
    refuse_if(name.is_empty(), || "name is required".to_owned())?;
    let is_plain = !name.contains('/') || name == "/";
    refuse_if(!is_plain, || format!("chart name {} is invalid", strconv::quote(name.as_bytes())))
}

fn api_version(metadata: &Metadata) -> Result<(), String> {
    match metadata.api_version.as_str() {
        "v1" | "v2" => Ok(()),
        "" => Err("apiVersion is required. The value must be either \"v1\" or \"v2\"".to_owned()),
        other => Err(format!("apiVersion '{other}' is not valid. The value must be either \"v1\" or \"v2\"")),
    }
}

/// Versions look like numbers to YAML unless they stand in quotation marks.
fn is_text(raw: &Frozen, key: &str) -> Result<(), String> {
    let ty = match raw.get(key) {
        None | Some(Frozen::Str(_)) => return Ok(()),
        Some(Frozen::Nil) => "<nil>",
        Some(Frozen::Bool(_)) => "bool",
        Some(Frozen::Int(..) | Frozen::Float(_)) => "float64",
        Some(Frozen::List(_)) => "[]interface {}",
        Some(Frozen::Map(_)) => "map[string]interface {}",
    };
    Err(format!("{key} should be of type string but it's of type {ty}"))
}

fn version(metadata: &Metadata) -> Result<(), String> {
    let written = &metadata.version;
    refuse_if(written.is_empty(), || "version is required".to_owned())?;
    let version = Version::parse(written).map_err(|_| format!("version '{written}' is not a valid SemVer"))?;
    let any = Constraints::parse(">0.0.0-0")?;
    match any.validate(&version) {
        Err(reasons) if !reasons.is_empty() => Err(format!("version {}", reasons[0])),
        _ => Ok(()),
    }
}

fn maintainers(metadata: &Metadata) -> Result<(), String> {
    for (at, maintainer) in metadata.maintainers.iter().flatten().enumerate() {
        if metadata.null_maintainer == Some(at) {
            break;
        }
        let (name, email, url) = (&maintainer.name, &maintainer.email, &maintainer.url);
        refuse_if(name.is_empty(), || "each maintainer requires a name".to_owned())?;
        let no_email = !email.is_empty() && !validator::is_email(email);
        refuse_if(no_email, || format!("invalid email '{email}' for maintainer '{name}'"))?;
        let no_url = !url.is_empty() && !validator::is_url(url);
        refuse_if(no_url, || format!("invalid url '{url}' for maintainer '{name}'"))?;
    }
    refuse_if(metadata.null_maintainer.is_some(), || "a maintainer entry is empty".to_owned())
}

fn sources(metadata: &Metadata) -> Result<(), String> {
    let wrong = metadata.sources.iter().flatten().find(|source| !validator::is_request_url(source));
    wrong.map_or(Ok(()), |source| Err(format!("invalid source URL '{source}'")))
}
