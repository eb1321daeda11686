use super::super::table::{Differences, rows};
use super::*;

#[test]
fn globs_match_as_gobwas_matches() {
    let mut differences = Differences::default();
    for row in rows("glob") {
        let pattern = row[0].as_str().unwrap();
        match (Glob::compile(pattern), row[1].as_str()) {
            (Ok(glob), None) => {
                for case in row[2].as_array().unwrap() {
                    let path = case[0].as_str().unwrap();
                    let what = format!("{pattern:?} on {path:?}");
                    differences.compare(what, glob.matches(path), case[1].as_bool().unwrap());
                }
            }
            (ours, go) => differences.compare(format_args!("{pattern:?}"), ours.err(), go.map(str::to_owned)),
        }
    }
    differences.finish();
}

#[test]
fn paths_match_as_filepath_matches() {
    let mut differences = Differences::default();
    for row in rows("path_match") {
        let (pattern, name) = (row[0].as_str().unwrap(), row[1].as_str().unwrap());
        let go = match row[3].as_str() {
            Some(error) => Err(error.to_owned()),
            None => Ok(row[2].as_bool().unwrap()),
        };
        differences.compare(format_args!("{pattern:?} on {name:?}"), path_match(pattern, name), go);
    }
    differences.finish();
}

#[test]
fn nesting_is_bounded() {
    assert!(Glob::compile(&"{".repeat(100_000)).is_err());
}
