//! Parsing many texts: each one once, on more than one thread when there is enough to do.

use std::collections::HashMap;
use std::sync::Arc;

use memchr::memmem;

use crate::value::Str;

use super::ast::{Template, Text};
use super::parse::{self, ParseError};
use super::parts::{Workers, in_parts};

/// Below that many bytes of text a second thread costs more than it gives.
const WORTH_A_THREAD: usize = 24 << 10;

type Parsed = Result<Vec<Template>, Box<ParseError>>;

/// The templates of each text. The error is that of the first text which has one.
pub fn parse(
    texts: &[(&str, Str)],
    threads: usize,
    parse_one: impl Fn(&str, Str) -> Parsed + Sync,
) -> Result<Vec<Vec<Template>>, Box<ParseError>> {
    let equal = equal_texts(texts);
    let own: Vec<usize> = (0..texts.len()).filter(|at| equal[*at] == *at).collect();
    let one = |at: &usize| parse_one(texts[*at].0, texts[*at].1.clone());
    let bytes: usize = own.iter().map(|at| texts[*at].1.len()).sum();
    let mut parsed = if threads < 2 || bytes < WORTH_A_THREAD {
        own.iter().map(one).collect()
    } else {
        let workers = Workers { threads, stack_bytes: parse::STACK_BYTES + (512 << 10) };
        in_parts(&own, workers, |at| texts[*at].1.len(), one)
    }?
    .into_iter();
    let mut all: Vec<Vec<Template>> = Vec::with_capacity(texts.len());
    for (at, (name, text)) in texts.iter().enumerate() {
        let templates = match equal[at] {
            first if first == at => parsed.next().unwrap_or_default(),
            first => renamed(&all[first], texts[first].0, name, text),
        };
        all.push(templates);
    }
    Ok(all)
}

/// For each text the first one that equals it. A text that mentions its own name may define it, so that
/// the name makes a difference.
fn equal_texts(texts: &[(&str, Str)]) -> Vec<usize> {
    let mut by_length: HashMap<usize, Vec<usize>> = HashMap::new();
    let first = |(at, (name, text)): (usize, &(&str, Str))| {
        let mentions = |name: &str| memmem::find(text.as_bytes(), name.as_bytes()).is_some();
        let alike = by_length.entry(text.len()).or_default();
        let equal = alike.iter().find(|other| texts[**other].1 == *text);
        if let Some(first) = equal.filter(|first| !mentions(name) && !mentions(texts[**first].0)) {
            return *first;
        }
        alike.push(at);
        at
    };
    texts.iter().enumerate().map(first).collect()
}

/// The templates of a text under another name; their trees are shared.
fn renamed(templates: &[Template], old: &str, name: &str, bytes: &Str) -> Vec<Template> {
    let text = Arc::new(Text { name: Arc::from(name), bytes: bytes.clone() });
    let rename = |template: &Template| Template {
        name: if template.name == *old { Str::from(name) } else { template.name.clone() },
        text: Arc::clone(&text),
        ..template.clone()
    };
    templates.iter().map(rename).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gotmpl::builtin::FuncTable;

    fn names(texts: &[(&str, String)], threads: usize) -> Result<Vec<Vec<(String, String)>>, String> {
        let functions = FuncTable::new(&[]);
        let texts: Vec<(&str, Str)> = texts.iter().map(|(name, text)| (*name, Str::from(text.as_str()))).collect();
        let parsed = super::parse(&texts, threads, |name, text| parse::parse(name, text, &functions));
        let parsed = parsed.map_err(|error| error.to_string())?;
        let shown = |template: &Template| (template.name.to_string(), template.text.name.to_string());
        Ok(parsed.iter().map(|templates| templates.iter().map(shown).collect()).collect())
    }

    #[test]
    fn threads_make_no_difference() {
        let long = |at: usize| format!("{{{{ define \"d{at}\" }}}}{}{{{{ end }}}}{{{{ {at} }}}}", "x".repeat(9000));
        let names_of: Vec<String> = (0..9).map(|at| format!("c/templates/{at}.tpl")).collect();
        let mut texts: Vec<(&str, String)> =
            names_of.iter().enumerate().map(|(at, name)| (name.as_str(), long(at))).collect();
        let alone = names(&texts, 1).unwrap();
        assert_eq!(alone.len(), 9);
        assert_eq!(alone[3][0], ("d3".to_owned(), "c/templates/3.tpl".to_owned()));
        for threads in [2, 3, 20] {
            assert_eq!(names(&texts, threads).unwrap(), alone);
        }
        texts[7].1.push_str("{{ end }}");
        texts[4].1.push_str("{{ nope }}");
        for threads in [1, 2, 3, 20] {
            let error = names(&texts, threads).unwrap_err();
            assert_eq!(error, "template: c/templates/4.tpl:1: function \"nope\" not defined");
        }
    }

    #[test]
    fn equal_texts_share_their_trees_under_their_own_names() {
        let text = "{{ define \"common\" }}x{{ end }}y".to_owned();
        let parsed = names(&[("a.tpl", text.clone()), ("b.tpl", text.clone())], 1).unwrap();
        let own = |name: &str| vec![("common".to_owned(), name.to_owned()), (name.to_owned(), name.to_owned())];
        assert_eq!(parsed, [own("a.tpl"), own("b.tpl")]);
        let named = "{{ define \"b.tpl\" }}x{{ end }} ".to_owned();
        let parsed = names(&[("a.tpl", named.clone()), ("b.tpl", named)], 1).unwrap();
        assert_eq!(parsed[0].len(), 2);
        assert_eq!(parsed[1].len(), 1, "the definition stands for the file itself");
    }
}
