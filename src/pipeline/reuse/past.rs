use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::note::{AskedNote, Whole};
use super::{Ground, Kept, Made, TargetNote, UnitNote};
use crate::diag::{Diagnostic, Sink};
use crate::helm::Questions;
use crate::k8s::Scopes;
use crate::output::{OutputSet, Pieces, Record, Standing, Target};
use crate::render::{BUILD, Context, Engine, RenderUnit, Rendered, UnitKey, UnitMessage, answers, frame_of_release};
use crate::source::{Digest, Digester, Recheck, Trace};
use crate::stack::{Graph, Reading};

/// What becomes of what earlier runs recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReuseMode {
    /// It is used where it holds.
    #[default]
    Use,
    /// It is not looked at, but recorded anew.
    Renew,
}

/// What earlier runs made below a root of generated trees, and what this one records for later ones.
pub struct Reuse {
    reads: bool,
    writes: bool,
    project: PathBuf,
    grounds: Vec<Ground>,
    pieces: Pieces,
    questions: Mutex<HashMap<Digest, Option<Arc<Questions>>>>,
    /// Answers of the disk when the run began, and when it had planned.
    before: Recheck,
    after: Recheck,
    units: AtomicUsize,
}

/// What is recorded of a target.
pub struct Past {
    record: Record,
    note: TargetNote,
    /// The places of units in the note, by address.
    units: HashMap<String, usize>,
}

impl Past {
    /// Which custom kinds were cluster-scoped when namespaces were put in.
    pub fn scopes(&self) -> Option<Digest> {
        self.note.scopes
    }

    /// How many components were rendered for the target.
    pub fn rendered(&self) -> usize {
        self.note.rendered
    }
}

impl Reuse {
    /// What may be reused below `root`, on these grounds.
    pub fn new(root: &Path, project: &Path, mode: ReuseMode, dry_run: bool, grounds: Vec<Ground>) -> Self {
        Self { reads: mode == ReuseMode::Use, writes: !dry_run, grounds, ..Self::none(root, project) }
    }

    /// Nothing is reused or recorded.
    pub fn none(root: &Path, project: &Path) -> Self {
        Self {
            reads: false,
            writes: false,
            project: project.to_owned(),
            grounds: Vec::new(),
            pieces: Pieces::below(root),
            questions: Mutex::default(),
            before: Recheck::default(),
            after: Recheck::default(),
            units: AtomicUsize::new(0),
        }
    }

    /// Whether units are to tell what they asked.
    pub fn records(&self) -> bool {
        self.writes
    }

    /// The digest of what all targets of a stack share, if anything is reused or recorded.
    pub fn ground(&self, graph: &Graph) -> Option<Digest> {
        let place = std::ptr::from_ref(graph).addr();
        self.grounds.iter().find(|ground| ground.graph == place).map(|ground| ground.digest)
    }

    /// How many units stood as an earlier run wrote them.
    pub fn count(&self) -> usize {
        self.units.load(Ordering::Relaxed)
    }

    /// What is recorded of a target.
    pub fn past(&self, target: &Target) -> Option<Past> {
        let record = if self.reads { target.last_record(BUILD)? } else { return None };
        let note = TargetNote::unpack(record.note(), &self.project)?;
        let units = note.units.iter().enumerate().map(|(at, unit)| (unit.address.clone(), at)).collect();
        Some(Past { record, note, units })
    }

    /// Whether a target stands as it would be written for a request of this key.
    pub fn whole(&self, target: &Target, past: &Past, key: Digest) -> Option<Standing> {
        let whole = past.note.whole.as_ref().filter(|whole| whole.key == key)?;
        if !whole.trace.iter().all(|asked| self.before.holds(asked)) {
            return None;
        }
        let standing = target.stands(&past.record)?;
        self.units.fetch_add(past.note.rendered, Ordering::Relaxed);
        Some(standing)
    }

    /// Keeps the record of a target that stands, if a new one makes the next run faster.
    pub fn keep_standing(&self, target: &Target, past: &Past, standing: &Standing) {
        if self.writes && standing.was_read {
            let _ = target.keep(past.record.clone(), BUILD);
        }
    }

    /// The files of a unit as an earlier run wrote them, if it would write them again. What was said then
    /// is said again.
    pub fn unit(
        &self,
        target: &Target,
        past: &Past,
        unit: &RenderUnit,
        context: &Context,
        key: UnitKey,
        sink: &mut Sink,
    ) -> Option<Made> {
        let note = self.standing_note(past, unit, context, key)?;
        let content = |has: bool, path: &str| match has {
            true => target.content(&past.record, path).map(Some),
            false => Some(None),
        };
        let files = Kept { main: content(note.has_main, &unit.output)?, crds: content(note.has_crds, &unit.crds())? };
        note.messages.iter().for_each(|message| sink.push(message.told(unit)));
        self.units.fetch_add(1, Ordering::Relaxed);
        Some(Made::Old { files, note: UnitNote { key, ..note.clone() } })
    }

    /// Whether the files of a unit stand, unless somebody changed them.
    pub fn may_stand(&self, past: &Past, unit: &RenderUnit, context: &Context, key: UnitKey) -> bool {
        self.standing_note(past, unit, context, key).is_some()
    }

    /// What is remembered of a unit that would give the same again.
    fn standing_note<'p>(
        &self,
        past: &'p Past,
        unit: &RenderUnit,
        context: &Context,
        key: UnitKey,
    ) -> Option<&'p UnitNote> {
        let note = &past.note.units[*past.units.get(&*unit.address)?];
        let is_same =
            || note.key == key || note.asked.is_some_and(|asked| self.gets_same_answers(unit, context, &asked));
        (note.placing == placing(unit, context.reading) && is_same()).then_some(note)
    }

    fn gets_same_answers(&self, unit: &RenderUnit, context: &Context, asked: &AskedNote) -> bool {
        frame_of_release(unit, context) == Some(asked.frame)
            && self
                .questions(&asked.questions)
                .is_some_and(|questions| answers(unit, context, &questions) == Some(asked.answers))
    }

    fn questions(&self, name: &Digest) -> Option<Arc<Questions>> {
        let lock = || self.questions.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().get(name) {
            return known.clone();
        }
        let read = self.pieces.get(name).and_then(|bytes| Questions::unpack(&bytes)).map(Arc::new);
        lock().insert(*name, read.clone());
        read
    }

    /// One of the units that stood is rendered all the same.
    pub fn take_back(&self) {
        self.units.fetch_sub(1, Ordering::Relaxed);
    }

    /// What is to be remembered of a unit that was rendered; `None` when that is not possible.
    pub fn note(
        &self,
        unit: &RenderUnit,
        context: &Context,
        key: Option<UnitKey>,
        rendered: &Rendered,
        messages: &[Diagnostic],
    ) -> Option<UnitNote> {
        let key = key.filter(|_| self.writes)?;
        let messages = UnitMessage::all_of(messages, unit)?;
        let mut scopes = Scopes::default();
        let bundle = &rendered.bundle;
        bundle.crds.iter().chain(&bundle.objects).for_each(|object| scopes.learn(object));
        let asked = rendered.asked.as_ref().and_then(|asked| {
            let frame = frame_of_release(unit, context)?;
            Some(AskedNote { frame, questions: self.pieces.put(&asked.questions), answers: asked.answers })
        });
        Some(UnitNote {
            address: unit.address.to_string(),
            key,
            placing: placing(unit, context.reading),
            asked,
            has_main: false,
            has_crds: false,
            declared: scopes.declared(),
            met: Vec::new(),
            messages,
        })
    }

    /// The record of a target whose units were made. `whole` is under which condition all of it stands,
    /// unless there were messages.
    pub fn record(
        &self,
        target: &Target,
        units: &[RenderUnit],
        made: &[Made],
        scopes: Option<Digest>,
        files: &OutputSet,
        whole: Option<(Digest, Trace)>,
    ) -> Option<Record> {
        if !self.writes {
            return None;
        }
        let is_made = |unit: &RenderUnit| !matches!(unit.engine, Engine::Container);
        let mut notes = Vec::with_capacity(units.len());
        for (unit, made) in units.iter().zip(made) {
            let Some(note) = made.note().filter(|_| is_made(unit)) else { continue };
            let has = |path: &str| !unit.shadowed && files.get(path).is_some();
            notes.push(UnitNote { has_main: has(&unit.output), has_crds: has(&unit.crds()), ..note.clone() });
        }
        let rendered = units.iter().filter(|unit| is_made(unit)).count();
        let is_known = notes.len() == rendered && notes.iter().all(|note| note.messages.is_empty());
        // What was asked while planning may have changed since, and then nobody knows which answer counted.
        let whole = whole
            .filter(|(_, trace)| is_known && trace.iter().all(|asked| self.after.holds(asked)))
            .map(|(key, trace)| Whole { key, trace });
        let note = TargetNote { whole, rendered, scopes, units: notes };
        Some(target.new_record(files, note.pack(&self.project)))
    }

    /// Keeps the record of a target that was written.
    pub fn keep(&self, target: &Target, record: Record) {
        self.pieces.write();
        // Without it the next run renders what it could have reused.
        let _ = target.keep(record, BUILD);
    }

    /// Ends the run.
    pub fn end(&self) {
        if self.writes {
            self.pieces.tidy();
        }
    }
}

/// What determines a unit's files besides its documents.
fn placing(unit: &RenderUnit, reading: Reading) -> Digest {
    let mut placing = Digester::new("placing");
    placing.text(&unit.output);
    placing.number(unit.shadowed.into());
    placing.number(reading.is_strict().into());
    placing.maybe(unit.scope.inject_namespace());
    placing.finish()
}

/// A digest of the custom kinds that are cluster-scoped.
pub fn digest_of_scopes(scopes: &Scopes) -> Digest {
    let mut digest = Digester::new("scopes");
    for (group, kind) in scopes.declared() {
        digest.text(&group);
        digest.text(&kind);
    }
    digest.finish()
}
