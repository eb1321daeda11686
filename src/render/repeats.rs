use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::diag::{Reported, Sink};

use super::{Context, Done, Engine, RenderUnit, Rendered, UnitKey, render_as};

/// How many results of one component are kept: clusters differ by stage or region where components do
/// not differ by cluster.
const MOST_KEPT: usize = 16;

/// Results that outlive the run, kept by whoever can keep them: what it gives for a key is what was put
/// there, or nothing. Failures are its own affair.
pub trait UnitCache: Send + Sync + fmt::Debug {
    /// Says which keys will be asked for next, in about this order.
    fn expect(&self, _keys: &[UnitKey]) {}
    /// What is kept for a key.
    fn get(&self, key: &UnitKey) -> Option<Vec<u8>>;
    /// Keeps a result.
    fn put(&self, key: &UnitKey, result: &[u8]);
}

/// What was rendered for some cluster and may come again for another: a component whose input is the
/// same gives the same. Of each component the results that were used, and else the latest, are kept.
#[derive(Default)]
pub struct Repeats {
    known: Mutex<HashMap<Arc<str>, Vec<Known>>>,
    count: AtomicUsize,
    fetched: AtomicUsize,
    cache: Option<Arc<dyn UnitCache>>,
}

struct Known {
    key: UnitKey,
    result: Arc<OnceLock<Option<Done>>>,
    /// Whether it came again.
    used: bool,
}

impl Repeats {
    /// With a cache that is asked before anything is rendered.
    pub fn asking(cache: Option<Arc<dyn UnitCache>>) -> Self {
        Self { cache, ..Self::default() }
    }

    /// Renders the unit of a key, or gives again what was rendered for an equal one. With `record` the
    /// result tells what the unit asked of its input. Hooks must not have changed any file between the
    /// key and the rendering.
    ///
    /// # Errors
    /// When `sink` got at least one error.
    pub fn render(
        &self,
        unit: &RenderUnit,
        context: &Context,
        key: Option<UnitKey>,
        record: bool,
        sink: &mut Sink,
    ) -> Result<Rendered, Reported> {
        let Some(key) = key else { return render_as(unit, context, record, sink) };
        // Native templates see the cluster's name: they never come again.
        if matches!(unit.engine, Engine::Template { .. }) {
            let (rendered, _) = self.first(unit, context, key, record, sink);
            return rendered;
        }
        let result = self.place(unit, key);
        let mut first = None;
        let done = result.get_or_init(|| {
            let (rendered, done) = self.first(unit, context, key, record, sink);
            first = Some(rendered);
            done
        });
        match (first, done) {
            (Some(rendered), _) => rendered,
            (None, Some(done)) => {
                self.count.fetch_add(1, Ordering::Relaxed);
                Ok(done.again(unit, sink))
            }
            // An error names the layers of its cluster: it is found anew.
            (None, None) => render_as(unit, context, record, sink),
        }
    }

    /// Whether there is a cache.
    pub fn asks(&self) -> bool {
        self.cache.is_some()
    }

    /// Tells the cache of units that will be rendered next, in about this order, unless it has them.
    pub fn expect<'u>(&self, units: impl Iterator<Item = (&'u RenderUnit, UnitKey)>) {
        let Some(cache) = &self.cache else { return };
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut said = HashSet::new();
        let is_known = |unit: &RenderUnit, key| {
            known.get(&unit.address).is_some_and(|known| known.iter().any(|own| own.key == key))
        };
        let keys: Vec<UnitKey> =
            units.filter(|(unit, key)| !is_known(unit, *key) && said.insert(*key)).map(|(_, key)| key).collect();
        drop(known);
        cache.expect(&keys);
    }

    /// How many units were not rendered because an equal one had been.
    pub fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    /// How many units were not rendered because the cache had them.
    pub fn fetched(&self) -> usize {
        self.fetched.load(Ordering::Relaxed)
    }

    /// Asks the cache, or renders.
    fn first(
        &self,
        unit: &RenderUnit,
        context: &Context,
        key: UnitKey,
        record: bool,
        sink: &mut Sink,
    ) -> (Result<Rendered, Reported>, Option<Done>) {
        let kept = self.cache.as_ref().and_then(|cache| cache.get(&key));
        if let Some(done) = kept.and_then(|bytes| Done::unpack(&bytes)) {
            self.fetched.fetch_add(1, Ordering::Relaxed);
            return (Ok(done.again(unit, sink)), Some(done));
        }
        let mut own = Sink::new();
        // Whoever takes it from the cache may want to know what was asked.
        let rendered = render_as(unit, context, record || self.cache.is_some(), &mut own);
        let done = rendered.as_ref().ok().map(|rendered| Done::new(rendered.clone(), own.diagnostics().to_vec()));
        if let (Some(cache), Some(bytes)) = (&self.cache, done.as_ref().and_then(|done| done.pack(unit))) {
            cache.put(&key, &bytes);
        }
        sink.append(own);
        (rendered, done)
    }

    /// Where the result for a key is, or will be.
    fn place(&self, unit: &RenderUnit, key: UnitKey) -> Arc<OnceLock<Option<Done>>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let known = known.entry(Arc::clone(&unit.address)).or_default();
        if let Some(own) = known.iter_mut().find(|own| own.key == key) {
            own.used = true;
            return Arc::clone(&own.result);
        }
        if known.len() >= MOST_KEPT {
            let oldest = known.iter().position(|own| !own.used).unwrap_or(0);
            known.remove(oldest);
        }
        let result = Arc::default();
        known.push(Known { key, result: Arc::clone(&result), used: false });
        result
    }
}
