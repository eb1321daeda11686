use std::fs;
use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use tempfile::TempDir;

use super::*;
use crate::diag::{Blame, Diagnostic, Sink};
use crate::source::{
    Asker, FetchOptions, Fetcher, Install, Lock, Pin, Pins, Request, Rewrites, SourceSpec, Store, Trust, Vendor,
    fixture, write_vendor,
};

/// A store that is filled from repositories, and the lock.
struct Site {
    top: TempDir,
    lock: Lock,
}

impl Site {
    fn new() -> Self {
        let top = TempDir::new().unwrap();
        let remote = top.path().join("remote");
        fixture::repository(
            top.path(),
            "remote/platform.git",
            &[
                ("a/b.yaml", "b: 1\n"),
                ("a/c/d", "same"),
                ("a.txt", "same"),
                ("@link", "a/b.yaml"),
                ("e/c/d", "same"),
                ("%module", "1234567890123456789012345678901234567890"),
                ("empty", ""),
            ],
        );
        fs::create_dir_all(remote.join("charts")).unwrap();
        fs::write(remote.join("charts/web.tgz"), fixture::chart("web", "1.0.0")).unwrap();
        let index = "apiVersion: v1\nentries:\n  web:\n  - {name: web, version: 1.0.0, urls: [web.tgz]}\n";
        fs::write(remote.join("charts/index.yaml"), index).unwrap();
        fs::write(remote.join("ns.yaml"), "kind: Namespace\n").unwrap();
        let mut site = Self { top, lock: Lock::default() };
        site.lock = site.install();
        site
    }

    fn install(&self) -> Lock {
        let mut options = FetchOptions::of_project(self.path());
        let rule = format!("https://git.invalid/=file://{}/remote/", self.path().display());
        options.rewrites = Rewrites::parse([&*rule]).unwrap();
        let fetcher = Fetcher::new(self.store(), options);
        let mut install = Install::begin(&fetcher, None, Pins::Keep);
        let specs = [
            SourceSpec::git("https://git.invalid/platform.git", "", ""),
            SourceSpec::chart("https://git.invalid/charts", "web", ""),
            SourceSpec::http("https://git.invalid/ns.yaml"),
        ];
        let asker = Asker::named("root.app", Trust::Project);
        let requests = specs.map(|spec| Request { spec, asker: asker.clone() });
        let mut sink = Sink::new();
        install.ask(&requests, &mut sink);
        assert!(!sink.has_errors(), "{:?}", sink.diagnostics());
        install.finish()
    }

    fn path(&self) -> &Path {
        self.top.path()
    }

    fn store(&self) -> Store {
        Store::at(self.path().join("store"))
    }

    fn bundle(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        export_bundle(&self.lock, &self.store(), &mut bytes).unwrap();
        bytes
    }

    fn other(&self) -> Store {
        Store::at(self.path().join("other"))
    }

    fn import(&self, bytes: &[u8]) -> Result<Imported, Diagnostic> {
        import_bundle(Cursor::new(bytes), "b", &self.other())
    }

    /// The message about a bundle that is refused, after which the store holds nothing.
    fn refusal(&self, bytes: &[u8]) -> String {
        let error = self.import(bytes).unwrap_err();
        assert_eq!(error.blame, Blame::Policy, "{error}");
        assert!(content(self.other().root()).is_empty(), "{error}");
        error.message
    }
}

/// The files of a store that hold content or what is under way.
fn content(store: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in ["git", "charts", "files"] {
        found.extend(fs::read_dir(store.join(folder)).into_iter().flatten().flatten().map(|entry| entry.path()));
    }
    found
}

type Members = Vec<(String, Vec<u8>)>;

/// The members of a bundle, in order.
fn unpack(bundle: &[u8]) -> Members {
    let mut archive = tar::Archive::new(GzDecoder::new(bundle));
    let read = |entry: std::io::Result<tar::Entry<'_, _>>| {
        let mut entry = entry.unwrap();
        let mut bytes = Vec::new();
        std::io::copy(&mut entry, &mut bytes).unwrap();
        (entry.path().unwrap().to_string_lossy().into_owned(), bytes)
    };
    archive.entries().unwrap().map(read).collect()
}

fn pack(members: &[(String, Vec<u8>)]) -> Vec<u8> {
    pack_as(members, tar::EntryType::Regular)
}

fn pack_as(members: &[(String, Vec<u8>)], last: tar::EntryType) -> Vec<u8> {
    let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (at, (name, bytes)) in members.iter().enumerate() {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.as_ustar_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(if at + 1 == members.len() { last } else { tar::EntryType::Regular });
        header.set_cksum();
        builder.append(&header, bytes.as_slice()).unwrap();
    }
    builder.into_inner().unwrap().finish().unwrap()
}

/// The members, with a manifest that fits them.
fn announced(mut members: Members) -> Members {
    let describe = |(name, bytes): &(String, Vec<u8>)| manifest::Member {
        name: name.clone(),
        size: bytes.len() as u64,
        sha256: crate::source::sha256_hex(bytes),
    };
    let text = manifest::Manifest::new(members[1..].iter().map(describe).collect()).text().unwrap();
    members[0].1 = text;
    members
}

#[test]
fn a_bundle_fills_an_empty_store() {
    let site = Site::new();
    let bundle = site.bundle();
    fs::remove_dir_all(site.path().join("remote")).unwrap();
    let imported = site.import(&bundle).unwrap();
    assert_eq!((imported.new.len(), imported.present), (3, 0));
    assert_eq!(imported.lock, site.lock);
    let (one, other) = (site.store(), site.other());
    for (_, entry) in site.lock.entries() {
        other.check(&entry.pin).unwrap().unwrap();
        if let Pin::Git { .. } = entry.pin {
            let (one, other) = (one.open(&entry.pin).unwrap(), other.open(&entry.pin).unwrap());
            for path in ["a/b.yaml", "a/c/d", "e/c/d", "link", "empty"] {
                assert_eq!(one.read(path).unwrap(), other.read(path).unwrap());
            }
        }
    }
    assert_eq!((site.import(&bundle).unwrap().new.len(), site.import(&bundle).unwrap().present), (0, 3));
    let mut again = Vec::new();
    export_bundle(&site.lock, &site.other(), &mut again).unwrap();
    assert_eq!(again, bundle, "the same lock gives the same bytes, from any store");
}

#[test]
fn a_bundle_from_the_vendor_folder_has_the_same_bytes() {
    let site = Site::new();
    let bundle = site.bundle();
    write_vendor(site.path(), "", &site.lock, &site.store()).unwrap();
    let vendor = Vendor::open(site.path(), "").unwrap();
    let mut vendored = Vec::new();
    export_bundle(&site.lock, &Store::at(site.path().join("none")).with_vendor(vendor), &mut vendored).unwrap();
    assert_eq!(vendored, bundle);
}

#[test]
fn what_is_missing_is_told_at_once() {
    let site = Site::new();
    let error = export_bundle(&site.lock, &Store::at(site.path().join("none")), Vec::new()).unwrap_err();
    assert_eq!(error.blame, Blame::World);
    for name in ["https://git.invalid/platform.git@", "chart `web` 1.0.0", "https://git.invalid/ns.yaml"] {
        assert!(error.message.contains(name), "{error}");
    }
}

#[test]
fn a_damaged_store_entry_is_healed_by_a_bundle() {
    let site = Site::new();
    let bundle = site.bundle();
    site.import(&bundle).unwrap();
    for file in content(site.other().root()).iter().filter(|path| path.is_file()) {
        fs::write(file, "damaged").unwrap();
    }
    assert_eq!(site.import(&bundle).unwrap().new.len(), 2);
    for (_, entry) in site.lock.entries() {
        site.other().check(&entry.pin).unwrap().unwrap();
    }
}

#[test]
fn every_damage_is_told_and_nothing_is_kept() {
    let site = Site::new();
    let bundle = site.bundle();
    assert!(site.refusal(b"").contains("cannot be read") || site.refusal(b"").contains("it is empty"));
    assert!(site.refusal(b"no archive at all").contains("the bundle b: it cannot be read"));
    // Cut off at many places, and with a byte changed: never taken for whole.
    for part in 1..16 {
        site.refusal(&bundle[..bundle.len() * part / 16]);
        let mut changed = bundle.clone();
        changed[bundle.len() * part / 16] ^= 0x10;
        site.refusal(&changed);
    }
    let mut longer = bundle.clone();
    longer.extend_from_slice(&bundle);
    assert!(site.refusal(&longer).contains("something follows"));
}

#[test]
fn members_that_were_not_announced_are_refused() {
    let site = Site::new();
    let members = unpack(&site.bundle());
    let refused = |change: &dyn Fn(&mut Members)| {
        let mut members = members.clone();
        change(&mut members);
        site.refusal(&pack(&members))
    };
    let last = members.len() - 1;
    assert!(refused(&|members| members[last].1.push(b'x')).contains("bytes, and should have"));
    assert!(refused(&|members| members[last].1.reverse()).contains("is damaged: expected sha256:"));
    assert!(refused(&|members| members.swap(1, 2)).contains("is not what the manifest announces there"));
    assert!(refused(&|members| members.push(members[2].clone())).contains("is not what the manifest announces"));
    assert!(refused(&|members| members[2].0 = "../../evil".to_owned()).contains("`../../evil` is not what"));
    assert!(refused(&|members| drop(members.remove(0))).contains("does not begin with `kiln-bundle.json`"));
    assert!(refused(&|members| drop(members.remove(last))).contains("it ends before"));
    for kind in
        [tar::EntryType::Symlink, tar::EntryType::XHeader, tar::EntryType::GNULongName, tar::EntryType::Directory]
    {
        assert!(site.refusal(&pack_as(&members, kind)).contains("is not a plain file"));
    }
}

#[test]
fn manifests_that_announce_what_no_bundle_has_are_refused() {
    let site = Site::new();
    let members = unpack(&site.bundle());
    let text = String::from_utf8(members[0].1.clone()).unwrap();
    let refused = |from: &str, to: &str| {
        assert!(text.contains(from), "{text}");
        let mut members = members.clone();
        members[0].1 = text.replacen(from, to, 1).into_bytes();
        site.refusal(&pack(&members))
    };
    assert!(refused("\"version\": 1", "\"version\": 2").contains("it has version 2, this kiln reads version 1"));
    assert!(refused("kiln-bundle\"", "other\"").contains("of the format `other`"));
    assert!(refused("\"name\": \"contents/", "\"name\": \"../").contains("no member of a bundle"));
    assert!(refused("\"name\": \"contents/", "\"name\": \"/etc/").contains("no member of a bundle"));
    assert!(refused("\"size\": ", "\"size\": 999999999999").contains("is larger than the limit"));
    assert!(refused("\"members\"", "\"more\": 1, \"members\"").contains("unknown field"));
    let name = &members[2].0;
    let second = &members[3].0;
    assert!(!refused(second, name).is_empty());
}

#[test]
fn bundles_that_do_not_hold_what_their_lock_pins_are_refused() {
    let site = Site::new();
    let members = unpack(&site.bundle());
    let refused = |change: &dyn Fn(&mut Members)| {
        let mut members = members.clone();
        change(&mut members);
        site.refusal(&pack(&announced(members)))
    };
    let find = |start: &str| members.iter().position(|(name, _)| name.starts_with(start)).unwrap();
    let (commit, content, listing) = (find("commits/"), find("contents/"), find("listings/"));
    for at in [commit, content, listing] {
        let message = refused(&|members| drop(members.remove(at)));
        assert!(message.contains("it lacks `"), "{message}");
    }
    let extra = (format!("contents/{}", crate::source::sha256_hex(b"extra")), b"extra".to_vec());
    assert!(refused(&|members| members.push(extra.clone())).contains("which its lock does not pin"));
    assert!(refused(&|members| members[listing].1.extend_from_slice(b"\n")).contains("makes no sense"));
    let message = refused(&|members| {
        let text = String::from_utf8(members[listing].1.clone()).unwrap();
        members[listing].1 = text.replacen("100644", "100755", 1).into_bytes();
    });
    assert!(message.contains("is not that of https://git.invalid/platform.git@"), "{message}");
    let message = refused(&|members| members[1].1 = b"version: 999\n".to_vec());
    assert!(message.contains("999"), "{message}");
}

#[test]
fn a_commit_that_is_not_the_pinned_one_is_refused() {
    let site = Site::new();
    let mut members = unpack(&site.bundle());
    let commit = members.iter().position(|(name, _)| name.starts_with("commits/")).unwrap();
    members[commit].1.extend_from_slice(b"more\n");
    let error = site.import(&pack(&announced(members))).unwrap_err();
    assert!(error.message.contains("the commit is not the one that is pinned: expected"), "{error}");
    assert!(content(&site.other().root().join("git")).is_empty());
}

#[test]
fn a_stream_that_unpacks_without_end_is_refused() {
    let site = Site::new();
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let mut header = tar::Header::new_ustar();
    header.set_size(1 << 40);
    header.as_ustar_mut().unwrap().name[..16].copy_from_slice(b"kiln-bundle.json");
    header.set_entry_type(tar::EntryType::Regular);
    header.set_cksum();
    encoder.write_all(header.as_bytes()).unwrap();
    assert!(site.refusal(&encoder.finish().unwrap()).contains("does not begin with"));

    let tar = {
        let mut tar = Vec::new();
        std::io::copy(&mut GzDecoder::new(&*site.bundle()), &mut tar).unwrap();
        tar.resize(tar.len() + (4 << 20), 0);
        tar
    };
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&tar).unwrap();
    assert!(site.refusal(&encoder.finish().unwrap()).contains("something follows"));
}
