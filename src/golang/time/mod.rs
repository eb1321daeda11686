//! Go's time package: instants with a zone, layouts, durations, as values and as the objects that
//! templates see ([`Time`], [`Duration`], [`Month`], [`Weekday`], [`Zone`]).
//!
//! Nothing here reads a clock. The local zone is UTC, so that results do not depend on the machine;
//! other zones come from the zone data that is part of the binary.

mod calendar;
mod duration;
mod format;
mod instant;
mod layout;
mod object;
mod parse;
mod zone;

pub use calendar::{Month, Weekday};
pub use duration::Duration;
pub use instant::{Clock, Date, Time};
pub use zone::Zone;

pub(super) use object::integer_of;

#[cfg(test)]
mod tests;
