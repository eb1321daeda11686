use std::borrow::Cow;

use crate::value::{Kind, Object, ObjectRef, Param, Signature, Value};

use super::{Duration, Month, Time, Weekday, Zone};

const NONE: Signature = Signature::fixed(&[]);
const DURATION: Signature = Signature::fixed(&[Param::Named("time.Duration")]);
const TIME: Signature = Signature::fixed(&[Param::Named("time.Time")]);
const LOCATION: Signature = Signature::fixed(&[Param::Named("*time.Location")]);
const LAYOUT: Signature = Signature::fixed(&[Param::Str]);
const DATE: Signature = Signature::fixed(&[Param::Int, Param::Int, Param::Int]);

/// The integer under a `time.Duration`, `time.Month` or `time.Weekday`.
pub(crate) fn integer_of(object: &ObjectRef) -> Option<i64> {
    let duration = object.downcast::<Duration>().map(|duration| duration.0);
    let month = || object.downcast::<Month>().map(|month| month.0);
    let weekday = || object.downcast::<Weekday>().map(|weekday| weekday.0);
    duration.or_else(month).or_else(weekday)
}

fn int_arg(args: &[Value], at: usize) -> i64 {
    match args.get(at) {
        Some(Value::Int(_, value)) => *value,
        Some(Value::Object(object)) => integer_of(object).unwrap_or(0),
        _ => 0,
    }
}

fn duration_arg(args: &[Value]) -> Duration {
    Duration(int_arg(args, 0))
}

fn time_arg(args: &[Value]) -> Result<&Time, String> {
    args.first().and_then(Value::as_object::<Time>).ok_or_else(|| "expected time.Time".to_owned())
}

impl Object for Time {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed("time.Time")
    }

    fn method(&self, name: &str) -> Option<&'static Signature> {
        Some(match name {
            "Day" | "Hour" | "IsZero" | "Local" | "Location" | "Minute" | "Month" | "Nanosecond" | "Second"
            | "String" | "UTC" | "Unix" | "UnixMicro" | "UnixMilli" | "UnixNano" | "Weekday" | "Year" | "YearDay" => {
                &NONE
            }
            "Add" | "Round" | "Truncate" => &DURATION,
            "After" | "Before" | "Compare" | "Equal" | "Sub" => &TIME,
            "AddDate" => &DATE,
            "Format" => &LAYOUT,
            "In" => &LOCATION,
            _ => return None,
        })
    }

    fn call(&self, name: &str, args: &[Value]) -> Result<Value, String> {
        Ok(match name {
            "Add" => self.add(duration_arg(args)).into(),
            "AddDate" => self.add_date(int_arg(args, 0), int_arg(args, 1), int_arg(args, 2)).into(),
            "After" => self.order(time_arg(args)?).is_gt().into(),
            "Before" => self.order(time_arg(args)?).is_lt().into(),
            "Compare" => Value::int(self.order(time_arg(args)?) as i64),
            "Equal" => self.order(time_arg(args)?).is_eq().into(),
            "Sub" => self.sub(time_arg(args)?).into(),
            "Round" => self.round(duration_arg(args)).into(),
            "Truncate" => self.truncate(duration_arg(args)).into(),
            "Format" => match args.first() {
                Some(Value::Str(layout)) => Value::from(self.format(&layout.to_str_lossy())),
                _ => Value::str(""),
            },
            "In" => match args.first().and_then(Value::as_object::<Zone>) {
                Some(zone) => self.in_zone(zone.clone()).into(),
                None => return Err("time: missing Location in call to Time.In".to_owned()),
            },
            "UTC" | "Local" => self.in_zone(Zone::Utc).into(),
            "Location" => self.zone().clone().into(),
            "IsZero" => self.is_zero().into(),
            "Year" => Value::int(self.date().year),
            "Month" => self.month().into(),
            "Day" => Value::int(self.date().day),
            "Weekday" => self.weekday().into(),
            "YearDay" => Value::int(self.year_day()),
            "Hour" => Value::int(self.clock().hour),
            "Minute" => Value::int(self.clock().minute),
            "Second" => Value::int(self.clock().second),
            "Nanosecond" => Value::int(self.nanoseconds()),
            "Unix" => Value::int64(self.seconds()),
            "UnixMilli" => Value::int64(self.since_epoch(1_000_000)),
            "UnixMicro" => Value::int64(self.since_epoch(1_000)),
            "UnixNano" => Value::int64(self.since_epoch(1)),
            _ => Value::from(self.to_string()),
        })
    }

    fn print(&self) -> Vec<u8> {
        self.to_string().into_bytes()
    }

    /// RFC 3339 with as many digits of the second as there are.
    fn to_data(&self) -> Value {
        Value::from(self.format("2006-01-02T15:04:05.999999999Z07:00"))
    }

    fn equal(&self, other: &dyn Object) -> Option<bool> {
        let other: &dyn std::any::Any = other;
        other.downcast_ref::<Time>().map(|other| self == other)
    }
}

impl Object for Duration {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed("time.Duration")
    }

    fn kind(&self) -> Kind {
        Kind::Int64
    }

    fn method(&self, name: &str) -> Option<&'static Signature> {
        Some(match name {
            "Abs" | "Hours" | "Microseconds" | "Milliseconds" | "Minutes" | "Nanoseconds" | "Seconds" | "String" => {
                &NONE
            }
            "Round" | "Truncate" => &DURATION,
            _ => return None,
        })
    }

    fn call(&self, name: &str, args: &[Value]) -> Result<Value, String> {
        Ok(match name {
            "Abs" => Duration(self.0.saturating_abs()).into(),
            "Hours" => Value::Float(self.in_units(3_600_000_000_000)),
            "Minutes" => Value::Float(self.in_units(60_000_000_000)),
            "Seconds" => Value::Float(self.in_units(1_000_000_000)),
            "Milliseconds" => Value::int64(self.0 / 1_000_000),
            "Microseconds" => Value::int64(self.0 / 1_000),
            "Nanoseconds" => Value::int64(self.0),
            "Round" => self.round(duration_arg(args)).into(),
            "Truncate" => self.truncate(duration_arg(args)).into(),
            _ => Value::from(self.to_string()),
        })
    }

    fn print(&self) -> Vec<u8> {
        self.to_string().into_bytes()
    }

    fn to_data(&self) -> Value {
        Value::int64(self.0)
    }

    fn truth(&self) -> bool {
        self.0 != 0
    }

    fn equal(&self, other: &dyn Object) -> Option<bool> {
        let other: &dyn std::any::Any = other;
        other.downcast_ref::<Duration>().map(|other| self == other)
    }
}

/// `time.Month` and `time.Weekday`: integers with a name.
macro_rules! named_integer {
    ($type:ty, $name:literal) => {
        impl Object for $type {
            fn type_name(&self) -> Cow<'static, str> {
                Cow::Borrowed($name)
            }

            fn kind(&self) -> Kind {
                Kind::Int
            }

            fn method(&self, name: &str) -> Option<&'static Signature> {
                (name == "String").then_some(&NONE)
            }

            fn call(&self, _: &str, _: &[Value]) -> Result<Value, String> {
                Ok(Value::from(self.to_string()))
            }

            fn print(&self) -> Vec<u8> {
                self.to_string().into_bytes()
            }

            fn to_data(&self) -> Value {
                Value::int(self.0)
            }

            fn truth(&self) -> bool {
                self.0 != 0
            }

            fn equal(&self, other: &dyn Object) -> Option<bool> {
                let other: &dyn std::any::Any = other;
                other.downcast_ref::<$type>().map(|other| self == other)
            }
        }
    };
}

named_integer!(Month, "time.Month");
named_integer!(Weekday, "time.Weekday");

impl Object for Zone {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed("*time.Location")
    }

    fn kind(&self) -> Kind {
        Kind::Ptr
    }

    fn method(&self, name: &str) -> Option<&'static Signature> {
        (name == "String").then_some(&NONE)
    }

    fn call(&self, _: &str, _: &[Value]) -> Result<Value, String> {
        Ok(Value::from(self.name()))
    }

    fn print(&self) -> Vec<u8> {
        self.name().as_bytes().to_vec()
    }

    /// A location has no exported fields.
    fn to_data(&self) -> Value {
        Value::map::<&str>([])
    }
}
