/// API versions and kinds that Kubernetes 1.36 marks as deprecated: API version, kind, the version that
/// deprecates it, the one that no longer serves it, what replaces it; `-` for nothing.
const TABLE: &str = include_str!("deprecated.tsv");

/// What Kubernetes says of an API version and kind that is deprecated in the given version; `None` when
/// it is not, or not known.
pub fn deprecation(api_version: &str, kind: &str, (major, minor): (u32, u32)) -> Option<String> {
    let entry = entries().find(|entry| entry.api_version == api_version && entry.kind == kind)?;
    let since = version(entry.deprecated)?;
    if (major, minor) != (0, 0) && since > (major, minor) {
        return None;
    }
    let mut text = format!("{api_version} {kind} is deprecated in v{}+", entry.deprecated);
    if entry.removed != "-" {
        text.push_str(&format!(", unavailable in v{}+", entry.removed));
    }
    if entry.replacement != "-" {
        text.push_str(&format!("; use {}", entry.replacement));
    }
    Some(text)
}

struct Entry {
    api_version: &'static str,
    kind: &'static str,
    deprecated: &'static str,
    removed: &'static str,
    replacement: &'static str,
}

fn entries() -> impl Iterator<Item = Entry> {
    TABLE.lines().filter_map(|line| {
        let mut fields = line.split('\t');
        Some(Entry {
            api_version: fields.next()?,
            kind: fields.next()?,
            deprecated: fields.next()?,
            removed: fields.next()?,
            replacement: fields.next()?,
        })
    })
}

fn version(text: &str) -> Option<(u32, u32)> {
    let (major, minor) = text.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_can_be_read() {
        assert_eq!(entries().count(), TABLE.lines().count());
        for entry in entries() {
            assert!(version(entry.deprecated).is_some(), "{} {}", entry.api_version, entry.kind);
        }
    }

    #[test]
    fn deprecations_begin_with_a_version() {
        let ingress = |at| deprecation("extensions/v1beta1", "Ingress", at);
        assert_eq!(
            ingress((1, 20)).as_deref(),
            Some(
                "extensions/v1beta1 Ingress is deprecated in v1.14+, unavailable in v1.22+; use networking.k8s.io/v1 \
                 Ingress"
            )
        );
        assert_eq!(ingress((1, 13)), None);
        assert_eq!(
            deprecation("v1", "ComponentStatus", (1, 36)).unwrap(),
            "v1 ComponentStatus is deprecated in v1.19+"
        );
        assert_eq!(deprecation("v1", "Pod", (1, 36)), None);
    }
}
