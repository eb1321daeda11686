use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use sha1::{Digest, Sha1};

use super::*;
use crate::diag::Blame;
use crate::source::error::{CORRUPT, LIMIT};
use crate::source::fixture::{self, Rogue};

const ID: &str = "0123456789abcdef0123456789abcdef01234567";

fn packet(text: &[u8]) -> Vec<u8> {
    let mut packet = format!("{:04x}", text.len() + 4).into_bytes();
    packet.extend(text);
    packet
}

/// The list of refs of a repository whose `main` is at a commit.
fn listing(commit: &str) -> Vec<u8> {
    let capabilities = "side-band-64k ofs-delta shallow no-progress symref=HEAD:refs/heads/main";
    let mut text = packet(format!("{commit} HEAD\0{capabilities}\n").as_bytes());
    text.extend(packet(format!("{commit} refs/heads/main\n").as_bytes()));
    text.extend(b"0000");
    text
}

/// A pack in the form of an answer to a shallow fetch.
fn answer(commit: &str, pack: &[u8]) -> Vec<u8> {
    let mut text = packet(format!("shallow {commit}").as_bytes());
    text.extend(b"0000");
    text.extend(packet(b"NAK\n"));
    for part in pack.chunks(60000) {
        text.extend(packet(&[b"\x01", part].concat()));
    }
    text.extend(b"0000");
    text
}

/// One object of a pack: its kind, how large it says it is, and its packed content.
fn entry(kind: u8, size: u64, content: &[u8]) -> Vec<u8> {
    let mut rest = size >> 4;
    let mut head = vec![(kind << 4) | (size & 15) as u8];
    while rest > 0 {
        *head.last_mut().unwrap() |= 0x80;
        head.push((rest & 0x7f) as u8);
        rest >>= 7;
    }
    let mut deflate = ZlibEncoder::new(head, Compression::best());
    deflate.write_all(content).unwrap();
    deflate.finish().unwrap()
}

fn pack(count: u32, entries: &[Vec<u8>]) -> Vec<u8> {
    let mut pack = [b"PACK".as_slice(), &2_u32.to_be_bytes(), &count.to_be_bytes(), &entries.concat()].concat();
    let hash = Sha1::digest(&pack);
    pack.extend(hash.as_slice());
    pack
}

/// A server of the git protocol that lists one commit and then sends something.
fn sends(commit: &str, sent: Vec<u8>) -> Rogue {
    let commit = commit.to_owned();
    Rogue::start(move |victim| {
        victim.hear();
        victim.say(&listing(&commit));
        victim.hear();
        victim.say(&sent);
    })
}

fn refusal(client: &Client, rogue: &Rogue, ask: &GitAsk) -> SourceError {
    let error = client.fetch(&format!("git://127.0.0.1:{}/r.git", rogue.port), ask).unwrap_err();
    assert!(!error.message.chars().any(char::is_control), "{error}");
    assert_eq!((client.packs(), client.left()), (0, 0), "nothing half made: {error}");
    error
}

#[test]
fn servers_that_waste_time_are_left() {
    let hasty = || Client { timeout: Duration::from_millis(400), ..Client::new() };
    let greeting = listing(ID);
    let behaviours: [(&str, Rogue); 4] = [
        ("hangs", Rogue::start(|victim| victim.hang())),
        ("drips", Rogue::start(move |victim| victim.drip(&greeting))),
        (
            "drips after the refs",
            Rogue::start(|victim| {
                victim.hear();
                victim.say(&listing(ID));
                victim.hear();
                victim.drip(&answer(ID, &[0; 4000]));
            }),
        ),
        (
            "hangs in the middle of the pack",
            Rogue::start(|victim| {
                victim.hear();
                victim.say(&listing(ID));
                victim.hear();
                victim.say(&answer(ID, &pack(3, &[]))[..60]);
                victim.hang();
            }),
        ),
    ];
    for (name, rogue) in behaviours {
        let error = refusal(&hasty(), &rogue, &branch("main"));
        assert!(error.message.contains("too slow"), "{name}: {error}");
        assert_eq!(error.blame, Blame::World);
    }
}

#[test]
fn servers_that_talk_nonsense_are_told() {
    let garbage: Vec<u8> = (0..100_000_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let client = Client::new();
    for (name, sent, words) in [
        ("garbage", garbage, "invalid packet length"),
        ("nothing", Vec::new(), "unexpected end"),
        ("half a line", listing(ID)[..30].to_vec(), "unexpected end"),
        ("no end", listing(ID)[..listing(ID).len() - 4].to_vec(), "unexpected end"),
        ("http", b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(), "invalid packet length"),
        ("an error", packet(b"ERR \x1b[2J\x1b]0;owned\x07 access denied\n"), "access denied"),
    ] {
        let rogue = Rogue::start(move |victim| {
            victim.hear();
            victim.say(&sent);
        });
        let error = refusal(&client, &rogue, &branch("main"));
        assert!(error.message.contains(words), "{name}: {error}");
    }
}

#[test]
fn a_list_of_refs_without_end_is_cut() {
    let rogue = Rogue::start(|victim| {
        victim.hear();
        let lines: Vec<u8> =
            (0..1000).flat_map(|at| packet(format!("{ID} refs/heads/{at:0900}\n").as_bytes())).collect();
        while victim.say(&lines) {}
    });
    let error = refusal(&Client::new(), &rogue, &branch("main"));
    assert_eq!((error.code, error.blame), (LIMIT, Blame::Policy), "{error}");
}

#[test]
fn packs_that_are_cut_wrong_or_of_other_commits_never_reach_the_store() {
    let folder = TempDir::new().unwrap();
    let (path, commit) = fixture::repository(folder.path(), "r", &[("a", "1")]);
    let id = commit.to_string();
    let good = {
        let repository = git2::Repository::open(path).unwrap();
        let (commit, tree) =
            (repository.find_commit(commit).unwrap(), repository.find_commit(commit).unwrap().tree_id());
        let odb = repository.odb().unwrap();
        let blob = repository.find_tree(tree).unwrap().get_name("a").unwrap().id();
        [(1, commit.id()), (2, tree), (3, blob)].map(|(kind, id)| {
            let object = odb.read(id).unwrap();
            entry(kind, object.len() as u64, object.data())
        })
    };
    let whole = pack(3, &good);
    let proper = sends(&id, answer(&id, &whole));
    let client = Client::new();
    let url = format!("git://127.0.0.1:{}/r.git", proper.port);
    assert_eq!(client.fetch(&url, &branch("main")).unwrap().commit, commit, "the good one works");

    let mut flipped = whole.clone();
    flipped[20] ^= 0x40;
    let mut wrong_sum = whole.clone();
    *wrong_sum.last_mut().unwrap() ^= 1;
    let cut = answer(&id, &whole);
    let other_listing = ID;
    for (name, listed, sent) in [
        ("cut", &*id, cut[..cut.len() / 2].to_vec()),
        ("flipped", &*id, answer(&id, &flipped)),
        ("wrong sum", &*id, answer(&id, &wrong_sum)),
        ("too few objects", &*id, answer(&id, &pack(4, &good))),
        ("too many objects", &*id, answer(&id, &pack(2, &good))),
        ("no tree", &*id, answer(&id, &pack(1, &good[..1]))),
        ("no content", &*id, answer(&id, &pack(2, &good[..2]))),
        ("empty", &*id, answer(&id, &pack(0, &[]))),
        ("no pack", &*id, answer(&id, b"this is no pack at all")),
        ("another commit", other_listing, answer(other_listing, &whole)),
    ] {
        let rogue = sends(listed, sent);
        for ask in [branch("main"), locked(Oid::from_str(listed).unwrap(), "main")] {
            let client = Client::new();
            let error = client.fetch(&format!("git://127.0.0.1:{}/r.git", rogue.port), &ask).unwrap_err();
            assert!(matches!(error.blame, Blame::World | Blame::Policy), "{name}: {error}");
            assert_eq!(client.left(), 0, "{name}");
        }
    }
}

#[test]
fn a_server_that_sends_another_commit_than_the_locked_one_is_not_believed() {
    if !fixture::git_serves() {
        return;
    }
    let folder = TempDir::new().unwrap();
    let (_, first) = fixture::repository(folder.path(), "other.git", &[("a", "1")]);
    let (_, second) = fixture::repository(folder.path(), "r.git", &[("a", "2")]);
    // The list names the first commit, the pack holds the second.
    let root = folder.path().to_owned();
    let server = fixture::WebServer::start(move |request| {
        let mut request = request.clone();
        let replace = |bytes: &mut Vec<u8>, from: Oid, to: Oid| {
            let (from, to) = (from.to_string(), to.to_string());
            while let Some(at) = bytes.windows(40).position(|window| window == from.as_bytes()) {
                bytes[at..at + 40].copy_from_slice(to.as_bytes());
            }
        };
        replace(&mut request.body, first, second);
        let mut said = fixture::http_backend(&root, &[], &request);
        if request.path.contains("/info/refs") {
            replace(&mut said.2, second, first);
        }
        said
    });
    let client = Client::new();
    for ask in [locked(first, "main"), branch("main"), version(&first.to_string())] {
        let error = client.fetch(&format!("{}/r.git", server.url), &ask).unwrap_err();
        assert_eq!((error.code, error.blame), (CORRUPT, Blame::Policy), "{ask:?}: {error}");
        assert!(error.message.contains(&first.to_string()), "{error}");
        let store = open_bare(&client.path()).unwrap();
        assert!(store.find_commit(second).is_err() && store.find_commit(first).is_err());
    }
}

#[test]
fn objects_that_unfold_beyond_measure_are_refused() {
    let folder = TempDir::new().unwrap();
    let (_, commit) = fixture::repository(folder.path(), "r", &[("a", "1")]);
    let id = commit.to_string();
    let zeros = vec![0; 8 << 20];
    let client = Client::new();
    for (name, packed) in [
        ("claims more than it holds", pack(1, &[entry(3, u64::MAX >> 4, b"x")])),
        ("holds more than it claims", pack(1, &[entry(3, 10, &zeros)])),
        ("more objects than there can be", pack(u32::MAX, &[entry(3, 1, b"x")])),
        ("a whole gigabyte", pack(1, &[entry(3, 1 << 30, &zeros)])),
        ("a delta that makes a gigabyte", {
            // The base has one byte; the delta says that it makes 2^30 bytes.
            let delta = [b"\x01\x80\x80\x80\x80\x04".as_slice(), &[0x90, 1].repeat(1000)].concat();
            let mut head = entry(7, delta.len() as u64, &delta);
            let at = head.iter().position(|byte| byte & 0x80 == 0).unwrap() + 1;
            head.splice(at..at, Sha1::digest(b"blob 1\0x").as_slice().iter().copied());
            pack(2, &[entry(3, 1, b"x"), head])
        }),
    ] {
        let rogue = sends(&id, answer(&id, &packed));
        let error = refusal(&client, &rogue, &branch("main"));
        assert!(matches!(error.blame, Blame::World | Blame::Policy), "{name}: {error}");
        assert!(!name.contains("gigabyte") || error.code == LIMIT, "{name}: {error}");
    }
}
