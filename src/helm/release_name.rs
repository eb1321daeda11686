/// The longest release name.
const MAX_RELEASE_NAME: usize = 53;

/// Checks the name of a release. The error is Helm's text.
pub fn check_release_name(name: &str) -> Result<(), String> {
    if name.is_empty() {
        return Err("no name provided".to_owned());
    }
    if name.len() > MAX_RELEASE_NAME || !name.split('.').all(is_label) {
        return Err(format!(
            "invalid release name, must match regex {} and the length must not be longer than {MAX_RELEASE_NAME}",
            r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"
        ));
    }
    Ok(())
}

fn is_label(label: &str) -> bool {
    let plain = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = label.as_bytes();
    bytes.first().is_some_and(plain)
        && bytes.last().is_some_and(plain)
        && bytes.iter().all(|byte| plain(byte) || *byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::check_release_name;

    #[test]
    fn names() {
        for good in ["a", "a-b", "a.b-2", "0"] {
            assert_eq!(check_release_name(good), Ok(()), "{good}");
        }
        for bad in ["", "A", "a_b", "-a", "a-", "a..b", &"a".repeat(54)] {
            assert!(check_release_name(bad).is_err(), "{bad}");
        }
    }
}
