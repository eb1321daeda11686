use std::collections::BTreeMap;
use std::sync::Arc;

use crate::helm::compat::Compat;
use crate::helm::values::read_values;
use crate::source::{ArchiveBudget, ArchiveProblem, Digest, Digester, EntryKind, Naming, Tree, TreeError, unpack_tgz};
use crate::value::Frozen;
use crate::yaml;

use super::decode::{Shape, decode};
use super::ignore::Rules;
use super::metadata::{BASE, LOCK, METADATA};
use super::{Attachment, Chart, Dependency, File, LoadError, Lock, Metadata};

/// The largest file of a chart folder, as in Helm.
const MAX_FILE_BYTES: usize = 5 * 1024 * 1024;
/// How deep a chart's folders may nest; links can make a folder contain itself.
const MAX_DEPTH: usize = 100;
/// The most files of a chart folder.
const MAX_FILES: usize = 100_000;
/// The most bytes of a chart folder, as many as of an archive.
const MAX_CHART_BYTES: usize = 100 * 1024 * 1024;
/// The most comparisons of paths with the rules of `.helmignore`.
const MAX_COMPARISONS: usize = 5_000_000;
/// The most bytes of values of a chart and its subcharts.
const MAX_VALUES_BYTES: usize = 16 * 1024 * 1024;
/// How deep charts may nest in `charts/`.
const MAX_CHART_DEPTH: usize = 50;

/// What a chart's folder may still hold.
struct FolderRoom {
    bytes: usize,
    /// Comparisons of paths with the rules of `.helmignore`.
    comparisons: usize,
}

impl Default for FolderRoom {
    fn default() -> Self {
        Self { bytes: MAX_CHART_BYTES, comparisons: MAX_COMPARISONS }
    }
}

/// Loads a chart from its folder for Helm 3. `.helmignore` of this folder holds for all that is in it.
pub fn load(tree: &Tree) -> Result<Arc<Chart>, LoadError> {
    load_as(tree, Compat::V3)
}

/// Loads a chart from its folder for the given Helm.
pub fn load_as(tree: &Tree, compat: Compat) -> Result<Arc<Chart>, LoadError> {
    if compat.knows_chart_versions() {
        let shown = tree.display("Chart.yaml");
        if tree.kind("Chart.yaml")? != Some(EntryKind::File) {
            let message = format!("unable to detect chart at {shown}: open {shown}: no such file or directory");
            return Err(LoadError::new(message));
        }
        check_version(&File { name: "Chart.yaml".to_owned(), data: tree.read("Chart.yaml")? })?;
    }
    Loader { compat, budget: ArchiveBudget::default(), values: MAX_VALUES_BYTES }.assemble(files_of(tree)?, 0)
}

/// The files of a chart's folder that `.helmignore` does not leave out.
fn files_of(tree: &Tree) -> Result<Vec<Attachment>, LoadError> {
    let rules = match tree.read(".helmignore") {
        Ok(rules) => rules,
        Err(TreeError::Missing { .. }) => Arc::from(&b""[..]),
        Err(_) if tree.kind(".helmignore")? != Some(EntryKind::File) => Arc::from(&b""[..]),
        Err(error) => return Err(error.into()),
    };
    let rules = Rules::parse(&rules).map_err(|message| LoadError::in_file(message, ".helmignore"))?;
    let mut files = Vec::new();
    walk(tree, "", &rules, 0, &mut FolderRoom::default(), &mut files)?;
    Ok(files)
}

/// Loads a packed chart (`.tgz`) for the given Helm. `shown` names it in messages.
pub fn load_archive(bytes: &[u8], shown: &str, compat: Compat) -> Result<Arc<Chart>, LoadError> {
    let mut loader = Loader { compat, budget: ArchiveBudget::default(), values: MAX_VALUES_BYTES };
    let files = unpack(bytes, shown, &mut loader.budget).map_err(|error| match compat.hides_archive_faults() {
        true => LoadError::new("unable to load chart archive"),
        false => error,
    })?;
    if compat.knows_chart_versions() {
        let file = files.iter().find(|file| file.name == "Chart.yaml");
        let file = file.ok_or_else(|| LoadError::new("unable to detect chart version, no Chart.yaml found"))?;
        check_version(&file.clone().needed()?)?;
    }
    loader.assemble(files, 0)
}

/// A digest of all files that make up the chart in a folder: [`load`] gives equal charts for equal ones.
/// Files that nothing refers to count too, unless `.helmignore` leaves them out.
pub fn digest_of(tree: &Tree) -> Result<Digest, LoadError> {
    let mut digester = Digester::new("chart");
    for file in files_of(tree)? {
        digester.text(&file.name);
        digester.bytes(&file.read()?);
    }
    Ok(digester.finish())
}

/// Whether the chart's `apiVersion` is one that Helm 4 reads.
fn check_version(file: &File) -> Result<(), LoadError> {
    let base = read_as(&BASE, file, Compat::V4)?;
    match base.get("apiVersion") {
        None => Ok(()),
        Some(Frozen::Str(version))
            if ["", "v1", "v2", "v3"].iter().any(|known| version.as_bytes() == known.as_bytes()) =>
        {
            Ok(())
        }
        Some(_) => Err(LoadError::in_file("unsupported chart version", "Chart.yaml").at(vec!["apiVersion".to_owned()])),
    }
}

/// The dependencies that the chart in a folder declares, without loading the rest of it.
pub fn dependencies_of(tree: &Tree) -> Result<Vec<Dependency>, LoadError> {
    let mut metadata = Metadata::default();
    for name in ["Chart.yaml", "requirements.yaml"] {
        if tree.kind(name)? == Some(EntryKind::File) {
            let file = File { name: name.to_owned(), data: tree.read(name)? };
            metadata.apply(&read_as(&METADATA, &file, Compat::V3)?);
        }
    }
    Ok(metadata.dependencies.unwrap_or_default())
}

fn walk(
    tree: &Tree,
    below: &str,
    rules: &Rules,
    depth: usize,
    room: &mut FolderRoom,
    files: &mut Vec<Attachment>,
) -> Result<(), LoadError> {
    if depth > MAX_DEPTH {
        return Err(LoadError::in_file(format!("chart folders nest deeper than {MAX_DEPTH} levels"), below));
    }
    for entry in tree.list(below)? {
        let path = if below.is_empty() { entry.name } else { format!("{below}/{}", entry.name) };
        let is_dir = entry.kind == EntryKind::Dir;
        room.comparisons = room.comparisons.checked_sub(rules.len()).ok_or_else(|| {
            LoadError::in_file(format!("exceeded the limit of {MAX_COMPARISONS} comparisons with paths"), ".helmignore")
        })?;
        if rules.ignores(&path, is_dir) {
            continue;
        }
        if is_dir {
            walk(tree, &path, rules, depth + 1, room, files)?;
            continue;
        }
        if files.len() >= MAX_FILES {
            return Err(LoadError::in_file(format!("chart has more than {MAX_FILES} files"), &path));
        }
        let file = Attachment::open(tree, path)?;
        let path = &file.name;
        if file.size() > MAX_FILE_BYTES {
            let name = path.rsplit('/').next().unwrap_or(path);
            let message = format!("chart file {name:?} is larger than the maximum file size {MAX_FILE_BYTES}");
            return Err(LoadError::in_file(message, path));
        }
        room.bytes = room.bytes.checked_sub(file.size()).ok_or_else(|| {
            LoadError::in_file(format!("chart is larger than the limit of {MAX_CHART_BYTES} bytes"), path)
        })?;
        files.push(file);
    }
    Ok(())
}

fn unpack(bytes: &[u8], shown: &str, budget: &mut ArchiveBudget) -> Result<Vec<Attachment>, LoadError> {
    let tree = unpack_tgz(bytes, shown, Naming::DropFirstSegment, budget)
        .map_err(|error| LoadError::new(words(&error.problem, bytes)))?;
    let mut files = Vec::new();
    walk(&tree, "", &Rules::default(), 0, &mut FolderRoom::default(), &mut files)?;
    Ok(files)
}

/// Helm's words for what is wrong with an archive.
fn words(problem: &ArchiveProblem, bytes: &[u8]) -> String {
    /// The length of a gzip header, which Go reads at once.
    const GZIP_HEADER: usize = 10;
    match problem {
        ArchiveProblem::GzipHeader if bytes.is_empty() => "EOF".to_owned(),
        ArchiveProblem::GzipHeader if bytes.len() < GZIP_HEADER => "unexpected EOF".to_owned(),
        ArchiveProblem::Gzip(words) if words.contains("unexpected end of file") => "unexpected EOF".to_owned(),
        ArchiveProblem::Absolute(_) => "chart illegally contains absolute paths".to_owned(),
        ArchiveProblem::OutsideBase(_) => "chart illegally contains content outside the base directory".to_owned(),
        ArchiveProblem::Parent(_) => "chart illegally references parent directory".to_owned(),
        ArchiveProblem::IllegalName(_) => "chart contains illegally named files".to_owned(),
        ArchiveProblem::ChartYamlNotInBase(_) => "chart yaml not in base directory".to_owned(),
        other => other.to_string(),
    }
}

/// Turns files into charts.
struct Loader {
    compat: Compat,
    /// What archives may still unpack to.
    budget: ArchiveBudget,
    /// Bytes of `values.yaml` files that there may still be.
    values: usize,
}

impl Loader {
    /// Sorts the files of one chart into their roles, in Helm's order of checks.
    fn assemble(&mut self, files: Vec<Attachment>, depth: usize) -> Result<Arc<Chart>, LoadError> {
        if depth > MAX_CHART_DEPTH {
            return Err(LoadError::new(format!("charts nest deeper than {MAX_CHART_DEPTH} levels")));
        }
        let mut metadata = None;
        if let Some(file) = files.iter().find(|file| file.name == "Chart.yaml") {
            let mut read = Metadata::default();
            read.apply(&read_as(&METADATA, &file.clone().needed()?, self.compat)?);
            if read.api_version.is_empty() {
                "v1".clone_into(&mut read.api_version);
            }
            metadata = Some(read);
        }
        let has_requirements = files.iter().any(|file| file.name == "requirements.yaml");
        let dependencies_file = if has_requirements { "requirements.yaml" } else { "Chart.yaml" };
        let mut parts = Parts::default();
        for file in files {
            if file.name == "values.yaml" {
                self.values = self.values.checked_sub(file.size()).ok_or_else(|| {
                    let message = format!("values of the chart are larger than the limit of {MAX_VALUES_BYTES} bytes");
                    LoadError::in_file(message, &file.name)
                })?;
            }
            parts.take(file, &mut metadata, self.compat)?;
        }
        let mut metadata = metadata.ok_or_else(|| LoadError::new("Chart.yaml file is missing"))?;
        metadata.validate().map_err(|fault| {
            let file = if fault.at.first().is_some_and(|key| key == "dependencies") {
                dependencies_file
            } else {
                "Chart.yaml"
            };
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
            let chart = self.subchart(&entry, files, depth + 1);
            charts.push(chart.map_err(|error| error.in_subchart(&entry, parent))?);
        }
        Ok(Arc::new(Chart {
            compat: self.compat,
            metadata,
            templates: parts.templates,
            values: parts.values,
            values_file: parts.values_file,
            schema: parts.schema,
            lock: parts.lock,
            files: parts.files,
            charts,
            warnings: parts.warnings,
            compiled: Default::default(),
            core: Default::default(),
        }))
    }

    fn subchart(&mut self, entry: &str, files: Vec<Attachment>, depth: usize) -> Result<Arc<Chart>, LoadError> {
        let files = match files.first() {
            Some(archive) if entry.ends_with(".tgz") => unpack(&archive.read()?, entry, &mut self.budget)?,
            _ => {
                // A file right in charts/ has no path inside of the chart that it is taken for.
                let inside = |file: Attachment| {
                    let name = file.name.split_once('/')?.1.to_owned();
                    Some(file.renamed(name))
                };
                files.into_iter().filter_map(inside).collect()
            }
        };
        self.assemble(files, depth)
    }
}

/// The files of one chart, by role.
#[derive(Default)]
struct Parts {
    templates: Vec<File>,
    values: Frozen,
    values_file: Option<File>,
    schema: Option<File>,
    lock: Option<Lock>,
    files: Vec<Attachment>,
    charts: BTreeMap<String, Vec<Attachment>>,
    warnings: Vec<String>,
}

impl Parts {
    fn take(&mut self, file: Attachment, metadata: &mut Option<Metadata>, compat: Compat) -> Result<(), LoadError> {
        match file.name.as_str() {
            "Chart.yaml" => {}
            "Chart.lock" => self.lock = Some(Lock::read(&read_as(&LOCK, &file.needed()?, compat)?)),
            "values.yaml" => {
                let file = file.needed()?;
                self.values = defaults(&file, compat)?;
                self.values_file = Some(file);
            }
            "values.schema.json" => self.schema = Some(file.needed()?),
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
                metadata.apply(&read_as(&METADATA, &file.clone().needed()?, compat)?);
                if metadata.api_version == "v1" {
                    self.files.push(file);
                }
            }
            "requirements.lock" => {
                self.lock = Some(Lock::read(&read_as(&LOCK, &file.clone().needed()?, compat)?));
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
            name if name.starts_with("templates/") => self.templates.push(file.needed()?),
            name if name.starts_with("charts/") && !name.ends_with(".prov") => {
                let name = name["charts/".len()..].to_owned();
                let entry = name.split('/').next().unwrap_or_default().to_owned();
                self.charts.entry(entry).or_default().push(file.renamed(name));
            }
            _ => self.files.push(file),
        }
        Ok(())
    }
}

/// Reads a file of the chart into a Go type, which messages name as the given Helm does.
fn read_as(shape: &Shape, file: &File, compat: Compat) -> Result<Frozen, LoadError> {
    let name = &file.name;
    let data = yaml::load_native(&file.data).map_err(|error| {
        let message = format!("cannot load {name}: error converting YAML to JSON: {error}");
        LoadError::in_file(message, name).with_yaml(error)
    })?;
    decode(shape, &data).map_err(|mismatch| {
        let message = mismatch.message.replace("chart.", &format!("{}.", compat.chart_package()));
        LoadError::in_file(format!("cannot load {name}: {message}"), name).at(mismatch.at)
    })
}

fn defaults(file: &File, compat: Compat) -> Result<Frozen, LoadError> {
    let name = &file.name;
    let values = read_values(&file.data, compat).map_err(|error| {
        let fault = LoadError::in_file(format!("cannot load {name}: {error}"), name);
        match error.yaml {
            Some(yaml) => fault.with_yaml(*yaml),
            None => fault,
        }
    })?;
    Ok(Frozen::Map(values))
}
