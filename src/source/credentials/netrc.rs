use std::fs;
use std::io::ErrorKind;

use super::environment::Environment;

/// The most bytes of a netrc file.
const MAX_BYTES: usize = 1 << 20;

/// The logins of a netrc file: `NETRC`, else `~/.netrc`.
#[derive(Default)]
pub(super) struct Netrc {
    entries: Vec<Entry>,
    /// Why the file could not be read, when it is there.
    pub(super) problem: Option<String>,
}

#[derive(Default)]
struct Entry {
    /// `None` for the default.
    machine: Option<String>,
    login: String,
    password: String,
}

impl Netrc {
    /// Reads the file, if there is one.
    pub(super) fn read(environment: &Environment) -> Self {
        let Some(path) = environment.path("NETRC").or_else(|| environment.home(".netrc")) else {
            return Self::default();
        };
        match fs::read(&path) {
            Ok(bytes) if bytes.len() > MAX_BYTES => {
                Self { problem: Some(format!("`{}` is too large", path.display())), ..Self::default() }
            }
            Ok(bytes) => Self { entries: parse(&String::from_utf8_lossy(&bytes)), problem: None },
            Err(error) if error.kind() == ErrorKind::NotFound => Self::default(),
            Err(error) => {
                Self { problem: Some(format!("`{}` cannot be read: {error}", path.display())), ..Self::default() }
            }
        }
    }

    /// The login that the file names for a host: name and password.
    pub(super) fn of(&self, host: &str) -> Option<(&str, &str)> {
        self.entry(Some(host))
    }

    /// The login for every host that has none of its own.
    pub(super) fn default_login(&self) -> Option<(&str, &str)> {
        self.entry(None)
    }

    fn entry(&self, host: Option<&str>) -> Option<(&str, &str)> {
        let bare = |name: &str| name.trim_matches(['[', ']']).to_ascii_lowercase();
        let found = self.entries.iter().find(|entry| entry.machine.as_deref().map(bare) == host.map(bare))?;
        (!found.login.is_empty() || !found.password.is_empty()).then_some((&found.login, &found.password))
    }
}

/// Words are separated by blanks, or stand between quotation marks. A macro ends with an empty line,
/// a comment with its line.
fn parse(text: &str) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut lines = text.lines();
    let mut expecting: Option<String> = None;
    while let Some(line) = lines.next() {
        let mut rest = line;
        while let Some((word, after)) = next_word(rest) {
            rest = after;
            match expecting.take().as_deref() {
                Some("machine") => entries.push(Entry { machine: Some(word), ..Entry::default() }),
                Some("macdef") => {
                    lines.by_ref().find(|line| line.trim().is_empty());
                    break;
                }
                Some(key) => {
                    if let Some(entry) = entries.last_mut() {
                        match key {
                            "login" => entry.login = word,
                            "password" => entry.password = word,
                            _ => {}
                        }
                    }
                }
                None => match word.as_str() {
                    "default" => entries.push(Entry::default()),
                    "machine" | "login" | "password" | "account" | "macdef" => expecting = Some(word),
                    comment if comment.starts_with('#') => break,
                    _ => {}
                },
            }
        }
    }
    entries
}

fn next_word(text: &str) -> Option<(String, &str)> {
    let text = text.trim_start();
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(char::is_whitespace).unwrap_or(text.len());
        return (end > 0).then(|| (text[..end].to_owned(), &text[end..]));
    };
    let mut word = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, char)) = chars.next() {
        match char {
            '"' => return Some((word, &quoted[at + 1..])),
            '\\' => word.extend(chars.next().map(|(_, char)| char)),
            char => word.push(char),
        }
    }
    Some((word, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn netrc(text: &str) -> Netrc {
        Netrc { entries: parse(text), problem: None }
    }

    #[test]
    fn machines_default_macros_and_quotes() {
        let text = "# machine no.example login a password b\nmachine one.example login me password s#cret\n\
                    machine two.example\n\tlogin \"a b\"\n\tpassword \"q\\\"uote\"\n\taccount x\n\
                    macdef init\nmachine trap.example login t password t\n\nmachine three.example login c password d\n\
                    default login anyone password all\n";
        let netrc = netrc(text);
        assert_eq!(netrc.of("one.example"), Some(("me", "s#cret")));
        assert_eq!(netrc.of("TWO.example"), Some(("a b", "q\"uote")));
        assert_eq!(netrc.of("three.example"), Some(("c", "d")));
        assert_eq!(netrc.of("trap.example"), None);
        assert_eq!(netrc.of("no.example"), None);
        assert_eq!(netrc.default_login(), Some(("anyone", "all")));
    }

    #[test]
    fn broken_files_name_nobody() {
        for text in
            ["", "machine", "login x password y", "machine h", "machine h login", "macdef x", "\"", "machine \"h"]
        {
            assert_eq!(netrc(text).of("h"), None, "{text}");
        }
    }
}
