//! Says how the program is linked.
//!
//! A release build for Linux and glibc is one static file: nothing is looked up when it starts, which
//! otherwise is a quarter of the time that rendering a small chart takes. Cargo's own way to ask for that,
//! the target feature `crt-static`, would hold for procedural macros too, and those must be shared
//! libraries. So the linker finds, for the program alone, static libraries in front of the shared ones.
//! Where they are not installed, or `KILN_LINK` is `dynamic`, the program is linked as usual.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// What the standard library asks the linker for, and the archives that hold it.
const LIBRARIES: [(&str, &[&str]); 7] = [
    ("gcc_s", &["gcc_eh", "gcc"]),
    ("c", &["c"]),
    ("m", &["m"]),
    ("pthread", &["pthread"]),
    ("rt", &["rt"]),
    ("util", &["util"]),
    ("dl", &["dl"]),
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=KILN_LINK");
    if !is_wanted() {
        return;
    }
    if let Some(folder) = static_libraries() {
        // At a fixed address, as Go links its programs: thousands of pointers need no correction then.
        println!("cargo::rustc-link-arg-bins=-static");
        println!("cargo::rustc-link-arg-bins=-no-pie");
        println!("cargo::rustc-link-arg-bins=-L{}", folder.display());
    }
}

fn is_wanted() -> bool {
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    let features = env::var("CARGO_CFG_TARGET_FEATURE").unwrap_or_default();
    is("CARGO_CFG_TARGET_OS", "linux")
        && is("CARGO_CFG_TARGET_ENV", "gnu")
        && is("PROFILE", "release")
        && env::var("TARGET") == env::var("HOST")
        && !features.split(',').any(|feature| feature == "crt-static")
        && !is("KILN_LINK", "dynamic")
}

/// A folder in which each name of [`LIBRARIES`] means its archives; nothing when one is missing.
fn static_libraries() -> Option<PathBuf> {
    let compiler = env::var("RUSTC_LINKER").unwrap_or_else(|_| "cc".to_owned());
    let folder = Path::new(&env::var_os("OUT_DIR")?).join("static");
    fs::create_dir_all(&folder).ok()?;
    for (name, archives) in LIBRARIES {
        let archives: Option<Vec<String>> = archives.iter().map(|archive| find(&compiler, archive)).collect();
        fs::write(folder.join(format!("lib{name}.a")), format!("INPUT({})\n", archives?.join(" "))).ok()?;
    }
    Some(folder)
}

/// Where the compiler finds an archive.
fn find(compiler: &str, archive: &str) -> Option<String> {
    let answer = Command::new(compiler).arg(format!("-print-file-name=lib{archive}.a")).output().ok()?;
    let path = String::from_utf8(answer.stdout).ok()?.trim().to_owned();
    Path::new(&path).is_absolute().then_some(path)
}
