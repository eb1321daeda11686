use super::tree::ClassItem;
use super::unicode_names::NAMES;

/// The class that Go 1.26 knows by a name: a category, its long name, or a script of one word,
/// without regard to case, spaces, hyphens and underscores. (Go finds no script of several words.)
pub(super) fn item(name: &str, negated: bool) -> Option<ClassItem> {
    let name = canonical(name);
    let at = NAMES.binary_search_by(|(own, _)| (*own).cmp(name.as_str())).ok()?;
    Some(match (NAMES[at].1, negated) {
        // No text contains a surrogate.
        ("Cs", false) => ClassItem::Range(0xD800, 0xDFFF),
        ("Cs", true) => ClassItem::Range(0, 0x10_FFFF),
        (engine_name, _) => ClassItem::Unicode(engine_name.to_owned(), negated),
    })
}

/// A capital letter, then small ones, without separators.
fn canonical(name: &str) -> String {
    let mut canonical = String::with_capacity(name.len());
    for char in name.chars().filter(|char| !matches!(char, '_' | '-' | ' ')) {
        canonical.push(if canonical.is_empty() { char.to_ascii_uppercase() } else { char.to_ascii_lowercase() });
    }
    canonical
}
