//! Letter case, and the naming conventions of xstrings (snake, kebab, Pascal case).

use crate::golang::utf8;
use crate::gotmpl::{Call, Func};
use crate::value::Param::Str as Text;
use crate::value::Value;

use super::call::{Outcome, bytes, fixed};
use super::unicode::{self, is_letter, is_lower, is_number, is_punct, is_title, is_upper, runes};

/// The functions of this file.
pub static TABLE: &[Func] = &[
    fixed("upper", &[Text], upper),
    fixed("lower", &[Text], lower),
    fixed("title", &[Text], title),
    fixed("untitle", &[Text], untitle),
    fixed("swapcase", &[Text], swapcase),
    fixed("camelcase", &[Text], camelcase),
    fixed("snakecase", &[Text], snakecase),
    fixed("kebabcase", &[Text], kebabcase),
];

fn upper(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    let source = bytes(args, 0);
    if source.is_ascii() {
        return Ok(Value::str(source.to_ascii_uppercase()));
    }
    Ok(runes(source).map(unicode::to_upper).collect::<String>().into())
}

fn lower(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    let source = bytes(args, 0);
    if source.is_ascii() {
        return Ok(Value::str(source.to_ascii_lowercase()));
    }
    Ok(runes(source).map(unicode::to_lower).collect::<String>().into())
}

/// Go's `strings.Title`: any ASCII character but letters, digits and `_` ends a word; of the others
/// only spaces do.
fn title(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    let separates = |rune: char| match rune {
        '0'..='9' | 'a'..='z' | 'A'..='Z' | '_' => false,
        _ if rune.is_ascii() => true,
        _ => !is_letter(rune) && !unicode::is_digit(rune) && rune.is_whitespace(),
    };
    let mut start = true;
    let titled = runes(bytes(args, 0)).map(|rune| {
        let word_start = std::mem::replace(&mut start, separates(rune));
        if word_start { unicode::to_title(rune) } else { rune }
    });
    Ok(titled.collect::<String>().into())
}

fn untitle(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    let mut start = true;
    let lowered = runes(bytes(args, 0)).map(|rune| {
        if rune.is_whitespace() {
            start = true;
            rune
        } else if std::mem::take(&mut start) {
            unicode::to_lower(rune)
        } else {
            rune
        }
    });
    Ok(lowered.collect::<String>().into())
}

fn swapcase(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    let mut start = true;
    let swapped = runes(bytes(args, 0)).map(|rune| {
        if is_upper(rune) || is_title(rune) {
            start = false;
            unicode::to_lower(rune)
        } else if is_lower(rune) {
            if std::mem::take(&mut start) { unicode::to_title(rune) } else { unicode::to_upper(rune) }
        } else {
            start = rune.is_whitespace();
            rune
        }
    });
    Ok(swapped.collect::<String>().into())
}

fn is_connector(rune: char) -> bool {
    rune == '-' || rune == '_' || rune.is_whitespace()
}

/// `xstrings.ToPascalCase`. Capital letters that follow a capital word start become small.
fn camelcase(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    let mut rest = runes(bytes(args, 0)).peekable();
    let mut out = String::new();
    while let Some(connector) = rest.next_if(|rune| is_connector(*rune)) {
        out.push(connector);
    }
    let Some(first) = rest.next() else {
        // xstrings writes the last one twice when there is nothing else.
        out.extend(out.chars().next_back());
        return Ok(out.into());
    };
    let mut word_is_upper = is_upper(first);
    let mut current = unicode::to_upper(first);
    for rune in rest {
        let previous = std::mem::replace(&mut current, rune);
        if is_connector(previous) {
            if is_connector(rune) {
                out.push(previous);
            } else {
                word_is_upper = is_upper(rune);
                current = unicode::to_upper(rune);
            }
            continue;
        }
        if word_is_upper {
            if is_upper(rune) {
                current = unicode::to_lower(rune);
            } else {
                word_is_upper = false;
            }
        }
        out.push(previous);
    }
    out.push(current);
    Ok(out.into())
}

fn snakecase(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    Ok(Value::str(connected(bytes(args, 0), '_')))
}

fn kebabcase(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    Ok(Value::str(connected(bytes(args, 0), '-')))
}

/// What xstrings tells apart in names.
#[derive(Clone, Copy, PartialEq)]
enum Word {
    Invalid,
    Number,
    /// A capital letter with the small letters after it, or several capital letters.
    Upper,
    Alphabet,
    Connector,
    Punct,
    Other,
}

/// `xstrings` `camelCaseToLowerCase`: words in small letters with a connector between. A number
/// belongs to the word before it when it ends a name part, else to the letters that follow.
fn connected(source: &[u8], connector: char) -> Vec<u8> {
    let mut out = Vec::with_capacity(source.len() + 8);
    if source.is_empty() {
        return out;
    }
    let (mut kind, mut word, mut rest) = next_word(source);
    while !rest.is_empty() {
        if kind != Word::Connector {
            write_word(&mut out, kind, word, connector);
        }
        let (before, last) = (kind, word);
        (kind, word, rest) = next_word(rest);
        match before {
            Word::Number => {
                while matches!(kind, Word::Alphabet | Word::Number) {
                    write_word(&mut out, kind, word, connector);
                    (kind, word, rest) = next_word(rest);
                }
                if !matches!(kind, Word::Invalid | Word::Punct | Word::Connector) {
                    utf8::push(&mut out, connector);
                }
            }
            Word::Connector => write_word(&mut out, before, last, connector),
            Word::Punct => {}
            _ if kind != Word::Number => {
                if !matches!(kind, Word::Connector | Word::Punct) {
                    utf8::push(&mut out, connector);
                }
            }
            _ if rest.is_empty() => {}
            _ => {
                let number = word;
                (kind, word, rest) = next_word(rest);
                if kind != Word::Alphabet {
                    write_word(&mut out, Word::Number, number, connector);
                    if !matches!(kind, Word::Connector | Word::Punct) {
                        utf8::push(&mut out, connector);
                    }
                    continue;
                }
                utf8::push(&mut out, connector);
                write_word(&mut out, Word::Number, number, connector);
                while matches!(kind, Word::Alphabet | Word::Number) {
                    write_word(&mut out, kind, word, connector);
                    (kind, word, rest) = next_word(rest);
                }
                if !matches!(kind, Word::Invalid | Word::Connector | Word::Punct) {
                    utf8::push(&mut out, connector);
                }
            }
        }
    }
    write_word(&mut out, kind, word, connector);
    out
}

fn write_word(out: &mut Vec<u8>, kind: Word, word: &[u8], connector: char) {
    if !matches!(kind, Word::Upper | Word::Connector) {
        out.extend_from_slice(word);
        return;
    }
    for rune in runes(word) {
        if is_connector(rune) {
            utf8::push(out, connector);
        } else if is_upper(rune) {
            utf8::push(out, unicode::to_lower(rune));
        } else {
            utf8::push(out, rune);
        }
    }
}

/// Letters, but not those of Chinese writing.
fn is_alphabet(rune: char) -> bool {
    is_letter(rune) && !matches!(rune, '\u{4E00}'..='\u{9FCC}' | '\u{3400}'..='\u{4D85}' | '\u{20000}'..='\u{2B81D}')
}

/// The next rune that is not U+FFFD, with the size of what was skipped included; `previous` at the end.
fn next_valid(text: &[u8], previous: char) -> (char, usize) {
    let mut size = 0;
    while size < text.len() {
        let (rune, width) = utf8::decode(&text[size..]);
        size += width;
        if let Some(rune) = rune.filter(|rune| *rune != char::REPLACEMENT_CHARACTER) {
            return (rune, size);
        }
    }
    (previous, size)
}

/// Splits the first word off: its kind, the word, the rest.
fn next_word(text: &[u8]) -> (Word, &[u8], &[u8]) {
    if text.is_empty() {
        return (Word::Invalid, text, text);
    }
    let (first, mut end) = next_valid(text, char::REPLACEMENT_CHARACTER);
    let mut previous = first;
    let mut take = |end: &mut usize, belongs: &dyn Fn(char) -> bool| {
        let mut width = 0;
        while *end < text.len() {
            let (rune, size) = next_valid(&text[*end..], previous);
            previous = rune;
            if !belongs(rune) {
                break;
            }
            *end += size;
            width = size;
        }
        (previous, width)
    };
    let kind = match first {
        char::REPLACEMENT_CHARACTER => Word::Invalid,
        _ if is_connector(first) => {
            take(&mut end, &is_connector);
            Word::Connector
        }
        _ if is_punct(first) => {
            take(&mut end, &is_punct);
            Word::Punct
        }
        _ if is_upper(first) => {
            if end < text.len() {
                let (second, _) = next_valid(&text[end..], first);
                if is_upper(second) {
                    let (after, width) = take(&mut end, &is_upper);
                    // The last capital letter begins the next word.
                    if end < text.len() && is_alphabet(after) {
                        end -= width;
                    }
                } else if is_alphabet(second) {
                    take(&mut end, &|rune| is_alphabet(rune) && !is_upper(rune));
                }
            }
            Word::Upper
        }
        _ if is_alphabet(first) => {
            take(&mut end, &|rune| is_alphabet(rune) && !is_upper(rune));
            Word::Alphabet
        }
        _ if is_number(first) => {
            take(&mut end, &is_number);
            Word::Number
        }
        _ => {
            take(&mut end, &|rune| !(is_connector(rune) || is_alphabet(rune) || is_number(rune) || is_punct(rune)));
            Word::Other
        }
    };
    (kind, &text[..end], &text[end..])
}
