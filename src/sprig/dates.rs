//! Times and durations. The current time comes from the host; the local zone is UTC.

use crate::golang::strconv::{NumError, parse_int};
use crate::golang::time::{Duration, Time, Zone};
use crate::gotmpl::{Call, CallError, Func};
use crate::value::Param::{Any, Named, Str as Text};
use crate::value::{IntKind, Value};

use super::call::{Outcome, fixed, text};

const TIME: crate::value::Param = Named("time.Time");

/// The functions of this file.
pub static TABLE: &[Func] = &[
    fixed("now", &[], |call, _| Ok(now(call)?.into())),
    fixed("ago", &[Any], ago),
    fixed("date", &[Text, Any], |call, args| formatted(call, &layout(args, 0), &args[1], "Local")),
    fixed("dateInZone", &[Text, Any, Text], date_in_zone),
    fixed("date_in_zone", &[Text, Any, Text], date_in_zone),
    fixed("htmlDate", &[Any], |call, args| formatted(call, HTML, &args[0], "Local")),
    fixed("htmlDateInZone", &[Any, Text], |call, args| formatted(call, HTML, &args[0], &layout(args, 1))),
    fixed("dateModify", &[Text, TIME], date_modify),
    fixed("date_modify", &[Text, TIME], date_modify),
    fixed("mustDateModify", &[Text, TIME], must_date_modify),
    fixed("must_date_modify", &[Text, TIME], must_date_modify),
    fixed("toDate", &[Text, Text], |_, args| {
        Ok(Time::parse(&layout(args, 0), &layout(args, 1)).unwrap_or_else(|_| Time::zero()).into())
    }),
    fixed("mustToDate", &[Text, Text], |_, args| Ok(Time::parse(&layout(args, 0), &layout(args, 1))?.into())),
    fixed("unixEpoch", &[TIME], |_, args| Ok(time(args, 0).seconds().to_string().into())),
    fixed("duration", &[Any], duration),
    fixed("durationRound", &[Any], duration_round),
];

/// The layout of a date in HTML's input fields.
const HTML: &str = "2006-01-02";

/// A text argument that package time reads: layouts, zones and values are UTF-8 or match nothing.
fn layout(args: &[Value], index: usize) -> std::borrow::Cow<'_, str> {
    text(args, index).to_str_lossy()
}

/// The argument of a `time.Time` parameter.
fn time(args: &[Value], index: usize) -> &Time {
    args[index].as_object::<Time>().expect("checked against the signature: time.Time")
}

fn now(call: &mut Call<'_>) -> Result<Time, CallError> {
    let site = call.site();
    let (seconds, nanoseconds) = call.exec.host().now(&site)?;
    Ok(Time::unix_nanos(seconds, i64::from(nanoseconds)))
}

/// The time that a value of any type stands for: integers of these kinds count seconds since 1970,
/// everything else, floats too, is now.
fn moment(call: &mut Call<'_>, value: &Value, kinds: &[IntKind]) -> Result<Time, CallError> {
    match value {
        Value::Int(kind, seconds) if kinds.contains(kind) => Ok(Time::unix(*seconds)),
        other => match other.as_object::<Time>() {
            Some(time) => Ok(time.clone()),
            None => now(call),
        },
    }
}

/// An unknown zone is UTC.
fn formatted(call: &mut Call<'_>, layout: &str, value: &Value, zone: &str) -> Outcome {
    let time = moment(call, value, &[IntKind::Int, IntKind::Int32, IntKind::Int64])?;
    Ok(time.in_zone(Zone::load(zone).unwrap_or(Zone::Utc)).format(layout).into())
}

fn date_in_zone(call: &mut Call<'_>, args: &[Value]) -> Outcome {
    formatted(call, &layout(args, 0), &args[1], &layout(args, 2))
}

fn date_modify(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    let time = time(args, 1);
    Ok(Duration::parse(&layout(args, 0)).map_or_else(|_| time.clone(), |duration| time.add(duration)).into())
}

fn must_date_modify(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    Ok(time(args, 1).add(Duration::parse(&layout(args, 0))?).into())
}

fn ago(call: &mut Call<'_>, args: &[Value]) -> Outcome {
    let then = moment(call, &args[0], &[IntKind::Int, IntKind::Int64])?;
    Ok(now(call)?.sub(&then).round(Duration::seconds(1)).to_string().into())
}

/// A text or an int64 counts seconds; anything else is no time.
fn duration(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    let seconds = match &args[0] {
        Value::Str(digits) => {
            let digits = digits.to_str_lossy();
            parse_int(&digits, 10, 64).unwrap_or_else(|error| match error {
                NumError::Range if digits.starts_with('-') => i64::MIN,
                NumError::Range => i64::MAX,
                NumError::Syntax => 0,
            })
        }
        Value::Int(IntKind::Int64, seconds) => *seconds,
        _ => 0,
    };
    Ok(Duration::seconds(seconds).to_string().into())
}

/// Units from the longest, in nanoseconds.
const UNITS: [(u64, &str); 6] = [
    (365 * 24 * 3600 * 1_000_000_000, "y"),
    (30 * 24 * 3600 * 1_000_000_000, "mo"),
    (24 * 3600 * 1_000_000_000, "d"),
    (3600 * 1_000_000_000, "h"),
    (60 * 1_000_000_000, "m"),
    (1_000_000_000, "s"),
];

/// The longest unit that the duration is longer than, and how often it fits.
fn duration_round(call: &mut Call<'_>, args: &[Value]) -> Outcome {
    let duration = match &args[0] {
        Value::Str(text) => Duration::parse(&text.to_str_lossy()).unwrap_or_default(),
        Value::Int(IntKind::Int64, nanoseconds) => Duration(*nanoseconds),
        other => match other.as_object::<Time>() {
            Some(time) => now(call)?.sub(time),
            None => Duration::default(),
        },
    };
    let length = duration.0.unsigned_abs();
    let rounded = UNITS.iter().find(|(unit, _)| length > *unit);
    Ok(rounded.map_or_else(|| "0s".to_owned(), |(unit, name)| format!("{}{name}", length / unit)).into())
}
