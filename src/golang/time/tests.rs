use super::super::table::{Differences, rows};
use super::*;
use crate::golang::{cast, fmt, json};
use crate::value::{Object, Value};

/// Whether the machine has zone data; the zones' own rows are skipped without.
fn has_zones() -> bool {
    Zone::load("Europe/Berlin").is_some()
}

#[test]
fn times_are_shown_as_go_shows_them() {
    let mut differences = Differences::default();
    for row in rows("time_format") {
        let zone = row[2].as_str().unwrap();
        if zone != "UTC" && !has_zones() {
            continue;
        }
        let zone = Zone::load(zone).unwrap();
        let time = Time::unix_nanos(row[0].as_i64().unwrap(), row[1].as_i64().unwrap()).in_zone(zone);
        let what = format!("{} {} {}", row[0], row[1], row[2]);
        differences.compare(&what, time.to_string().as_str(), row[3].as_str().unwrap());
        for form in row[4].as_array().unwrap() {
            let layout = form[0].as_str().unwrap();
            differences.compare(
                format_args!("{what} {layout:?}"),
                time.format(layout).as_str(),
                form[1].as_str().unwrap(),
            );
        }
        let numbers = format!(
            "{} {} {} {}",
            time.year_day(),
            time.weekday(),
            time.month(),
            time.call("UnixMilli", &[]).map(|value| crate::golang::cast::to_int64(&value)).unwrap()
        );
        differences.compare(&what, numbers.as_str(), row[5].as_str().unwrap());
        let moves = row[6].as_array().unwrap();
        let by = |at: usize| moves[0][at].as_i64().unwrap();
        differences.compare(&what, time.add_date(by(0), by(1), by(2)).to_string().as_str(), moves[1].as_str().unwrap());
        let unit = Duration(by(3));
        differences.compare(&what, time.add(unit).to_string().as_str(), moves[2].as_str().unwrap());
        differences.compare(&what, time.truncate(unit).to_string().as_str(), moves[3].as_str().unwrap());
        differences.compare(&what, time.round(unit).to_string().as_str(), moves[4].as_str().unwrap());
        differences.compare(&what, time.sub(&Time::unix(0)).to_string().as_str(), moves[5].as_str().unwrap());
    }
    differences.finish();
}

#[test]
fn times_are_read_as_go_reads_them() {
    let mut differences = Differences::default();
    for row in rows("time_parse") {
        let (layout, value) = (row[0].as_str().unwrap(), row[1].as_str().unwrap());
        let go = match row[3].as_str() {
            Some(error) => Err(error.to_owned()),
            None => Ok(row[2].as_str().unwrap().to_owned()),
        };
        let ours = Time::parse(layout, value).map(|time| time.to_string());
        differences.compare(format_args!("{value:?} as {layout:?}"), ours, go);
    }
    differences.finish();
}

#[test]
fn durations_are_read_and_written_as_go_does() {
    let mut differences = Differences::default();
    for row in rows("duration") {
        let text = row[0].as_str().unwrap();
        let duration = match (Duration::parse(text), row[2].as_str()) {
            (Ok(duration), None) => duration,
            (ours, go) => {
                let ours = ours.map_or_else(Some, |_| None);
                differences.compare(format_args!("{text:?}"), ours, go.map(str::to_owned));
                continue;
            }
        };
        let go = row[1].as_array().unwrap();
        let printed = fmt::sprintf(b"%d", &[duration.into()]);
        differences.compare(text, String::from_utf8(printed).unwrap().as_str(), go[0].as_str().unwrap());
        differences.compare(text, duration.to_string().as_str(), go[1].as_str().unwrap());
        let unit = Duration(go[2].as_i64().unwrap());
        differences.compare(text, duration.round(unit).to_string().as_str(), go[3].as_str().unwrap());
        differences.compare(text, duration.truncate(unit).to_string().as_str(), go[4].as_str().unwrap());
        let hours = fmt::sprint(&[duration.call("Hours", &[]).unwrap(), duration.call("Seconds", &[]).unwrap()]);
        differences.compare(text, String::from_utf8(hours).unwrap().as_str(), go[5].as_str().unwrap());
    }
    differences.finish();
}

#[test]
fn zones_are_found_by_their_exact_name() {
    assert_eq!(Zone::load(""), Some(Zone::Utc));
    assert_eq!(Zone::load("Local"), Some(Zone::Utc));
    assert_eq!(Zone::load("No/Where"), None);
    assert_eq!(Zone::load("../etc/passwd"), None);
    if has_zones() {
        assert_eq!(Zone::load("europe/berlin"), None);
    }
}

#[test]
fn objects_print_as_go_prints_them() {
    let time = Time::unix_nanos(1_000_000_000, 5_000_000);
    let values: [Value; 4] = [time.clone().into(), time.month().into(), time.weekday().into(), Duration(1500).into()];
    let printed = fmt::sprintf(b"%v|%s|%d|%v", &values);
    assert_eq!(String::from_utf8(printed).unwrap(), "2001-09-09 01:46:40.005 +0000 UTC|September|0|1.5µs");
    assert_eq!(fmt::sprintf(b"%d %5d %z", &values[1..]), b"9     0 %!z(time.Duration=1500)");
    assert_eq!(cast::to_int64(&values[1]), 9);
    assert_eq!(cast::to_int64(&values[3]), 0);
    let data = json::marshal(&Value::list(values.to_vec()), true).unwrap();
    assert_eq!(String::from_utf8(data).unwrap(), r#"["2001-09-09T01:46:40.005Z",9,0,1500]"#);
    assert!(Value::from(Time::zero()).truth() && Time::zero().is_zero());
}
