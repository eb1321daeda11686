use super::calendar::{DAYS, MONTHS, days_before, days_in, is_leap};
use super::duration::quote;
use super::layout::{Element, OffsetStyle, next_element};
use super::{Clock, Date, Time, Zone};

impl Time {
    /// `time.ParseInLocation` with the local zone. The error is Go's text.
    pub fn parse(layout: &str, value: &str) -> Result<Self, String> {
        let mut fields = Fields { layout, value, rest: value, ..Fields::default() };
        let mut remaining = layout;
        loop {
            let (prefix, element, suffix) = next_element(remaining);
            fields.skip(prefix)?;
            let Some(element) = element else { break };
            let written = &remaining[prefix.len()..remaining.len() - suffix.len()];
            let before = fields.rest;
            match fields.read(element, suffix) {
                Ok(()) => {}
                Err(Problem::Bad) => return Err(fields.cannot(before, written)),
                Err(Problem::Range(what)) => return Err(fields.error(&format!("{what} out of range"))),
            }
            remaining = suffix;
        }
        if !fields.rest.is_empty() {
            return Err(fields.error(&format!("extra text: {}", quote(fields.rest))));
        }
        fields.time()
    }
}

/// Why an element could not be read.
enum Problem {
    Bad,
    Range(&'static str),
}

/// What has been read so far.
#[derive(Default)]
struct Fields<'a> {
    layout: &'a str,
    value: &'a str,
    rest: &'a str,
    year: i64,
    month: Option<i64>,
    day: Option<i64>,
    year_day: Option<i64>,
    clock: Clock,
    am: bool,
    pm: bool,
    utc: bool,
    offset: Option<i64>,
    zone_name: &'a str,
}

impl<'a> Fields<'a> {
    fn error(&self, message: &str) -> String {
        format!("parsing time {}: {message}", quote(self.value))
    }

    fn cannot(&self, at: &str, written: &str) -> String {
        let (value, layout) = (quote(self.value), quote(self.layout));
        format!("parsing time {value} as {layout}: cannot parse {} as {}", quote(at), quote(written))
    }

    /// Skips what stands between elements; spaces match any number of spaces.
    fn skip(&mut self, prefix: &str) -> Result<(), String> {
        let mut expected = prefix.as_bytes();
        let mut rest = self.rest.as_bytes();
        while let Some((first, after)) = expected.split_first() {
            let fits = match first {
                b' ' => rest.first().is_none_or(|byte| *byte == b' '),
                _ => rest.first() == Some(first),
            };
            if !fits {
                // Prefixes may end inside a character of the value.
                let at = String::from_utf8_lossy(rest).into_owned();
                let at = self.value.get(self.value.len() - rest.len()..).map_or(at, str::to_owned);
                return Err(self.cannot(&at, prefix));
            }
            if *first == b' ' {
                expected = expected.trim_ascii_start_spaces();
                rest = rest.trim_ascii_start_spaces();
            } else {
                expected = after;
                rest = &rest[1..];
            }
        }
        match self.value.get(self.value.len() - rest.len()..) {
            Some(rest) => {
                self.rest = rest;
                Ok(())
            }
            None => Err(self.cannot("", prefix)),
        }
    }

    fn read(&mut self, element: Element, suffix: &str) -> Result<(), Problem> {
        match element {
            Element::Year => {
                let year = signed(self.take(2)?)?;
                self.year = if year >= 69 { year + 1900 } else { year + 2000 };
            }
            Element::LongYear if self.rest.starts_with(|char: char| char.is_ascii_digit()) => {
                self.year = signed(self.take(4)?)?;
            }
            Element::LongYear => return Err(Problem::Bad),
            Element::Month => self.month = Some(self.name(MONTHS.iter().map(|name| &name[..3]))? + 1),
            Element::LongMonth => self.month = Some(self.name(MONTHS.iter().copied())? + 1),
            Element::NumMonth | Element::ZeroMonth => {
                let month = self.number(element == Element::ZeroMonth)?;
                self.month = Some(in_range(month, 1, 12, "month")?);
            }
            // The day of the week is read but not compared.
            Element::WeekDay => drop(self.name(DAYS.iter().map(|name| &name[..3]))?),
            Element::LongWeekDay => drop(self.name(DAYS.iter().copied())?),
            Element::Day | Element::UnderDay | Element::ZeroDay => {
                if element == Element::UnderDay {
                    self.rest = self.rest.strip_prefix(' ').unwrap_or(self.rest);
                }
                self.day = Some(self.number(element == Element::ZeroDay)?);
            }
            Element::UnderYearDay | Element::ZeroYearDay => {
                for _ in 0..2 {
                    if element == Element::UnderYearDay {
                        self.rest = self.rest.strip_prefix(' ').unwrap_or(self.rest);
                    }
                }
                let digits = self.rest.bytes().take(3).take_while(u8::is_ascii_digit).count();
                if digits == 0 || (element == Element::ZeroYearDay && digits < 3) {
                    return Err(Problem::Bad);
                }
                self.year_day = Some(signed(self.take(digits)?)?);
            }
            Element::Hour => self.clock.hour = in_range(self.number(false)?, 0, 23, "hour")?,
            Element::Hour12 | Element::ZeroHour12 => {
                let hour = self.number(element == Element::ZeroHour12)?;
                self.clock.hour = in_range(hour, 0, 12, "hour")?;
            }
            Element::Minute | Element::ZeroMinute => {
                let minute = self.number(element == Element::ZeroMinute)?;
                self.clock.minute = in_range(minute, 0, 59, "minute")?;
            }
            Element::Second | Element::ZeroSecond => {
                let second = self.number(element == Element::ZeroSecond)?;
                self.clock.second = in_range(second, 0, 59, "second")?;
                // A fraction may follow although the layout has none.
                let expected = matches!(next_element(suffix).1, Some(Element::Fraction { .. }));
                if !expected && fraction_digits(self.rest) > 0 {
                    self.fraction(fraction_digits(self.rest))?;
                }
            }
            Element::UpperPm | Element::LowerPm => match (self.take(2)?, element) {
                ("PM", Element::UpperPm) | ("pm", Element::LowerPm) => self.pm = true,
                ("AM", Element::UpperPm) | ("am", Element::LowerPm) => self.am = true,
                _ => return Err(Problem::Bad),
            },
            Element::Offset(style) => match self.rest.strip_prefix('Z') {
                Some(rest) if style.z => {
                    self.rest = rest;
                    self.utc = true;
                }
                _ => self.offset(style)?,
            },
            Element::ZoneName => match self.rest.strip_prefix("UTC") {
                Some(rest) => {
                    self.rest = rest;
                    self.utc = true;
                }
                None => {
                    let length = zone_name_length(self.rest).ok_or(Problem::Bad)?;
                    self.zone_name = self.take(length)?;
                }
            },
            Element::Fraction { digits, trim: false, .. } => self.fraction(digits)?,
            Element::Fraction { trim: true, .. } => match fraction_digits(self.rest) {
                0 => {}
                digits => self.fraction(digits)?,
            },
        }
        Ok(())
    }

    fn take(&mut self, length: usize) -> Result<&'a str, Problem> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(Problem::Bad)?;
        self.rest = rest;
        Ok(taken)
    }

    /// Reads one digit or two, always two when `fixed`.
    fn number(&mut self, fixed: bool) -> Result<i64, Problem> {
        let digits = self.rest.bytes().take(2).take_while(u8::is_ascii_digit).count();
        if digits == 0 || (fixed && digits < 2) {
            return Err(Problem::Bad);
        }
        signed(self.take(digits)?)
    }

    /// Reads one of the names in any case and gives its index.
    fn name(&mut self, names: impl Iterator<Item = &'static str>) -> Result<i64, Problem> {
        for (at, name) in names.enumerate() {
            if self.rest.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)) {
                self.take(name.len())?;
                return Ok(at as i64);
            }
        }
        Err(Problem::Bad)
    }

    /// Reads a separator and digits of a second's fraction, of which nine count.
    fn fraction(&mut self, digits: usize) -> Result<(), Problem> {
        let text = self.take(1 + digits)?;
        let counted = text.strip_prefix(['.', ',']).and_then(|text| text.get(..digits.min(9))).ok_or(Problem::Bad)?;
        let nanos = signed(counted)?;
        if nanos < 0 {
            return Err(Problem::Range("fractional second"));
        }
        self.clock.nanosecond = nanos * 10i64.pow(9 - counted.len() as u32);
        Ok(())
    }

    fn offset(&mut self, style: OffsetStyle) -> Result<(), Problem> {
        let mut text = self.take(
            3 + if style.minutes { 2 } else { 0 }
                + if style.seconds { 2 } else { 0 }
                + if style.colons { usize::from(style.minutes) + usize::from(style.seconds) } else { 0 },
        )?;
        let sign = text.get(..1).ok_or(Problem::Bad)?;
        text = &text[1..];
        let mut parts = [0; 3];
        let mut sound = true;
        let count = 1 + usize::from(style.minutes) + usize::from(style.seconds);
        for (at, part) in parts.iter_mut().enumerate().take(count) {
            if style.colons && at > 0 {
                text = text.strip_prefix(':').ok_or(Problem::Bad)?;
            }
            let (digits, rest) = text.split_at_checked(2).ok_or(Problem::Bad)?;
            if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                sound = false;
                break;
            }
            *part = signed(digits)?;
            text = rest;
        }
        // Numbers out of range are reported before parts that are none.
        let [hours, minutes, seconds] = parts;
        in_range(hours, 0, 24, "time zone offset hour")?;
        in_range(minutes, 0, 60, "time zone offset minute")?;
        in_range(seconds, 0, 60, "time zone offset second")?;
        if !sound {
            return Err(Problem::Bad);
        }
        let offset = (hours * 60 + minutes) * 60 + seconds;
        self.offset = Some(match sign {
            "+" => offset,
            "-" => -offset,
            _ => return Err(Problem::Bad),
        });
        Ok(())
    }

    /// Checks what was read and makes a time of it.
    fn time(mut self) -> Result<Time, String> {
        if self.pm && self.clock.hour < 12 {
            self.clock.hour += 12;
        } else if self.am && self.clock.hour == 12 {
            self.clock.hour = 0;
        }
        let (month, day) = match self.year_day {
            Some(year_day) => self.date_of_year_day(year_day)?,
            None => (self.month.unwrap_or(1), self.day.unwrap_or(1)),
        };
        if day < 1 || day > days_in(month, self.year) {
            return Err(self.error("day out of range"));
        }
        let date = Date { year: self.year, month, day };
        let shown = Time::date_in(date, self.clock, Zone::Utc);
        if self.utc {
            return Ok(shown);
        }
        if let Some(offset) = self.offset {
            let time = Time::unix_nanos(shown.seconds() - offset, shown.nanoseconds());
            let local = offset == 0 && matches!(self.zone_name, "" | "UTC");
            let zone = if local { Zone::Utc } else { Zone::Fixed(self.zone_name.into(), offset as i32) };
            return Ok(time.in_zone(zone));
        }
        if self.zone_name.is_empty() {
            return Ok(shown);
        }
        let hours = match self.zone_name.strip_prefix("GMT") {
            Some(hours) if !hours.is_empty() => signed(hours).unwrap_or(0),
            _ => 0,
        };
        // Go gives the abbreviation its offset only after it has taken the clock for UTC's.
        Ok(shown.in_zone(Zone::Fixed(self.zone_name.into(), (hours * 3600) as i32)))
    }

    fn date_of_year_day(&self, year_day: i64) -> Result<(i64, i64), String> {
        let leap_day = is_leap(self.year) && year_day == 60;
        let counted = year_day - i64::from(is_leap(self.year) && year_day > 60);
        if !(1..=365).contains(&counted) {
            return Err(self.error("day-of-year out of range"));
        }
        let (month, day) = if leap_day {
            (2, 29)
        } else {
            let month = (1..=12).rev().find(|month| days_before(*month) < counted).unwrap_or(1);
            (month, counted - days_before(month))
        };
        if self.month.is_some_and(|own| own != month) {
            return Err(self.error("day-of-year does not match month"));
        }
        if self.day.is_some_and(|own| own != day) {
            return Err(self.error("day-of-year does not match day"));
        }
        Ok((month, day))
    }
}

fn in_range(value: i64, low: i64, high: i64, what: &'static str) -> Result<i64, Problem> {
    if (low..=high).contains(&value) { Ok(value) } else { Err(Problem::Range(what)) }
}

/// A decimal number with an optional sign.
fn signed(text: &str) -> Result<i64, Problem> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.bytes().any(|byte| !byte.is_ascii_digit()) {
        return Err(Problem::Bad);
    }
    let size = digits.bytes().fold(0i64, |size, digit| size.saturating_mul(10).saturating_add(i64::from(digit - b'0')));
    Ok(if text.starts_with('-') { -size } else { size })
}

/// Digits of the fraction that begins a text.
fn fraction_digits(text: &str) -> usize {
    match text.strip_prefix(['.', ',']) {
        Some(digits) => digits.bytes().take_while(u8::is_ascii_digit).count(),
        None => 0,
    }
}

/// Length of the zone abbreviation that begins a text.
fn zone_name_length(text: &str) -> Option<usize> {
    if text.len() < 3 {
        return None;
    }
    if text.starts_with("ChST") || text.starts_with("MeST") {
        return Some(4);
    }
    if let Some(rest) = text.strip_prefix("GMT") {
        return Some(3 + signed_hours_length(rest));
    }
    if text.starts_with(['+', '-']) {
        return Some(signed_hours_length(text)).filter(|length| *length > 0);
    }
    match text.bytes().take(6).take_while(u8::is_ascii_uppercase).count() {
        5 if text.as_bytes()[4] == b'T' => Some(5),
        4 if text.as_bytes()[3] == b'T' || text.starts_with("WITA") => Some(4),
        3 => Some(3),
        _ => None,
    }
}

/// Length of a signed number of hours up to 23; 0 when there is none.
fn signed_hours_length(text: &str) -> usize {
    let Some(digits) = text.strip_prefix(['+', '-']) else { return 0 };
    let length = digits.bytes().take_while(u8::is_ascii_digit).count();
    match digits[..length].parse::<u64>() {
        Ok(0..=23) => 1 + length,
        _ => 0,
    }
}

/// Cuts spaces (no other white space) off the front.
trait TrimSpaces {
    fn trim_ascii_start_spaces(&self) -> &Self;
}

impl TrimSpaces for [u8] {
    fn trim_ascii_start_spaces(&self) -> &Self {
        &self[self.iter().take_while(|byte| **byte == b' ').count()..]
    }
}
