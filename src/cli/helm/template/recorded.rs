use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use walkdir::WalkDir;

use crate::helm::Resources;
use crate::span::Source;

use super::super::failure::go_words;

/// The objects in the files and folders that `--lookup-resources` names; `None` without the flag.
/// Of a folder, files below it that end in `.yaml`, `.yml` or `.json` are read, in order of their
/// paths. The error is a sentence.
pub fn resources(paths: &[String]) -> Result<Option<Arc<Resources>>, String> {
    if paths.is_empty() {
        return Ok(None);
    }
    let mut resources = Resources::default();
    for path in paths {
        for file in files(Path::new(path))? {
            let fail = |why: &str| format!("--lookup-resources: open {}: {why}", file.display());
            let text = fs::read(&file).map_err(|error| fail(&go_words(&error)))?;
            let text = String::from_utf8(text).map_err(|_| fail("the text is not UTF-8"))?;
            resources
                .read(&Source::new(file.to_string_lossy(), text))
                .map_err(|error| format!("--lookup-resources: {error}"))?;
        }
    }
    Ok(Some(Arc::new(resources)))
}

fn files(path: &Path) -> Result<Vec<PathBuf>, String> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let is_manifest = |path: &Path| {
        path.extension().is_some_and(|extension| ["yaml", "yml", "json"].iter().any(|known| extension == *known))
    };
    let mut files = Vec::new();
    for entry in WalkDir::new(path).follow_links(true).sort_by_file_name() {
        let entry = entry.map_err(|error| format!("--lookup-resources: {error}"))?;
        if entry.file_type().is_file() && is_manifest(entry.path()) {
            files.push(entry.into_path());
        }
    }
    Ok(files)
}
