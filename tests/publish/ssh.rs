//! Publishing over ssh, to a real server.

use std::fs;

use crate::servers::rows;
use crate::sshd::Sshd;
use crate::support::{Ended, Place, has};

#[test]
fn a_server_over_ssh() {
    if !has("git") {
        return;
    }
    let place = Place::new();
    let keys = tempfile::tempdir().unwrap();
    let Some(server) = Sshd::start(keys.path()) else { return };
    let target = place.folder.path().join("target.git");
    let url = format!("ssh://{}@127.0.0.1:{}{}", server.user, server.port, target.display());
    rows(&place, &url, &[("GIT_SSH_COMMAND", &server.client)]);
    let tip = place.tip("main");
    // A key that the server does not know, and a server whose key is not the one that is known.
    place.bump(9);
    let publish = |client: &str| {
        let mut command = place.command(&["publish", "--repo", &url, "--allow-rollback"]);
        Ended::of(&command.env("GIT_SSH_COMMAND", client).output().unwrap())
    };
    let stranger = format!("'{}'", keys.path().join("stranger").display());
    let key = format!("'{}'", keys.path().join("user").display());
    publish(&server.client.replace(&key, &format!("{stranger} -o IdentitiesOnly=yes")))
        .expect(6)
        .says("Permission denied");
    fs::write(
        keys.path().join("known_hosts"),
        fs::read_to_string(keys.path().join("stranger.pub"))
            .map(|other| format!("[127.0.0.1]:{} {other}", server.port))
            .unwrap(),
    )
    .unwrap();
    publish(&server.client).expect(6).says("REMOTE HOST IDENTIFICATION HAS CHANGED");
    assert_eq!(place.tip("main"), tip);
}
