use std::collections::{HashMap, HashSet};

use crate::source::listing::{LINK, Listed, Listing};

/// The longest name that is written; the rest of the 255 bytes is for what gets appended.
const MAX_NAME: usize = 120;
/// The longest names and paths of vendored files that lie at their own place.
const MAX_SEGMENT: usize = 200;
const MAX_PATH: usize = 1000;

/// Makes a text a name that every file system takes: letters, digits, `-`, `_`, `+` and `.`, not at
/// the beginning.
pub(super) fn as_name(text: &str, otherwise: &str) -> String {
    let fine = |char: char| char.is_ascii_alphanumeric() || "-_+.".contains(char);
    let name: String = text.chars().map(|char| if fine(char) { char } else { '_' }).collect();
    let name: String = name.trim_start_matches('.').trim_end_matches('.').chars().take(MAX_NAME).collect();
    if name.is_empty() || is_reserved(&name) { otherwise.to_owned() } else { name }
}

/// A place that nobody has taken: with a part of the digest before the extension if need be.
pub(super) fn unique(wish: &str, sha256: &str, taken: &mut HashSet<String>) -> String {
    let mut place = wish.to_owned();
    for length in [0, 8, 64] {
        if length > 0 {
            let digest = &sha256[..length.min(sha256.len())];
            place = match wish.rsplit_once('.') {
                Some((stem, extension)) if !extension.contains('/') && !wish.starts_with("git/") => {
                    format!("{stem}-{digest}.{extension}")
                }
                _ => format!("{wish}-{digest}"),
            };
        }
        if taken.insert(place.to_ascii_lowercase()) {
            break;
        }
    }
    place
}

/// Where an entry of a commit lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Lies {
    /// At its own path, below the folder of the commit.
    There(String),
    /// Beside that folder, named by its digest.
    Aside,
    /// Nowhere: submodules have no content.
    Nowhere,
}

/// Where the entries of a commit lie. Aside go files that would act on the repository that the folder
/// is committed to (`.gitignore`, `.gitattributes`), names that some file system cannot hold or tell
/// apart, and links that lead out.
pub(super) fn lay_out(listing: &Listing) -> Vec<Lies> {
    let mut spelled: HashMap<String, String> = HashMap::new();
    listing.entries.iter().map(|entry| lies(entry, &mut spelled)).collect()
}

fn lies(entry: &Listed, spelled: &mut HashMap<String, String>) -> Lies {
    if entry.mode == crate::source::listing::SUBMODULE {
        return Lies::Nowhere;
    }
    let Ok(path) = std::str::from_utf8(&entry.path) else { return Lies::Aside };
    if path.len() > MAX_PATH || !path.split('/').all(is_portable) {
        return Lies::Aside;
    }
    let last = path.rsplit('/').next().unwrap_or(path);
    if [".gitignore", ".gitattributes"].iter().any(|name| last.eq_ignore_ascii_case(name)) {
        return Lies::Aside;
    }
    // The first spelling of a path stays, what differs from it by case only gives way.
    let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
    for end in ends {
        let part = &path[..end];
        if spelled.entry(part.to_lowercase()).or_insert_with(|| part.to_owned()) != part {
            return Lies::Aside;
        }
    }
    Lies::There(path.to_owned())
}

/// Whether a link may be made on disk: it stays in the folder whatever the links on its way are.
pub(super) fn stays_inside(path: &str, target: &str) -> bool {
    let depth = path.matches('/').count();
    let ups = target.split('/').take_while(|part| matches!(*part, ".." | ".")).filter(|part| *part == "..").count();
    let rest = target.split('/').skip_while(|part| matches!(*part, ".." | "."));
    !target.is_empty()
        && !target.starts_with('/')
        && !target.contains(['\\', '\0'])
        && ups <= depth
        && rest.into_iter().all(|part| part != "..")
}

/// Whether an entry is a link.
pub(super) fn is_link(entry: &Listed) -> bool {
    entry.mode == LINK
}

fn is_portable(name: &str) -> bool {
    name.len() <= MAX_SEGMENT
        && !name.ends_with(['.', ' '])
        && !name.chars().any(|char| char.is_control() || "<>:\"|?*\\".contains(char))
        && !is_reserved(name)
}

/// Names that mean devices on some systems.
fn is_reserved(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let numbered = |word: &str| stem.strip_prefix(word).is_some_and(|rest| matches!(rest.as_bytes(), [b'1'..=b'9']));
    matches!(&*stem, "con" | "prn" | "aux" | "nul") || numbered("com") || numbered("lpt")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing(paths: &[&str]) -> Listing {
        let entry = |path: &&str| Listed { path: path.as_bytes().to_vec(), mode: 0o100_644, content: String::new() };
        Listing { entries: paths.iter().map(entry).collect() }
    }

    #[test]
    fn what_cannot_lie_at_its_path_lies_aside() {
        let paths = ["A/x", "B", "a/y", "a/z", "aux.c", "b", "c/.gitignore", "c/d", "e\\f", "g:h", "trailing "];
        let laid: Vec<bool> =
            lay_out(&listing(&paths)).into_iter().map(|place| matches!(place, Lies::There(_))).collect();
        let expected = [true, true, false, false, false, false, false, true, false, false, false];
        assert_eq!(laid, expected);
    }

    #[test]
    fn links_stay_inside_whatever_is_on_their_way() {
        for (path, target, stays) in [
            ("a", "b", true),
            ("a/b/c", "../../d", true),
            ("a/b/c", "../../../d", false),
            ("a", "..", false),
            ("a", "/etc", false),
            ("a", "", false),
            ("a/b/c", "d/../e", false),
            ("a/b", "./../c", true),
        ] {
            assert_eq!(stays_inside(path, target), stays, "{path} -> {target}");
        }
    }

    #[test]
    fn places_are_unique_without_regard_to_case() {
        let mut taken = HashSet::new();
        let digest = "0123456789abcdef".repeat(4);
        assert_eq!(unique("charts/Web-1.tgz", &digest, &mut taken), "charts/Web-1.tgz");
        assert_eq!(unique("charts/web-1.tgz", &digest, &mut taken), "charts/web-1-01234567.tgz");
        assert_eq!(unique("git/x.y-1", &digest, &mut taken), "git/x.y-1");
        assert_eq!(unique("git/x.y-1", &digest, &mut taken), "git/x.y-1-01234567");
        assert_eq!(as_name("../a b", "x"), "_a_b");
        assert_eq!(as_name("nul.yaml", "x"), "x");
    }
}
