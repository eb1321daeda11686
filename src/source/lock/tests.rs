use super::*;
use crate::source::pin::Pin;
use crate::source::spec::SourceSpec;
use crate::span::Source;

fn sample() -> Lock {
    let mut lock = Lock { seed: "00ff".into(), created: "2026-11-21".into(), ..Lock::default() };
    let spec = SourceSpec::git("https://user@h.io/r", "v1", "main");
    let pin =
        Pin::Git { url: "https://h.io/r".into(), commit: "a".repeat(40), tree: "b".repeat(40), sha256: "c".repeat(64) };
    lock.insert(&spec, pin.clone(), "root.b");
    lock.insert(&spec, pin, "root.a");
    let spec = SourceSpec::chart("https://charts.io", "web", "^1.0.0");
    let pin = Pin::Chart {
        url: "https://charts.io".into(),
        chart: "web".into(),
        version: "1.4.2".into(),
        archive: "https://charts.io/web-1.4.2.tgz".into(),
        manifest: None,
        sha256: "d".repeat(64),
    };
    lock.insert(&spec, pin, "root.c");
    let pin = Pin::Http { url: "https://h.io/m.yaml".into(), sha256: "e".repeat(64) };
    lock.insert(&SourceSpec::http("https://h.io/m.yaml"), pin, "root.d");
    lock
}

fn refusal(text: &str) -> String {
    let diagnostic = Lock::parse(&Source::new(LOCK_NAME, text)).unwrap_err();
    format!("{diagnostic}")
}

#[test]
fn a_lock_survives_its_file() {
    let lock = sample();
    let text = lock.text().unwrap();
    assert_eq!(Lock::parse(&Source::new(LOCK_NAME, &*text)).unwrap(), lock);
    assert_eq!(Lock::parse(&Source::new(LOCK_NAME, text.replace('\n', "\r\n"))).unwrap(), lock);
    assert!(text.contains("source: https://h.io/r\n"), "{text}");
    assert!(text.contains("- root.a\n  - root.b\n"), "{text}");
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
fn damaged_locks_are_refused_with_their_place() {
    let good = sample().text().unwrap();
    assert!(refusal(&good[..good.find("commit").unwrap()]).contains("cannot parse the lock"));
    assert!(refusal(&format!("{good}{good}")).contains("duplicate"), "{}", refusal(&format!("{good}{good}")));
    let conflict = refusal(&format!("<<<<<<< HEAD\n{good}=======\n{good}>>>>>>> other\n"));
    assert!(conflict.starts_with("kiln.lock:1:1: ") && conflict.contains("merge conflict"), "{conflict}");
    let newer = refusal(&good.replace("version: 1\n", "version: 999\n"));
    assert!(newer.contains("version 999") && newer.starts_with("kiln.lock:2:1"), "{newer}");
    let downgraded = refusal(&good.replace("sha256", "md5"));
    assert!(downgraded.contains("md5"), "{downgraded}");
    assert!(refusal(&good.replace(&"c".repeat(64), "../../x")).contains("is not a sha256 digest"));
    let twice = good.replace(
        "sources:\n",
        "sources:\n- {kind: http, source: 'https://h.io/m.yaml', sha256: 'DIGEST', asked_by: []}\n",
    );
    assert!(refusal(&twice.replace("DIGEST", &"e".repeat(64))).contains("duplicate entry"));
}
