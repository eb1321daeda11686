//! What an earlier run made and this one need not make again.
//!
//! In: what is recorded beside a target ([`output::Record`](crate::output::Record)), and this run's graph,
//! context and units. Out: the news that a whole target stands as it would be written
//! ([`Reuse::whole`]), or the files of single units ([`Reuse::unit`]); and the record for the next run.
//!
//! A target stands when everything that all targets share has the same digest (the graph, the content of
//! what it renders, options, this program), the request is the same, every question that planning asked of
//! the disk gets the same answer, and its files are as they were written. It may not have given any
//! message, as those point to places that may have moved. A unit's files stand when its
//! [`UnitKey`](crate::render::UnitKey) is the same, or when what its chart asked gets the same answers.
//! Everything here may be missing or damaged: then more is rendered. Nothing depends on a clock.

mod ground;
mod made;
mod maker;
mod note;
mod past;

pub(super) use ground::{Ground, digest_of_request, grounds};
pub(super) use made::{Kept, Made};
pub(super) use maker::Maker;
pub(super) use note::{TargetNote, UnitNote};
pub use past::ReuseMode;
pub(super) use past::{Past, Reuse, digest_of_scopes};
