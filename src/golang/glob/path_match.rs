use super::super::utf8;

/// Go's `filepath.Match`: `*` and `?` stop at `/`, `[^…]` negates. `Err` for a malformed pattern
/// (`syntax error in pattern`), as far as the match came to see it.
pub fn path_match(pattern: &str, name: &str) -> Result<bool, String> {
    matches(pattern.as_bytes(), name.as_bytes()).map_err(|BadPattern| "syntax error in pattern".to_owned())
}

struct BadPattern;

fn matches(mut pattern: &[u8], mut name: &[u8]) -> Result<bool, BadPattern> {
    'chunks: while !pattern.is_empty() {
        let (star, chunk, rest) = split_chunk(pattern);
        pattern = rest;
        if star && chunk.is_empty() {
            return Ok(!name.contains(&b'/'));
        }
        let is_end = |tail: &[u8]| tail.is_empty() || !rest.is_empty();
        if let Some(tail) = match_chunk(chunk, name)?.filter(|tail| is_end(tail)) {
            name = tail;
            continue;
        }
        if star {
            for at in 0..name.len() {
                if name[at] == b'/' {
                    break;
                }
                if let Some(tail) = match_chunk(chunk, &name[at + 1..])?.filter(|tail| is_end(tail)) {
                    name = tail;
                    continue 'chunks;
                }
            }
        }
        return Ok(false);
    }
    Ok(name.is_empty())
}

/// Leading stars, what follows up to the next star, and the rest.
fn split_chunk(pattern: &[u8]) -> (bool, &[u8], &[u8]) {
    let stars = pattern.iter().take_while(|byte| **byte == b'*').count();
    let chunk = &pattern[stars..];
    let mut in_range = false;
    let mut at = 0;
    while at < chunk.len() {
        match chunk[at] {
            b'\\' => at += 1,
            b'[' => in_range = true,
            b']' => in_range = false,
            b'*' if !in_range => break,
            _ => {}
        }
        at += 1;
    }
    let (chunk, rest) = chunk.split_at(at.min(chunk.len()));
    (stars > 0, chunk, rest)
}

/// What remains of the name behind the chunk; `None` when they differ. The chunk is read to its end
/// to find errors in it.
fn match_chunk<'a>(mut chunk: &[u8], name: &'a [u8]) -> Result<Option<&'a [u8]>, BadPattern> {
    let mut name = Some(name);
    while let Some((first, rest)) = chunk.split_first() {
        name = name.filter(|name| !name.is_empty());
        match first {
            b'[' => {
                let (char, tail) = match name {
                    Some(name) => {
                        let (char, width) = utf8::decode(name);
                        (char.unwrap_or(char::REPLACEMENT_CHARACTER), &name[width..])
                    }
                    None => ('\0', &b""[..]),
                };
                let (accepted, rest) = match_class(rest, char)?;
                chunk = rest;
                name = name.filter(|_| accepted).map(|_| tail);
            }
            b'?' => {
                chunk = rest;
                name = name.filter(|name| name[0] != b'/').map(|name| &name[utf8::decode(name).1..]);
            }
            _ => {
                let (expected, rest) = match first {
                    b'\\' => rest.split_first().ok_or(BadPattern)?,
                    _ => (first, rest),
                };
                chunk = rest;
                name = name.filter(|name| name[0] == *expected).map(|name| &name[1..]);
            }
        }
    }
    Ok(name)
}

/// Reads a class behind its `[`: whether it accepts the character, and what follows it.
fn match_class(class: &[u8], char: char) -> Result<(bool, &[u8]), BadPattern> {
    let negated = class.first() == Some(&b'^');
    let mut rest = &class[usize::from(negated)..];
    let mut found = false;
    let mut first = true;
    loop {
        if !first && rest.first() == Some(&b']') {
            return Ok((found != negated, &rest[1..]));
        }
        first = false;
        let (low, after) = class_char(rest)?;
        rest = after;
        let mut high = low;
        if rest.first() == Some(&b'-') {
            (high, rest) = class_char(&rest[1..])?;
        }
        found |= (low..=high).contains(&char);
    }
}

fn class_char(text: &[u8]) -> Result<(char, &[u8]), BadPattern> {
    let text = match text {
        [] | [b'-' | b']', ..] => return Err(BadPattern),
        [b'\\', rest @ ..] => rest,
        _ => text,
    };
    if text.is_empty() {
        return Err(BadPattern);
    }
    let (char, width) = utf8::decode(text);
    match (char, &text[width..]) {
        (Some(char), rest) if !rest.is_empty() => Ok((char, rest)),
        _ => Err(BadPattern),
    }
}
