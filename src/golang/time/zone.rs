use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// `*time.Location`.
#[derive(Clone, Debug, PartialEq)]
pub enum Zone {
    /// UTC, which is also the local zone.
    Utc,
    /// One offset, in seconds east of UTC, under a name that may be empty.
    Fixed(Arc<str>, i32),
    /// A zone of the zone data in the binary.
    Named(Arc<str>, TimeZone),
}

impl Zone {
    /// `time.LoadLocation`: `""`, `UTC`, `Local` or a name from the zone data, written
    /// exactly; `None` when there is no such zone.
    pub fn load(name: &str) -> Option<Self> {
        if matches!(name, "" | "UTC" | "Local") {
            return Some(Zone::Utc);
        }
        let zone = TimeZone::get(name).ok()?;
        (zone.iana_name() == Some(name)).then(|| Zone::Named(name.into(), zone))
    }

    /// The location's name.
    pub fn name(&self) -> &str {
        match self {
            Zone::Utc => "UTC",
            Zone::Fixed(name, _) | Zone::Named(name, _) => name,
        }
    }

    /// The abbreviation in force at a time (seconds since 1970), and the offset in seconds east.
    pub(super) fn at(&self, seconds: i64) -> (Arc<str>, i64) {
        match self {
            Zone::Utc => ("UTC".into(), 0),
            Zone::Fixed(name, offset) => (name.clone(), i64::from(*offset)),
            Zone::Named(_, zone) => {
                let (first, last) = (Timestamp::MIN.as_second(), Timestamp::MAX.as_second());
                let time = Timestamp::from_second(seconds.clamp(first, last)).unwrap_or_default();
                let info = zone.to_offset_info(time);
                (info.abbreviation().into(), i64::from(info.offset().seconds()))
            }
        }
    }
}
