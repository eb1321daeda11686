use std::collections::HashMap;

use git2::Repository;

use super::*;
use crate::source::fixture;

#[test]
fn ranges_choose_among_the_tags() {
    let client = Client::new();
    let (path, _) = fixture::repository(client.folder.path(), "r", &[("a", "0")]);
    let repository = Repository::open(&path).unwrap();
    let mut commits = HashMap::new();
    for (at, tag) in
        ["v1.0.0", "1.1.0", "v1.2.0-rc.1", "v1.2.0", "v1.10.0", "2.0.0", "v3.0.0-beta", "20240101", "other"]
            .into_iter()
            .enumerate()
    {
        let commit = fixture::commit(&repository, "refs/heads/main", &[("a", &at.to_string())]);
        fixture::tag(&repository, tag, commit);
        commits.insert(commit, tag);
    }
    fixture::commit(&repository, "refs/heads/1.x", &[("a", "branch")]);
    let url = path.to_str().unwrap();
    for (range, expected) in [
        ("^1.0", "v1.10.0"),
        ("^1.2", "v1.10.0"),
        ("~1.2", "v1.2.0"),
        ("~1", "v1.10.0"),
        (">=1 <2", "v1.10.0"),
        (">=1.0.0, <1.10", "v1.2.0"),
        ("1.0 - 1.1", "1.1.0"),
        ("*", "2.0.0"),
        ("2", "2.0.0"),
        ("v2", "2.0.0"),
        ("1.0", "v1.0.0"),
        ("1.1.0", "1.1.0"),
        ("v1.1.0", "1.1.0"),
        ("1.2.0-rc.1", "v1.2.0-rc.1"),
        (">=3.0.0-0", "v3.0.0-beta"),
        ("<1.1 || ^2", "2.0.0"),
        ("20240101", "20240101"),
    ] {
        let fetched = client.fetch(url, &version(range)).unwrap();
        assert_eq!(commits.get(&fetched.commit), Some(&expected), "{range}");
        assert_eq!(fetched.reference.unwrap(), format!("refs/tags/{expected}"), "{range}");
    }
    let named = client.fetch(url, &version("1.x")).unwrap();
    assert_eq!(named.reference.unwrap(), "refs/heads/1.x", "a branch of that name goes first");

    let error = client.fetch(url, &version("^4")).unwrap_err();
    assert!(error.message.contains("no tag") && error.message.contains("`^4`"), "{error}");
    assert!(error.help.unwrap().starts_with("its newest are `v3.0.0-beta`, `2.0.0`, `v1.10.0`"));
    for nonsense in ["HEAD~3", "main^", "-1", "--x", "^", "a || b", "v1.0.0:x", "main@{1}"] {
        let error = check_names(Some(nonsense), None).expect_err(nonsense);
        assert!(error.message.contains("not a valid version"), "{nonsense}: {error}");
    }
    assert!(check_names(None, Some("^1")).is_err(), "a branch is no range");
}

#[test]
fn of_tags_that_are_the_same_version_one_is_always_taken() {
    let client = Client::new();
    let (path, first) = fixture::repository(client.folder.path(), "r", &[("a", "0")]);
    let repository = Repository::open(&path).unwrap();
    let second = fixture::commit(&repository, "refs/heads/main", &[("a", "1")]);
    fixture::tag(&repository, "v1.0.0", second);
    fixture::tag(&repository, "1.0.0", first);
    let fetched = client.fetch(path.to_str().unwrap(), &version("^1")).unwrap();
    assert_eq!(fetched.reference.unwrap(), "refs/tags/1.0.0");
}
