use super::calendar::{date_of, days_to};
use super::{Duration, Month, Weekday, Zone};

/// Seconds from year 1 to 1970.
const TO_EPOCH: i64 = 62_135_596_800;
const NANOS: i64 = 1_000_000_000;

/// `time.Time`: an instant and the zone it is shown in.
#[derive(Clone, Debug, PartialEq)]
pub struct Time {
    /// Since 1970.
    seconds: i64,
    nanos: u32,
    zone: Zone,
}

/// A civil date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date {
    pub year: i64,
    /// January is 1.
    pub month: i64,
    pub day: i64,
}

/// A time of day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clock {
    pub hour: i64,
    pub minute: i64,
    pub second: i64,
    pub nanosecond: i64,
}

impl Time {
    /// `time.Unix(seconds, 0)` in the local zone.
    pub fn unix(seconds: i64) -> Self {
        Time { seconds, nanos: 0, zone: Zone::Utc }
    }

    /// `time.Unix(seconds, nanoseconds)` in the local zone; any number of nanoseconds is fine.
    pub fn unix_nanos(seconds: i64, nanos: i64) -> Self {
        let seconds = seconds.wrapping_add(nanos.div_euclid(NANOS));
        Time { seconds, nanos: nanos.rem_euclid(NANOS) as u32, zone: Zone::Utc }
    }

    /// `time.Time{}`: the first of January of year 1, UTC.
    pub fn zero() -> Self {
        Self::unix(-TO_EPOCH)
    }

    /// `time.Date`: what a calendar and a clock in the zone show. Numbers beyond their range carry
    /// over, so the 32nd of October is the first of November.
    pub fn date_in(date: Date, clock: Clock, zone: Zone) -> Self {
        let month = date.month.wrapping_sub(1);
        let year = date.year.wrapping_add(month.div_euclid(12)).clamp(-MAX_YEAR, MAX_YEAR);
        let days = days_to(year, month.rem_euclid(12) + 1).wrapping_add(date.day).wrapping_sub(1);
        let second = clock.second.wrapping_add(clock.nanosecond.div_euclid(NANOS));
        let minutes = clock.hour.wrapping_mul(60).wrapping_add(clock.minute);
        let shown = days.wrapping_mul(86_400).wrapping_add(minutes.wrapping_mul(60)).wrapping_add(second);
        // The offset before the change and the one after it differ; take the one that then holds.
        let (_, guess) = zone.at(shown);
        let (_, offset) = if guess == 0 { (0, 0) } else { (0, zone.at(shown.wrapping_sub(guess)).1) };
        Time { seconds: shown.wrapping_sub(offset), nanos: clock.nanosecond.rem_euclid(NANOS) as u32, zone }
    }

    /// The same instant in another zone (`In`).
    pub fn in_zone(&self, zone: Zone) -> Self {
        Time { zone, ..*self }
    }

    /// The zone.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// Seconds since 1970 (`Unix`).
    pub fn seconds(&self) -> i64 {
        self.seconds
    }

    /// Nanoseconds within the second (`Nanosecond`).
    pub fn nanoseconds(&self) -> i64 {
        i64::from(self.nanos)
    }

    /// `UnixNano`, `UnixMicro`, `UnixMilli`: time since 1970 in units of so many nanoseconds.
    pub(super) fn since_epoch(&self, unit: i64) -> i64 {
        self.seconds.wrapping_mul(NANOS / unit).wrapping_add(i64::from(self.nanos) / unit)
    }

    /// The abbreviation of the zone at this time, and its offset in seconds east.
    pub(super) fn offset(&self) -> (std::sync::Arc<str>, i64) {
        self.zone.at(self.seconds)
    }

    /// Seconds since 1970 as the zone's clock shows them.
    fn shown(&self) -> i64 {
        self.seconds.saturating_add(self.offset().1)
    }

    /// The date in the zone.
    pub fn date(&self) -> Date {
        let (year, month, day) = date_of(self.shown().div_euclid(86_400));
        Date { year, month, day }
    }

    /// The time of day in the zone.
    pub fn clock(&self) -> Clock {
        let seconds = self.shown().rem_euclid(86_400);
        let nanosecond = i64::from(self.nanos);
        Clock { hour: seconds / 3600, minute: seconds / 60 % 60, second: seconds % 60, nanosecond }
    }

    /// `Month`.
    pub fn month(&self) -> Month {
        Month(self.date().month)
    }

    /// `Weekday`.
    pub fn weekday(&self) -> Weekday {
        Weekday((self.shown().div_euclid(86_400) + 4).rem_euclid(7))
    }

    /// `YearDay`: 1 to 366.
    pub fn year_day(&self) -> i64 {
        self.shown().div_euclid(86_400) - days_to(self.date().year, 1) + 1
    }

    /// `IsZero`.
    pub fn is_zero(&self) -> bool {
        self.seconds == -TO_EPOCH && self.nanos == 0
    }

    /// `Add`.
    pub fn add(&self, duration: Duration) -> Self {
        let nanos = i64::from(self.nanos) + duration.0 % NANOS;
        let seconds = self.seconds.wrapping_add(duration.0 / NANOS).wrapping_add(nanos.div_euclid(NANOS));
        Time { seconds, nanos: nanos.rem_euclid(NANOS) as u32, zone: self.zone.clone() }
    }

    /// `AddDate`.
    pub fn add_date(&self, years: i64, months: i64, days: i64) -> Self {
        let date = self.date();
        let date = Date {
            year: date.year.wrapping_add(years),
            month: date.month.wrapping_add(months),
            day: date.day.wrapping_add(days),
        };
        Self::date_in(date, self.clock(), self.zone.clone())
    }

    /// `Sub`: at the extremes of a duration when it is too long for one.
    pub fn sub(&self, other: &Time) -> Duration {
        let seconds = i128::from(self.seconds) - i128::from(other.seconds);
        let nanos = seconds * i128::from(NANOS) + i128::from(self.nanos) - i128::from(other.nanos);
        Duration(i64::try_from(nanos).unwrap_or(if nanos < 0 { i64::MIN } else { i64::MAX }))
    }

    /// `Truncate`: down to a multiple since year 1.
    pub fn truncate(&self, unit: Duration) -> Self {
        self.add(Duration(-self.beyond(unit)))
    }

    /// `Round`: to the nearest multiple since year 1, halves up.
    pub fn round(&self, unit: Duration) -> Self {
        let rest = self.beyond(unit);
        if (rest as u64) * 2 < unit.0.max(1) as u64 {
            self.add(Duration(-rest))
        } else {
            self.add(Duration(unit.0.max(rest) - rest))
        }
    }

    /// How far the time is beyond a multiple of the unit since year 1.
    fn beyond(&self, unit: Duration) -> i64 {
        if unit.0 <= 0 {
            return 0;
        }
        let seconds = i128::from(self.seconds) + i128::from(TO_EPOCH);
        let nanos = seconds * i128::from(NANOS) + i128::from(self.nanos);
        nanos.rem_euclid(i128::from(unit.0)) as i64
    }

    /// The order of the instants (`Compare`), whatever the zones.
    pub fn order(&self, other: &Time) -> std::cmp::Ordering {
        (self.seconds, self.nanos).cmp(&(other.seconds, other.nanos))
    }
}

/// Years beyond it do not fit the count of seconds.
const MAX_YEAR: i64 = 290_000_000_000;
