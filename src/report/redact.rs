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
            None => mask_userinfo(&mut out, line),
        }
    }
    out
}

/// Masks what stands before the `@` of URLs in a line, but for the user names of ssh.
fn mask_userinfo(out: &mut String, line: &str) {
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("://") {
        out.push_str(before);
        out.push_str("://");
        let host = after.find(|char: char| char.is_whitespace() || "/?#\"'".contains(char)).unwrap_or(after.len());
        let end = after[..host].rfind('@').unwrap_or(0);
        let user_of_ssh = before.ends_with("ssh") && !after[..end].contains(':');
        if user_of_ssh {
            out.push_str(&after[..end]);
        } else {
            mask(out, &after[..end], 0);
        }
        rest = &after[end..];
    }
    out.push_str(rest);
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
    use super::redact;

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
