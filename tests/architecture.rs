//! Holds `docs/architecture.md` against the code: every `crate::room` that a room names must lie on a
//! lower layer or at the end of an arrow.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The code blocks of the page: the first is the picture, the second the list of arrows.
fn blocks() -> Vec<String> {
    let page = fs::read_to_string(root().join("docs/architecture.md")).expect("the page is there");
    page.split("```").skip(1).step_by(2).map(str::to_owned).collect()
}

fn layers(picture: &str) -> BTreeMap<String, u32> {
    let mut layers = BTreeMap::new();
    for line in picture.lines().filter(|line| !line.trim().is_empty()) {
        let mut words = line.split_whitespace().filter(|word| *word != "→");
        let layer: u32 = words.next().and_then(|word| word.parse().ok()).expect("a line starts with its layer");
        words.next();
        for room in words {
            layers.insert(room.to_owned(), layer);
        }
    }
    layers
}

fn arrows(list: &str) -> BTreeSet<(String, String)> {
    list.lines()
        .filter_map(|line| line.split_once(" → "))
        .map(|(from, to)| (from.trim().to_owned(), to.trim().to_owned()))
        .collect()
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the folder is readable") {
        let path = entry.expect("the entry is readable").path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

/// The rooms that a file names after `crate::`, tests excluded.
fn named_rooms(text: &str) -> BTreeSet<String> {
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or(text);
    code.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| line.split("crate::").skip(1).map(str::to_owned).collect::<Vec<_>>())
        .flat_map(|rest| match rest.strip_prefix('{') {
            Some(group) => group.split(',').map(|part| part.trim().to_owned()).collect(),
            None => vec![rest],
        })
        .map(|rest| rest.chars().take_while(|char| char.is_alphanumeric() || *char == '_').collect::<String>())
        .filter(|name| !name.is_empty())
        .collect()
}

#[test]
fn dependencies_point_one_way() {
    let blocks = blocks();
    let (layers, arrows) = (layers(&blocks[0]), arrows(&blocks[1]));
    let mut files = Vec::new();
    rust_files(&root().join("src"), &mut files);
    let mut wrong = Vec::new();
    for file in files {
        let below = file.strip_prefix(root().join("src")).expect("found below src").to_owned();
        let first = below.components().next().expect("has a name").as_os_str().to_string_lossy().into_owned();
        let room = first.trim_end_matches(".rs").to_owned();
        if room == "lib" || room == "main" || below.file_name().is_some_and(|name| name == "tests.rs") {
            continue;
        }
        if below.components().any(|part| part.as_os_str() == "tests") {
            continue;
        }
        let Some(own) = layers.get(&room) else {
            wrong.push(format!("{}: the room `{room}` is not in the picture", below.display()));
            continue;
        };
        for other in named_rooms(&fs::read_to_string(&file).expect("readable")) {
            let Some(layer) = layers.get(&other) else { continue };
            let allowed = other == room || layer < own || arrows.contains(&(room.clone(), other.clone()));
            if !allowed {
                wrong.push(format!("{}: `{room}` may not use `{other}`", below.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn arrows_stay_inside_a_layer_and_make_no_circle() {
    let blocks = blocks();
    let (layers, arrows) = (layers(&blocks[0]), arrows(&blocks[1]));
    for (from, to) in &arrows {
        assert_eq!(layers.get(from), layers.get(to), "{from} → {to} leaves its layer");
        assert!(!arrows.contains(&(to.clone(), from.clone())), "{from} and {to} use each other");
    }
}

/// The standard library's ways to read and to remove a folder panic when the system cannot close one, which
/// may happen when the new output is in its place: `src/source/folder.rs` has others.
#[test]
fn folders_are_read_and_removed_without_panics() {
    let mut files = Vec::new();
    rust_files(&root().join("src"), &mut files);
    let mut wrong = Vec::new();
    for file in files {
        let below = file.strip_prefix(root().join("src")).expect("found below src").to_owned();
        let is_test = |part: &str| matches!(part, "tests" | "tests.rs" | "fixture" | "table.rs");
        let mut parts = below.components().map(|part| part.as_os_str().to_string_lossy().into_owned());
        if below == Path::new("source/folder.rs") || parts.any(|part| is_test(&part)) {
            continue;
        }
        let text = fs::read_to_string(&file).expect("readable");
        let code = text.split("\nmod tests {").next().unwrap_or(&text);
        for way in ["fs::read_dir", ".read_dir()", "remove_dir_all", "tempdir(", "tempdir_in(", "TempDir"] {
            if code.contains(way) {
                wrong.push(format!("{}: `{way}`", below.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_room_of_the_picture_exists() {
    for (room, _) in layers(&blocks()[0]) {
        let folder = root().join("src").join(&room);
        assert!(folder.is_dir() || folder.with_extension("rs").is_file(), "{room} is drawn but not built");
    }
}
