//! The validator's errors as the tree that Helm prints.
//!
//! Where only one schema of an `allOf`, `anyOf` or `oneOf` fails, the validator gives the error of that
//! schema alone; Helm shows the keyword above it. The address of the failing schema tells which keywords
//! it stands below.

use boon::{ErrorKind, InstanceToken, ValidationError};

use super::words::{Source, stands, words};

/// One line of the complaint, with the lines below it.
pub struct Finding {
    /// The keys and indices that lead to the value.
    pub at: Vec<String>,
    /// The line without the place.
    pub words: String,
    /// Of `additionalProperties`, the first property that is one too many.
    pub surplus: Option<String>,
    /// Why, in a fixed order: by place, then by text.
    pub causes: Vec<Finding>,
}

type Error<'s, 'v> = ValidationError<'s, 'v>;
type Errors<'e, 's, 'v> = Vec<&'e ValidationError<'s, 'v>>;

/// What the validator found by the schema at the address `base` in the value at `at`.
pub fn findings(errors: Errors<'_, '_, '_>, base: &str, at: &[String], source: &Source<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut below: Vec<(Step<'_>, Errors<'_, '_, '_>)> = Vec::new();
    for error in errors.into_iter().filter(|error| stands(error)) {
        let Some(step) = error.schema_url.strip_prefix(base).and_then(Step::first) else {
            found.push(finding(error, source));
            continue;
        };
        match below.iter_mut().find(|(known, _)| *known == step) {
            Some((_, errors)) => errors.push(error),
            None => below.push((step, vec![error])),
        }
    }
    for (step, errors) in below {
        let inner = errors.first().map(|error| place(error)).unwrap_or_default();
        let at: Vec<String> = inner.into_iter().take(at.len() + step.levels).collect();
        let words = match step.keyword() {
            "oneOf" => "'oneOf' failed, none matched".to_owned(),
            keyword => format!("'{keyword}' failed"),
        };
        let causes = branches(errors, &format!("{base}{}", step.path), &at, source);
        found.push(Finding { at, words, surplus: None, causes });
    }
    found.sort_by_cached_key(|finding| (pointer(&finding.at), finding.text(0)));
    found
}

/// What was found by the schemas of the keyword at the address `base`, which holds several.
fn branches(errors: Errors<'_, '_, '_>, base: &str, at: &[String], source: &Source<'_>) -> Vec<Finding> {
    let mut by_branch: Vec<(&str, Errors<'_, '_, '_>)> = Vec::new();
    for error in errors {
        let rest = error.schema_url.strip_prefix(base).unwrap_or_default();
        let branch = rest.match_indices('/').nth(1).map_or(rest, |(end, _)| &rest[..end]);
        match by_branch.iter_mut().find(|(known, _)| *known == branch) {
            Some((_, errors)) => errors.push(error),
            None => by_branch.push((branch, vec![error])),
        }
    }
    let mut found: Vec<Finding> = by_branch
        .into_iter()
        .flat_map(|(branch, errors)| grouped(findings(errors, &format!("{base}{branch}"), at, source), at))
        .collect();
    found.sort_by_cached_key(|finding| (pointer(&finding.at), finding.text(0)));
    found
}

/// Several findings of one schema below a line of their own.
fn grouped(found: Vec<Finding>, at: &[String]) -> Vec<Finding> {
    if found.len() <= 1 {
        return found;
    }
    vec![Finding { at: at.to_vec(), words: "validation failed".to_owned(), surplus: None, causes: found }]
}

/// One error as it is.
fn finding(error: &Error<'_, '_>, source: &Source<'_>) -> Finding {
    let at = place(error);
    let (url, causes) = (error.schema_url, error.causes.iter().collect());
    let causes = match &error.kind {
        ErrorKind::AllOf => branches(causes, &format!("{url}/allOf"), &at, source),
        ErrorKind::AnyOf => branches(causes, &format!("{url}/anyOf"), &at, source),
        ErrorKind::OneOf(_) => branches(causes, &format!("{url}/oneOf"), &at, source),
        ErrorKind::Reference { url, .. } => findings(causes, url, &at, source),
        _ => findings(causes, url, &at, source),
    };
    let surplus = match &error.kind {
        ErrorKind::AdditionalProperties { got } => got.iter().min().map(ToString::to_string),
        _ => None,
    };
    let mut finding = Finding { at, words: words(error, source), surplus, causes };
    if matches!(error.kind, ErrorKind::Group | ErrorKind::Reference { .. })
        && finding.causes.len() == 1
        && let Some(only) = finding.causes.pop()
    {
        return only;
    }
    finding
}

impl Finding {
    /// The line and those below it.
    pub fn text(&self, indent: usize) -> String {
        let place = super::words::quote(&pointer(&self.at));
        let mut out = format!("{:indent$}- at {place}: {}\n", "", self.words, indent = 2 * indent);
        for cause in &self.causes {
            out.push_str(&cause.text(indent + 1));
        }
        out
    }
}

/// The keys and indices that lead to the value of an error.
fn place(error: &Error<'_, '_>) -> Vec<String> {
    let tokens = error.instance_location.tokens.iter().map(|token| match token {
        InstanceToken::Prop(name) => name.to_string(),
        InstanceToken::Item(index) => index.to_string(),
    });
    tokens.collect()
}

fn pointer(at: &[String]) -> String {
    at.iter().map(|step| format!("/{}", step.replace('~', "~0").replace('/', "~1"))).collect()
}

/// The way from one schema to the nearest keyword below it that holds several schemas for one value.
#[derive(PartialEq)]
struct Step<'p> {
    /// The way, keyword included.
    path: &'p str,
    /// How many levels it leads into the value.
    levels: usize,
}

impl<'p> Step<'p> {
    /// The first one on the way that `path` (`/properties/a/allOf/0`) describes.
    fn first(path: &'p str) -> Option<Self> {
        let mut levels = 0;
        let mut end = 0;
        let mut tokens = path.strip_prefix('/')?.split('/').peekable();
        while let Some(token) = tokens.next() {
            end += 1 + token.len();
            let named = match token {
                "allOf" | "anyOf" | "oneOf" => return Some(Step { path: &path[..end], levels }),
                "properties" | "patternProperties" | "prefixItems" => {
                    levels += 1;
                    true
                }
                "items" => {
                    levels += 1;
                    tokens.peek().is_some_and(|next| next.bytes().all(|byte| byte.is_ascii_digit()))
                }
                "additionalProperties"
                | "unevaluatedProperties"
                | "additionalItems"
                | "unevaluatedItems"
                | "contains" => {
                    levels += 1;
                    false
                }
                "dependentSchemas" | "dependencies" => true,
                _ => false,
            };
            if named && let Some(name) = tokens.next() {
                end += 1 + name.len();
            }
        }
        None
    }

    fn keyword(&self) -> &'p str {
        self.path.rsplit('/').next().unwrap_or_default()
    }
}
