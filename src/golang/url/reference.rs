use crate::golang::path::clean_text;

use super::{Url, parse};

impl Url {
    /// `URL.IsAbs`: whether there is a scheme.
    pub fn is_absolute(&self) -> bool {
        !self.scheme.is_empty()
    }

    /// `URL.ResolveReference`: where a reference leads that stands at this URL.
    pub fn resolve(&self, reference: &Url) -> Url {
        let mut url = reference.clone();
        if reference.scheme.is_empty() {
            url.scheme.clone_from(&self.scheme);
        }
        if !reference.scheme.is_empty() || !reference.host.is_empty() || reference.user.is_some() {
            url.set_resolved(b"", &reference.escaped_path());
            return url;
        }
        if !reference.opaque.is_empty() {
            (url.user, url.host, url.path) = (None, Vec::new(), Vec::new());
            return url;
        }
        if reference.path.is_empty() && reference.query.is_empty() {
            url.query.clone_from(&self.query);
            if reference.fragment.is_empty() {
                url.fragment.clone_from(&self.fragment);
            }
        }
        if reference.path.is_empty() && !self.opaque.is_empty() {
            url.opaque.clone_from(&self.opaque);
            (url.user, url.host, url.path) = (None, Vec::new(), Vec::new());
            return url;
        }
        url.host.clone_from(&self.host);
        url.user.clone_from(&self.user);
        url.set_resolved(&self.escaped_path(), &reference.escaped_path());
        url
    }

    fn set_resolved(&mut self, base: &[u8], reference: &[u8]) {
        let path = resolve_path(base, reference);
        // Both are escaped already, so that nothing can be wrong with the result.
        if self.set_path(&path).is_err() {
            self.path = path;
        }
    }
}

/// `resolvePath`: a relative path replaces what follows the last slash; dots are resolved, never
/// above the root.
fn resolve_path(base: &[u8], reference: &[u8]) -> Vec<u8> {
    let full = match (reference.first(), base.iter().rposition(|byte| *byte == b'/')) {
        (None, _) => base.to_vec(),
        (Some(b'/'), _) => reference.to_vec(),
        (Some(_), Some(slash)) => [&base[..=slash], reference].concat(),
        (Some(_), None) => reference.to_vec(),
    };
    if full.is_empty() {
        return full;
    }
    let mut parts: Vec<&[u8]> = Vec::new();
    let mut ends_in_folder = false;
    for part in full.strip_prefix(b"/").unwrap_or(&full).split(|byte| *byte == b'/') {
        ends_in_folder = matches!(part, b"." | b"..");
        match part {
            b"." => {}
            b".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let mut path = [b"/", &parts.join(&b'/')[..]].concat();
    if ends_in_folder && path.len() > 1 {
        path.push(b'/');
    }
    path
}

/// Whether two texts mean the same URL, as Helm compares those of repositories: a slash in the end
/// and dots in the path do not count.
pub fn same(one: &str, other: &str) -> bool {
    let Ok(one_url) = parse(one.as_bytes()) else { return clean_text(one) == clean_text(other) };
    let Ok(other_url) = parse(other.as_bytes()) else { return false };
    let plain = |mut url: Url| {
        let path = String::from_utf8_lossy(&url.path);
        url.path = clean_text(if path.is_empty() { "/" } else { &path }).into_bytes();
        url.print()
    };
    plain(one_url) == plain(other_url)
}
