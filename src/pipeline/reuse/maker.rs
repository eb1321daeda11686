use super::{Made, Reuse};
use crate::diag::{Reported, Sink};
use crate::pipeline::stages::{Crew, Job};
use crate::render::{Context, RenderUnit, Repeats, UnitKey};

/// Makes units in the cheapest way that gives the same.
#[derive(Clone, Copy)]
pub struct Maker<'a> {
    /// What earlier runs made.
    pub reuse: &'a Reuse,
    /// What this run made for other targets.
    pub repeats: &'a Repeats,
    /// Whether hooks may change files between units: then nothing is known beforehand.
    pub sequential: bool,
}

impl Maker<'_> {
    /// The files of a unit as they stand, or else its documents.
    pub fn make(&self, job: Job<'_>, sink: &mut Sink) -> Result<Made, Reported> {
        let Job { unit, context, past } = job;
        let key = self.key(unit, context);
        let old =
            past.zip(key).and_then(|((target, past), key)| self.reuse.unit(target, past, unit, context, key, sink));
        match old {
            Some(old) => Ok(old),
            None => self.render(unit, context, key, sink),
        }
    }

    /// Tells the cache, where there is one, what it will be asked for when these are made.
    pub fn expect(&self, jobs: &[Job<'_>], crew: &Crew) {
        if !self.repeats.asks() {
            return;
        }
        let wanted = crew.each(jobs.to_vec(), |job| {
            let Job { unit, context, past } = job;
            let key = self.key(unit, context)?;
            let may_stand = past.is_some_and(|(_, past)| self.reuse.may_stand(past, unit, context, key));
            (!may_stand).then_some((unit, key))
        });
        self.repeats.expect(wanted.into_iter().flatten());
    }

    /// The documents of a unit, whatever stands on disk.
    pub fn render_anew(&self, unit: &RenderUnit, context: &Context, sink: &mut Sink) -> Result<Made, Reported> {
        self.reuse.take_back();
        self.render(unit, context, self.key(unit, context), sink)
    }

    fn key(&self, unit: &RenderUnit, context: &Context) -> Option<UnitKey> {
        if self.sequential { None } else { UnitKey::of(unit, context) }
    }

    fn render(
        &self,
        unit: &RenderUnit,
        context: &Context,
        key: Option<UnitKey>,
        sink: &mut Sink,
    ) -> Result<Made, Reported> {
        let mut own = Sink::new();
        let rendered = self.repeats.render(unit, context, key, self.reuse.records(), &mut own);
        let made = rendered.map(|rendered| {
            let note = self.reuse.note(unit, context, key, &rendered, own.diagnostics());
            Made::New { bundle: rendered.bundle, note }
        });
        sink.append(own);
        made
    }
}
