//! Holds the messages: every code has a section in `docs/diagnostics/`, and the projects in
//! `testdata/errors/CODE` print what stands beside them.
//!
//! A case is a folder named by the code that it shows: `input/` is the project, `cmd` the command line,
//! `expected.txt` what it prints on both streams, with the exit code on the last line. `KILN_BLESS=1`
//! writes `expected.txt` anew.

#[path = "harness/settings.rs"]
mod settings;

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
    let mut trials = vec![Trial::test("every code has a section", sections)];
    let mut cases: Vec<PathBuf> = files_below(&root().join("testdata/errors"));
    cases.retain(|file| file.file_name().is_some_and(|name| name == "cmd"));
    for case in cases.iter().filter_map(|file| file.parent()) {
        let (case, code) = (case.to_owned(), case.file_name().unwrap_or_default().to_string_lossy().into_owned());
        trials.push(Trial::test(code.clone(), move || run(&case, &code)));
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// All files below a folder, sorted.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { found.extend(files_below(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

fn sections() -> Result<(), Failed> {
    let mut codes = BTreeSet::new();
    for file in files_below(&root().join("src")) {
        if file.iter().any(|part| part == "tests" || part == "tests.rs") {
            continue;
        }
        let text = fs::read_to_string(&file)?;
        let names = text.split("Code(\"").skip(1).filter_map(|rest| rest.split_once('"'));
        codes.extend(names.map(|(code, _)| code.to_owned()));
    }
    let mut headings = BTreeSet::new();
    for page in files_below(&root().join("docs/diagnostics")) {
        let area = page.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        for heading in fs::read_to_string(&page)?.lines().filter_map(|line| line.strip_prefix("## ")) {
            if area != "README" && !headings.insert(heading.to_owned()) {
                return Err(format!("two sections are named `{heading}`").into());
            }
        }
    }
    let missing: Vec<&String> = codes.difference(&headings).collect();
    let dead: Vec<&String> = headings.difference(&codes).collect();
    if missing.is_empty() && dead.is_empty() {
        return Ok(());
    }
    Err(format!("docs/diagnostics lacks {missing:?}, and has sections without a code: {dead:?}").into())
}

fn run(case: &Path, code: &str) -> Result<(), Failed> {
    let top = tempfile::tempdir()?;
    let (bin, work) = (top.path().join("bin"), top.path().join("work"));
    fs::create_dir_all(&bin)?;
    for name in ["kiln", "fab"] {
        std::os::unix::fs::symlink(BINARY, bin.join(name))?;
    }
    for file in files_below(&case.join("input")) {
        let place = work.join(file.strip_prefix(case.join("input"))?);
        fs::create_dir_all(place.parent().ok_or("has a folder")?)?;
        fs::copy(&file, place)?;
    }
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("{{ {}\n}} 2>&1", fs::read_to_string(case.join("cmd"))?.trim())]).current_dir(&work);
    without_settings(&mut shell);
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap_or_default());
    let output = shell.env("PATH", path).env("HOME", top.path()).env("NO_COLOR", "1").env("LC_ALL", "C").output()?;
    let printed = String::from_utf8_lossy(&output.stdout);
    // The summary tells the time that the run took.
    let kept: String =
        printed.lines().filter(|line| !line.contains("; rendered ")).map(|line| format!("{line}\n")).collect();
    let code_line = output.status.code().map_or_else(|| "killed".to_owned(), |code| format!("exit code {code}"));
    let got = format!("{}{code_line}\n", kept.replace(&*top.path().to_string_lossy(), "[..]"));
    if !got.lines().any(|line| line == code) {
        return Err(format!("`{code}` is not printed:\n{got}").into());
    }
    let expected = case.join("expected.txt");
    if std::env::var_os("KILN_BLESS").is_some() {
        fs::write(&expected, &got)?;
    }
    let want = fs::read_to_string(&expected).unwrap_or_default();
    if want == got { Ok(()) } else { Err(format!("expected:\n{want}\ngot:\n{got}\nKILN_BLESS=1 accepts it").into()) }
}
