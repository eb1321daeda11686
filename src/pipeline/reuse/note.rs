use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::render::{UnitKey, UnitMessage};
use crate::source::{Digest, DiskFolder, Observed, Packer, Question, Trace, Unpacker};

/// More questions than this are not remembered: then targets are planned each time, and their units
/// reused one by one.
const MOST_QUESTIONS: usize = 2_000;

/// How a target came to be.
#[derive(Clone, Debug)]
pub struct TargetNote {
    /// Under which condition all of it stands; `None` when units must be looked at.
    pub whole: Option<Whole>,
    /// How many components were rendered for it.
    pub rendered: usize,
    /// Which custom kinds were cluster-scoped when namespaces were put in.
    pub scopes: Option<Digest>,
    /// Its units, as far as they are remembered.
    pub units: Vec<UnitNote>,
}

/// When a whole target stands.
#[derive(Clone, Debug)]
pub struct Whole {
    /// The digest of what was asked for and of what all targets share.
    pub key: Digest,
    /// What planning asked of the disk.
    pub trace: Trace,
}

/// How the files of a unit came to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitNote {
    /// Its address.
    pub address: String,
    /// A digest of everything that determines its documents.
    pub key: UnitKey,
    /// A digest of what else determines its files: where they are, and what is put into them.
    pub placing: Digest,
    /// What its chart asked.
    pub asked: Option<AskedNote>,
    /// Whether it has a file of its own, and one of custom resource definitions.
    pub has_main: bool,
    /// Whether it has a file of custom resource definitions.
    pub has_crds: bool,
    /// Groups and kinds that it declares outside of namespaces.
    pub declared: Vec<(String, String)>,
    /// Which of its overrides of images met one.
    pub met: Vec<bool>,
    /// What was said about it.
    pub messages: Vec<UnitMessage>,
}

/// Questions of a chart, and what was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AskedNote {
    /// What the release depends on besides.
    pub frame: Digest,
    /// The questions, by the name of their [piece](crate::output::Pieces).
    pub questions: Digest,
    /// The digest of the answers.
    pub answers: Digest,
}

impl TargetNote {
    /// Writes it. Paths below `base` are kept as seen from there.
    pub fn pack(&self, base: &Path) -> Vec<u8> {
        let mut out = Packer::default();
        out.number(self.rendered as u64);
        out.maybe(self.scopes, |out, scopes| out.digest(&scopes));
        let whole = self.whole.as_ref().and_then(|whole| Some((whole.key, pack_trace(&whole.trace, base)?)));
        out.maybe(whole, |out, (key, trace)| {
            out.digest(&key);
            out.bytes(&trace);
        });
        out.list(self.units.iter(), |out, unit| unit.pack(out));
        out.finish()
    }

    /// Reads it.
    pub fn unpack(bytes: &[u8], base: &Path) -> Option<Self> {
        let mut from = Unpacker::new(bytes);
        let rendered = usize::try_from(from.number()?).ok()?;
        let scopes = from.maybe(Unpacker::digest)?;
        let whole = from.maybe(|from| {
            let key = from.digest()?;
            Some(Whole { key, trace: unpack_trace(from.bytes()?, base)? })
        })?;
        let units = from.list(UnitNote::unpack)?;
        from.end()?;
        Some(Self { whole, rendered, scopes, units })
    }
}

impl UnitNote {
    fn pack(&self, out: &mut Packer) {
        out.text(&self.address);
        out.digest(&self.key.0);
        out.digest(&self.placing);
        out.maybe(self.asked, |out, asked| {
            out.digest(&asked.frame);
            out.digest(&asked.questions);
            out.digest(&asked.answers);
        });
        out.number(self.has_main.into());
        out.number(self.has_crds.into());
        out.list(self.declared.iter(), |out, (group, kind)| {
            out.text(group);
            out.text(kind);
        });
        out.list(self.met.iter(), |out, met| out.number((*met).into()));
        out.list(self.messages.iter(), |out, message| message.pack(out));
    }

    fn unpack(from: &mut Unpacker<'_>) -> Option<Self> {
        Some(Self {
            address: from.text()?.to_owned(),
            key: UnitKey(from.digest()?),
            placing: from.digest()?,
            asked: from.maybe(|from| {
                let frame = from.digest()?;
                Some(AskedNote { frame, questions: from.digest()?, answers: from.digest()? })
            })?,
            has_main: from.flag()?,
            has_crds: from.flag()?,
            declared: from.list(|from| Some((from.text()?.to_owned(), from.text()?.to_owned())))?,
            met: from.list(Unpacker::flag)?,
            messages: from.list(UnitMessage::unpack)?,
        })
    }
}

/// A trace as bytes; `None` when it is too long, or a path is no text.
fn pack_trace(trace: &Trace, base: &Path) -> Option<Vec<u8>> {
    if trace.len() > MOST_QUESTIONS {
        return None;
    }
    let mut folders: Vec<&DiskFolder> = Vec::new();
    let mut places: HashMap<&DiskFolder, usize> = HashMap::new();
    for asked in trace {
        places.entry(&asked.folder).or_insert_with(|| {
            folders.push(&asked.folder);
            folders.len() - 1
        });
    }
    let mut out = Packer::default();
    out.number(folders.len() as u64);
    for folder in folders {
        let below = folder.root.strip_prefix(base).ok();
        out.number(below.is_some().into());
        out.text(below.unwrap_or(&folder.root).to_str()?);
        out.number(folder.shares_charts.into());
    }
    out.list(trace.iter(), |out, asked| {
        out.number(places[&*asked.folder] as u64);
        out.text(&asked.path);
        let (kind, most) = match asked.question {
            Question::Kind => (0, 0),
            Question::Content => (1, 0),
            Question::ContentUpTo(most) => (2, most),
            Question::Entries => (3, 0),
        };
        out.number(kind);
        out.number(most);
        out.digest(&asked.answer);
    });
    Some(out.finish())
}

fn unpack_trace(bytes: &[u8], base: &Path) -> Option<Trace> {
    let mut from = Unpacker::new(bytes);
    let folders = from.list(|from| {
        let is_below = from.flag()?;
        let path = Path::new(from.text()?);
        let root: PathBuf = match is_below {
            true => base.components().chain(path.components()).collect(),
            false => path.to_owned(),
        };
        Some(Arc::new(DiskFolder { root, shares_charts: from.flag()? }))
    })?;
    let trace = from.list(|from| {
        let folder = Arc::clone(folders.get(usize::try_from(from.number()?).ok()?)?);
        let path = from.text()?.to_owned();
        let question = match (from.number()?, from.number()?) {
            (0, _) => Question::Kind,
            (1, _) => Question::Content,
            (2, most) => Question::ContentUpTo(most),
            (3, _) => Question::Entries,
            _ => return None,
        };
        Some(Arc::new(Observed { folder, path, question, answer: from.digest()? }))
    })?;
    from.end()?;
    Some(trace)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note() -> TargetNote {
        let digest = |text: &str| Digest::of(text.as_bytes());
        let asked = |root: &str, path: &str, question| {
            let folder = Arc::new(DiskFolder { root: PathBuf::from(root), shares_charts: false });
            Arc::new(Observed { folder, path: path.to_owned(), question, answer: digest(path) })
        };
        let trace = vec![
            asked("project", "a", Question::Kind),
            asked("project/below", "b", Question::ContentUpTo(7)),
            asked("/else/where", "", Question::Entries),
        ];
        let unit = UnitNote {
            address: "a/b".to_owned(),
            key: UnitKey(digest("k")),
            placing: digest("p"),
            asked: Some(AskedNote { frame: digest("f"), questions: digest("q"), answers: digest("a") }),
            has_main: true,
            has_crds: false,
            declared: vec![("g".to_owned(), "K".to_owned())],
            met: vec![true],
            messages: Vec::new(),
        };
        TargetNote {
            whole: Some(Whole { key: digest("w"), trace }),
            rendered: 3,
            scopes: Some(digest("s")),
            units: vec![unit],
        }
    }

    #[test]
    fn notes_survive_their_bytes_wherever_the_project_is() {
        let bytes = note().pack(Path::new("project"));
        let read = |base: &str| TargetNote::unpack(&bytes, Path::new(base)).unwrap();
        assert_eq!(format!("{:?}", read("project")), format!("{:?}", note()));
        let roots = |note: TargetNote| -> Vec<PathBuf> {
            note.whole.unwrap().trace.iter().map(|asked| asked.folder.root.clone()).collect()
        };
        assert_eq!(roots(read("/new")), ["/new", "/new/below", "/else/where"].map(PathBuf::from));
        for end in 0..bytes.len() {
            assert!(TargetNote::unpack(&bytes[..end], Path::new("x")).is_none(), "{end}");
        }
    }

    #[test]
    fn long_traces_are_not_kept() {
        let mut long = note();
        let whole = long.whole.as_mut().unwrap();
        whole.trace = whole.trace.iter().cycle().take(MOST_QUESTIONS + 1).cloned().collect();
        let read = TargetNote::unpack(&long.pack(Path::new("x")), Path::new("x")).unwrap();
        assert!(read.whole.is_none());
        assert_eq!(read.units, long.units);
    }
}
