use std::collections::BTreeMap;

use git2::{Oid, Repository};

use super::packets::{self, Packet};
use crate::source::error::{MALFORMED, SourceError, UNREACHABLE, foreign};

/// The refs of a repository, and what its server can do.
#[derive(Clone, Debug, Default)]
pub struct RemoteRefs {
    refs: BTreeMap<String, Oid>,
    capabilities: Vec<String>,
}

impl RemoteRefs {
    /// What a ref points at.
    pub fn get(&self, name: &str) -> Option<Oid> {
        self.refs.get(name).copied()
    }

    /// Full names and what they point at.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Oid)> {
        self.refs.iter().map(|(name, id)| (name.as_str(), *id))
    }

    /// Whether the server can do something.
    pub(super) fn can(&self, what: &str) -> bool {
        self.capabilities.iter().any(|capability| capability == what)
    }

    /// Those of a repository on this machine.
    pub(super) fn of(repository: &Repository) -> Result<Self, git2::Error> {
        let mut refs = BTreeMap::new();
        for reference in repository.references()? {
            let reference = reference?;
            if let (Ok(name), Some(id)) = (reference.name(), reference.target()) {
                refs.insert(name.to_owned(), id);
            }
        }
        Ok(Self { refs, capabilities: Vec::new() })
    }

    /// Reads the list that a service begins with.
    pub(super) fn parse(text: &[u8], shown: &str) -> Result<Self, SourceError> {
        let malformed = |what: &str| {
            SourceError::world(MALFORMED, format!("{shown} does not speak the git protocol: {}", foreign(what)))
        };
        let mut found = Self::default();
        let mut stream = text;
        let mut is_first = true;
        loop {
            let packet = packets::read(&mut stream).map_err(|error| malformed(&error.to_string()))?;
            let line = match packet {
                Packet::Line(line) => line,
                // Over http a first list holds the name of the service only.
                Packet::Flush if is_first => continue,
                Packet::Flush | Packet::End => return Ok(found),
            };
            if line.starts_with(b"# service=") {
                continue;
            }
            let line = String::from_utf8_lossy(&line);
            let line = line.trim_end_matches('\n');
            if let Some(words) = line.strip_prefix("ERR ") {
                return Err(SourceError::world(UNREACHABLE, format!("{shown}: {}", foreign(words))));
            }
            let (line, capabilities) = line.split_once('\0').unwrap_or((line, ""));
            if is_first {
                found.capabilities = capabilities.split_whitespace().map(str::to_owned).collect();
                is_first = false;
            }
            let (id, name) = line.split_once(' ').ok_or_else(|| malformed(line))?;
            // Commits on the edge of a shallow repository, and those that others share.
            if id == "shallow" || name == ".have" || name == "capabilities^{}" || name.ends_with("^{}") {
                continue;
            }
            let id = Oid::from_str(id).map_err(|_| malformed(line))?;
            found.refs.insert(name.to_owned(), id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(lines: &[&str]) -> Vec<u8> {
        let mut out = Vec::new();
        lines.iter().for_each(|line| match *line {
            "" => packets::flush(&mut out),
            line => packets::line(&mut out, line.as_bytes()),
        });
        out
    }

    #[test]
    fn lists_are_read_with_what_the_server_can_do() {
        let one = "1".repeat(40);
        let first = format!("{one} refs/heads/main\0report-status atomic agent=git/2\n");
        let peeled = format!("{} refs/tags/v1^{{}}\n", "2".repeat(40));
        let refs = RemoteRefs::parse(&text(&["# service=git-receive-pack\n", "", &first, &peeled, ""]), "r").unwrap();
        assert_eq!(refs.get("refs/heads/main").unwrap().to_string(), one);
        assert_eq!(refs.iter().count(), 1);
        assert!(refs.can("atomic") && !refs.can("push-options"));
    }

    #[test]
    fn an_empty_repository_has_no_refs_and_a_refusal_is_told() {
        let none = format!("{} capabilities^{{}}\0report-status\n", "0".repeat(40));
        let refs = RemoteRefs::parse(&text(&[&none, ""]), "r").unwrap();
        assert!(refs.iter().next().is_none() && refs.can("report-status"));
        let error = RemoteRefs::parse(&text(&["ERR access denied\n"]), "r").unwrap_err();
        assert_eq!(error.message, "r: access denied");
    }
}
