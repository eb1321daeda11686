//! Go's `unicode` package: simple case mappings (one rune to one rune) and general categories.

use std::sync::LazyLock;

use regex::Regex;

use crate::golang::utf8;

/// The runes of a text; invalid bytes are U+FFFD.
pub fn runes(text: &[u8]) -> impl Iterator<Item = char> {
    utf8::chars(text).map(|(_, rune)| rune)
}

/// Whether a rune has a general category.
fn category(class: &Regex, rune: char) -> bool {
    class.is_match(rune.encode_utf8(&mut [0; 4]))
}

fn class(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a category name is a valid pattern")
}

/// `unicode.IsUpper`.
pub fn is_upper(rune: char) -> bool {
    static CLASS: LazyLock<Regex> = LazyLock::new(|| class(r"\p{Lu}"));
    if rune.is_ascii() { rune.is_ascii_uppercase() } else { category(&CLASS, rune) }
}

/// `unicode.IsLower`.
pub fn is_lower(rune: char) -> bool {
    static CLASS: LazyLock<Regex> = LazyLock::new(|| class(r"\p{Ll}"));
    if rune.is_ascii() { rune.is_ascii_lowercase() } else { category(&CLASS, rune) }
}

/// `unicode.IsTitle`.
pub fn is_title(rune: char) -> bool {
    static CLASS: LazyLock<Regex> = LazyLock::new(|| class(r"\p{Lt}"));
    !rune.is_ascii() && category(&CLASS, rune)
}

/// `unicode.IsLetter`.
pub fn is_letter(rune: char) -> bool {
    static CLASS: LazyLock<Regex> = LazyLock::new(|| class(r"\p{L}"));
    if rune.is_ascii() { rune.is_ascii_alphabetic() } else { category(&CLASS, rune) }
}

/// `unicode.IsDigit`.
pub fn is_digit(rune: char) -> bool {
    static CLASS: LazyLock<Regex> = LazyLock::new(|| class(r"\p{Nd}"));
    if rune.is_ascii() { rune.is_ascii_digit() } else { category(&CLASS, rune) }
}

/// `unicode.IsNumber`.
pub fn is_number(rune: char) -> bool {
    static CLASS: LazyLock<Regex> = LazyLock::new(|| class(r"\p{N}"));
    if rune.is_ascii() { rune.is_ascii_digit() } else { category(&CLASS, rune) }
}

/// `unicode.IsPunct`.
pub fn is_punct(rune: char) -> bool {
    static CLASS: LazyLock<Regex> = LazyLock::new(|| class(r"\p{P}"));
    category(&CLASS, rune)
}

/// `unicode.ToUpper`.
pub fn to_upper(rune: char) -> char {
    let mut mapped = rune.to_uppercase();
    match (mapped.next(), mapped.next()) {
        (Some(upper), None) => upper,
        // The full mapping has several runes: the simple one is the title case of the Greek
        // letters with iota, and nothing for ligatures and the like.
        _ => greek_title(rune),
    }
}

/// `unicode.ToLower`.
pub fn to_lower(rune: char) -> char {
    match rune {
        'İ' => 'i',
        _ => {
            let mut mapped = rune.to_lowercase();
            match (mapped.next(), mapped.next()) {
                (Some(lower), None) => lower,
                _ => rune,
            }
        }
    }
}

/// `unicode.ToTitle`.
pub fn to_title(rune: char) -> char {
    match rune {
        '\u{1C4}'..='\u{1C6}' => '\u{1C5}',
        '\u{1C7}'..='\u{1C9}' => '\u{1C8}',
        '\u{1CA}'..='\u{1CC}' => '\u{1CB}',
        '\u{1F1}'..='\u{1F3}' => '\u{1F2}',
        // Georgian letters have an upper case but are titles themselves.
        '\u{10D0}'..='\u{10FA}' | '\u{10FD}'..='\u{10FF}' => rune,
        _ => to_upper(rune),
    }
}

fn greek_title(rune: char) -> char {
    let shift = match u32::from(rune) {
        0x1F80..=0x1F87 | 0x1F90..=0x1F97 | 0x1FA0..=0x1FA7 => 8,
        0x1FB3 | 0x1FC3 | 0x1FF3 => 9,
        _ => 0,
    };
    char::from_u32(u32::from(rune) + shift).unwrap_or(rune)
}
