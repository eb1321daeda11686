use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use crate::golang::path::clean_text;
use crate::helm::{Release, print};

use super::super::failure::go_words;

/// Writes a release to files below a folder, as `--output-dir` asks. Gives the lines that helm prints.
/// The error is Helm's text.
pub fn write(release: &Release, dir: &str, release_dir: Option<&str>) -> Result<Vec<u8>, String> {
    let below = match release_dir {
        Some(name) => clean_text(&format!("{dir}/{name}")),
        None => dir.to_owned(),
    };
    let mut lines = Vec::new();
    let mut written = HashSet::new();
    for crd in &release.crds {
        append(dir, &crd.path, &crd.data, !written.insert(crd.path.as_str()), &mut lines)?;
    }
    for manifest in &release.manifests {
        let again = !written.insert(&manifest.path);
        append(&below, &manifest.path, manifest.text.as_bytes(), again, &mut lines)?;
    }
    for hook in &release.hooks {
        let path = &hook.manifest.path;
        let again = Path::new(&below).join(path).exists();
        append(&below, path, hook.manifest.text.as_bytes(), again, &mut lines)?;
    }
    Ok(lines)
}

fn append(dir: &str, path: &str, text: &[u8], again: bool, lines: &mut Vec<u8>) -> Result<(), String> {
    let file = format!("{dir}/{path}");
    let fail = |operation: &str, error: &std::io::Error| format!("{operation} {file}: {}", go_words(error));
    if let Some(parent) = Path::new(&file).parent() {
        fs::create_dir_all(parent).map_err(|error| format!("mkdir {}: {}", parent.display(), go_words(&error)))?;
    }
    let opened = if again { OpenOptions::new().append(true).open(&file) } else { File::create(&file) };
    let mut document = Vec::new();
    print::document(&mut document, path, text);
    opened.map_err(|error| fail("open", &error))?.write_all(&document).map_err(|error| fail("write", &error))?;
    lines.extend_from_slice(format!("wrote {file}\n").as_bytes());
    Ok(())
}
