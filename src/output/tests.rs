use std::fs;
use std::os::unix::fs::MetadataExt;

use super::*;

fn set(files: &[(&str, &str)]) -> OutputSet {
    let mut set = OutputSet::new();
    for (path, content) in files {
        set.insert(path, content.as_bytes().to_vec()).unwrap();
    }
    set
}

fn target(root: &std::path::Path) -> Target {
    Target::new(root, "prod-east")
}

#[test]
fn paths_that_escape_or_collide_are_refused() {
    let mut files = OutputSet::new();
    for path in ["", "/a", "../a", "a/../b", "a//b", "a/", ".", "a\\b", "c:d", "a\n"] {
        assert!(matches!(files.insert(path, vec![]), Err(PathError::NotPlain(_))), "{path:?}");
    }
    for path in [".git/config", "a/.GIT/x", ".kiln/x", ".git.", "a/.kiln-x.yaml"] {
        assert!(matches!(files.insert(path, vec![]), Err(PathError::Reserved { .. })), "{path:?}");
    }
    files.insert("a/b", vec![]).unwrap();
    for path in ["a/b", "a", "a/b/c"] {
        assert!(matches!(files.insert(path, vec![]), Err(PathError::Taken(_))), "{path:?}");
    }
    files.insert("a/b-c", vec![]).unwrap();
}

#[test]
fn unchanged_files_keep_inode_and_time_and_foreign_files_stay() {
    let root = tempfile::tempdir().unwrap();
    let target = target(root.path());
    let first = target
        .write(&set(&[("a.yaml", "1"), ("d/b.yaml", "2"), ("gone/c.yaml", "3")]), WriteOptions::default())
        .unwrap();
    assert_eq!(first.count(Change::Added), 3);
    let folder = target.folder();
    fs::create_dir(folder.join("mine")).unwrap();
    fs::write(folder.join("mine/notes.txt"), "keep").unwrap();
    std::os::unix::fs::symlink("nowhere", folder.join("link")).unwrap();
    let before = fs::metadata(folder.join("a.yaml")).unwrap();

    let second = target
        .write(
            &set(&[("a.yaml", "1"), ("d/b.yaml", "two"), ("e.yaml", "4")]),
            WriteOptions { sync: true, ..WriteOptions::default() },
        )
        .unwrap();
    assert_eq!(
        (second.unchanged, second.count(Change::Changed), second.count(Change::Added), second.count(Change::Removed)),
        (1, 1, 1, 1)
    );
    assert_eq!(second.foreign, ["link", "mine/notes.txt"]);
    let after = fs::metadata(folder.join("a.yaml")).unwrap();
    assert_eq!((before.ino(), before.mtime_nsec()), (after.ino(), after.mtime_nsec()));
    assert_eq!(fs::read_to_string(folder.join("d/b.yaml")).unwrap(), "two");
    assert_eq!(fs::read_to_string(folder.join("mine/notes.txt")).unwrap(), "keep");
    assert!(fs::symlink_metadata(folder.join("link")).unwrap().is_symlink());
    assert!(!folder.join("gone").exists());

    let third =
        target.write(&set(&[("a.yaml", "1"), ("d/b.yaml", "two"), ("e.yaml", "4")]), WriteOptions::default()).unwrap();
    assert!(third.is_empty());
    assert!(fs::read_dir(root.path().join(".kiln/staging")).unwrap().next().is_none());
}

#[test]
fn a_file_that_kiln_did_not_write_is_never_removed() {
    let root = tempfile::tempdir().unwrap();
    let target = target(root.path());
    fs::create_dir_all(target.folder()).unwrap();
    fs::write(target.folder().join("old.yaml"), "by hand").unwrap();
    let changes = target.write(&set(&[("a.yaml", "1")]), WriteOptions::default()).unwrap();
    assert_eq!(changes.foreign, ["old.yaml"]);
    assert_eq!(fs::read_to_string(target.folder().join("old.yaml")).unwrap(), "by hand");
}

#[test]
fn links_and_files_in_the_way_are_refused() {
    let root = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    fs::write(elsewhere.path().join("keep"), "x").unwrap();
    std::os::unix::fs::symlink(elsewhere.path(), root.path().join("prod-east")).unwrap();
    let error = target(root.path()).write(&set(&[("a.yaml", "1")]), WriteOptions::default()).unwrap_err();
    assert!(error.to_string().contains("symlink"), "{error}");
    assert!(elsewhere.path().join("keep").exists());
    fs::write(root.path().join("file"), "x").unwrap();
    let error = Target::new(root.path(), "file").compare(&set(&[]), Contents::Dropped).unwrap_err();
    assert!(error.to_string().contains("a file is in the way"), "{error}");
}

#[test]
fn a_half_swapped_tree_is_restored() {
    let root = tempfile::tempdir().unwrap();
    let target = target(root.path());
    target.write(&set(&[("a.yaml", "old")]), WriteOptions::default()).unwrap();
    fs::create_dir_all(root.path().join(".kiln/aside")).unwrap();
    fs::rename(target.folder(), root.path().join(".kiln/aside/prod-east")).unwrap();
    let changes = target.write(&set(&[("a.yaml", "old")]), WriteOptions::default()).unwrap();
    assert_eq!(changes.unchanged, 1);
}
