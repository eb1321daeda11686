use super::super::utf8;

/// Appends a replacement template: `$1`, `$name` and `${name}` stand for groups (nothing for one
/// that does not exist or took no part), `$$` for a dollar. A `$` that begins no name stays.
pub(super) fn expand(out: &mut Vec<u8>, template: &[u8], names: &[String], groups: &[Option<&[u8]>]) {
    let mut rest = template;
    while let Some(at) = rest.iter().position(|byte| *byte == b'$') {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(tail) = rest.strip_prefix(b"$") {
            out.push(b'$');
            rest = tail;
            continue;
        }
        let Some((name, tail)) = reference(rest) else {
            out.push(b'$');
            continue;
        };
        rest = tail;
        let group = match number(name) {
            Some(number) => groups.get(number).copied().flatten(),
            None => names
                .iter()
                .zip(groups.iter().skip(1))
                .find_map(|(own, group)| group.filter(|_| own.as_bytes() == name)),
        };
        out.extend_from_slice(group.unwrap_or_default());
    }
    out.extend_from_slice(rest);
}

/// The name behind a `$`, bare (as many letters, digits and `_` as follow) or in braces.
fn reference(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let braced = text.strip_prefix(b"{");
    let body = braced.unwrap_or(text);
    let end = utf8::chars(body)
        .find(|(_, char)| *char != '_' && !char.is_alphabetic() && !char.is_numeric())
        .map_or(body.len(), |(at, _)| at);
    let (name, tail) = body.split_at(end);
    if name.is_empty() {
        return None;
    }
    match braced {
        Some(_) => tail.strip_prefix(b"}").map(|tail| (name, tail)),
        None => Some((name, tail)),
    }
}

/// Digits without a leading zero number a group.
fn number(name: &[u8]) -> Option<usize> {
    if !name.iter().all(u8::is_ascii_digit) || name.len() > 9 || (name.len() > 1 && name[0] == b'0') {
        return None;
    }
    Some(name.iter().fold(0, |number, digit| number * 10 + usize::from(digit - b'0')))
}
