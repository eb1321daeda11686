//! Says how the program is linked, and which program it is.
//!
//! A release build for Linux and glibc is one static file: nothing is looked up when it starts, which
//! otherwise is a quarter of the time that rendering a small chart takes. Cargo's own way to ask for that,
//! the target feature `crt-static`, would hold for procedural macros too, and those must be shared
//! libraries. So the linker finds, for the program alone, static libraries in front of the shared ones.
//! Where they are not installed, or `KILN_LINK` is `dynamic`, the program is linked as usual.

use std::hash::{DefaultHasher, Hasher};
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

/// What the program is made of.
const MATERIAL: [&str; 4] = ["src", "build.rs", "Cargo.toml", "Cargo.lock"];

fn main() {
    MATERIAL.iter().for_each(|path| println!("cargo::rerun-if-changed={path}"));
    println!("cargo::rerun-if-env-changed=KILN_LINK");
    println!("cargo::rustc-env=KILN_BUILD={}", identity());
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

/// Tells programs of different source apart, also those of one version: what one has rendered, another
/// must not take for its own.
fn identity() -> String {
    let mut files = Vec::new();
    MATERIAL.iter().for_each(|path| gather(Path::new(path), &mut files));
    files.sort();
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        hasher.write_u8(salt);
        for path in &files {
            let content = fs::read(path).unwrap_or_default();
            let name = path.to_string_lossy().replace('\\', "/");
            for part in [name.as_bytes(), &content] {
                hasher.write_usize(part.len());
                hasher.write(part);
            }
        }
        hasher.finish()
    };
    format!("{:016x}{:016x}", half(0), half(1))
}

fn gather(path: &Path, files: &mut Vec<PathBuf>) {
    match fs::read_dir(path) {
        Ok(entries) => entries.flatten().for_each(|entry| gather(&entry.path(), files)),
        Err(_) => files.push(path.to_owned()),
    }
}
