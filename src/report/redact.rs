/// Masks the values of keys that usually hold secrets, and credentials in URLs, byte for byte, so
/// that positions stay right. Of a value, what stands on the key's own line is masked, and the
/// indented lines below a block scalar.
pub fn redact(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut block: Option<usize> = None;
    for line in text.split_inclusive('\n') {
        let indent = line.len() - line.trim_start_matches([' ', '\t']).len();
        if block.is_some_and(|outer| indent > outer && !line.trim().is_empty()) {
            mask(&mut out, line, indent);
            continue;
        }
        block = None;
        match secret_value(line) {
            Some(at) => {
                if matches!(line[at..].trim_start().as_bytes().first(), Some(b'|' | b'>')) {
                    block = Some(indent);
                    out.push_str(line);
                } else {
                    mask(&mut out, line, at);
                }
            }
            None => out.push_str(&redact_urls(line)),
        }
    }
    out
}

/// Masks what URLs may carry besides an address, byte for byte: user and password, and the values of
/// the query.
fn redact_urls(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, url) = rest.split_at(at + 3);
        out.push_str(before);
        let end = url.find(|char: char| char.is_whitespace() || "\"'`<>|\\".contains(char)).unwrap_or(url.len());
        let end = url.find("://").map_or(end, |next| next.min(end));
        let (url, after) = url.split_at(end);
        let authority = url.find(['/', '?', '#']).unwrap_or(url.len());
        let user = url[..authority].rfind('@').unwrap_or(0);
        // The user of an ssh URL is part of the address.
        let shown = if before.ends_with("ssh://") { url[..user].find(':').unwrap_or(user) } else { 0 };
        mask(&mut out, &url[..user], shown);
        let query = url[user..].find('?').map_or(url.len(), |at| user + at);
        out.push_str(&url[user..query]);
        for pair in url[query..].split_inclusive('&') {
            let value = pair.find('=').map_or(pair.len(), |at| at + 1);
            let end = pair.len() - usize::from(pair.ends_with('&'));
            mask(&mut out, &pair[..end], value.min(end));
            out.push_str(&pair[end..]);
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

fn mask(out: &mut String, line: &str, from: usize) {
    out.push_str(&line[..from]);
    out.extend(line[from..].bytes().map(|byte| if byte.is_ascii_whitespace() { char::from(byte) } else { '*' }));
}

/// Where the value starts when the line is `key: value` with a telling key.
fn secret_value(line: &str) -> Option<usize> {
    let colon = line.find(": ")?;
    let key = line[..colon].trim_start_matches([' ', '\t', '-']).trim_matches(['"', '\'']).to_ascii_lowercase();
    let key: String = key.chars().filter(|char| !matches!(char, '-' | '_' | '.')).collect();
    let telling =
        ["password", "passwd", "passphrase", "secret", "token", "apikey", "privatekey", "accesskey", "credential"];
    let value = &line[colon + 2..];
    let nested = value.trim_start().starts_with(['{', '[']) || value.contains("{{");
    // `secretName`, `tokenRef` and the like name an object; they hold no secret.
    let names = ["name", "ref", "secretkey"].iter().any(|end| key.ends_with(end));
    let found = !nested && !names && telling.iter().any(|word| key.contains(word));
    found.then_some(colon + 2)
}

#[cfg(test)]
mod tests {
    use super::{redact, redact_urls};

    #[test]
    fn masks_what_urls_carry() {
        for (text, masked) in [
            ("source: https://me:abc@h.io/o/r", "source: https://******@h.io/o/r"),
            ("'ssh://git@h/o' and ssh://git:abc@h/r", "'ssh://git@h/o' and ssh://git****@h/r"),
            ("https://h.io/m.yaml?sig=abc&x=1 is", "https://h.io/m.yaml?sig=***&x=* is"),
            ("https://h.io/a@b?c@d", "https://h.io/a@b?c@d"),
            ("a://b://u:p@h", "a://b://***@h"),
            ("key: http://ü:ü@h", "key: http://*****@h"),
            ("://", "://"),
        ] {
            assert_eq!(redact_urls(text), masked);
            assert_eq!(redact(text).len(), text.len());
        }
    }

    #[test]
    fn masks_values_of_telling_keys_only() {
        let text = "password: hunter2\nsecretName: web\n- adminToken: 'abc'\napiKey: k\nkey: |\n  x\nprivateKey: |\n  line1\n  line2\nother: v\n";
        let masked = redact(text);
        assert_eq!(masked.len(), text.len());
        assert_eq!(
            masked,
            "password: *******\nsecretName: web\n- adminToken: *****\napiKey: *\nkey: |\n  x\nprivateKey: |\n  *****\n  *****\nother: v\n"
        );
    }

    #[test]
    fn masks_credentials_in_urls() {
        let text = "source: https://anna:s3cret@git.example.com/a@b\n- 'https://t0ken@x' ssh://git@y/z http://plain/\n";
        assert_eq!(
            redact(text),
            "source: https://***********@git.example.com/a@b\n- 'https://*****@x' ssh://git@y/z http://plain/\n"
        );
    }
}
