use std::fmt;

use super::Time;
use super::calendar::{DAYS, MONTHS};
use super::layout::{Element, OffsetStyle, next_element};

impl Time {
    /// `Format`: the layout with its elements replaced.
    pub fn format(&self, layout: &str) -> String {
        let mut out = String::with_capacity(layout.len() + 10);
        let (date, clock) = (self.date(), self.clock());
        let mut rest = layout;
        loop {
            let (before, element, after) = next_element(rest);
            out.push_str(before);
            let Some(element) = element else { return out };
            rest = after;
            let hour12 = if clock.hour % 12 == 0 { 12 } else { clock.hour % 12 };
            match element {
                Element::LongMonth => out.push_str(MONTHS[(date.month - 1) as usize]),
                Element::Month => out.push_str(&MONTHS[(date.month - 1) as usize][..3]),
                Element::NumMonth => number(&mut out, date.month, 0),
                Element::ZeroMonth => number(&mut out, date.month, 2),
                Element::LongWeekDay => out.push_str(DAYS[self.weekday().0 as usize]),
                Element::WeekDay => out.push_str(&DAYS[self.weekday().0 as usize][..3]),
                Element::Day => number(&mut out, date.day, 0),
                Element::UnderDay => under(&mut out, date.day, 2),
                Element::ZeroDay => number(&mut out, date.day, 2),
                Element::UnderYearDay => under(&mut out, self.year_day(), 3),
                Element::ZeroYearDay => number(&mut out, self.year_day(), 3),
                Element::Hour => number(&mut out, clock.hour, 2),
                Element::Hour12 => number(&mut out, hour12, 0),
                Element::ZeroHour12 => number(&mut out, hour12, 2),
                Element::Minute => number(&mut out, clock.minute, 0),
                Element::ZeroMinute => number(&mut out, clock.minute, 2),
                Element::Second => number(&mut out, clock.second, 0),
                Element::ZeroSecond => number(&mut out, clock.second, 2),
                Element::LongYear => number(&mut out, date.year, 4),
                Element::Year => number(&mut out, date.year.abs() % 100, 2),
                Element::UpperPm => out.push_str(if clock.hour >= 12 { "PM" } else { "AM" }),
                Element::LowerPm => out.push_str(if clock.hour >= 12 { "pm" } else { "am" }),
                Element::ZoneName => self.zone_name(&mut out),
                Element::Offset(style) => offset(&mut out, self.offset().1, style),
                Element::Fraction { separator, digits, trim } => {
                    fraction(&mut out, self.nanoseconds(), separator, digits, trim);
                }
            }
        }
    }

    fn zone_name(&self, out: &mut String) {
        let (name, seconds) = self.offset();
        if name.is_empty() {
            let style = OffsetStyle { z: false, colons: false, minutes: true, seconds: false };
            offset(out, seconds, style);
        } else {
            out.push_str(&name);
        }
    }
}

/// What templates print: `2006-01-02 15:04:05.999999999 -0700 MST`.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.format("2006-01-02 15:04:05.999999999 -0700 MST"))
    }
}

/// A number with leading zeros, its sign not counted.
fn number(out: &mut String, value: i64, width: usize) {
    if value < 0 {
        out.push('-');
    }
    let digits = value.unsigned_abs().to_string();
    out.extend(std::iter::repeat_n('0', width.saturating_sub(digits.len())));
    out.push_str(&digits);
}

/// A number with leading spaces.
fn under(out: &mut String, value: i64, width: usize) {
    let digits = value.to_string();
    out.extend(std::iter::repeat_n(' ', width.saturating_sub(digits.len())));
    out.push_str(&digits);
}

fn offset(out: &mut String, seconds: i64, style: OffsetStyle) {
    if style.z && seconds == 0 {
        return out.push('Z');
    }
    // Go looks at whole minutes for the sign, and keeps the sign of the seconds when there are none.
    let negative = seconds / 60 < 0;
    let minutes = (seconds / 60).abs();
    let seconds = if negative { -seconds } else { seconds };
    out.push(if negative { '-' } else { '+' });
    number(out, minutes / 60, 2);
    if style.minutes {
        if style.colons {
            out.push(':');
        }
        number(out, minutes % 60, 2);
    }
    if style.seconds {
        if style.colons {
            out.push(':');
        }
        number(out, seconds % 60, 2);
    }
}

fn fraction(out: &mut String, nanos: i64, separator: u8, digits: usize, trim: bool) {
    if trim && nanos == 0 {
        return;
    }
    let text = format!("{nanos:09}");
    let text = &text[..digits.min(9)];
    let text = if trim { text.trim_end_matches('0') } else { text };
    if !text.is_empty() {
        out.push(char::from(separator));
        out.push_str(text);
    }
}
