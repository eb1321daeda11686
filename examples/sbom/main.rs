//! Prints what kiln is made of, as a CycloneDX document: `cargo run --example sbom`.

mod bom;

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    match print() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("sbom: {why}");
            ExitCode::FAILURE
        }
    }
}

fn print() -> Result<(), String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(folder).args(["metadata", "--format-version", "1", "--locked"]);
    let output = cargo.output().map_err(|error| format!("cargo cannot be started: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let metadata = serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())?;
    let lock = std::fs::read_to_string(folder.join("Cargo.lock")).map_err(|error| format!("Cargo.lock: {error}"))?;
    let mut text = serde_json::to_vec_pretty(&bom::bom(&metadata, &lock)?).map_err(|error| error.to_string())?;
    text.push(b'\n');
    std::io::stdout().write_all(&text).map_err(|error| error.to_string())
}
