use std::collections::BTreeMap;
use std::sync::Arc;

use crate::source::{ArchiveBudget, EntryKind, Naming, Tree, unpack_tgz};
use crate::value::Frozen;
use crate::yaml;

use super::decode::{Shape, decode};
use super::ignore::Rules;
use super::metadata::{LOCK, METADATA};
use super::{Chart, Dependency, File, LoadError, Metadata};

/// The largest file of a chart folder, as in Helm.
const MAX_FILE_BYTES: usize = 5 * 1024 * 1024;
/// How deep a chart's folders may nest; links can make a folder contain itself.
const MAX_DEPTH: usize = 100;
/// The most files of a chart folder.
const MAX_FILES: usize = 100_000;
/// The most bytes of a chart folder, as many as of an archive.
const MAX_CHART_BYTES: usize = 100 * 1024 * 1024;
/// The most bytes of values of a chart and its subcharts.
const MAX_VALUES_BYTES: usize = 16 * 1024 * 1024;
/// How deep charts may nest in `charts/`.
const MAX_CHART_DEPTH: usize = 50;

/// What a chart and its subcharts may still hold.
struct Room {
    archives: ArchiveBudget,
    /// Bytes of `values.yaml` files.
    values: usize,
}

impl Default for Room {
    fn default() -> Self {
        Self { archives: ArchiveBudget::default(), values: MAX_VALUES_BYTES }
    }
}

/// Loads a chart from its folder. `.helmignore` of this folder holds for all that is in it.
pub fn load(tree: &Tree) -> Result<Arc<Chart>, LoadError> {
    let rules = match tree.kind(".helmignore")? {
        Some(EntryKind::File) => tree.read(".helmignore")?,
        _ => Arc::from(&b""[..]),
    };
    let rules = Rules::parse(&rules).map_err(|message| LoadError::in_file(message, ".helmignore"))?;
    let mut files = Vec::new();
    walk(tree, "", &rules, 0, &mut { MAX_CHART_BYTES }, &mut files)?;
    assemble(files, &mut Room::default(), 0)
}

/// Loads a packed chart (`.tgz`). `shown` names it in messages.
pub fn load_archive(bytes: &[u8], shown: &str) -> Result<Arc<Chart>, LoadError> {
    let mut room = Room::default();
    let files = unpack(bytes, shown, &mut room)?;
    assemble(files, &mut room, 0)
}

/// The dependencies that the chart in a folder declares, without loading the rest of it.
pub fn dependencies_of(tree: &Tree) -> Result<Vec<Dependency>, LoadError> {
    let mut metadata = Metadata::default();
    for name in ["Chart.yaml", "requirements.yaml"] {
        if tree.kind(name)? == Some(EntryKind::File) {
            let file = File { name: name.to_owned(), data: tree.read(name)? };
            metadata.apply(&read_as(&METADATA, &file)?);
        }
    }
    Ok(metadata.dependencies.unwrap_or_default())
}

fn walk(
    tree: &Tree,
    below: &str,
    rules: &Rules,
    depth: usize,
    bytes: &mut usize,
    files: &mut Vec<File>,
) -> Result<(), LoadError> {
    if depth > MAX_DEPTH {
        return Err(LoadError::in_file(format!("chart folders nest deeper than {MAX_DEPTH} levels"), below));
    }
    for entry in tree.list(below)? {
        let path = if below.is_empty() { entry.name } else { format!("{below}/{}", entry.name) };
        let is_dir = entry.kind == EntryKind::Dir;
        if rules.ignores(&path, is_dir) {
            continue;
        }
        if is_dir {
            walk(tree, &path, rules, depth + 1, bytes, files)?;
            continue;
        }
        if files.len() >= MAX_FILES {
            return Err(LoadError::in_file(format!("chart has more than {MAX_FILES} files"), &path));
        }
        let data = tree.read(&path)?;
        if data.len() > MAX_FILE_BYTES {
            let name = path.rsplit('/').next().unwrap_or(&path);
            let message = format!("chart file {name:?} is larger than the maximum file size {MAX_FILE_BYTES}");
            return Err(LoadError::in_file(message, &path));
        }
        *bytes = bytes.checked_sub(data.len()).ok_or_else(|| {
            LoadError::in_file(format!("chart is larger than the limit of {MAX_CHART_BYTES} bytes"), &path)
        })?;
        files.push(File { name: path, data: without_bom(data) });
    }
    Ok(())
}

fn unpack(bytes: &[u8], shown: &str, room: &mut Room) -> Result<Vec<File>, LoadError> {
    let tree = unpack_tgz(bytes, shown, Naming::DropFirstSegment, &mut room.archives)
        .map_err(|error| LoadError::new(error.problem.to_string()))?;
    let mut files = Vec::new();
    walk(&tree, "", &Rules::default(), 0, &mut { MAX_CHART_BYTES }, &mut files)?;
    Ok(files)
}

fn without_bom(data: Arc<[u8]>) -> Arc<[u8]> {
    match data.strip_prefix(b"\xEF\xBB\xBF") {
        Some(rest) => Arc::from(rest),
        None => data,
    }
}

/// Sorts the files of one chart into their roles, in Helm's order of checks.
fn assemble(files: Vec<File>, room: &mut Room, depth: usize) -> Result<Arc<Chart>, LoadError> {
    if depth > MAX_CHART_DEPTH {
        return Err(LoadError::new(format!("charts nest deeper than {MAX_CHART_DEPTH} levels")));
    }
    let mut metadata = None;
    if let Some(file) = files.iter().find(|file| file.name == "Chart.yaml") {
        let mut read = Metadata::default();
        read.apply(&read_as(&METADATA, file)?);
        if read.api_version.is_empty() {
            "v1".clone_into(&mut read.api_version);
        }
        metadata = Some(read);
    }
    let has_requirements = files.iter().any(|file| file.name == "requirements.yaml");
    let dependencies_file = if has_requirements { "requirements.yaml" } else { "Chart.yaml" };
    let mut parts = Parts::default();
    for file in files {
        parts.take(file, &mut metadata, room)?;
    }
    let mut metadata = metadata.ok_or_else(|| LoadError::new("Chart.yaml file is missing"))?;
    metadata.validate().map_err(|fault| {
        let file =
            if fault.at.first().is_some_and(|key| key == "dependencies") { dependencies_file } else { "Chart.yaml" };
        LoadError::in_file(format!("validation: {}", fault.message), file).at(fault.at)
    })?;
    let mut charts = Vec::new();
    for (entry, files) in parts.charts {
        if entry.starts_with(['_', '.']) {
            continue;
        }
        let parent = &metadata.name;
        if let Some(first) = files.first().filter(|first| entry.ends_with(".tgz") && first.name != entry) {
            let got = &first.name;
            return Err(LoadError::new(format!(
                "error unpacking subchart tar in {parent}: expected {entry}, got {got}"
            )));
        }
        let chart = subchart(&entry, files, room, depth + 1);
        charts.push(chart.map_err(|error| error.in_subchart(&entry, parent))?);
    }
    Ok(Arc::new(Chart {
        metadata,
        templates: parts.templates,
        values: parts.values,
        values_file: parts.values_file,
        schema: parts.schema,
        files: parts.files,
        charts,
        warnings: parts.warnings,
        compiled: Default::default(),
    }))
}

fn subchart(entry: &str, files: Vec<File>, room: &mut Room, depth: usize) -> Result<Arc<Chart>, LoadError> {
    let files = match files.first() {
        Some(archive) if entry.ends_with(".tgz") => unpack(&archive.data, entry, room)?,
        _ => {
            // A file right in charts/ has no path inside of the chart that it is taken for.
            let inside = |file: File| {
                let name = file.name.split_once('/')?.1.to_owned();
                Some(File { name, data: file.data })
            };
            files.into_iter().filter_map(inside).collect()
        }
    };
    assemble(files, room, depth)
}

/// The files of one chart, by role.
#[derive(Default)]
struct Parts {
    templates: Vec<File>,
    values: Frozen,
    values_file: Option<File>,
    schema: Option<File>,
    files: Vec<File>,
    charts: BTreeMap<String, Vec<File>>,
    warnings: Vec<String>,
}

impl Parts {
    fn take(&mut self, file: File, metadata: &mut Option<Metadata>, room: &mut Room) -> Result<(), LoadError> {
        match file.name.as_str() {
            "Chart.yaml" => {}
            "Chart.lock" => {
                read_as(&LOCK, &file)?;
            }
            "values.yaml" => {
                room.values = room.values.checked_sub(file.data.len()).ok_or_else(|| {
                    let message = format!("values of the chart are larger than the limit of {MAX_VALUES_BYTES} bytes");
                    LoadError::in_file(message, &file.name)
                })?;
                self.values = read_values(&file)?;
                self.values_file = Some(file);
            }
            "values.schema.json" => self.schema = Some(file),
            "requirements.yaml" => {
                let metadata = metadata.get_or_insert_default();
                let is_v1 = metadata.api_version == "v1";
                if !is_v1 {
                    self.warnings.push(
                        "Warning: Dependencies are handled in Chart.yaml since apiVersion \"v2\". We recommend \
                         migrating dependencies to Chart.yaml."
                            .to_owned(),
                    );
                }
                metadata.apply(&read_as(&METADATA, &file)?);
                if metadata.api_version == "v1" {
                    self.files.push(file);
                }
            }
            "requirements.lock" => {
                read_as(&LOCK, &file)?;
                if metadata.get_or_insert_default().api_version == "v1" {
                    self.files.push(file);
                } else {
                    self.warnings.push(
                        "Warning: Dependency locking is handled in Chart.lock since apiVersion \"v2\". We recommend \
                         migrating to Chart.lock."
                            .to_owned(),
                    );
                }
            }
            name if name.starts_with("templates/") => self.templates.push(file),
            name if name.starts_with("charts/") && !name.ends_with(".prov") => {
                let name = name["charts/".len()..].to_owned();
                let entry = name.split('/').next().unwrap_or_default().to_owned();
                self.charts.entry(entry).or_default().push(File { name, data: file.data });
            }
            _ => self.files.push(file),
        }
        Ok(())
    }
}

/// Reads a file of the chart into a Go type.
fn read_as(shape: &Shape, file: &File) -> Result<Frozen, LoadError> {
    let name = &file.name;
    let data = yaml::load_native(&file.data).map_err(|error| {
        let message = format!("cannot load {name}: error converting YAML to JSON: {error}");
        LoadError::in_file(message, name).with_yaml(error)
    })?;
    decode(shape, &data).map_err(|mismatch| {
        LoadError::in_file(format!("cannot load {name}: {}", mismatch.message), name).at(mismatch.at)
    })
}

fn read_values(file: &File) -> Result<Frozen, LoadError> {
    let name = &file.name;
    let values = yaml::load_map(&file.data)
        .map_err(|error| LoadError::in_file(format!("cannot load {name}: {error}"), name).with_yaml(error))?;
    Ok(Frozen::Map(values))
}
