use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use super::action::{Entry, INLINE};
use super::*;
use crate::source::credentials::Environment;
use crate::source::digest::Digest;
use crate::source::fixture::{Heard, Say, WebServer};

type Kept = Arc<Mutex<HashMap<String, Vec<u8>>>>;

fn answer(kept: &Kept, heard: &Heard) -> Say {
    let mut kept = kept.lock().unwrap();
    match heard.method.as_str() {
        "PUT" => {
            kept.insert(heard.path.clone(), heard.body.clone());
            Say::ok(Vec::new())
        }
        _ => kept.get(&heard.path).map_or_else(Say::not_found, |bytes| Say::ok(bytes.clone())),
    }
}

fn ahead(url: &str) -> CacheAhead {
    let environment = Environment::of([("HOME", "/nonexistent")]);
    let mode = CacheMode::ReadWrite;
    let options = CacheOptions { url: url.to_owned(), mode, environment, ..CacheOptions::default() };
    CacheAhead::new(RemoteCache::new(options).unwrap())
}

fn keys(count: usize) -> Vec<Digest> {
    (0..count).map(|at| Digest::of(at.to_string().as_bytes())).collect()
}

/// A server with results for keys.
fn filled(keys: &[Digest], result: impl Fn(usize) -> Vec<u8>) -> Kept {
    let kept = Kept::default();
    for (at, key) in keys.iter().enumerate() {
        let (entry, content) = (Entry::of(&result(at)), result(at));
        let mut kept = kept.lock().unwrap();
        kept.insert(format!("/cas/{}", entry.digest), content);
        kept.insert(format!("/ac/{key}"), entry.pack(key));
    }
    kept
}

#[test]
fn what_is_expected_is_asked_for_at_once_and_each_key_once() {
    let keys = keys(200);
    let kept = filled(&keys[..100], |at| at.to_string().into_bytes());
    // How many requests were under way at once, at most.
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (own, highest) = (Arc::clone(&now), Arc::clone(&most));
    let server = WebServer::start(move |heard| {
        highest.fetch_max(own.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        thread::sleep(Duration::from_millis(20));
        let say = answer(&kept, heard);
        own.fetch_sub(1, Ordering::SeqCst);
        say
    });
    let cache = ahead(&server.url);
    cache.expect(keys.iter().copied());
    for (at, key) in keys.iter().enumerate().rev() {
        let wanted = (at < 100).then(|| at.to_string().into_bytes());
        assert_eq!(cache.get(key), wanted, "{at}");
    }
    assert_eq!(server.heard().len(), 200);
    let most = most.load(Ordering::SeqCst);
    assert!((8..=64).contains(&most), "{most}");
    assert_eq!(cache.report(), CacheReport { found: 100, missed: 100, written: 0, problems: Vec::new() });
}

#[test]
fn what_nobody_expected_is_answered_too_and_many_may_wait_for_it() {
    let keys = keys(4);
    let kept = filled(&keys, |at| vec![b'x'; at]);
    let server = WebServer::start(move |heard| answer(&kept, heard));
    let cache = ahead(&server.url);
    thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                for (at, key) in keys.iter().enumerate() {
                    assert_eq!(cache.get(key).unwrap().len(), at);
                }
            });
        }
    });
    // Announced, and never asked for: the next list takes its place.
    cache.expect(keys.iter().copied());
    cache.expect(keys[..1].iter().copied());
    assert_eq!(cache.get(&keys[0]).unwrap(), b"");
    assert!(cache.report().problems.is_empty());
}

#[test]
fn no_more_is_held_than_fits() {
    let keys = keys(300);
    let kept = filled(&keys, |at| {
        let mut result = vec![b'x'; INLINE * 4];
        result[0] = at as u8;
        result
    });
    let server = WebServer::start(move |heard| answer(&kept, heard));
    let cache = ahead(&server.url);
    cache.expect(keys.iter().copied());
    // The last one is wanted while all that fits is held.
    assert_eq!(cache.get(&keys[299]).unwrap()[0], 43);
    let asked = || server.heard().iter().filter(|heard| heard.path.starts_with("/ac/")).count();
    assert!(asked() <= 64 + 64 + 1, "{}", asked());
    for key in &keys[..299] {
        assert!(cache.get(key).is_some());
    }
    assert_eq!(asked(), 300);
}

#[test]
fn results_are_sent_in_the_background_and_all_are_there_in_the_end() {
    let kept = Kept::default();
    let own = Arc::clone(&kept);
    let server = WebServer::start(move |heard| {
        thread::sleep(Duration::from_millis(5));
        answer(&own, heard)
    });
    let cache = ahead(&server.url);
    let keys = keys(150);
    for (at, key) in keys.iter().enumerate() {
        cache.put(key, &vec![b'x'; if at == 7 { INLINE + 1 } else { at }]);
    }
    assert_eq!(cache.report(), CacheReport { found: 0, missed: 0, written: 150, problems: Vec::new() });
    assert_eq!(kept.lock().unwrap().len(), 151);
    let again = ahead(&server.url);
    again.expect(keys.iter().copied());
    assert!(keys.iter().enumerate().all(|(at, key)| at == 7 || again.get(key).unwrap().len() == at));
}

#[test]
fn a_server_that_fails_is_soon_left_alone_by_all_threads() {
    let server = WebServer::start(|_| Say("503 Service Unavailable", Vec::new(), Vec::new()));
    let cache = ahead(&server.url);
    let keys = keys(500);
    cache.expect(keys.iter().copied());
    for key in &keys {
        assert_eq!(cache.get(key), None);
        cache.put(key, b"x");
    }
    let problems = cache.report().problems;
    assert!(problems.len() == 1 && problems[0].contains("answers 503"), "{problems:?}");
    assert!(server.heard().len() <= 64 + 3, "{}", server.heard().len());
}
