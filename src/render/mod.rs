//! One unit of work to documents: static files, charts, native templates.

mod unit;

pub use unit::{Engine, RenderUnit, UnitHooks};
