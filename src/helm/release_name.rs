use crate::k8s::is_subdomain;

/// The longest release name.
const MAX_RELEASE_NAME: usize = 53;

/// Checks the name of a release. The error is Helm's text.
pub fn check_release_name(name: &str) -> Result<(), String> {
    if name.is_empty() {
        return Err("no name provided".to_owned());
    }
    if name.len() > MAX_RELEASE_NAME || !is_subdomain(name) {
        return Err(format!(
            "invalid release name, must match regex {} and the length must not be longer than {MAX_RELEASE_NAME}",
            r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"
        ));
    }
    Ok(())
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
