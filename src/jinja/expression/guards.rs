use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

/// A name with keys behind it, and a question whether it is there.
static GUARD: LazyLock<Regex> = LazyLock::new(|| {
    let name = r#"[A-Za-z_]\w*(?:\s*\.\s*[A-Za-z_]\w*|\s*\[\s*(?:'[^']*'|"[^"]*")\s*\])*"#;
    let asked = r"\s+is\s+(?:not\s+)?(?:defined|undefined)\b|\s*\|\s*(?:default|d)\b";
    Regex::new(&format!("({name})(?:{asked})")).expect("the pattern is valid")
});
static KEY: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"[A-Za-z_]\w*|'([^']*)'|"([^"]*)""#).expect("the pattern is valid"));

/// The names that an expression may ask for in vain: those of `NAME is defined` and `NAME | default(…)`,
/// as keys with dots between them.
pub(super) fn guarded(expression: &str) -> BTreeSet<String> {
    let names = GUARD.captures_iter(expression).filter_map(|found| found.get(1));
    names
        .map(|name| {
            let keys = KEY.captures_iter(name.as_str()).map(|key| {
                let quoted = key.get(1).or_else(|| key.get(2));
                quoted.map_or_else(|| key[0].to_owned(), |quoted| quoted.as_str().to_owned())
            });
            keys.collect::<Vec<_>>().join(".")
        })
        .collect()
}
