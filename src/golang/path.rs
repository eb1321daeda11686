//! Go's `path`.

/// `path.Clean`: the shortest path that names the same, without looking at files.
pub fn clean(path: &[u8]) -> Vec<u8> {
    let rooted = path.starts_with(b"/");
    let mut kept: Vec<&[u8]> = Vec::new();
    for part in path.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." if kept.last().is_some_and(|last| *last != b"..") => {
                kept.pop();
            }
            b".." if rooted => {}
            _ => kept.push(part),
        }
    }
    let joined = kept.join(&b'/');
    match (rooted, joined.is_empty()) {
        (true, _) => [b"/", &joined[..]].concat(),
        (false, true) => b".".to_vec(),
        (false, false) => joined,
    }
}

/// [`clean`] of text.
pub fn clean_text(path: &str) -> String {
    String::from_utf8_lossy(&clean(path.as_bytes())).into_owned()
}

#[cfg(test)]
mod tests {
    use super::clean_text;

    #[test]
    fn paths_are_cleaned() {
        for (path, clean) in [("", "."), ("a/", "a"), ("/../a", "/a"), ("../a/..", ".."), ("a/../..", ".."), ("/", "/")]
        {
            assert_eq!(clean_text(path), clean, "{path}");
        }
    }
}
