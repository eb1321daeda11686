//! Which Helm a command line wants.

use std::env;

use crate::helm::Compat;

use super::flags;
use super::pflag;

const NAME: &str = "helm-compat";
const ENVIRONMENT: &str = "KILN_HELM_COMPAT";

/// The Helm that the words ask for, or else the environment. It must be known before the words are read,
/// because each Helm has flags of its own. The error is worded as pflag words such.
pub fn of(words: &[String]) -> Result<Compat, String> {
    let flag = flags::GLOBAL.iter().find(|flag| flag.name == NAME);
    match (asked(words), flag) {
        (Some(word), Some(flag)) => Compat::parse(word).ok_or_else(|| pflag::invalid(flag, word, "must be 3 or 4")),
        _ => match env::var(ENVIRONMENT) {
            Ok(word) if !word.is_empty() => {
                Compat::parse(&word).ok_or_else(|| format!("invalid {ENVIRONMENT} {word:?}: must be 3 or 4"))
            }
            _ => Ok(Compat::default()),
        },
    }
}

/// The value of the flag, the last one if there are several.
fn asked(words: &[String]) -> Option<&str> {
    let mut words = words.iter().take_while(|word| *word != "--");
    let mut found = None;
    while let Some(word) = words.next() {
        match word.strip_prefix("--").and_then(|word| word.strip_prefix(NAME)) {
            Some("") => found = words.next().map(String::as_str),
            Some(rest) => found = rest.strip_prefix('=').or(found),
            None => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_counts() {
        for (line, expected) in [
            ("a --helm-compat 4", Ok(Compat::V4)),
            ("--helm-compat=4 a --helm-compat=3", Ok(Compat::V3)),
            ("a -- --helm-compat 4", Ok(Compat::V3)),
            ("--helm-compat 2", Err(r#"invalid argument "2" for "--helm-compat" flag: must be 3 or 4"#.to_owned())),
        ] {
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            assert_eq!(of(&words), expected, "{line}");
        }
    }
}
