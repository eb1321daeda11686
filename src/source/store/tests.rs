use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

use super::scratch::Scratch;
use super::stamp::{Since, Stamp};
use super::*;
use crate::source::error::{CORRUPT, LOCK, STORE, SourceError};
use crate::source::fixture;
use crate::source::git;
use crate::source::pin::Pin;

/// A store with one commit in it, verified and sealed.
fn with_commit(folder: &Path) -> (Store, Pin) {
    let (path, commit) = fixture::repository(folder, "r.git", &[("a.txt", "one"), ("b.txt", "two")]);
    let url = "https://h.io/r".to_owned();
    let store = Store::at(folder.join("store"));
    let into = git2::Repository::open(store.repository(&url).unwrap()).unwrap();
    let from = git2::Repository::open(path).unwrap();
    git::copy_commit(&from, commit, &into).unwrap();
    let tree = from.find_commit(commit).unwrap().tree_id();
    let sha256 = git::census(&from, tree, "r").unwrap().sha256;
    let pin = Pin::Git { url, reference: None, commit: commit.to_string(), tree: tree.to_string(), sha256 };
    store.seal(&pin);
    (store, pin)
}

fn refused(store: &Store, pin: &Pin) -> SourceError {
    match Store::at(store.root()).open(pin) {
        Err(error) => error,
        Ok(_) => panic!("opened {pin:?}"),
    }
}

#[test]
fn stamps_tell_what_became_of_files() {
    let folder = TempDir::new().unwrap();
    let root = folder.path();
    fs::write(root.join("a"), "one").unwrap();
    let mut stamp = Stamp::of(root, &["a".to_owned()], None).unwrap();
    stamp.add_tree("c", "t", "s");
    let path = root.join("stamp");
    fs::write(&path, stamp.text()).unwrap();
    let read = Stamp::read(&path).unwrap();
    assert_eq!(read, stamp);
    assert!(read.has_tree("c", "t", "s") && !read.has_tree("c", "t", "x"));
    assert_eq!(read.since(root), Since::Untouched);

    fs::copy(root.join("a"), root.join("b")).unwrap();
    fs::rename(root.join("b"), root.join("a")).unwrap();
    assert_eq!(read.since(root), Since::Same, "a copy holds the same bytes");
    fs::write(root.join("a"), "two").unwrap();
    let Since::Differs { path: at, expected, found } = read.since(root) else { panic!("differs") };
    assert_eq!((&*at, expected == found), ("a", false));
    fs::remove_file(root.join("a")).unwrap();
    assert!(matches!(read.since(root), Since::Differs { found, .. } if found.starts_with("nothing")));

    fs::write(&path, stamp.text().replace("tree c", "tree d")).unwrap();
    assert_eq!(Stamp::read(&path), None, "a stamp that was changed is none");
}

#[test]
fn a_repository_that_was_written_to_is_told_with_both_digests() {
    let folder = TempDir::new().unwrap();
    let (store, pin) = with_commit(folder.path());
    assert_eq!(&*store.open(&pin).unwrap().read("a.txt").unwrap(), b"one");
    for file in fixture::files_below(&store.git_path("https://h.io/r").join("objects/pack")) {
        let whole = fs::read(&file).unwrap();
        let mut bytes = whole.clone();
        // The last byte belongs to no object.
        *bytes.last_mut().unwrap() ^= 1;
        fs::remove_file(&file).unwrap();
        fs::write(&file, bytes).unwrap();
        let error = refused(&store, &pin);
        assert_eq!(error.code, CORRUPT);
        assert!(error.message.contains("expected sha256:") && error.message.contains("found "), "{}", error.message);
        fs::remove_file(&file).unwrap();
        fs::write(&file, whole).unwrap();
        Store::at(store.root()).open(&pin).unwrap();
    }
}

#[test]
fn a_lock_that_lies_about_a_commit_is_told() {
    let folder = TempDir::new().unwrap();
    let (store, pin) = with_commit(folder.path());
    let Pin::Git { url, reference, commit, tree, sha256 } = pin else { panic!("a commit") };
    let pin = |tree: &str, sha256: &str| Pin::Git {
        url: url.clone(),
        reference: reference.clone(),
        commit: commit.clone(),
        tree: tree.to_owned(),
        sha256: sha256.to_owned(),
    };
    for lie in [pin(&"1".repeat(40), &sha256), pin(&tree, &"1".repeat(64))] {
        let error = refused(&store, &lie);
        assert_eq!(error.code, LOCK);
        assert!(error.message.contains("111") && error.message.contains("found"), "{}", error.message);
    }
    Store::at(store.root()).open(&pin(&tree, &sha256)).unwrap();
}

#[test]
fn an_object_under_a_false_name_is_not_read() {
    let folder = TempDir::new().unwrap();
    let (store, pin) = with_commit(folder.path());
    let path = store.git_path("https://h.io/r");
    let repository = git2::Repository::open(&path).unwrap();
    let mut objects = Vec::new();
    let odb = repository.odb().unwrap();
    odb.foreach(|id| {
        let object = odb.read(*id).unwrap();
        objects.push((*id, object.kind(), object.data().to_vec()));
        true
    })
    .unwrap();
    fs::remove_dir_all(path.join("objects/pack")).unwrap();
    for (id, kind, mut data) in objects {
        if data == b"one" {
            data = b"0ne".to_vec();
        }
        let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut packed, format!("{} {}\0", kind.str(), data.len()).as_bytes()).unwrap();
        std::io::Write::write_all(&mut packed, &data).unwrap();
        let (front, rest) = (id.to_string()[..2].to_owned(), id.to_string()[2..].to_owned());
        fs::create_dir_all(path.join("objects").join(&front)).unwrap();
        fs::write(path.join("objects").join(front).join(rest), packed.finish().unwrap()).unwrap();
    }
    // A stamp that claims that all is well, as one who may write to the store could make it.
    let Pin::Git { commit, tree, sha256, .. } = &pin else { panic!("a commit") };
    let mut stamp = Stamp::of(&path, &["HEAD".to_owned()], None).unwrap();
    stamp.add_tree(commit, tree, sha256);
    fs::write(store.stamp_path(&pin), stamp.text()).unwrap();
    let tree = Store::at(store.root()).open(&pin).unwrap();
    assert_eq!(&*tree.read("b.txt").unwrap(), b"two");
    let error = tree.read("a.txt").unwrap_err().to_string();
    assert!(error.contains("corrupt"), "{error}");
}

#[test]
fn leftovers_of_killed_processes_are_swept_and_those_of_living_ones_stay() {
    let folder = TempDir::new().unwrap();
    let tmp = folder.path();
    let living = Scratch::make(tmp).unwrap();
    fs::write(living.folder().join("x"), "x").unwrap();
    fs::create_dir(tmp.join("run-dead")).unwrap();
    fs::write(tmp.join("run-dead/x"), "x").unwrap();
    fs::write(tmp.join("run-dead.lock"), "").unwrap();
    let second = Scratch::make(tmp).unwrap();
    assert!(!tmp.join("run-dead").exists() && !tmp.join("run-dead.lock").exists());
    assert!(living.folder().join("x").exists());
    drop(living);
    drop(second);
    assert_eq!(fs::read_dir(tmp).unwrap().count(), 0, "nothing stays");
}

#[test]
fn what_could_not_be_removed_from_a_repository_is_swept_unless_somebody_is_at_work_there() {
    let folder = TempDir::new().unwrap();
    let (store, pin) = with_commit(folder.path());
    let path = store.git_path("https://h.io/r");
    let left = [path.join("_git2_a12345"), path.join("config.lock"), path.join("objects/pack/pack_git2_x1")];
    let make = || left.iter().for_each(|file| fs::write(file, "x").unwrap());
    let stays = || left.iter().filter(|file| file.exists()).count();
    make();
    let claim = store.claim("git", "https://h.io/r", Duration::ZERO).unwrap();
    store.sweep();
    assert_eq!(stays(), 3);
    drop(claim);
    store.sweep();
    assert_eq!(stays(), 0);
    make();
    store.clean(Some(SystemTime::UNIX_EPOCH)).unwrap();
    assert_eq!(stays(), 0);
    assert_eq!(&*Store::at(store.root()).open(&pin).unwrap().read("b.txt").unwrap(), b"two");
}

#[test]
fn a_claim_is_for_one_process_and_one_url() {
    let folder = TempDir::new().unwrap();
    let store = Store::at(folder.path());
    let url = "https://h.io/r";
    let claim = store.claim("git", url, Duration::ZERO).unwrap();
    let error = store.claim("git", url, Duration::ZERO).unwrap_err();
    assert_eq!(error.code, STORE);
    assert!(error.message.contains("in use by another process"));
    store.claim("chart", url, Duration::ZERO).unwrap();
    store.claim("git", "https://h.io/s", Duration::ZERO).unwrap();
    drop(claim);
    store.claim("git", url, Duration::ZERO).unwrap();
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("store"), "a file").unwrap();
    let error = Store::at(folder.path().join("store")).put_file(b"x").unwrap_err();
    assert_eq!(error.code, STORE);
    assert!(error.message.contains(&folder.path().join("store").display().to_string()), "{}", error.message);
}
