//! State that is damaged, of another version or gone: more is rendered, and the output is the same.

use std::fs;

use crate::project::{ALL, Project};

fn states(project: &Project, folder: &str) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(project.path("generated/.kiln").join(folder)).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn state_may_be_cut_off_anywhere() {
    let project = Project::generated();
    let place = project.path("generated/.kiln/state/east");
    let whole = fs::read(&place).unwrap();
    for part in 0..12 {
        fs::write(&place, &whole[..whole.len() * part / 12]).unwrap();
        let run = project.generate(&[]);
        assert_eq!((run.code, run.counts()), (0, (9, 18)), "{part}: {}", run.stderr);
        project.assert_clean(&[], &run, "state cut off");
    }
}

#[test]
fn bits_may_flip_in_any_state() {
    let project = Project::generated();
    let before = project.tree("generated");
    for folder in ["state", "asked"] {
        for place in states(&project, folder) {
            let whole = fs::read(&place).unwrap();
            for part in 0..3 {
                let mut damaged = whole.clone();
                let at = (whole.len() - 1) * part / 2;
                damaged[at] ^= 1;
                fs::write(&place, damaged).unwrap();
                // What is asked for is looked at only when values differ.
                project.write("config/common.yaml", &format!("subcomponents: {{web: {{config: {{unread: {part}}}}}, injected: {{namespace: inside, injectNamespace: true}}}}\n"));
                let run = project.generate(&[]);
                assert_eq!(run.code, 0, "{}", run.stderr);
                assert!(project.tree("generated") == before, "{}", place.display());
            }
        }
    }
}

#[test]
fn state_of_another_program_counts_as_none() {
    let project = Project::generated();
    for place in states(&project, "state") {
        let mut bytes = fs::read(&place).unwrap();
        // The maker stands behind the heading.
        let at = b"kiln state 1\n".len() + 1;
        bytes[at] = if bytes[at] == b'0' { b'1' } else { b'0' };
        let seal = bytes.len() - 32;
        let digest = kiln::source::Digest::of(&bytes[..seal]);
        bytes[seal..].copy_from_slice(&digest.0);
        fs::write(&place, bytes).unwrap();
    }
    let run = project.generate(&[]);
    assert_eq!(run.counts(), (ALL, 0));
    project.assert_clean(&[], &run, "another maker");
}

#[test]
fn state_may_be_anything() {
    let project = Project::generated();
    let place = project.path("generated/.kiln/state/east");
    for content in [&b""[..], b"kiln state 1\n", &[0; 100_000]] {
        fs::write(&place, content).unwrap();
        assert_eq!(project.counts(&[]), (9, 18));
    }
    fs::remove_file(&place).unwrap();
    fs::create_dir(&place).unwrap();
    assert_eq!(project.counts(&[]), (9, 18));
    fs::remove_dir_all(project.path("generated/.kiln/state")).unwrap();
    fs::write(project.path("generated/.kiln/state"), "a file").unwrap();
    assert_eq!(project.counts(&[]), (ALL, 0));
    fs::remove_dir_all(project.path("generated/.kiln")).unwrap();
    assert_eq!(project.counts(&[]), (ALL, 0));
    assert_eq!(project.counts(&[]), (0, ALL));
}
