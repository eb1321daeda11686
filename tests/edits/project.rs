use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::settings::without_settings;

/// A project in a folder of its own.
pub struct Project {
    folder: tempfile::TempDir,
}

impl Project {
    /// A project with these files.
    pub fn new(files: &[(&str, &str)]) -> Self {
        let project = Self { folder: tempfile::tempdir().unwrap() };
        files.iter().for_each(|(path, text)| project.write(path, text));
        project
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub fn write(&self, path: &str, text: &str) {
        let place = self.path(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, text).unwrap();
    }

    #[track_caller]
    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Runs kiln in the project's folder.
    pub fn kiln(&self, words: &[&str]) -> Run {
        Run(command(self.folder(), words).output().unwrap())
    }
}

/// kiln in a folder, without what the caller's environment says.
pub fn command(folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kiln"));
    without_settings(&mut command);
    command.args(words).current_dir(folder).env("HOME", folder).env("XDG_CONFIG_HOME", folder.join(".none"));
    command
}

/// What a run printed.
pub struct Run(pub Output);

impl Run {
    pub fn said(&self) -> String {
        String::from_utf8_lossy(&self.0.stderr).into_owned()
    }

    pub fn printed(&self) -> String {
        String::from_utf8_lossy(&self.0.stdout).into_owned()
    }

    /// Checks the exit code, and that stderr has these words; gives stdout.
    #[track_caller]
    pub fn exits(self, code: i32, words: &[&str]) -> String {
        let said = self.said();
        assert_eq!(self.0.status.code(), Some(code), "{said}");
        // Messages are broken into lines.
        let flat = said.split_whitespace().filter(|word| *word != "|").collect::<Vec<_>>().join(" ");
        for word in words {
            assert!(flat.contains(word), "`{word}` is not in:\n{said}");
        }
        self.printed()
    }
}
