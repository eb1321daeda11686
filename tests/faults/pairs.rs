//! Two processes at once.

use std::process::{Child, Stdio};

use crate::project::{Edition, Twin};
use crate::rounds::rounds;
use crate::sources::{Site, Version};

fn start(command: &mut std::process::Command) -> Child {
    command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
}

fn must_succeed(child: Child) {
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn two_runs_into_one_folder_give_one_of_the_two() {
    for twin in [Twin::of_components(30), Twin::of_clusters(20)] {
        for round in 0..rounds(12) {
            let both = [Edition::Old, Edition::New].map(|edition| start(&mut twin.command(edition)));
            both.into_iter().for_each(must_succeed);
            assert!(twin.state().is_some(), "round {round}: {}", twin.torn());
        }
        twin.heal(Edition::New);
    }
}

#[test]
fn two_installs_into_one_store_are_both_right() {
    let site = Site::new();
    for _ in 0..rounds(6) {
        site.prepare();
        let both = [(), ()].map(|()| start(&mut site.install()));
        both.into_iter().for_each(must_succeed);
        assert_eq!(site.lock(), Ok(Version::New));
        site.heal();
    }
}
