use super::escape::{Part, escape, must_escape, unescape};
use super::parse::cut;
use super::{Url, User};

impl User {
    /// As it stands in a URL.
    pub fn print(&self) -> Vec<u8> {
        let mut out = escape(&self.name, Part::User);
        if let Some(password) = &self.password {
            out.push(b':');
            out.extend(escape(password, Part::User));
        }
        out
    }
}

impl Url {
    /// `URL.String`.
    pub fn print(&self) -> Vec<u8> {
        let mut out = Vec::new();
        if !self.scheme.is_empty() {
            out.extend_from_slice(&self.scheme);
            out.push(b':');
        }
        if self.opaque.is_empty() {
            self.print_hierarchy(&mut out);
        } else {
            out.extend_from_slice(&self.opaque);
        }
        if !self.query.is_empty() {
            out.push(b'?');
            out.extend_from_slice(&self.query);
        }
        if !self.fragment.is_empty() {
            out.push(b'#');
            out.extend(escape(&self.fragment, Part::Fragment));
        }
        out
    }

    fn print_hierarchy(&self, out: &mut Vec<u8>) {
        let named = !self.host.is_empty() || self.user.is_some();
        if named || !self.scheme.is_empty() && !self.path.is_empty() {
            out.extend_from_slice(b"//");
        }
        if let Some(user) = &self.user {
            out.extend(user.print());
            out.push(b'@');
        }
        out.extend(escape(&self.host, Part::Host));
        let path = self.escaped_path();
        if !path.is_empty() && !path.starts_with(b"/") && !self.host.is_empty() {
            out.push(b'/');
        }
        // A colon in the first segment of a relative path would look like a scheme.
        if out.is_empty() && cut(&path, b'/').0.contains(&b':') {
            out.extend_from_slice(b"./");
        }
        out.extend(path);
    }

    /// `URL.EscapedPath`.
    pub fn escaped_path(&self) -> Vec<u8> {
        let is_kept = !self.raw_path.is_empty()
            && is_valid(&self.raw_path)
            && unescape(&self.raw_path, Part::Path).is_ok_and(|path| path == self.path);
        if is_kept {
            self.raw_path.clone()
        } else if self.path == b"*" {
            self.path.clone()
        } else {
            escape(&self.path, Part::Path)
        }
    }

    /// Sets the path from its written form.
    pub(super) fn set_path(&mut self, written: &[u8]) -> Result<(), String> {
        self.path = unescape(written, Part::Path)?;
        self.raw_path = if escape(&self.path, Part::Path) == written { Vec::new() } else { written.to_vec() };
        Ok(())
    }
}

/// Whether a written path holds no byte that must be escaped.
fn is_valid(path: &[u8]) -> bool {
    path.iter().all(|byte| b"!$&'()*+,;=:@[]%".contains(byte) || !must_escape(*byte, Part::Path))
}
