//! One unit of work to documents: static files, charts, native templates.
//!
//! In: a [`RenderUnit`], with nothing left to resolve. Out: a [`Bundle`] of objects whose text is
//! the author's or the engine's. [`Repeats`] gives the bundle of an equal unit again; a [`UnitKey`] says
//! on every machine which units are equal. Knows nothing of files to be written.

mod bundle;
mod charts;
mod contents;
mod context;
mod done;
mod fabrikate;
mod helm;
mod key;
mod manifests;
mod message;
mod native;
mod repeats;
mod times;
mod unit;

pub use bundle::{Asked, Bundle, Rendered};
pub use charts::Charts;
pub use contents::Contents;
pub use context::{Context, Randomness};
pub use done::Done;
pub use key::{BUILD, UnitKey, content_digest, content_of, frame_of_release};
pub use message::UnitMessage;
pub use repeats::{Repeats, UnitCache};
pub use times::{ReleaseTime, StageTime, Times, process_time};
pub use unit::{Engine, RenderUnit, UnitHooks};

use std::sync::Arc;

use crate::diag::{Reported, Sink};
use crate::helm::Questions;
use crate::source::Digest;

/// Renders one unit. Independent problems are all put into `sink`.
///
/// # Errors
/// When `sink` got at least one error.
pub fn render(unit: &RenderUnit, context: &Context, sink: &mut Sink) -> Result<Bundle, Reported> {
    render_as(unit, context, false, sink).map(|rendered| Arc::unwrap_or_clone(rendered.bundle))
}

/// The same; with `record` the result tells what the unit asked of its input, which takes some time.
fn render_as(unit: &RenderUnit, context: &Context, record: bool, sink: &mut Sink) -> Result<Rendered, Reported> {
    let plain = |bundle| Rendered { bundle: Arc::new(bundle), asked: None };
    let work = || match &unit.engine {
        Engine::Container => Ok(Rendered::default()),
        Engine::Static { tree, .. } => manifests::render(unit, tree, context, sink).map(plain),
        Engine::Helm { chart } => helm::render(unit, chart, context, record, sink),
        Engine::Template { tree } => native::render(unit, tree, context, sink).map(plain),
    };
    let times = context.times.as_deref().filter(|_| !matches!(unit.engine, Engine::Container));
    Times::release(times, unit, work)
}

/// The answers that questions of an earlier rendering of a unit get now; `None` when they cannot be
/// asked, and the unit must be rendered.
pub fn answers(unit: &RenderUnit, context: &Context, questions: &Questions) -> Option<Digest> {
    match &unit.engine {
        Engine::Helm { chart } => helm::answers(unit, chart, context, questions),
        Engine::Container | Engine::Static { .. } | Engine::Template { .. } => None,
    }
}
