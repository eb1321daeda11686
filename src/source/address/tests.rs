use std::path::PathBuf;

use super::*;
use crate::source::spec::Trust;

fn git(url: &str) -> Result<Address, String> {
    let policy = Policy { allow_insecure: vec!["127.0.0.1".to_owned()], project: PathBuf::from("/p") };
    resolve(url, url, For::Git, Trust::Project, &policy).map_err(|error| error.message)
}

#[test]
fn good_addresses() {
    assert!(
        matches!(git("https://github.com/o/r").unwrap(), Address::Web(url) if url.as_str() == "https://github.com/o/r")
    );
    assert!(
        matches!(git("https://user@host.io/o/r").unwrap(), Address::Web(url) if url.as_str() == "https://host.io/o/r")
    );
    assert!(matches!(git("http://127.0.0.1:8080/o/r").unwrap(), Address::Web(_)));
    assert_eq!(
        git("git@github.com:o/r.git").unwrap(),
        Address::Ssh(SshAddress {
            user: Some("git".into()),
            host: "github.com".into(),
            port: None,
            path: "o/r.git".into()
        })
    );
    assert_eq!(
        git("ssh://git@host:2222/o/r").unwrap(),
        Address::Ssh(SshAddress {
            user: Some("git".into()),
            host: "host".into(),
            port: Some(2222),
            path: "/o/r".into()
        })
    );
    assert_eq!(git("../x").unwrap(), Address::Local(PathBuf::from("/p/../x")));
    assert_eq!(git("file:///m/a%20b").unwrap(), Address::Local(PathBuf::from("/m/a b")));
    assert!(matches!(git("git://127.0.0.1:9418/r.git").unwrap(), Address::Daemon { port: 9418, .. }));
}

#[test]
fn dangerous_texts_are_refused_before_any_connection() {
    for (url, word) in [
        ("", "empty"),
        ("-ccore.sshCommand=x", "option"),
        ("--upload-pack=x", "option"),
        ("ext::sh -c x", "protocol"),
        ("fd::3", "protocol"),
        ("data:text/plain,x", "protocol"),
        ("javascript://h/x", "protocol"),
        ("ssh://-oProxyCommand=x/repo", "option"),
        ("ssh://-l%20x@h.invalid/repo", "user"),
        ("git@-oProxyCommand=x:repo", "host"),
        ("git@host:-x", "path"),
        ("https://h/\n", "control"),
        ("https://h/%0ahost=x", "control"),
        ("https://h/%7F", "control"),
        ("https://gіthub.com/x", "ASCII"),
        ("https:///x", "host"),
        ("https://github.com@evil.invalid/x", "credential"),
        ("https://oauth2:ghp_SECRET@h.invalid/x", "credential"),
        ("https://ghp_0123456789abcdefghij@h.invalid/x", "credential"),
        ("https://h.invalid/x?access_token=SECRET", "credential"),
        ("ssh://git:SECRET@h/x", "password"),
        ("http://other/x", "not allowed"),
        ("git://other/x", "not allowed"),
        ("ssh://h:99999/x", "port"),
        ("file://host/x", "host"),
    ] {
        let message = git(url).unwrap_err();
        assert!(message.contains(word), "{url}: {message}");
        assert!(!message.contains("SECRET") && !message.contains("ghp_"), "{message}");
        assert!(!message.contains('\n'), "{message}");
    }
}

#[test]
fn fetched_components_reach_https_and_ssh_only() {
    let policy = Policy { allow_insecure: vec!["h".to_owned()], project: PathBuf::from("/p") };
    let ask = |asked: &str, target: &str| resolve(asked, target, For::Git, Trust::Fetched, &policy).is_ok();
    assert!(ask("https://h/x", "https://h/x"));
    assert!(ask("ssh://h/x", "ssh://h/x"));
    assert!(!ask("http://h/x", "http://h/x"));
    assert!(!ask("file:///x", "file:///x"));
    assert!(!ask("../x", "../x"));
    // The operator's mirror may be anything.
    assert!(ask("https://h/x", "file:///mirror/x"));
    assert!(!ask("file:///x", "https://h/x"));
}

#[test]
fn credentials_do_not_show() {
    assert_eq!(without_credentials("https://u:p@h/x"), "https://h/x");
    assert_eq!(without_credentials("ssh://git:p@h/x"), "ssh://git@h/x");
    assert_eq!(without_credentials("git@h:x"), "git@h:x");
    assert_eq!(shown("https://u:p@h/x?a=1&b=2\u{1b}[2J"), "https://h/x?a=…&b=…");
}
