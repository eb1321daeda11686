use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::diag::{Diagnostic, Reported, Sink};
use crate::source::Tree;
use crate::value::Frozen;

use super::{Bundle, Context, Engine, Randomness, RenderUnit, render};

/// How many results of one component are kept: clusters differ by stage or region where components do
/// not differ by cluster.
const MOST_KEPT: usize = 16;

/// What was rendered for some cluster and may come again for another: a component whose input is the
/// same gives the same. Of each component the results that were used, and else the latest, are kept.
#[derive(Default)]
pub struct Repeats {
    known: Mutex<HashMap<Place, Vec<Known>>>,
    count: AtomicUsize,
}

/// An address and the context that it is rendered with.
type Place = (Arc<str>, usize);

/// One input of a component, beside what all clusters share.
struct Input {
    /// What is rendered: where fields of components depend on the cluster it is not the same for all.
    tree: Tree,
    namespace: Option<String>,
    values: Frozen,
    hash: u64,
}

struct Known {
    input: Input,
    result: Arc<OnceLock<Option<Done>>>,
    /// Whether it came again.
    used: bool,
}

/// A result without errors.
struct Done {
    bundle: Bundle,
    messages: Vec<Diagnostic>,
}

impl Repeats {
    /// Renders a unit, or gives again what was rendered for an equal one. Hooks must not have changed
    /// any file between the two.
    ///
    /// # Errors
    /// When `sink` got at least one error.
    pub fn render(&self, unit: &RenderUnit, context: &Context, sink: &mut Sink) -> Result<Bundle, Reported> {
        let Some(input) = Input::of(unit, context) else { return render(unit, context, sink) };
        let result = self.place(unit, context, input);
        let mut first = None;
        let done = result.get_or_init(|| {
            let mut own = Sink::new();
            let bundle = render(unit, context, &mut own);
            let done = bundle
                .as_ref()
                .ok()
                .map(|bundle| Done { bundle: bundle.clone(), messages: own.diagnostics().to_vec() });
            first = Some((bundle, own));
            done
        });
        if let Some((bundle, own)) = first {
            sink.append(own);
            return bundle;
        }
        // An error names the layers of its cluster: it is found anew.
        let Some(done) = done else { return render(unit, context, sink) };
        self.count.fetch_add(1, Ordering::Relaxed);
        done.messages.iter().for_each(|message| sink.push(message.clone()));
        Ok(done.bundle.clone())
    }

    /// How many units were not rendered because an equal one had been.
    pub fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    /// Where the result for an input is, or will be.
    fn place(&self, unit: &RenderUnit, context: &Context, input: Input) -> Arc<OnceLock<Option<Done>>> {
        let key = (Arc::clone(&unit.address), std::ptr::from_ref(context).addr());
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let known = known.entry(key).or_default();
        if let Some(own) = known.iter_mut().find(|own| own.input.is_same(&input)) {
            own.used = true;
            return Arc::clone(&own.result);
        }
        if known.len() >= MOST_KEPT {
            let oldest = known.iter().position(|own| !own.used).unwrap_or(0);
            known.remove(oldest);
        }
        let result = Arc::default();
        known.push(Known { input, result: Arc::clone(&result), used: false });
        result
    }
}

impl Input {
    /// What the result depends on; `None` where it may differ each time.
    fn of(unit: &RenderUnit, context: &Context) -> Option<Self> {
        let (tree, namespace, values) = match &unit.engine {
            Engine::Static { tree, .. } => (tree, None, Frozen::Nil),
            Engine::Helm { chart } if !matches!(context.randomness, Randomness::System) => {
                (chart, unit.scope.namespace().map(str::to_owned), unit.scope.values().clone())
            }
            // Native templates see the cluster's name.
            Engine::Helm { .. } | Engine::Template { .. } | Engine::Container => return None,
        };
        let mut hasher = DefaultHasher::new();
        namespace.hash(&mut hasher);
        hash(&values, &mut hasher);
        Some(Self { tree: tree.clone(), namespace, values, hash: hasher.finish() })
    }

    fn is_same(&self, other: &Self) -> bool {
        self.hash == other.hash
            && self.tree.same(&other.tree)
            && self.namespace == other.namespace
            && is_same(&self.values, &other.values)
    }
}

fn hash(value: &Frozen, hasher: &mut DefaultHasher) {
    std::mem::discriminant(value).hash(hasher);
    match value {
        Frozen::Nil => {}
        Frozen::Bool(value) => value.hash(hasher),
        Frozen::Int(kind, value) => (kind, value).hash(hasher),
        Frozen::Float(value) => value.to_bits().hash(hasher),
        Frozen::Str(value) => value.hash(hasher),
        Frozen::List(items) => {
            items.len().hash(hasher);
            items.iter().for_each(|item| hash(item, hasher));
        }
        Frozen::Map(map) => {
            map.len().hash(hasher);
            for (key, value) in map.iter() {
                key.hash(hasher);
                hash(value, hasher);
            }
        }
    }
}

/// Whether two values cannot be told apart: `0.0` and `-0.0` can.
fn is_same(one: &Frozen, other: &Frozen) -> bool {
    match (one, other) {
        (Frozen::Float(one), Frozen::Float(other)) => one.to_bits() == other.to_bits(),
        (Frozen::List(one), Frozen::List(other)) => {
            one.len() == other.len() && one.iter().zip(other.iter()).all(|(one, other)| is_same(one, other))
        }
        (Frozen::Map(one), Frozen::Map(other)) => {
            let same = |((key, one), (other_key, other)): ((_, &Frozen), (_, &Frozen))| {
                key == other_key && is_same(one, other)
            };
            one.len() == other.len() && one.iter().zip(other.iter()).all(same)
        }
        (one, other) => one == other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_the_same_only_bit_by_bit() {
        let map = |value: Frozen| Frozen::map(vec![("a".into(), Frozen::list(vec![value]))]);
        let same = |one: Frozen, other: Frozen| is_same(&map(one), &map(other));
        assert!(same(Frozen::Float(f64::NAN), Frozen::Float(f64::NAN)));
        assert!(!same(Frozen::Float(0.0), Frozen::Float(-0.0)));
        assert!(!same(Frozen::Float(1.0), Frozen::str("1")));
        assert!(!is_same(&map(Frozen::Nil), &Frozen::map(vec![])));
    }
}
