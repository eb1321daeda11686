use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use git2::{Oid, Repository};

use super::packets::{self, Packet};
use super::refs::RemoteRefs;
use crate::source::error::{MALFORMED, STORE, SourceError, UNREACHABLE, foreign};
use crate::source::git::transport::Channel;

const AGENT: &str = concat!("kiln/", env!("CARGO_PKG_VERSION"));

/// What to take from a server.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wish<'a> {
    /// Objects, which refs of the server point at.
    pub(super) wanted: &'a [Oid],
    /// Commits that are here whole.
    pub(super) have: &'a [Oid],
    /// Whether one commit of each history is enough.
    pub(super) shallow: bool,
}

/// Takes objects into a repository: whole, or not at all.
pub(super) fn take(channel: Channel, into: &Repository, wish: Wish<'_>, shown: &str) -> Result<(), SourceError> {
    let refs = RemoteRefs::parse(&channel.refs, shown)?;
    if !refs.can("side-band-64k") {
        let message = format!("{shown} is a git server from before 2005, or none: it knows no `side-band-64k`");
        return Err(SourceError::world(MALFORMED, message));
    }
    let mut edge = Edge::read(into)?;
    let mut answer = channel.ask(&request(&refs, wish, &edge))?;
    let failed =
        |error: &io::Error| SourceError::world(UNREACHABLE, format!("{shown}: {}", foreign(&error.to_string())));
    let stored = |error: git2::Error| {
        SourceError::world(STORE, format!("`{}`: {}", into.path().display(), foreign(error.message())))
    };
    let odb = into.odb().map_err(stored)?;
    let mut pack = odb.packwriter().map_err(stored)?;
    let (mut received, mut said) = (false, String::new());
    loop {
        let line = match packets::read(&mut answer).map_err(|error| failed(&error))? {
            Packet::Line(line) => line,
            // Ends the list of cut commits, and in the end the pack.
            Packet::Flush if !received => continue,
            Packet::Flush | Packet::End => break,
        };
        match line.split_first() {
            Some((1, part)) => {
                received = true;
                pack.write_all(part).map_err(|error| failed(&error))?;
            }
            Some((2, _)) => {}
            Some((3, words)) => said.push_str(&String::from_utf8_lossy(words)),
            _ => edge.note(&String::from_utf8_lossy(&line), shown)?,
        }
    }
    if !received || !said.is_empty() {
        let words = if said.is_empty() { "it sends no objects".to_owned() } else { foreign(&said) };
        return Err(SourceError::world(UNREACHABLE, format!("{shown}: {words}")));
    }
    pack.commit().map_err(stored)?;
    // Last: a pack without its edge is unused, an edge without its pack would be wrong.
    edge.write()
}

fn request(refs: &RemoteRefs, wish: Wish<'_>, edge: &Edge) -> Vec<u8> {
    let mut out = Vec::new();
    for (at, id) in wish.wanted.iter().enumerate() {
        let capabilities =
            if at == 0 { format!(" side-band-64k ofs-delta no-progress agent={AGENT}") } else { String::new() };
        packets::line(&mut out, format!("want {id}{capabilities}\n").as_bytes());
    }
    if refs.can("shallow") {
        edge.commits.iter().for_each(|id| packets::line(&mut out, format!("shallow {id}\n").as_bytes()));
        if wish.shallow {
            packets::line(&mut out, b"deepen 1\n");
        }
    }
    packets::flush(&mut out);
    wish.have.iter().for_each(|id| packets::line(&mut out, format!("have {id}\n").as_bytes()));
    packets::line(&mut out, b"done\n");
    out
}

/// The commits of a repository whose parents are not in it.
struct Edge {
    file: PathBuf,
    commits: BTreeSet<Oid>,
    is_new: bool,
}

impl Edge {
    fn read(repository: &Repository) -> Result<Self, SourceError> {
        let file = repository.path().join("shallow");
        let text = match fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(unwritten(&file, &error)),
        };
        let commits = text.lines().filter_map(|line| Oid::from_str(line.trim()).ok()).collect();
        Ok(Self { file, commits, is_new: false })
    }

    /// Reads a line from before the pack.
    fn note(&mut self, line: &str, shown: &str) -> Result<(), SourceError> {
        let line = line.trim_end();
        if let Some(id) = line.strip_prefix("shallow ").and_then(|id| Oid::from_str(id).ok()) {
            self.is_new |= self.commits.insert(id);
        } else if let Some(id) = line.strip_prefix("unshallow ").and_then(|id| Oid::from_str(id).ok()) {
            self.is_new |= self.commits.remove(&id);
        } else if let Some(words) = line.strip_prefix("ERR ") {
            return Err(SourceError::world(UNREACHABLE, format!("{shown}: {}", foreign(words))));
        }
        Ok(())
    }

    fn write(self) -> Result<(), SourceError> {
        if !self.is_new {
            return Ok(());
        }
        let text: String = self.commits.iter().map(|id| format!("{id}\n")).collect();
        crate::source::write_atomically(&self.file, text.as_bytes()).map_err(|error| unwritten(&self.file, &error))
    }
}

fn unwritten(file: &std::path::Path, error: &io::Error) -> SourceError {
    SourceError::world(STORE, format!("cannot keep `{}`: {error}", file.display()))
}
