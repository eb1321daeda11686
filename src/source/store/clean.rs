use std::fs;
use std::io;
use std::time::SystemTime;

use super::content::Store;
use super::inventory::Stored;
use crate::source::error::SourceError;
use crate::source::folder::remove_folder;

impl Store {
    /// Removes what nobody used since a moment; everything, when there is none given. Waits until no
    /// other process uses the store, and keeps others waiting meanwhile. Gives what was removed.
    ///
    /// # Errors
    /// A store that stays in use, or that cannot be written.
    pub fn clean(&self, unused_since: Option<SystemTime>) -> Result<Vec<Stored>, SourceError> {
        if !self.root.is_dir() {
            return Ok(Vec::new());
        }
        self.release();
        let _alone = self.alone()?;
        let mut removed = Vec::new();
        for stored in
            self.scan()?.into_iter().filter(|stored| unused_since.is_none_or(|moment| stored.last_used < moment))
        {
            self.remove(&stored)?;
            removed.push(stored);
        }
        self.sweep_repositories();
        // What others may want to know of the past means nothing when nobody waits.
        for folder in ["answers", "locks", "tmp"] {
            let folder = self.root.join(folder);
            remove_folder(&folder).map_err(|error| self.failed(&folder, &error))?;
        }
        Ok(removed)
    }

    /// The stamp goes first: what is half removed counts as unverified, and is healed by `install`.
    fn remove(&self, stored: &Stored) -> Result<(), SourceError> {
        gone(fs::remove_file(&stored.stamp)).map_err(|error| self.failed(&stored.stamp, &error))?;
        let removed = match stored.path.is_dir() {
            false => fs::remove_file(&stored.path),
            true => self.bury(stored),
        };
        gone(removed).map_err(|error| self.failed(&stored.path, &error))
    }

    /// Removes a folder at once for all who look.
    fn bury(&self, stored: &Stored) -> io::Result<()> {
        let grave = self.root.join("tmp/removed");
        fs::create_dir_all(&grave)?;
        let name = stored.path.file_name().unwrap_or_default();
        remove_folder(&grave.join(name))?;
        fs::rename(&stored.path, grave.join(name))?;
        remove_folder(&grave.join(name))
    }
}

fn gone(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::thread;
    use std::time::Duration;

    use tempfile::TempDir;

    use super::*;
    use crate::source::fixture;
    use crate::source::pin::Pin;

    fn pin(url: &str, sha256: String) -> Pin {
        Pin::Http { url: url.to_owned(), sha256 }
    }

    fn with_two(folder: &Path) -> (Store, [Pin; 2]) {
        let store = Store::at(folder.join("store"));
        let pins = ["one", "two"].map(|text| pin("https://h.io/f", store.put_file(text.as_bytes()).unwrap()));
        pins.iter().for_each(|pin| store.seal(pin));
        (store, pins)
    }

    /// Makes content look as if it had last been used long ago.
    fn age(store: &Store, pin: &Pin) {
        let long_ago = SystemTime::now() - Duration::from_secs(100 * 24 * 60 * 60);
        for path in [store.file_path(pin.sha256()), store.stamp_path(pin)] {
            fs::File::options().write(true).open(path).unwrap().set_modified(long_ago).unwrap();
        }
    }

    #[test]
    fn what_is_used_stays_and_the_rest_goes() {
        let folder = TempDir::new().unwrap();
        let (store, [one, two]) = with_two(folder.path());
        age(&store, &one);
        age(&store, &two);
        let other = Store::at(store.root());
        other.open(&one).unwrap();
        drop((other, store));
        let store = Store::at(folder.path().join("store"));
        let yesterday = SystemTime::now() - Duration::from_secs(24 * 60 * 60);
        let removed = store.clean(Some(yesterday)).unwrap();
        assert_eq!(removed.len(), 1);
        assert!(removed[0].name.contains(two.sha256()));
        assert!(store.open(&one).is_ok());
        assert!(Store::at(store.root()).check(&two).is_none());
        assert_eq!(Store::at(folder.path().join("none")).clean(None).unwrap().len(), 0);
    }

    #[test]
    fn nothing_is_removed_while_somebody_uses_the_store() {
        let folder = TempDir::new().unwrap();
        let (store, [one, _]) = with_two(folder.path());
        let user = thread::spawn(move || {
            store.open(&one).unwrap();
            thread::sleep(Duration::from_millis(300));
            let there = store.file_path(one.sha256()).is_file();
            drop(store);
            there
        });
        thread::sleep(Duration::from_millis(100));
        let cleaner = Store::at(folder.path().join("store"));
        assert_eq!(cleaner.clean(None).unwrap().len(), 2);
        assert!(user.join().unwrap(), "it was there as long as it was in use");
        assert!(cleaner.inventory().unwrap().is_empty());
    }

    #[test]
    fn every_damage_is_found() {
        let folder = TempDir::new().unwrap();
        let (store, [one, _]) = with_two(folder.path());
        store.put_chart(&fixture::chart("web", "1.0.0")).unwrap();
        let (path, commit) = fixture::repository(folder.path(), "r.git", &[("a.txt", "one")]);
        let into = store.repository("https://h.io/r").unwrap();
        let from = git2::Repository::open(path).unwrap();
        crate::source::git::copy_commit(&from, commit, &git2::Repository::open(&into).unwrap()).unwrap();
        let names: Vec<String> = store.inventory().unwrap().into_iter().map(|stored| stored.name).collect();
        assert_eq!(names[..2], ["https://h.io/r".to_owned(), "web 1.0.0".to_owned()]);
        let (count, damaged) = store.audit().unwrap();
        assert_eq!((count, damaged.len()), (4, 0));

        fs::write(store.file_path(one.sha256()), "onf").unwrap();
        let pack = fs::read_dir(into.join("objects/pack")).unwrap().flatten().map(|entry| entry.path());
        let pack = pack.into_iter().find(|path| path.extension().is_some_and(|end| end == "pack")).unwrap();
        let mut bytes = fs::read(&pack).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0x20;
        fs::remove_file(&pack).unwrap();
        fs::write(&pack, bytes).unwrap();
        let (_, damaged) = store.audit().unwrap();
        let words: Vec<&str> = damaged.iter().map(|(stored, _)| stored.kind.word()).collect();
        assert_eq!(words, ["git", "http"]);
        assert!(damaged[1].1.starts_with("expected sha256:"), "{}", damaged[1].1);
    }
}
