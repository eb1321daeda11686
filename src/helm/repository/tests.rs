use super::{Entry, Index, Repositories, digest_of_v2, digest_of_v3};
use crate::helm::Dependency;

fn index(text: &str) -> Result<Index, String> {
    Index::parse(text.as_bytes(), "SOURCE")
}

#[test]
fn versions_are_chosen_as_helm_does() {
    let versions = ["1.2.3", "2.0.0-rc.1", "1.10.0", "1.3.0+b"];
    let lines: String =
        versions.iter().map(|it| format!("  - {{apiVersion: v2, name: web, version: {it}}}\n")).collect();
    let index = index(&format!("apiVersion: v1\nentries:\n  none: []\n  web:\n{lines}")).unwrap();
    let found = |wanted: &str| index.find("web", wanted).map(|it| it.version.as_str()).map_err(|error| error.clone());
    assert_eq!(found(""), Ok("1.10.0"));
    assert_eq!(found("2.0.0-rc.1"), Ok("2.0.0-rc.1"));
    assert_eq!(found(">0.0.0-0"), Ok("2.0.0-rc.1"));
    assert_eq!(found("~1.2"), Ok("1.2.3"));
    assert_eq!(found("1.3"), Ok("1.3.0+b"));
    assert_eq!(found("9"), Err("no chart version found for web-9".to_owned()));
    assert_eq!(found("a b"), Err("improper constraint: \"a b\"".to_owned()));
    assert_eq!(index.find("x", "").unwrap_err(), "no chart name found");
    assert_eq!(index.find("none", "").unwrap_err(), "no chart version found");
}

#[test]
fn bad_indexes_are_told_in_helms_words() {
    let decoding = "error unmarshaling JSON: while decoding JSON: json: ";
    for (text, error) in [
        ("", "empty index.yaml file".to_owned()),
        ("entries: {}", "no API version specified".to_owned()),
        ("<html>", format!("{decoding}cannot unmarshal string into Go value of type repo.IndexFile")),
        ("apiVersion: v1\nbogus: 1", format!("{decoding}unknown field \"bogus\"")),
        ("a: [", "error converting YAML to JSON: yaml: line 1: did not find expected node content".to_owned()),
    ] {
        assert_eq!(index(text).unwrap_err(), error, "{text}");
    }
    // JSON may hold what nobody knows.
    assert!(index(r#"{"apiVersion": "v1", "bogus": 1}"#).is_ok());
}

#[test]
fn bad_entries_are_passed_over() {
    let text = "apiVersion: v1\nentries:\n  web:\n  -\n  - {name: web, version: x}\n  - {name: web, version: 1.0.0}\n";
    let index = index(text).unwrap();
    assert_eq!(index.versions("web").unwrap().len(), 1);
    let begin = "skipping loading invalid entry for chart \"web\"";
    assert_eq!(
        index.warnings,
        [
            format!("index.go:371: {begin} \"x\" from SOURCE: validation: chart.metadata.version \"x\" is invalid"),
            format!("index.go:359: {begin} from SOURCE: empty entry"),
        ]
    );
}

#[test]
fn the_list_of_repositories_is_written_as_helm_does() {
    let mut list = Repositories::parse(b"").unwrap();
    list.put(Entry { name: "a".to_owned(), url: "https://a.example".to_owned(), ..Entry::default() });
    list.put(Entry { name: "b".to_owned(), insecure: true, ..Entry::default() });
    list.put(Entry { name: "b".to_owned(), url: "https://b.example".to_owned(), ..Entry::default() });
    assert!(list.remove("a") && !list.remove("a"));
    let text = "apiVersion: \"\"\ngenerated: \"0001-01-01T00:00:00Z\"\nrepositories:\n- caFile: \"\"\n  certFile: \"\"\n  \
                insecure_skip_tls_verify: false\n  keyFile: \"\"\n  name: b\n  pass_credentials_all: false\n  \
                password: \"\"\n  url: https://b.example\n  username: \"\"\n";
    assert_eq!(String::from_utf8(list.to_yaml().unwrap()).unwrap(), text);
    assert!(Repositories::parse(text.as_bytes()).unwrap().entries == list.entries);
}

/// Made by helm 3.21.4.
#[test]
fn digests_are_those_of_helm() {
    let dependency = |version: &str| Dependency {
        name: "sub".to_owned(),
        version: version.to_owned(),
        repository: "file://../sub".to_owned(),
        ..Dependency::default()
    };
    let digest = digest_of_v3(&[dependency(">=0.1.0")], &[dependency("0.3.0")]).unwrap();
    assert_eq!(digest, "sha256:36a00d82fee43a30cdcf750e2046af6ee886ee8125309a2494463446a7f63001");
    assert_ne!(digest_of_v2(&[dependency("0.3.0")]).unwrap(), digest);
}
