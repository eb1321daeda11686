/// What the name of an object may look like. Which rule holds depends on the kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameRule {
    /// A subdomain of DNS, as most kinds want it.
    Subdomain,
    /// A label of DNS.
    Label,
    /// A label of DNS as RFC 1035 had it: beginning with a letter.
    OldLabel,
    /// A segment of a path.
    PathSegment,
    /// Anything.
    Any,
}

const MAX_SUBDOMAIN: usize = 253;
const MAX_LABEL: usize = 63;

const LABEL: &str = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";

impl NameRule {
    /// The rule for a kind, written in any case, as the API server has it.
    pub fn of(kind: &str) -> Self {
        match kind.to_lowercase().as_str() {
            "service" => Self::OldLabel,
            "namespace" => Self::Label,
            "certificatesigningrequest" => Self::Any,
            "role" | "clusterrole" | "rolebinding" | "clusterrolebinding" => Self::PathSegment,
            _ => Self::Subdomain,
        }
    }

    /// What is wrong with a name, in the API server's words.
    pub fn complaints(self, name: &str) -> Vec<String> {
        match self {
            Self::Subdomain => complain([too_long(name, MAX_SUBDOMAIN), no_subdomain(name)]),
            Self::Label => complain([too_long(name, MAX_LABEL), no_label(name)]),
            Self::OldLabel => complain([too_long(name, MAX_LABEL), no_old_label(name)]),
            Self::PathSegment if matches!(name, "." | "..") => vec![format!("may not be '{name}'")],
            Self::PathSegment => {
                complain(["/", "%"].map(|part| name.contains(part).then(|| format!("may not contain '{part}'"))))
            }
            Self::Any => Vec::new(),
        }
    }
}

fn complain<const N: usize>(complaints: [Option<String>; N]) -> Vec<String> {
    complaints.into_iter().flatten().collect()
}

fn too_long(name: &str, limit: usize) -> Option<String> {
    (name.len() > limit).then(|| format!("must be no more than {limit} characters"))
}

fn no_subdomain(name: &str) -> Option<String> {
    let pattern = format!(r"{LABEL}(\.{LABEL})*");
    (!is_subdomain(name)).then(|| {
        format!(
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must \
             start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is \
             '{pattern}')"
        )
    })
}

fn no_label(name: &str) -> Option<String> {
    if is_label(name) {
        return None;
    }
    if is_subdomain(name) {
        return Some("must not contain dots".to_owned());
    }
    Some(format!(
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end \
         with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '{LABEL}')"
    ))
}

fn no_old_label(name: &str) -> Option<String> {
    let fits = is_label(name) && name.starts_with(|first: char| first.is_ascii_lowercase());
    (!fits).then(|| {
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic \
         character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is \
         '[a-z]([-a-z0-9]*[a-z0-9])?')"
            .to_owned()
    })
}

/// Whether a name is a DNS-1123 subdomain, of any length.
pub fn is_subdomain(name: &str) -> bool {
    name.split('.').all(is_label)
}

fn is_label(name: &str) -> bool {
    let plain = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = name.as_bytes();
    bytes.first().is_some_and(plain)
        && bytes.last().is_some_and(plain)
        && bytes.iter().all(|byte| plain(byte) || *byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::NameRule;

    #[test]
    fn kinds_have_rules() {
        for (kind, name, fine) in [
            ("Pod", "a.b-c", true),
            ("Pod", "", false),
            ("Pod", "A", false),
            ("Unknown", "a.b", true),
            ("SERVICE", "a-1", true),
            ("Service", "1-a", false),
            ("Service", "a.b", false),
            ("Namespace", "1-a", true),
            ("ClusterRole", "system:x", true),
            ("ClusterRole", "", true),
            ("Role", "a/b", false),
            ("CertificateSigningRequest", "%/", true),
        ] {
            assert_eq!(NameRule::of(kind).complaints(name).is_empty(), fine, "{kind} {name}");
        }
    }

    #[test]
    fn complaints_are_the_servers() {
        assert_eq!(NameRule::Label.complaints("a.b"), ["must not contain dots"]);
        assert_eq!(NameRule::PathSegment.complaints("%/"), ["may not contain '/'", "may not contain '%'"]);
        assert_eq!(NameRule::PathSegment.complaints(".."), ["may not be '..'"]);
        assert_eq!(NameRule::Subdomain.complaints(&"a".repeat(254)), ["must be no more than 253 characters"]);
    }
}
