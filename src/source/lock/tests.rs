use std::fs;

use super::*;
use crate::diag::Diagnostic;
use crate::source::pin::Pin;
use crate::source::spec::SourceSpec;
use crate::span::Source;

fn git_pin(reference: &str) -> Pin {
    Pin::Git {
        url: "https://h.io/r".into(),
        reference: Some(reference.into()),
        commit: "a".repeat(40),
        tree: "b".repeat(40),
        sha256: "c".repeat(64),
    }
}

fn sample() -> Lock {
    let mut lock = Lock { seed: "00ff".into(), created: "2026-11-21".into(), ..Lock::default() };
    let spec = SourceSpec::git("https://user@h.io/r", "v1", "main");
    lock.insert(&spec, git_pin("refs/tags/v1"), "root.b");
    lock.insert(&spec, git_pin("refs/tags/v1"), "root.a");
    let spec = SourceSpec::chart("https://charts.io", "web", "^1.0.0");
    let pin = Pin::Chart {
        url: "https://charts.io".into(),
        chart: "web".into(),
        version: "1.4.2".into(),
        archive: "https://charts.io/web-1.4.2.tgz".into(),
        manifest: Some("f".repeat(64)),
        signed_by: None,
        sha256: "d".repeat(64),
    };
    lock.insert(&spec, pin, "root.c");
    let pin = Pin::Http { url: "https://h.io/m.yaml".into(), sha256: "e".repeat(64) };
    lock.insert(&SourceSpec::http("https://h.io/m.yaml"), pin, "root.d");
    lock
}

fn refused(text: &str) -> Diagnostic {
    match Lock::parse(&Source::new(LOCK_NAME, text)) {
        Err(problem) => problem,
        Ok(_) => panic!("accepted:\n{text}"),
    }
}

fn refusal(text: &str) -> String {
    refused(text).to_string()
}

#[test]
fn a_lock_survives_its_file() {
    let lock = sample();
    let text = lock.text().unwrap();
    let parse = |text: &str| Lock::parse(&Source::new(LOCK_NAME, text)).unwrap();
    assert_eq!(parse(&text), lock);
    assert_eq!(parse(&text.replace('\n', "\r\n")), lock);
    assert_eq!(parse(&format!("\u{feff}{text}")), lock);
    assert_eq!(text.lines().nth(1), Some("version: 1"), "{text}");
    assert!(text.contains("- root.a\n  - root.b\n"), "{text}");
    let sources: Vec<&str> = text.lines().filter_map(|line| line.trim().strip_prefix("source: ")).collect();
    assert_eq!(sources, ["https://charts.io", "https://h.io/m.yaml", "https://h.io/r"], "sorted by source");
    assert_eq!(text.matches("digest: sha256:").count(), 3, "{text}");
    assert!(text.contains("ref: refs/tags/v1\n") && text.contains("manifest: sha256:ffff"), "{text}");
}

#[test]
fn a_moved_pin_changes_its_own_lines_only() {
    let (mut lock, before) = (sample(), sample().text().unwrap());
    let pin = Pin::Http { url: "https://h.io/m.yaml".into(), sha256: "0".repeat(64) };
    lock.insert(&SourceSpec::http("https://h.io/m.yaml"), pin, "root.d");
    let after = lock.text().unwrap();
    assert_eq!(before.lines().zip(after.lines()).filter(|(before, after)| before != after).count(), 1);
    // The order of entries in the file is nobody's business.
    let (head, entries) = before.split_once("sources:\n").unwrap();
    let mut items: Vec<String> = entries.split("- kind").skip(1).map(|item| format!("- kind{item}")).collect();
    items.reverse();
    let shuffled = Lock::parse(&Source::new(LOCK_NAME, format!("{head}sources:\n{}", items.concat()))).unwrap();
    assert_eq!(shuffled.text().unwrap(), before);
}

#[test]
fn lookup_ignores_credentials_and_nothing_else() {
    let lock = sample();
    assert!(lock.lookup(&SourceSpec::git("https://h.io/r", "v1", "main")).is_some());
    assert!(lock.lookup(&SourceSpec::git("https://h.io/r", "v1", "")).is_none());
    assert!(lock.lookup(&SourceSpec::git("https://h.io/r", "v2", "main")).is_none());
    assert!(lock.lookup(&SourceSpec::http("https://h.io/m.yaml")).is_some());
}

#[test]
fn a_pin_satisfies_what_accepts_its_version() {
    let mut lock = sample();
    let chart = |version: &str| SourceSpec::chart("https://charts.io", "web", version);
    assert!(lock.satisfying(&chart("~1.4")).is_some() && lock.satisfying(&chart("1.4.2")).is_some());
    assert!(lock.satisfying(&chart("^2")).is_none());
    assert!(lock.satisfying(&SourceSpec::chart("https://other.io", "web", "^1")).is_none());

    lock.insert(&SourceSpec::git("https://h.io/r", "^1.2", ""), git_pin("refs/tags/v1.2.5"), "root");
    let git = |version: &str| SourceSpec::git("https://h.io/r", version, "");
    for version in [">=1.2.0", "v1.2.5", &"a".repeat(40)] {
        assert!(lock.satisfying(&git(version)).is_some(), "{version}");
    }
    for version in ["1.2", "^2", "main", ""] {
        assert!(lock.satisfying(&git(version)).is_none(), "{version}");
    }
}

#[test]
fn damaged_locks_are_refused_with_their_place() {
    let good = sample().text().unwrap();
    let (source, commit) = ("source: https://h.io/r", format!("commit: {}", "a".repeat(40)));
    let digest = format!("digest: sha256:{}", "c".repeat(64));
    let hex = "c".repeat(64);
    let cases: &[(&str, &str, &str, &str)] = &[
        ("version: 1\n", "version: 999\n", "kiln.lock:2:10", "a newer kiln wrote it"),
        ("version: 1\n", "version: 0\n", "kiln.lock:2:10", "has version 0"),
        ("version: 1\n", "version: -1\n", "kiln.lock:2:10", "must be a whole number"),
        ("version: 1\n", "version: \"1\"\n", "kiln.lock:2:10", "must be a whole number"),
        ("version: 1\n", "version: 1.0\n", "kiln.lock:2:10", "must be a whole number"),
        ("version: 1\n", "version: [1]\n", "kiln.lock:2:10", "must be a whole number"),
        ("version: 1\n", "version:\n", "kiln.lock:2:9", "must be a whole number"),
        ("version: 1\n", "", "kiln.lock:2:1", "has no `version`"),
        ("version: 1\nseed: 00ff\n", "seed: 00ff\nversion: 1\n", "kiln.lock:2:1", "first key must be `version`"),
        ("version: 1\n", "version: 1\nversion: 1\n", "kiln.lock:3:1", "stands twice"),
        ("version: 1\n", "version: 1\nsedd: x\n", "kiln.lock:3:1", "no field `sedd`"),
        ("seed: 00ff\n", "", "kiln.lock:2:1", "has no `seed`"),
        ("2026-11-21", "21.11.2026", "kiln.lock:4:10", "no date"),
        ("kind: git", "kind: hg", "", "no kind of source"),
        ("kind: git", "kind: &a git", "", "anchor or a tag"),
        ("kind: git", "kind: !!str git", "", "anchor or a tag"),
        ("kind: git", "kind: *a", "", "unknown anchor"),
        ("kind: git", "<<: {kind: git}", "", "has no `kind`"),
        (source, "source: https://u:p@h.io/r", "", "holds a credential"),
        (source, "source: [a]", "", "must be a text"),
        (source, "source: ''", "", "is empty"),
        (&commit, "commit: ../../x", "", "not a commit id"),
        (&commit, &format!("commit: {}", "A".repeat(40)), "", "lower-case"),
        (&commit, &format!("{commit}\n  {commit}"), "", "stands twice"),
        (&digest, &format!("digest: md5:{hex}"), "", "algorithm `md5` is not supported"),
        (&digest, &format!("digest: sha512:{hex}{hex}"), "", "algorithm `sha512` is not supported"),
        (&digest, &format!("digest: {hex}"), "", "names no digest algorithm"),
        (&digest, &format!("digest: sha256:{}", "C".repeat(64)), "", "lower-case"),
        (&digest, "digest: sha256:../../x", "", "is not a sha256 digest"),
        (&digest, &format!("sha256: {hex}"), "kiln.lock:21:3", "has no `digest`"),
        ("ref: refs/tags/v1", "ref: v1 ..", "", "not the full name of a ref"),
        ("chart: web", "chart: ../../web", "", "not the name of a chart"),
        ("resolved: 1.4.2", "resolved: ../1", "", "not a version"),
        ("asked_by:\n  - root.d", "asked_by: root.d", "", "must be a list"),
        ("asked_by:\n  - root.d", "asked_by:\n  \t- root.d", "", "cannot parse"),
        ("- kind: http", "- {}\n- kind: http", "", "has no `kind`"),
        ("- kind: http", "- x\n- kind: http", "", "must be a map"),
        ("- kind: http", "\0- kind: http", "", "cannot parse"),
        ("- kind: http", "<<<<<<< HEAD\n- kind: http", "", "merge conflict"),
        ("- kind: http", ">>>>>>> other\n- kind: http", "", "merge conflict"),
    ];
    for (from, to, place, words) in cases {
        assert!(good.contains(from), "{from}");
        let text = good.replacen(from, to, 1);
        let message = refusal(&text);
        assert!(message.contains(words), "{to:?}: {message}");
        let line = good[..good.find(from).unwrap()].matches('\n').count() + 1;
        let expected = if place.is_empty() { format!("kiln.lock:{line}") } else { (*place).to_owned() };
        let near = format!("kiln.lock:{}", line + 1);
        assert!(message.starts_with(&expected) || place.is_empty() && message.starts_with(&near), "{to:?}: {message}");
        assert!(refused(&text).help.is_some(), "{to:?}");
    }
}

#[test]
fn whole_files_that_are_no_locks() {
    let good = sample().text().unwrap();
    assert!(refusal("").contains("is empty") && refusal("# nothing\n").contains("is empty"));
    assert!(refusal("---\n").contains("is empty"));
    assert!(refusal("[]").contains("must be a map") && refusal("text").contains("must be a map"));
    assert!(refusal(&good[..good.find("commit").unwrap()]).contains("has no `commit`"));
    let twice = refusal(&format!("{good}---\n{good}"));
    let line = good.matches('\n').count() + 1;
    assert!(twice.starts_with(&format!("kiln.lock:{line}:1")) && twice.contains("second document"), "{twice}");
    assert!(refusal(&format!("{good}{good}")).contains("duplicate"));
    let entry = "- {kind: http, source: 'https://h.io/m.yaml', digest: 'sha256:DIGEST', asked_by: []}\n";
    let entry = entry.replace("DIGEST", &"e".repeat(64));
    let twice = refusal(&good.replace("sources:\n", &format!("sources:\n{entry}")));
    assert!(twice.contains("duplicate entry") && twice.starts_with("kiln.lock:"), "{twice}");
    let deep = format!("version: 1\nseed: {}{}\n", "[".repeat(20), "]".repeat(20));
    assert!(refusal(&deep).contains("nested too deeply"));
}

#[test]
fn what_is_no_plain_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(LOCK_NAME);
    let refusal = || Lock::read(&path, LOCK_NAME).unwrap_err().to_string();
    assert_eq!(Lock::read(&path, LOCK_NAME).unwrap(), None);
    fs::create_dir(&path).unwrap();
    assert!(refusal().contains("is a directory"));
    fs::remove_dir(&path).unwrap();
    fs::write(&path, b"version: 1\n\xff").unwrap();
    assert!(refusal().starts_with("kiln.lock:2:1: ") && refusal().contains("UTF-8"), "{}", refusal());
    fs::remove_file(&path).unwrap();
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(LOCK_NAME, &path).unwrap();
        assert!(refusal().contains("cannot be read"), "{}", refusal());
        fs::remove_file(&path).unwrap();
        rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, 0o644.into(), 0).unwrap();
        assert!(refusal().contains("is not a file"), "{}", refusal());
    }
}

#[test]
fn who_signed_a_chart_is_kept() {
    let mut lock = sample();
    let spec = SourceSpec::chart("https://charts.io", "web", "^1");
    let pin = Pin::Chart {
        url: "https://charts.io".into(),
        chart: "web".into(),
        version: "1.4.2".into(),
        archive: "https://charts.io/web-1.4.2.tgz".into(),
        manifest: None,
        signed_by: Some("A1".repeat(20)),
        sha256: "d".repeat(64),
    };
    lock.insert(&spec, pin, "root.c");
    let text = lock.text().unwrap();
    assert!(text.contains(&format!("  signed_by: {}\n", "A1".repeat(20))), "{text}");
    assert_eq!(Lock::parse(&Source::new("kiln.lock", &*text)).unwrap(), lock);
    let damaged = text.replace("signed_by: A1", "signed_by: X1");
    assert!(Lock::parse(&Source::new("kiln.lock", damaged)).unwrap_err().message.contains("fingerprint"));
}
