//! Projects in two editions whose output differs in every file, and what became of their output.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// Path below a folder → content. Links count as their targets' names.
pub type Files = BTreeMap<String, Vec<u8>>;

/// The two editions of a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edition {
    Old,
    New,
}

impl Edition {
    pub fn other(self) -> Self {
        match self {
            Self::Old => Self::New,
            Self::New => Self::Old,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Old => "old",
            Self::New => "new",
        }
    }
}

/// A project in two editions, `old/` and `new/`, that write into one folder, `out/`.
pub struct Twin {
    top: tempfile::TempDir,
    words: &'static [&'static str],
    /// What `out/` holds when an edition was written.
    old: Files,
    new: Files,
}

impl Twin {
    /// So many static components, compiled for one environment.
    pub fn of_components(count: usize) -> Self {
        Self::make(&["prod"], |folder, edition| write_components(folder, edition, count))
    }

    /// So many clusters of a few components.
    pub fn of_clusters(count: usize) -> Self {
        Self::make(&[], |folder, edition| {
            write_components(folder, edition, 4);
            let clusters: String = (0..count).map(|at| format!("- {{name: c{at}, layers: [prod]}}\n")).collect();
            fs::write(folder.join("clusters.yaml"), format!("clusters:\n{clusters}")).unwrap();
        })
    }

    /// Charts and static components, for one environment or, without, for a few clusters.
    pub fn of_charts(words: &'static [&'static str]) -> Self {
        Self::make(words, |folder, edition| {
            write_components(folder, edition, 2);
            let chart = folder.join("chart");
            fs::create_dir_all(chart.join("templates")).unwrap();
            fs::write(chart.join("Chart.yaml"), "apiVersion: v2\nname: web\nversion: 1.0.0\n").unwrap();
            fs::write(chart.join("values.yaml"), format!("edition: {}\n", edition.name())).unwrap();
            let template =
                "kind: ConfigMap\nmetadata: {name: {{ .Release.Name }}}\ndata: {edition: {{ .Values.edition }}}\n";
            fs::write(chart.join("templates/cm.yaml"), template).unwrap();
            let component = fs::read_to_string(folder.join("component.yaml")).unwrap();
            let charts: String = (0..2).map(|at| format!("- {{name: h{at}, type: helm, path: ./chart}}\n")).collect();
            fs::write(folder.join("component.yaml"), format!("{component}{charts}")).unwrap();
            if words.is_empty() {
                let clusters: String = (0..3).map(|at| format!("- {{name: c{at}, layers: [prod]}}\n")).collect();
                fs::write(folder.join("clusters.yaml"), format!("clusters:\n{clusters}")).unwrap();
            }
        })
    }

    /// Takes away what runs have recorded for later ones, except which files are kiln's.
    pub fn forget(&self) {
        for folder in ["state", "asked"] {
            let _ = fs::remove_dir_all(self.out().join(".kiln").join(folder));
        }
    }

    fn make(words: &'static [&'static str], write: impl Fn(&Path, Edition)) -> Self {
        let top = tempfile::tempdir().unwrap();
        for edition in [Edition::Old, Edition::New] {
            let folder = top.path().join(edition.name());
            fs::create_dir(&folder).unwrap();
            write(&folder, edition);
        }
        let mut twin = Self { top, words, old: Files::new(), new: Files::new() };
        twin.must_write(Edition::New);
        twin.new = files(&twin.out());
        twin.must_write(Edition::Old);
        twin.old = files(&twin.out());
        assert!(twin.old.keys().eq(twin.new.keys()) && twin.old.len() > 3, "the editions have other files");
        twin
    }

    pub fn top(&self) -> &Path {
        self.top.path()
    }

    pub fn out(&self) -> PathBuf {
        self.top.path().join("out")
    }

    /// The command that writes an edition.
    pub fn command(&self, edition: Edition) -> Command {
        self.command_into(edition, &self.out())
    }

    /// The command that writes an edition into a folder.
    pub fn command_into(&self, edition: Edition, out: &Path) -> Command {
        let mut command = kiln();
        command.arg("generate").args(self.words).arg("--quiet").arg("-C").arg(self.top().join(edition.name()));
        command.arg("-O").arg(out);
        command
    }

    pub fn must_write(&self, edition: Edition) {
        succeeds(&mut self.command(edition));
    }

    /// How long writing takes, at best of a few.
    pub fn duration(&self) -> Duration {
        let one = |edition| {
            let started = Instant::now();
            self.must_write(edition);
            started.elapsed()
        };
        [Edition::New, Edition::Old, Edition::New, Edition::Old].map(one).into_iter().min().unwrap()
    }

    /// Which edition the output is; none when it is torn.
    pub fn state(&self) -> Option<Edition> {
        self.state_of(&self.out())
    }

    /// Which edition a folder is.
    pub fn state_of(&self, out: &Path) -> Option<Edition> {
        let found = files(out);
        [(Edition::Old, &self.old), (Edition::New, &self.new)]
            .into_iter()
            .find_map(|(edition, files)| (*files == found).then_some(edition))
    }

    /// Which edition each tree of the output is, by the tree's name; none where it is torn.
    pub fn states(&self) -> BTreeMap<String, Option<Edition>> {
        let found = files(&self.out());
        let trees: BTreeSet<&str> =
            self.old.keys().filter_map(|path| path.split_once('/')).map(|(tree, _)| tree).collect();
        let of = |files: &Files, tree: &str| -> Files {
            files
                .iter()
                .filter(|(path, _)| path.split_once('/').is_some_and(|(first, _)| first == tree))
                .map(|(path, content)| (path.clone(), content.clone()))
                .collect()
        };
        let state = |tree: &str| {
            let found = of(&found, tree);
            [(Edition::Old, &self.old), (Edition::New, &self.new)]
                .into_iter()
                .find_map(|(edition, files)| (of(files, tree) == found).then_some(edition))
        };
        trees.into_iter().map(|tree| (tree.to_owned(), state(tree))).collect()
    }

    /// Writes an edition in peace, and holds that this puts everything in order.
    pub fn heal(&self, edition: Edition) {
        self.must_write(edition);
        assert_eq!(self.state(), Some(edition), "the next run did not put the output in order");
        assert_clean(self.top());
    }

    /// What the output was torn into, for messages.
    pub fn torn(&self) -> String {
        let found = files(&self.out());
        let is = |files: &Files| found.iter().filter(|(path, content)| files.get(*path) == Some(content)).count();
        format!("{} files of {}: {} old, {} new", found.len(), self.old.len(), is(&self.old), is(&self.new))
    }
}

fn write_components(folder: &Path, edition: Edition, count: usize) {
    fs::create_dir_all(folder.join("m")).unwrap();
    fs::create_dir_all(folder.join("config")).unwrap();
    fs::write(folder.join("config/prod.yaml"), "{}\n").unwrap();
    let lines: String = (0..100).map(|at| format!("  k{at}: {}\n", "x".repeat(60))).collect();
    let manifest =
        format!("kind: ConfigMap\nmetadata: {{name: c}}\ndata:\n  edition: {}\n{lines}  zz: END\n", edition.name());
    fs::write(folder.join("m/cm.yaml"), manifest).unwrap();
    let components: String = (0..count).map(|at| format!("- {{name: s{at}, type: static, path: ./m}}\n")).collect();
    fs::write(folder.join("component.yaml"), format!("name: root\nsubcomponents:\n{components}")).unwrap();
}

/// The program, with nothing of this process's settings.
pub fn kiln() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kiln"));
    without_settings(&mut command);
    command
}

/// Takes the settings of whoever runs the tests, and the input, away from a command.
pub fn without_settings(command: &mut Command) {
    crate::settings::without_settings(command).stdin(Stdio::null());
}

pub fn succeeds(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

/// The files below a folder, without kiln's own state.
pub fn files(folder: &Path) -> Files {
    let mut found = Files::new();
    for path in paths(folder) {
        if path.split('/').any(|part| part == ".kiln") {
            continue;
        }
        let place = folder.join(&path);
        let Ok(meta) = fs::symlink_metadata(&place) else { continue };
        if meta.is_symlink() {
            found.insert(path, fs::read_link(&place).unwrap().into_os_string().into_encoded_bytes());
        } else if meta.is_file() {
            found.insert(path, fs::read(&place).unwrap());
        }
    }
    found
}

/// All paths below a folder, kiln's own state too.
pub fn paths(folder: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(below) = folders.pop() {
        for entry in fs::read_dir(&below).into_iter().flatten().flatten() {
            let path = entry.path();
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(path.clone());
            }
            found.insert(path.strip_prefix(folder).unwrap().to_string_lossy().into_owned());
        }
    }
    found
}

/// Nothing temporary is below a folder: no temporary file beside another, nothing staged, nothing under
/// way in a store.
pub fn assert_clean(folder: &Path) {
    let is_temporary = |path: &String| {
        let parts: Vec<&str> = path.split('/').collect();
        let below = |kinds: &[&str]| parts.windows(2).any(|pair| kinds.contains(&pair[0]) && !pair[1].is_empty());
        let name = parts.last().unwrap_or(&"");
        name.starts_with(".kiln-")
            || name.starts_with(".owners-")
            || name.starts_with("tmp_pack")
            || below(&["staging", "aside", "undone", "tmp"])
    };
    let left: Vec<String> = paths(folder).into_iter().filter(is_temporary).collect();
    assert!(left.is_empty(), "left behind: {left:?}");
}
