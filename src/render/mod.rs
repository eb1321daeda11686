//! One unit of work to documents: static files, charts, native templates.
//!
//! In: a [`RenderUnit`], with nothing left to resolve. Out: a [`Bundle`] of objects whose text is
//! the author's or the engine's. [`Repeats`] gives the bundle of an equal unit again; a [`UnitKey`] says
//! on every machine which units are equal. Knows nothing of files to be written.

mod bundle;
mod charts;
mod contents;
mod context;
mod fabrikate;
mod helm;
mod key;
mod manifests;
mod native;
mod repeats;
mod unit;

pub use bundle::Bundle;
pub use charts::Charts;
pub use contents::Contents;
pub use context::{Context, Randomness};
pub use key::{UnitKey, content_digest};
pub use repeats::Repeats;
pub use unit::{Engine, RenderUnit, UnitHooks};

use crate::diag::{Reported, Sink};

/// Renders one unit. Independent problems are all put into `sink`.
///
/// # Errors
/// When `sink` got at least one error.
pub fn render(unit: &RenderUnit, context: &Context, sink: &mut Sink) -> Result<Bundle, Reported> {
    match &unit.engine {
        Engine::Container => Ok(Bundle::default()),
        Engine::Static { tree, .. } => manifests::render(unit, tree, context, sink),
        Engine::Helm { chart } => helm::render(unit, chart, context, sink),
        Engine::Template { tree } => native::render(unit, tree, context, sink),
    }
}
