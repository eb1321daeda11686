//! Command lines as Go's pflag reads them, with its messages: tools that call helm depend on both.

use std::collections::HashMap;

use crate::golang::strconv;
use crate::golang::time::Duration;
use crate::helm::Compat;

use super::compat;

/// What a flag takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Nothing, or `=true` and the like.
    Bool,
    /// One value; the last one counts.
    Text,
    /// One value, or nothing for the one given here.
    OptionalText(&'static str),
    /// A value each time, kept as it is.
    Each,
    /// Values separated by commas, in CSV.
    List,
    /// An integer.
    Int,
    /// A number.
    Float,
    /// A time span such as `5m0s`.
    Duration,
    /// Pairs `key=value` separated by commas, in CSV.
    Pairs,
}

/// One flag.
#[derive(Clone, Copy, Debug)]
pub struct Flag {
    /// The long name.
    pub name: &'static str,
    /// The letter.
    pub short: Option<char>,
    /// What it takes.
    pub takes: Takes,
    /// What it does; empty for flags that are accepted and change nothing.
    pub help: &'static str,
    /// The Helm that has it, where the other has not.
    pub only: Option<Compat>,
}

/// A command line that was read.
#[derive(Debug, Default)]
pub struct Words {
    /// What is no flag, in order.
    pub arguments: Vec<String>,
    /// The Helm that is asked for.
    pub compat: Compat,
    values: HashMap<&'static str, Vec<String>>,
}

impl Words {
    /// Whether a `Bool` flag is on.
    pub fn is_on(&self, name: &str) -> bool {
        self.last(name).is_some_and(|value| value == "true")
    }

    /// The value of a flag, the last one if there are several.
    pub fn last(&self, name: &str) -> Option<&str> {
        self.all(name).last().map(String::as_str)
    }

    /// All values of a flag.
    pub fn all(&self, name: &str) -> &[String] {
        self.values.get(name).map_or(&[], Vec::as_slice)
    }
}

/// Reads a command line. Of flags with one name the first counts. The error is pflag's text.
pub fn parse(flags: &[&'static [Flag]], args: Vec<String>) -> Result<Words, String> {
    let words = Words { compat: compat::of(&args)?, ..Words::default() };
    let mut reader = Reader { flags, words, rest: args.into_iter() };
    while let Some(arg) = reader.rest.next() {
        if arg == "--" {
            reader.words.arguments.extend(reader.rest);
            break;
        } else if let Some(long) = arg.strip_prefix("--") {
            reader.long(long, &arg)?;
        } else if arg.len() > 1 && arg.starts_with('-') {
            reader.shorts(&arg)?;
        } else {
            reader.words.arguments.push(arg);
        }
    }
    Ok(reader.words)
}

/// The position of the first word that is neither a flag nor a flag's value. A flag that the table does
/// not have is taken for one with a value, as cobra does.
pub fn first_argument<S: AsRef<str>>(flags: &[Flag], words: &[S]) -> Option<usize> {
    let stands_alone =
        |flag: Option<&Flag>| flag.is_some_and(|flag| matches!(flag.takes, Takes::Bool | Takes::OptionalText(_)));
    let mut at = 0;
    while let Some(word) = words.get(at).map(AsRef::as_ref) {
        let takes_next = match word.strip_prefix("--") {
            Some("") => return None,
            Some(long) => !long.contains('=') && !stands_alone(flags.iter().find(|flag| flag.name == long)),
            None => match word.strip_prefix('-') {
                None => return (!word.is_empty()).then_some(at),
                Some(letters) => {
                    let mut letters = letters.chars();
                    let short = letters.next();
                    letters.next().is_none() && !stands_alone(flags.iter().find(|flag| flag.short == short))
                }
            },
        };
        at += if takes_next { 2 } else { 1 };
    }
    None
}

struct Reader<'f> {
    flags: &'f [&'static [Flag]],
    words: Words,
    rest: std::vec::IntoIter<String>,
}

impl Reader<'_> {
    fn find(&self, fits: impl Fn(&Flag) -> bool) -> Option<&'static Flag> {
        let compat = self.words.compat;
        let there = |flag: &&Flag| flag.only.is_none_or(|only| only == compat);
        self.flags.iter().flat_map(|table| table.iter()).filter(there).find(|flag| fits(flag))
    }

    fn long(&mut self, long: &str, whole: &str) -> Result<(), String> {
        let (name, value) = long.split_once('=').map_or((long, None), |(name, value)| (name, Some(value)));
        if name.is_empty() || name.starts_with('-') {
            return Err(format!("bad flag syntax: {whole}"));
        }
        let flag = self.find(|flag| flag.name == name).ok_or_else(|| format!("unknown flag: --{name}"))?;
        let value = match (value, flag.takes) {
            (Some(value), _) => value.to_owned(),
            (None, Takes::Bool) => "true".to_owned(),
            (None, Takes::OptionalText(default)) => default.to_owned(),
            (None, _) => self.rest.next().ok_or_else(|| format!("flag needs an argument: --{name}"))?,
        };
        self.set(flag, &value)
    }

    fn shorts(&mut self, whole: &str) -> Result<(), String> {
        let letters = &whole[1..];
        for (at, letter) in letters.char_indices() {
            let flag = self
                .find(|flag| flag.short == Some(letter))
                .ok_or_else(|| format!("unknown shorthand flag: {} in -{}", quote_char(letter), &letters[at..]))?;
            let rest = &letters[at + letter.len_utf8()..];
            if let Some(value) = rest.strip_prefix('=') {
                return self.set(flag, value);
            }
            match flag.takes {
                Takes::Bool => self.set(flag, "true")?,
                Takes::OptionalText(default) => self.set(flag, default)?,
                _ if !rest.is_empty() => return self.set(flag, rest),
                _ => {
                    let value = self.rest.next().ok_or_else(|| {
                        format!("flag needs an argument: {} in -{}", quote_char(letter), &letters[at..])
                    })?;
                    return self.set(flag, &value);
                }
            }
        }
        Ok(())
    }

    fn set(&mut self, flag: &'static Flag, value: &str) -> Result<(), String> {
        let values = self.words.values.entry(flag.name).or_default();
        match flag.takes {
            Takes::Bool => match strconv::parse_bool(value) {
                Ok(on) => values.push(on.to_string()),
                Err(error) => return Err(invalid(flag, value, &error.message("ParseBool", value))),
            },
            Takes::List => values.extend(csv(value).map_err(|error| invalid(flag, value, &error))?),
            Takes::Pairs => {
                for pair in pairs(value).map_err(|error| invalid(flag, value, &error))? {
                    if !pair.contains('=') {
                        return Err(invalid(flag, value, &format!("{pair} must be formatted as key=value")));
                    }
                    values.push(pair);
                }
            }
            Takes::Int => {
                strconv::parse_int(value, 0, 64)
                    .map_err(|error| invalid(flag, value, &error.message("ParseInt", value)))?;
                values.push(value.to_owned());
            }
            Takes::Float => {
                strconv::parse_float(value)
                    .map_err(|error| invalid(flag, value, &error.message("ParseFloat", value)))?;
                values.push(value.to_owned());
            }
            Takes::Duration => {
                Duration::parse(value).map_err(|error| invalid(flag, value, &error))?;
                values.push(value.to_owned());
            }
            Takes::Text | Takes::OptionalText(_) | Takes::Each => values.push(value.to_owned()),
        }
        Ok(())
    }
}

/// pflag's complaint about a value.
pub fn invalid(flag: &Flag, value: &str, error: &str) -> String {
    let name = match flag.short {
        Some(short) => format!("-{short}, --{}", flag.name),
        None => format!("--{}", flag.name),
    };
    format!("invalid argument {} for {name:?} flag: {error}", strconv::quote(value.as_bytes()))
}

fn quote_char(letter: char) -> String {
    match letter {
        '\'' => "'\\''".to_owned(),
        letter => format!("'{letter}'"),
    }
}

/// Pairs as pflag splits them: one pair alone is taken as it is, so that its value may hold quotes.
fn pairs(value: &str) -> Result<Vec<String>, String> {
    match value.matches('=').count() {
        0 => Ok(vec![value.to_owned()]),
        1 => Ok(vec![value.trim_matches('"').to_owned()]),
        _ => csv(value),
    }
}

/// One line of CSV: fields with commas stand in double quotes, which are doubled inside.
fn csv(line: &str) -> Result<Vec<String>, String> {
    if line.is_empty() {
        return Ok(Vec::new());
    }
    let mut fields = Vec::new();
    let mut rest = line;
    loop {
        let Some(quoted) = rest.strip_prefix('"') else {
            let (field, behind) = rest.split_once(',').map_or((rest, None), |(field, rest)| (field, Some(rest)));
            if let Some(at) = field.find('"') {
                let col = line.len() - rest.len() + at + 1;
                return Err(format!("parse error on line 1, column {col}: bare \" in non-quoted-field"));
            }
            fields.push(field.to_owned());
            match behind {
                Some(behind) => rest = behind,
                None => return Ok(fields),
            }
            continue;
        };
        let mut field = String::new();
        let mut chars = quoted.char_indices();
        let behind = loop {
            match chars.next() {
                None => {
                    let col = line.len() + 1;
                    return Err(format!(
                        "parse error on line 1, column {col}: extraneous or missing \" in quoted-field"
                    ));
                }
                Some((at, '"')) if quoted[at + 1..].starts_with('"') => {
                    field.push('"');
                    chars.next();
                }
                Some((at, '"')) => break &quoted[at + 1..],
                Some((_, char)) => field.push(char),
            }
        };
        fields.push(field);
        match behind.strip_prefix(',') {
            Some(next) => rest = next,
            None if behind.is_empty() => return Ok(fields),
            None => {
                let col = line.len() - behind.len();
                return Err(format!("parse error on line 1, column {col}: extraneous or missing \" in quoted-field"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &[Flag] = &[
        Flag { name: "set", short: None, takes: Takes::Each, help: "", only: None },
        Flag { name: "values", short: Some('f'), takes: Takes::List, help: "", only: None },
        Flag { name: "generate-name", short: Some('g'), takes: Takes::Bool, help: "", only: None },
        Flag { name: "dry-run", short: None, takes: Takes::OptionalText("client"), help: "", only: None },
        Flag { name: "qps", short: None, takes: Takes::Float, help: "", only: None },
        Flag { name: "burst", short: None, takes: Takes::Int, help: "", only: None },
        Flag { name: "timeout", short: None, takes: Takes::Duration, help: "", only: None },
        Flag { name: "labels", short: None, takes: Takes::Pairs, help: "", only: None },
    ];

    fn read(line: &str) -> Result<Words, String> {
        parse(&[TABLE], line.split(' ').map(str::to_owned).collect())
    }

    #[test]
    fn flags_and_arguments_mix() {
        let words = read("a -gf x,y --set k=v b --set=l={a,b} --dry-run --values \"p,q\",r -- -z").unwrap();
        assert_eq!(words.arguments, ["a", "b", "-z"]);
        assert_eq!(words.all("values"), ["x", "y", "p,q", "r"]);
        assert_eq!(words.all("set"), ["k=v", "l={a,b}"]);
        assert!(words.is_on("generate-name"));
        assert_eq!(words.last("dry-run"), Some("client"));
        assert!(!read("--generate-name=false").unwrap().is_on("generate-name"));
    }

    #[test]
    fn commands_may_stand_behind_flags() {
        for (line, expected) in [
            ("a -g", Some(0)),
            ("-g a", Some(1)),
            ("-f x a", Some(2)),
            ("--set=x a", Some(1)),
            ("-f x", None),
            ("--no x a", Some(2)),
        ] {
            let words: Vec<&str> = line.split(' ').collect();
            assert_eq!(first_argument(TABLE, &words), expected, "{line}");
        }
    }

    #[test]
    fn mistakes_are_worded_as_pflag_words_them() {
        for (line, expected) in [
            ("--qps x", r#"invalid argument "x" for "--qps" flag: strconv.ParseFloat: parsing "x": invalid syntax"#),
            ("--burst x", r#"invalid argument "x" for "--burst" flag: strconv.ParseInt: parsing "x": invalid syntax"#),
            ("--timeout 5", r#"invalid argument "5" for "--timeout" flag: time: missing unit in duration "5""#),
            ("--labels a", r#"invalid argument "a" for "--labels" flag: a must be formatted as key=value"#),
            ("--nope", "unknown flag: --nope"),
            ("-gx", "unknown shorthand flag: 'x' in -x"),
            ("--set", "flag needs an argument: --set"),
            ("-gf", "flag needs an argument: 'f' in -f"),
            ("--=x", "bad flag syntax: --=x"),
            (
                "-g=x",
                r#"invalid argument "x" for "-g, --generate-name" flag: strconv.ParseBool: parsing "x": invalid syntax"#,
            ),
        ] {
            assert_eq!(read(line).unwrap_err(), expected, "{line}");
        }
    }
}
