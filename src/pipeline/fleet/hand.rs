use std::sync::Arc;

use crate::diag::{Diagnostic, Sink};
use crate::output::OutputSet;
use crate::render::{Bundle, Context, Randomness, RenderUnit, render};
use crate::stack::Cluster;

/// The code of notes about values that the input does not determine.
const DRAWN: &str = "chart.nondeterministic";
/// How far the clock is moved to see what depends on it: a year and some.
const LATER: i64 = 400 * 24 * 60 * 60 + 12_345;

/// Takes the files of clusters instead of the disk.
pub trait Receiver {
    /// Takes the files of one cluster.
    ///
    /// # Errors
    /// A message, when they cannot be taken: the run fails.
    fn take(&mut self, handed: Handed<'_>) -> Result<(), Diagnostic>;
}

/// The files of one cluster.
pub struct Handed<'a> {
    /// The cluster.
    pub cluster: &'a Cluster,
    /// Its files, by their paths below its folder.
    pub files: OutputSet,
    /// Who made them.
    pub made: Vec<Made>,
}

/// A component of a cluster that was rendered.
pub struct Made {
    /// The file that it makes; definitions of custom resources stand in one beside it.
    pub output: Arc<str>,
    /// Its address.
    pub address: Arc<str>,
    /// Notes about values in it that the input does not determine.
    pub drawn: Vec<Diagnostic>,
    /// Whether such a value stands in a Secret.
    pub drawn_secret: bool,
}

impl Made {
    /// Looks at what came of a unit. Whether a drawn value got into a Secret shows when the unit is rendered
    /// once more with other draws.
    pub(super) fn of(unit: &RenderUnit, context: &Context, bundle: &Bundle, messages: &Sink) -> Self {
        let drawn: Vec<Diagnostic> =
            messages.diagnostics().iter().filter(|message| message.code.0 == DRAWN).cloned().collect();
        let secrets = if drawn.is_empty() { Vec::new() } else { secrets(bundle) };
        let drawn_secret = !secrets.is_empty() && {
            let other = Context { randomness: other_draws(&context.randomness), ..context.clone() };
            let again = render(unit, &other, &mut Sink::new());
            // What fails with other draws depends on them.
            again.map_or(true, |again| self::secrets(&again) != secrets)
        };
        Self { output: Arc::clone(&unit.output), address: Arc::clone(&unit.address), drawn, drawn_secret }
    }
}

fn other_draws(randomness: &Randomness) -> Randomness {
    match randomness {
        Randomness::System => Randomness::System,
        Randomness::Seeded { seed, now } | Randomness::Refused { seed, now } => {
            let seed = seed.iter().copied().chain(*b" again").collect();
            Randomness::Seeded { seed, now: now + LATER }
        }
    }
}

/// The texts of the Secrets in a bundle.
fn secrets(bundle: &Bundle) -> Vec<&str> {
    let objects = bundle.objects.iter().filter(|object| match &object.identity {
        Some(identity) => identity.kind == "Secret",
        None => object.text.contains("Secret"),
    });
    objects.map(|object| object.text.as_str()).collect()
}
