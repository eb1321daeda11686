//! An archive of a chart, unpacked into a folder.

use std::fs;
use std::path::{Path, PathBuf};

use crate::source::{ArchiveBudget, EntryKind, Naming, Tree, unpack_tgz};
use crate::value::Frozen;
use crate::yaml;

use super::failure::go_words;

/// Writes the files of a packed chart below `folder`, into a folder of the chart's name. Nothing is
/// written through links. The error is helm's text.
pub fn unpack(bytes: &[u8], shown: &str, folder: &Path) -> Result<(), String> {
    let tree = unpack_tgz(bytes, shown, Naming::DropFirstSegment, &mut ArchiveBudget::default())
        .map_err(|error| error.problem.to_string())?;
    let name = name_of(&tree)?;
    let below = folder.join(name);
    make_folder(&below)?;
    write_all(&tree, "", &below)
}

fn name_of(tree: &Tree) -> Result<String, String> {
    let missing = || "chart name not specified".to_owned();
    if tree.kind("Chart.yaml").ok().flatten() != Some(EntryKind::File) {
        return Err(missing());
    }
    let text = tree.read("Chart.yaml").map_err(|error| error.to_string())?;
    let data = yaml::load_native(&text).map_err(|error| format!("cannot load Chart.yaml: {error}"))?;
    let name = data.get("name").and_then(Frozen::as_str).filter(|name| !name.is_empty()).ok_or_else(missing)?;
    if matches!(name, "." | "..") {
        return Err(format!("chart name {name:?} is not allowed"));
    }
    if name.contains(['/', '\\', '\0']) {
        return Err(format!("chart name {name:?} must not contain path separators"));
    }
    Ok(name.to_owned())
}

fn write_all(tree: &Tree, path: &str, folder: &Path) -> Result<(), String> {
    for entry in tree.list(path).map_err(|error| error.to_string())? {
        let inner = if path.is_empty() { entry.name.clone() } else { format!("{path}/{}", entry.name) };
        let target = folder.join(&entry.name);
        if entry.kind == EntryKind::Dir {
            make_folder(&target)?;
            write_all(tree, &inner, &target)?;
            continue;
        }
        let bytes = tree.read(&inner).map_err(|error| error.to_string())?;
        refuse_link(&target)?;
        fs::write(&target, &bytes).map_err(|error| format!("open {}: {}", target.display(), go_words(&error)))?;
    }
    Ok(())
}

fn make_folder(path: &Path) -> Result<(), String> {
    refuse_link(path)?;
    fs::create_dir_all(path).map_err(|error| format!("mkdir {}: {}", path.display(), go_words(&error)))
}

/// A link could lead anywhere.
fn refuse_link(path: &Path) -> Result<(), String> {
    match fs::symlink_metadata(path) {
        Ok(meta) if meta.file_type().is_symlink() => {
            let target = fs::read_link(path).unwrap_or_else(|_| PathBuf::new());
            Err(format!("{} is a symlink to {:?}", path.display(), target.display().to_string()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::source::pack_tgz;

    #[test]
    fn nothing_is_written_through_links() {
        let work = tempfile::tempdir().unwrap();
        let (folder, outside) = (work.path().join("folder"), work.path().join("outside"));
        fs::create_dir_all(&folder).unwrap();
        fs::create_dir_all(&outside).unwrap();
        let chart = crate::source::fixture::chart("web", "1.0.0");
        unpack(&chart, "web.tgz", &folder).unwrap();
        assert!(folder.join("web/Chart.yaml").is_file());
        fs::remove_dir_all(folder.join("web")).unwrap();
        symlink(&outside, folder.join("web")).unwrap();
        assert!(unpack(&chart, "web.tgz", &folder).unwrap_err().contains("is a symlink"));
        assert_eq!(fs::read_dir(&outside).unwrap().count(), 0);
        for name in ["..", ".", "a/b", "../../a"] {
            let text = format!("name: {name}\n");
            let evil = pack_tgz([("web/Chart.yaml".to_owned(), text.as_bytes())], 0).unwrap();
            assert!(unpack(&evil, "evil.tgz", &folder).unwrap_err().contains("chart name"), "{name}");
        }
    }
}
