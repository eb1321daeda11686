use std::cmp::Ordering;

use serde_json::Value as Json;

use super::super::table::{Differences, rows};
use super::*;

fn outcome(result: Result<Version, String>) -> Vec<String> {
    match result {
        Ok(version) => {
            let numbers = format!("{} {} {}", version.major, version.minor, version.patch);
            vec![numbers, version.pre.clone(), version.metadata.clone(), version.original.clone(), version.to_string()]
        }
        Err(error) => vec![error],
    }
}

fn texts(json: &Json) -> Vec<String> {
    json.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

#[test]
fn versions_are_read_as_masterminds_reads_them() {
    let mut differences = Differences::default();
    for row in rows("semver_version") {
        let text = row[0].as_str().unwrap();
        differences.compare(format_args!("{text:?}"), outcome(Version::parse(text)), texts(&row[1]));
        differences.compare(format_args!("strict {text:?}"), outcome(Version::parse_strict(text)), texts(&row[2]));
        if let Ok(version) = Version::parse(text) {
            let name = |version: Result<Version, String>| match version {
                Ok(version) => vec![version.to_string(), version.original],
                Err(error) => vec![error],
            };
            let next = [
                version.inc_major(),
                version.inc_minor(),
                version.inc_patch(),
                version.with_prerelease("a.1"),
                version.with_prerelease("01"),
                version.with_metadata("m.1"),
                version.with_metadata("m!"),
            ];
            for (at, next) in next.into_iter().enumerate() {
                differences.compare(format_args!("{text:?} next {at}"), name(next), texts(&row[3][at]));
            }
        }
    }
    differences.finish();
}

#[test]
fn versions_are_ordered() {
    let mut differences = Differences::default();
    for row in rows("semver_order") {
        let version = |at: usize| Version::parse(row[at].as_str().unwrap()).unwrap();
        let go = match row[2].as_i64().unwrap() {
            -1 => Ordering::Less,
            0 => Ordering::Equal,
            _ => Ordering::Greater,
        };
        differences.compare(&row, version(0).cmp(&version(1)), go);
    }
    differences.finish();
}

#[test]
fn constraints_are_read_and_checked_as_masterminds_does() {
    let mut differences = Differences::default();
    for row in rows("semver_constraint") {
        let text = row[0].as_str().unwrap();
        let constraints = match (Constraints::parse(text), row[1].as_str()) {
            (Ok(constraints), _) if row[1].is_null() => constraints,
            (parsed, error) => {
                let error = error.map_or(Ok(()), |error| Err(error.to_owned()));
                differences.compare(format_args!("{text:?}"), parsed.map(|_| ()), error);
                continue;
            }
        };
        differences.compare("printed", constraints.to_string().as_str(), row[2].as_str().unwrap());
        for case in row[3].as_array().unwrap() {
            let version = Version::parse(case[0].as_str().unwrap()).unwrap();
            let what = format!("{text:?} {version}");
            differences.compare(&what, constraints.check(&version), case[1].as_bool().unwrap());
            let reasons = constraints.validate(&version).err().unwrap_or_default();
            differences.compare(&what, reasons, texts(&case[2]));
        }
    }
    differences.finish();
}
