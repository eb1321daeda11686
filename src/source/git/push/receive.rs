use std::collections::HashSet;
use std::io::Read;

use git2::{Oid, Repository};

use super::contention::is_contention;
use super::objects;
use super::packets::{self, Packet};
use super::refs::RemoteRefs;
use super::{PushOptions, PushOutcome, RefUpdate, Refusal};
use crate::source::error::{MALFORMED, SourceError, UNREACHABLE, foreign};
use crate::source::git::pack::pack_objects;
use crate::source::git::transport::Channel;

/// The most bytes kept of what a server says beside its report.
const MAX_SAID: usize = 16 * 1024;
/// Stands for no object.
const NOTHING: &str = "0000000000000000000000000000000000000000";
const AGENT: &str = concat!("kiln/", env!("CARGO_PKG_VERSION"));

/// Sends objects and asks for refs to be moved, all or none of them.
pub(super) fn push(
    channel: Channel,
    repository: &Repository,
    updates: &[RefUpdate],
    options: &PushOptions,
    shown: &str,
) -> Result<PushOutcome, SourceError> {
    let refs = RemoteRefs::parse(&channel.refs, shown)?;
    if let Some(moved) = updates.iter().find(|update| refs.get(&update.name) != update.old) {
        channel.leave();
        return Ok(PushOutcome::Contended { said: format!("`{}` has moved", foreign(&moved.name)) });
    }
    if !refs.can("report-status") {
        let message = format!("{shown} does not tell what becomes of a push (no `report-status`)");
        return Err(SourceError::world(MALFORMED, message));
    }
    let request = request(&refs, repository, updates, options)
        .map_err(|error| SourceError::world(UNREACHABLE, format!("{shown}: {}", foreign(error.message()))))?;
    let mut answer = channel.ask(&request)?;
    let report = Report::read(&mut answer, refs.can("side-band-64k"))
        .map_err(|error| SourceError::world(UNREACHABLE, format!("{shown}: {}", foreign(&error.to_string()))))?;
    Ok(report.outcome(updates))
}

/// Whether a server moves several refs in one step.
pub(super) fn is_atomic(channel: &Channel, shown: &str) -> Result<bool, SourceError> {
    RemoteRefs::parse(&channel.refs, shown).map(|refs| refs.can("atomic"))
}

fn request(
    refs: &RemoteRefs,
    repository: &Repository,
    updates: &[RefUpdate],
    options: &PushOptions,
) -> Result<Vec<u8>, git2::Error> {
    let with_options = !options.words.is_empty() && refs.can("push-options");
    let wishes = [
        ("report-status", true),
        ("side-band-64k", refs.can("side-band-64k")),
        ("atomic", updates.len() > 1 && refs.can("atomic")),
        ("push-options", with_options),
        ("delete-refs", refs.can("delete-refs") && updates.iter().any(|update| update.new.is_none())),
    ];
    let mut capabilities: Vec<String> =
        wishes.iter().filter(|(_, wanted)| *wanted).map(|(name, _)| (*name).to_owned()).collect();
    capabilities.push(format!("agent={AGENT}"));
    let mut out = Vec::new();
    let id = |id: Option<Oid>| id.map_or_else(|| NOTHING.to_owned(), |id| id.to_string());
    for (at, update) in updates.iter().enumerate() {
        let mut line = format!("{} {} {}", id(update.old), id(update.new), update.name);
        if at == 0 {
            line.push('\0');
            line.push_str(&capabilities.join(" "));
        }
        packets::line(&mut out, line.as_bytes());
    }
    packets::flush(&mut out);
    if with_options {
        options.words.iter().for_each(|word| packets::line(&mut out, word.as_bytes()));
        packets::flush(&mut out);
    }
    let wanted: Vec<Oid> = updates.iter().filter_map(|update| update.new).collect();
    if !wanted.is_empty() {
        let known: HashSet<Oid> = refs.iter().map(|(_, id)| id).collect();
        let objects = objects::missing(repository, &wanted, &known)?;
        let odb = repository.odb()?;
        pack_objects(&mut out, &objects, |id| {
            let object = odb.read(*id)?;
            Ok::<_, git2::Error>((object.kind(), object.data().to_vec()))
        })?;
    }
    Ok(out)
}

/// What a server says about a push.
#[derive(Debug, Default, PartialEq, Eq)]
struct Report {
    /// Whether the objects arrived.
    unpacked: bool,
    /// The refs that were moved.
    moved: Vec<String>,
    /// Those that were not, and why.
    refused: Vec<(String, String)>,
    /// What the server and its hooks said for people.
    said: String,
}

impl Report {
    fn read(answer: &mut impl Read, banded: bool) -> std::io::Result<Self> {
        let mut report = Self::default();
        let mut lines = Vec::new();
        loop {
            match packets::read(answer)? {
                // Without bands the report itself ends with a flush.
                Packet::Flush | Packet::End => break,
                Packet::Line(line) if banded => match line.split_first() {
                    Some((1, part)) => lines.extend_from_slice(part),
                    Some((2 | 3, words)) => report.hear(words),
                    _ => {}
                },
                Packet::Line(line) => packets::line(&mut lines, &line),
            }
        }
        let mut lines = &lines[..];
        while let Packet::Line(line) = packets::read(&mut lines)? {
            let line = String::from_utf8_lossy(&line);
            let line = line.trim_end();
            if let Some(how) = line.strip_prefix("unpack ") {
                report.unpacked = how == "ok";
                if !report.unpacked {
                    report.hear(format!("unpack: {how}\n").as_bytes());
                }
            } else if let Some(name) = line.strip_prefix("ok ") {
                report.moved.push(name.to_owned());
            } else if let Some((name, why)) = line.strip_prefix("ng ").and_then(|rest| rest.split_once(' ')) {
                report.refused.push((name.to_owned(), why.to_owned()));
            }
        }
        Ok(report)
    }

    fn hear(&mut self, words: &[u8]) {
        if self.said.len() < MAX_SAID {
            self.said.push_str(&String::from_utf8_lossy(words));
        }
    }

    fn outcome(self, updates: &[RefUpdate]) -> PushOutcome {
        if self.unpacked && updates.iter().all(|update| self.moved.contains(&update.name)) {
            return PushOutcome::Pushed;
        }
        let mut lines: Vec<String> =
            self.said.split(['\n', '\r']).map(foreign).filter(|line| !line.is_empty()).collect();
        lines.extend(self.refused.iter().map(|(name, why)| format!("{}: {}", foreign(name), foreign(why))));
        let said = lines.join("\n");
        if is_contention(&said) {
            return PushOutcome::Contended { said };
        }
        // With one step for all, the others are refused because of one.
        let refs = self.refused.into_iter().filter(|(_, why)| !why.contains("atomic")).map(|(name, _)| name);
        PushOutcome::Refused(Refusal { refs: refs.collect(), said })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(lines: &[(u8, &str)]) -> Report {
        let mut inner = Vec::new();
        let mut out = Vec::new();
        for (band, text) in lines {
            match band {
                1 => packets::line(&mut inner, text.as_bytes()),
                band => packets::line(&mut out, &[&[*band], text.as_bytes()].concat()),
            }
        }
        packets::flush(&mut inner);
        packets::line(&mut out, &[&[1], inner.as_slice()].concat());
        packets::flush(&mut out);
        Report::read(&mut &out[..], true).unwrap()
    }

    fn update(name: &str) -> RefUpdate {
        RefUpdate { name: name.to_owned(), old: None, new: None }
    }

    #[test]
    fn all_refs_must_have_moved() {
        let both = [update("refs/heads/a"), update("refs/heads/b")];
        let report = |second| report(&[(1, "unpack ok\n"), (1, "ok refs/heads/a\n"), (1, second)]);
        assert_eq!(report("ok refs/heads/b\n").outcome(&both), PushOutcome::Pushed);
        let PushOutcome::Refused(refusal) = report("ng refs/heads/b pre-receive hook declined\n").outcome(&both) else {
            panic!("not refused")
        };
        assert_eq!(refusal.refs, ["refs/heads/b"]);
        assert_eq!(refusal.said, "refs/heads/b: pre-receive hook declined");
    }

    #[test]
    fn words_of_hooks_are_told_and_those_of_a_race_understood() {
        let said = [(2, "GL-HOOK-ERR: \u{1b}[31mno\n"), (1, "unpack ok\n"), (1, "ng refs/heads/a hook declined\n")];
        let PushOutcome::Refused(refusal) = report(&said).outcome(&[update("refs/heads/a")]) else {
            panic!("not refused")
        };
        assert_eq!(refusal.said, "GL-HOOK-ERR: \\u{1b}[31mno\nrefs/heads/a: hook declined");
        let raced = report(&[(1, "unpack ok\n"), (1, "ng refs/heads/a incorrect old value provided\n")]);
        assert!(matches!(raced.outcome(&[update("refs/heads/a")]), PushOutcome::Contended { .. }));
        let broken = report(&[(1, "unpack index-pack abnormal exit\n"), (1, "ng refs/heads/a unpacker error\n")]);
        assert!(matches!(broken.outcome(&[update("refs/heads/a")]), PushOutcome::Refused(_)));
    }
}
