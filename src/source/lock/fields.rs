use super::ALGORITHM;
use super::document::{RESTORE, Refusal};
use crate::diag::{Diagnostic, nearest};
use crate::source::error::foreign;
use crate::yaml::{Node, NodeKind};

/// The longest text that a field holds.
const MAX_TEXT_BYTES: usize = 16 * 1024;

type Result<T> = std::result::Result<T, Diagnostic>;

/// The fields of a map in the lock. Each is taken once; what is left over nobody knows.
pub(super) struct Fields<'a> {
    refusal: Refusal<'a>,
    /// The map, for what is missing in it.
    node: &'a Node,
    /// What the map is, in words.
    what: &'a str,
    entries: Vec<(&'a str, &'a Node, &'a Node)>,
    asked: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    /// The fields of a map; a key that stands twice is refused.
    pub(super) fn of(node: &'a Node, what: &'a str, refusal: Refusal<'a>) -> Result<Self> {
        let Some(map) = node.as_map() else {
            return Err(refusal.damaged(node, &format!("{what} must be a map")));
        };
        let mut entries: Vec<(&str, &Node, &Node)> = Vec::with_capacity(map.len());
        for (key, value) in map {
            let Some(name) = key.as_str() else {
                return Err(refusal.damaged(key, &format!("a key of {what} is no text")));
            };
            if entries.iter().any(|(known, ..)| *known == name) {
                return Err(refusal.damaged(key, &format!("the key `{}` stands twice, a duplicate", foreign(name))));
            }
            entries.push((name, key, value));
        }
        Ok(Self { refusal, node, what, entries, asked: Vec::new() })
    }

    /// The first key.
    pub(super) fn first(&self) -> Option<(&'a str, &'a Node)> {
        self.entries.first().map(|(name, key, _)| (*name, *key))
    }

    /// Takes a field that may be absent.
    pub(super) fn maybe(&mut self, key: &'static str) -> Option<&'a Node> {
        self.asked.push(key);
        let at = self.entries.iter().position(|(name, ..)| *name == key)?;
        Some(self.entries.remove(at).2)
    }

    /// Takes a field.
    pub(super) fn need(&mut self, key: &'static str) -> Result<&'a Node> {
        self.maybe(key).ok_or_else(|| {
            let first = self.node.start as usize..self.node.start as usize;
            let what = format!("is corrupt: {} has no `{key}`", self.what);
            self.refusal.say(first, &what).help(RESTORE)
        })
    }

    /// Takes a text that may be absent.
    pub(super) fn maybe_text(&mut self, key: &'static str) -> Result<Option<(String, &'a Node)>> {
        let Some(node) = self.maybe(key) else { return Ok(None) };
        self.text_of(key, node).map(|text| Some((text, node)))
    }

    /// Takes a text.
    pub(super) fn text(&mut self, key: &'static str) -> Result<(String, &'a Node)> {
        let node = self.need(key)?;
        Ok((self.text_of(key, node)?, node))
    }

    /// Takes a list of texts.
    pub(super) fn texts(&mut self, key: &'static str) -> Result<Vec<String>> {
        let node = self.need(key)?;
        let Some(items) = node.as_seq() else {
            return Err(self.refusal.damaged(node, &format!("`{key}` must be a list")));
        };
        items.iter().map(|item| self.text_of(key, item)).collect()
    }

    /// Takes a digest, `sha256:HEX`; gives the hex digits. Digests become file names in the store, so
    /// they must be what they claim to be.
    pub(super) fn digest(&mut self, key: &'static str) -> Result<String> {
        let (text, node) = self.text(key)?;
        self.digest_of(&text, node)
    }

    /// Takes a digest that may be absent.
    pub(super) fn maybe_digest(&mut self, key: &'static str) -> Result<Option<String>> {
        let Some((text, node)) = self.maybe_text(key)? else { return Ok(None) };
        self.digest_of(&text, node).map(Some)
    }

    /// Takes the id of a git object.
    pub(super) fn id(&mut self, key: &'static str) -> Result<String> {
        let (text, node) = self.text(key)?;
        if is_hex(&text, 40) {
            return Ok(text);
        }
        let what = format!("`{}` is not a {key} id of 40 lower-case hex digits", foreign(&text));
        Err(self.refusal.damaged(node, &what))
    }

    /// Refuses what was not taken.
    pub(super) fn finish(self) -> Result<()> {
        let Some((name, key, _)) = self.entries.first() else { return Ok(()) };
        let what = format!("is corrupt: {} has no field `{}`", self.what, foreign(name));
        let problem = self.refusal.say(key.start as usize..key.end as usize, &what);
        Err(match nearest(name, self.asked.iter().copied()) {
            Some(near) => problem.help(format!("did you mean `{near}`?")),
            None => problem.help(RESTORE),
        })
    }

    fn text_of(&self, key: &str, node: &Node) -> Result<String> {
        let text = match &node.kind {
            NodeKind::Scalar { text, .. } if !node.is_null() => text,
            _ => return Err(self.refusal.damaged(node, &format!("`{key}` must be a text"))),
        };
        if text.is_empty() || text.len() > MAX_TEXT_BYTES || text.chars().any(char::is_control) {
            let what = format!("`{key}` is empty, too long, or holds a control character");
            return Err(self.refusal.damaged(node, &what));
        }
        Ok(text.to_string())
    }

    fn digest_of(&self, text: &str, node: &Node) -> Result<String> {
        let Some(hex) = text.strip_prefix(ALGORITHM) else {
            let what = match text.split_once(':') {
                Some((algorithm, _)) => {
                    format!("the digest algorithm `{}` is not supported, only sha256 is", foreign(algorithm))
                }
                None => format!("`{}` names no digest algorithm; a digest reads `sha256:HEX`", foreign(text)),
            };
            return Err(self.refusal.damaged(node, &what));
        };
        if is_hex(hex, 64) {
            return Ok(hex.to_owned());
        }
        let what = format!("`{}` is not a sha256 digest of 64 lower-case hex digits", foreign(text));
        Err(self.refusal.damaged(node, &what))
    }
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
