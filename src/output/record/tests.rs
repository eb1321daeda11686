use std::fs;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use super::*;
use crate::output::WriteOptions;

const MAKER: &str = "maker";

fn written(root: &Path) -> (Target, OutputSet) {
    let target = Target::new(root, "a/b");
    let mut files = OutputSet::new();
    files.insert("x.yaml", b"x: 1\n".to_vec()).unwrap();
    files.insert("deep/y.yaml", b"y: 1\n".to_vec()).unwrap();
    target.write(&files, WriteOptions::default()).unwrap();
    (target, files)
}

fn keep(target: &Target, files: &OutputSet) {
    target.keep(target.new_record(files, b"note".to_vec()), MAKER).unwrap();
}

#[test]
fn a_record_holds_until_a_file_changes() {
    let root = tempfile::tempdir().unwrap();
    let (target, files) = written(root.path());
    keep(&target, &files);
    let record = target.last_record(MAKER).unwrap();
    assert_eq!(record.note(), b"note");
    assert_eq!(target.last_record("another"), None);
    let stands = || target.stands(&record).map(|standing| standing.changes.foreign);
    assert_eq!(stands(), Some(vec![]));
    let folder = target.folder();
    fs::write(folder.join("own"), "").unwrap();
    assert_eq!(stands(), Some(vec!["own".to_owned()]));
    assert_eq!(target.content(&record, "x.yaml").unwrap(), b"x: 1\n");

    // Another content of the same size, with the time of the old one.
    let place = folder.join("x.yaml");
    let before = fs::metadata(&place).unwrap().modified().unwrap();
    fs::write(&place, "x: 2\n").unwrap();
    fs::File::options().write(true).open(&place).unwrap().set_modified(before).unwrap();
    assert_eq!(stands(), None);
    assert_eq!(target.content(&record, "x.yaml"), None);
    fs::write(&place, "x: 1\n").unwrap();
    assert_eq!(stands(), Some(vec!["own".to_owned()]));
    fs::remove_file(folder.join("deep/y.yaml")).unwrap();
    assert_eq!(stands(), None);
    written(root.path());
    assert!(stands().is_some());
    fs::remove_file(target.state("owners", ".json")).unwrap();
    assert_eq!(stands(), None);
}

#[test]
fn looks_count_only_when_they_are_older_than_the_record() {
    let root = tempfile::tempdir().unwrap();
    let (target, files) = written(root.path());
    // Longer than the coarsest clock of a file system here.
    sleep(Duration::from_millis(50));
    keep(&target, &files);
    let record = target.last_record(MAKER).unwrap();
    assert!(record.files.values().all(|written| written.look.is_some()));
    assert!(!target.stands(&record).unwrap().was_read);
    let place = target.folder().join("x.yaml");
    fs::write(&place, "x: 1\n").unwrap();
    assert!(target.stands(&record).unwrap().was_read);
    // A file changed at the very time at which the record is made proves nothing.
    for _ in 0..100 {
        fs::write(&place, "x: 1\n").unwrap();
        keep(&target, &files);
        fs::write(&place, "x: 3\n").unwrap();
        assert!(target.stands(&target.last_record(MAKER).unwrap()).is_none());
    }
}

#[test]
fn damaged_records_count_as_none() {
    let root = tempfile::tempdir().unwrap();
    let (target, files) = written(root.path());
    keep(&target, &files);
    let place = target.state("state", "");
    let bytes = fs::read(&place).unwrap();
    for end in 0..bytes.len() {
        fs::write(&place, &bytes[..end]).unwrap();
        assert_eq!(target.last_record(MAKER), None);
    }
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 4;
        fs::write(&place, &damaged).unwrap();
        assert_eq!(target.last_record(MAKER), None);
    }
    fs::write(&place, &bytes).unwrap();
    assert!(target.last_record(MAKER).is_some());
}
