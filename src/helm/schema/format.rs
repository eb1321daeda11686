//! The formats whose words or whose rules differ between the validator and the library that Helm uses.

use std::error::Error;

use boon::{Compiler, Format};
use serde_json::Value as Json;

use crate::golang::regexp::Regexp;
use crate::golang::strconv;
use crate::golang::time::Time;
use crate::golang::url::{self, Url};

type Checked = Result<(), String>;

/// Registers the formats of this file.
pub fn register(compiler: &mut Compiler) {
    macro_rules! formats {
        ($($name:literal => $check:expr),* $(,)?) => {
            $(compiler.register_format(Format { name: $name, func: |value| text(value, $check) });)*
        };
    }
    formats! {
        "regex" => |text| Regexp::compile(text).map(|_| ()),
        "ipv4" => ipv4,
        "ipv6" => ipv6,
        "date" => date,
        "date-time" => date_time,
        "uri" => uri,
        "iri" => uri,
        "uri-reference" => uri_reference,
        "iri-reference" => uri_reference,
        "uuid" => uuid,
        "json-pointer" => json_pointer,
        "duration" => duration,
        "semver" => semver,
        // Not known to the library.
        "idn-email" => |_| Ok(()),
        "idn-hostname" => |_| Ok(()),
    }
}

/// Formats hold for texts only.
fn text(value: &Json, check: fn(&str) -> Checked) -> Result<(), Box<dyn Error>> {
    value.as_str().map_or(Ok(()), |text| check(text).map_err(Into::into))
}

fn ipv4(text: &str) -> Checked {
    let groups: Vec<&str> = text.split('.').collect();
    if groups.len() != 4 {
        return Err("expected four decimals".to_owned());
    }
    for group in groups {
        if group.len() > 1 && group.starts_with('0') {
            return Err("leading zeros".to_owned());
        }
        let number = strconv::atoi(group).map_err(|error| {
            let what = match error {
                strconv::NumError::Range => "value out of range",
                strconv::NumError::Syntax => "invalid syntax",
            };
            format!("strconv.Atoi: parsing {}: {what}", strconv::quote(group.as_bytes()))
        })?;
        if !(0..=255).contains(&number) {
            return Err("decimal must be between 0 and 255".to_owned());
        }
    }
    Ok(())
}

fn ipv6(text: &str) -> Checked {
    if !text.contains(':') {
        return Err("missing colon".to_owned());
    }
    match url::check_address(text.as_bytes())? {
        true => Err("zone id is not a part of ipv6 address".to_owned()),
        false => Ok(()),
    }
}

fn date(text: &str) -> Checked {
    Time::parse("2006-01-02", text).map(|_| ())
}

fn date_time(text: &str) -> Checked {
    if text.len() < 20 {
        return Err("less than 20 characters long".to_owned());
    }
    if !matches!(text.as_bytes()[10], b't' | b'T') {
        return Err("11th character must be t or T".to_owned());
    }
    date(text.get(..10).unwrap_or(text)).map_err(|error| format!("invalid date element: {error}"))?;
    time(&text[11..]).map_err(|error| format!("invalid time element: {error}"))
}

/// A number of two digits, as Go reads one: a sign may stand in it.
fn pair(text: &str, part: &str) -> Result<i64, String> {
    match strconv::atoi(text) {
        Ok(number) if number < 0 => Err(format!("non-positive {part}")),
        Ok(number) => Ok(number),
        Err(_) => Err(format!("invalid {part}")),
    }
}

fn time(text: &str) -> Checked {
    let bytes = text.as_bytes();
    if bytes.len() < 9 {
        return Err("less than 9 characters long".to_owned());
    }
    if bytes[2] != b':' || bytes[5] != b':' {
        return Err("missing colon in correct place".to_owned());
    }
    let part = |from: usize, to: usize| pair(text.get(from..to).unwrap_or_default(), "hour/min/sec");
    let (mut hour, mut minute, second) = (part(0, 2)?, part(3, 5)?, part(6, 8)?);
    if hour > 23 || minute > 59 || second > 60 {
        return Err("hour/min/sec out of range".to_owned());
    }
    let mut rest = text.get(8..).unwrap_or_default();
    if let Some(fraction) = rest.strip_prefix('.') {
        rest = fraction.trim_start_matches(|digit: char| digit.is_ascii_digit());
        if rest.len() == fraction.len() {
            return Err("no digits in second fraction".to_owned());
        }
    }
    if rest != "z" && rest != "Z" {
        if rest.len() != 6 {
            return Err("offset must be 6 characters long".to_owned());
        }
        let sign = match rest.as_bytes()[0] {
            b'+' => -1,
            b'-' => 1,
            _ => return Err("offset must begin with plus/minus".to_owned()),
        };
        if rest.as_bytes()[3] != b':' {
            return Err("missing colon in offset in correct place".to_owned());
        }
        let part = |from: usize, to: usize| pair(rest.get(from..to).unwrap_or_default(), "hour/min in offset");
        let (hours, minutes) = (part(1, 3)?, part(4, 6)?);
        if hours > 23 || minutes > 59 {
            return Err("hour/min in offset out of range".to_owned());
        }
        let mut shifted = hour * 60 + minute + sign * (hours * 60 + minutes);
        if shifted < 0 {
            shifted += 24 * 60;
        }
        (hour, minute) = (shifted / 60, shifted % 60);
    }
    if second >= 60 && (hour != 23 || minute != 59) {
        return Err("invalid leap second".to_owned());
    }
    Ok(())
}

fn parsed_url(text: &str) -> Result<Url, String> {
    let url = url::parse(text.as_bytes())?;
    let name = url::hostname(&url.host);
    if name.contains(&b':') {
        if !url.host.contains(&b'[') || !url.host.contains(&b']') {
            return Err("ipv6 address not enclosed in brackets".to_owned());
        }
        ipv6(&String::from_utf8_lossy(name)).map_err(|error| format!("invalid ipv6 address: {error}"))?;
    }
    Ok(url)
}

fn uri(text: &str) -> Checked {
    match parsed_url(text)?.scheme.is_empty() {
        true => Err("relative url".to_owned()),
        false => Ok(()),
    }
}

/// A reference as Go's `net/url` reads it.
pub fn uri_reference(text: &str) -> Checked {
    match text.contains('\\') {
        true => Err("contains \\".to_owned()),
        false => parsed_url(text).map(|_| ()),
    }
}

fn uuid(text: &str) -> Checked {
    const GROUPS: [usize; 5] = [8, 4, 4, 4, 12];
    let groups: Vec<&str> = text.split('-').collect();
    if groups.len() != GROUPS.len() {
        return Err(format!("must have {} elements", GROUPS.len()));
    }
    for (at, (group, size)) in groups.iter().zip(GROUPS).enumerate() {
        if group.len() != size {
            return Err(format!("element {} must be {size} characters long", at + 1));
        }
        if let Some(other) = group.chars().find(|char| !char.is_ascii_hexdigit()) {
            return Err(format!("non-hex character {}", rune(other)));
        }
    }
    Ok(())
}

/// A character as Go's `%q` shows it.
fn rune(char: char) -> String {
    let quoted = strconv::quote(char.to_string().as_bytes());
    let inner = &quoted[1..quoted.len() - 1];
    match char {
        '\'' => "'\\''".to_owned(),
        '"' => "'\"'".to_owned(),
        _ => format!("'{inner}'"),
    }
}

fn json_pointer(text: &str) -> Checked {
    if text.is_empty() {
        return Ok(());
    }
    let Some(tokens) = text.strip_prefix('/') else { return Err("not starting with /".to_owned()) };
    for token in tokens.split('/') {
        let mut chars = token.chars();
        while let Some(char) = chars.next() {
            if char == '~' && !matches!(chars.next(), Some('0' | '1')) {
                return Err("~ must be followed by 0 or 1".to_owned());
            }
        }
    }
    Ok(())
}

fn duration(text: &str) -> Checked {
    let fail = |message: &str| Err(message.to_owned());
    let Some(text) = text.strip_prefix('P') else { return fail("must start with P") };
    if text.is_empty() {
        return fail("nothing after P");
    }
    if let Some(weeks) = text.strip_suffix('W') {
        return match weeks {
            "" => fail("no number in week"),
            _ if weeks.bytes().all(|byte| byte.is_ascii_digit()) => Ok(()),
            _ => fail("invalid week"),
        };
    }
    for (at, mut part) in text.split('T').enumerate() {
        if at != 0 && part.is_empty() {
            return fail("no time elements");
        }
        let Some(all) = ["YMD", "HMS"].get(at) else { return fail("more than one T") };
        let mut units = *all;
        while !part.is_empty() {
            let rest = part.trim_start_matches(|digit: char| digit.is_ascii_digit());
            if rest.len() == part.len() {
                return fail("missing number");
            }
            let Some(unit) = rest.chars().next() else { return fail("missing unit") };
            let Some(position) = units.find(unit) else {
                let known = if all.contains(unit) { "unit" } else { "invalid unit" };
                let order = if all.contains(unit) { " out of order" } else { "" };
                return Err(format!("{known} {}{order}", rune(unit)));
            };
            units = &units[position + 1..];
            part = &rest[unit.len_utf8()..];
        }
    }
    Ok(())
}

fn semver(text: &str) -> Checked {
    let is_identifier = |char: char| char.is_ascii_alphanumeric() || char == '-';
    let mut rest = text;
    if let Some((before, build)) = rest.split_once('+') {
        if build.is_empty() {
            return Err("build is empty".to_owned());
        }
        for identifier in build.split('.') {
            if identifier.is_empty() {
                return Err("build identifier is empty".to_owned());
            }
            if let Some(other) = identifier.chars().find(|char| !is_identifier(*char)) {
                return Err(format!("invalid character {} in build identifier", rune(other)));
            }
        }
        rest = before;
    }
    if let Some((before, release)) = rest.split_once('-') {
        for identifier in release.split('.') {
            if identifier.is_empty() {
                return Err("pre-release identifier is empty".to_owned());
            }
            if let Some(other) = identifier.chars().find(|char| !is_identifier(*char)) {
                return Err(format!("invalid character {} in pre-release identifier", rune(other)));
            }
            let is_number = identifier.bytes().all(|byte| byte.is_ascii_digit());
            if is_number && identifier.len() > 1 && identifier.starts_with('0') {
                return Err("pre-release numeric identifier starts with zero".to_owned());
            }
        }
        rest = before;
    }
    let numbers: Vec<&str> = rest.split('.').collect();
    if numbers.len() != 3 {
        return Err("versionCore must have 3 numbers separated by dot".to_owned());
    }
    for (number, name) in numbers.into_iter().zip(["major", "minor", "patch"]) {
        if number.is_empty() {
            return Err(format!("{name} is empty"));
        }
        if number.len() > 1 && number.starts_with('0') {
            return Err(format!("{name} starts with zero"));
        }
        if !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(format!("{name} contains non-digit"));
        }
    }
    Ok(())
}
