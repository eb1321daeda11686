//! Executes the examples of the README and of `docs/`.
//!
//! A ```` ```console ```` block is a terminal session: lines that start with `$ ` are commands (a
//! trailing `\` continues them), the lines below are what they print on both streams. `...` on a line of its own
//! stands for any lines, `[..]` inside a line for any text. All sessions of a page run in one temporary folder, one
//! after the other. Comments prepare it:
//!
//! * `<!-- project: FOLDER -->` starts afresh with a copy of a folder of the repository, `<!-- project: new -->` with
//!   nothing; `<!-- copy: FOLDER -->` adds a folder of the repository under its own path.
//! * `<!-- file: NAME -->` before another code block writes that block to a file.
//! * `<!-- repository: FOLDER -->` makes a folder a git repository with one commit, tagged `v1.0.0`;
//!   `<!-- bare repository: FOLDER -->` makes an empty one that others push to.
//! * `<!-- run: COMMAND -->` runs a command that readers need not see.

#[path = "../harness/settings.rs"]
mod settings;

mod links;
mod reference;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use libtest_mimic::{Arguments, Failed, Trial};

use settings::without_settings;

const BINARY: &str = env!("CARGO_BIN_EXE_kiln");

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn main() {
    let mut pages = vec![root().join("README.md")];
    find_pages(&root().join("docs"), &mut pages);
    pages.sort();
    let mut trials: Vec<Trial> = pages
        .clone()
        .into_iter()
        .map(|page| {
            let name = page.strip_prefix(root()).unwrap_or(&page).display().to_string();
            Trial::test(name, move || run_page(&page))
        })
        .collect();
    trials.push(Trial::test("links", move || links::check(&pages)));
    trials.push(Trial::test("reference", reference::check));
    trials.push(Trial::test("dependencies", dependencies));
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// Every direct dependency has its line in `docs/dependencies.md`, and no other has.
fn dependencies() -> Result<(), Failed> {
    let manifest = fs::read_to_string(root().join("Cargo.toml"))?;
    let page = fs::read_to_string(root().join("docs/dependencies.md"))?;
    let mut inside = false;
    let mut used = BTreeSet::new();
    for line in manifest.lines() {
        match line.split_once(" = ") {
            Some((name, _)) if inside => {
                used.insert(name);
            }
            _ if line.starts_with('[') => inside = line.ends_with("dependencies]"),
            _ => {}
        }
    }
    let described: BTreeSet<&str> =
        page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`')).map(|(name, _)| name).collect();
    let differing: Vec<_> = used.symmetric_difference(&described).collect();
    if differing.is_empty() {
        Ok(())
    } else {
        Err(format!("in one of Cargo.toml and the page only: {differing:?}").into())
    }
}

fn find_pages(folder: &Path, pages: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            find_pages(&path, pages);
        } else if path.extension().is_some_and(|end| end == "md") {
            pages.push(path);
        }
    }
}

fn run_page(page: &Path) -> Result<(), Failed> {
    let text = fs::read_to_string(page)?;
    let top = tempfile::tempdir()?;
    let (bin, work) = (top.path().join("bin"), top.path().join("work"));
    fs::create_dir_all(&bin)?;
    fs::create_dir_all(&work)?;
    for name in ["kiln", "fab", "helm"] {
        std::os::unix::fs::symlink(BINARY, bin.join(name))?;
    }
    let shell = Shell { bin, work, home: top.path().to_owned() };
    let mut lines = text.lines();
    let mut file: Option<String> = None;
    while let Some(line) = lines.next() {
        if let Some(folder) = note(line, "project") {
            fs::remove_dir_all(&shell.work)?;
            fs::create_dir_all(&shell.work)?;
            if folder != "new" {
                copy(&root().join(folder), &shell.work)?;
            }
        } else if let Some(folder) = note(line, "copy") {
            copy(&root().join(folder), &shell.work.join(folder))?;
        } else if let Some(name) = note(line, "file") {
            file = Some(name.to_owned());
        } else if let Some(folder) = note(line, "repository") {
            make_repository(&shell.work.join(folder))?;
        } else if let Some(folder) = note(line, "bare repository") {
            let options = &mut git2::RepositoryInitOptions::new();
            git2::Repository::init_opts(shell.work.join(folder), options.bare(true).initial_head("main"))?;
        } else if let Some(command) = note(line, "run") {
            let (printed, success) = shell.run(command)?;
            if !success {
                return Err(format!("$ {command}\n{printed}").into());
            }
        } else if let Some(language) = line.strip_prefix("```") {
            let block: Vec<&str> = lines.by_ref().take_while(|line| !line.starts_with("```")).collect();
            if let Some(name) = file.take() {
                let place = shell.work.join(name);
                fs::create_dir_all(place.parent().ok_or("has a folder")?)?;
                fs::write(place, block.join("\n") + "\n")?;
            } else if language == "console" {
                session(&block, &shell)?;
            }
        }
    }
    Ok(())
}

/// Runs commands in the page's folder, where `kiln` is the binary under test.
struct Shell {
    bin: PathBuf,
    work: PathBuf,
    home: PathBuf,
}

impl Shell {
    /// What a command prints on both streams, and whether it succeeds.
    fn run(&self, command: &str) -> Result<(String, bool), Failed> {
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("{{ {command}\n}} 2>&1")]).current_dir(&self.work);
        without_settings(&mut shell);
        let path = format!("{}:{}", self.bin.display(), std::env::var("PATH").unwrap_or_default());
        let output =
            shell.env("PATH", path).env("HOME", &self.home).env("NO_COLOR", "1").env("LC_ALL", "C").output()?;
        Ok((String::from_utf8_lossy(&output.stdout).into_owned(), output.status.success()))
    }
}

fn make_repository(folder: &Path) -> Result<(), Failed> {
    let options = &mut git2::RepositoryInitOptions::new();
    let repository = git2::Repository::init_opts(folder, options.initial_head("main"))?;
    let mut index = repository.index()?;
    index.add_all(["*"], git2::IndexAddOption::DEFAULT, None)?;
    index.write()?;
    let tree = repository.find_tree(index.write_tree()?)?;
    let author = git2::Signature::new("kiln", "kiln@example.com", &git2::Time::new(0, 0))?;
    let commit = repository.commit(Some("HEAD"), &author, &author, "First", &tree, &[])?;
    repository.tag_lightweight("v1.0.0", repository.find_commit(commit)?.as_object(), false)?;
    Ok(())
}

fn note<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    line.trim().strip_prefix("<!-- ")?.strip_suffix(" -->")?.strip_prefix(key)?.strip_prefix(": ")
}

fn session(block: &[&str], shell: &Shell) -> Result<(), Failed> {
    let mut lines = block.iter().peekable();
    while let Some(line) = lines.next() {
        let Some(command) = line.strip_prefix("$ ") else {
            return Err(format!("a session starts with `$ `, not with `{line}`").into());
        };
        let mut command = command.to_owned();
        while command.ends_with('\\') {
            command.push('\n');
            command.push_str(lines.next().copied().unwrap_or_default());
        }
        let mut expected = Vec::new();
        while let Some(next) = lines.next_if(|line| !line.starts_with("$ ")) {
            expected.push(*next);
        }
        let (printed, _) = shell.run(&command)?;
        let got: Vec<&str> = printed.lines().map(str::trim_end).collect();
        if !matches(&expected, &got) {
            return Err(format!("$ {command}\nexpected:\n{}\ngot:\n{}", expected.join("\n"), got.join("\n")).into());
        }
    }
    Ok(())
}

fn matches(expected: &[&str], got: &[&str]) -> bool {
    match expected.split_first() {
        None => got.is_empty(),
        Some((&"...", rest)) => (0..=got.len()).any(|skip| matches(rest, &got[skip..])),
        Some((line, rest)) => {
            got.first().is_some_and(|own| line_matches(line.trim_end(), own)) && matches(rest, &got[1..])
        }
    }
}

fn line_matches(expected: &str, got: &str) -> bool {
    let mut parts = expected.split("[..]");
    let Some(mut rest) = parts.next().and_then(|first| got.strip_prefix(first)) else { return false };
    for part in parts {
        let Some(at) = (if part.is_empty() { Some(rest.len()) } else { rest.rfind(part) }) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.is_empty()
}

fn copy(from: &Path, to: &Path) -> Result<(), Failed> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        if name == "generated" || name == ".kiln" {
            continue;
        }
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &to.join(name))?;
        } else {
            fs::copy(entry.path(), to.join(name))?;
        }
    }
    Ok(())
}
