use crate::diag::{Code, Diagnostic, Reported, Sink};
use crate::source::Tree;
use crate::stack::Reading;
use crate::stack::document::read_yaml;
use crate::stack::emit::read_emit;
use crate::stack::fields::{FieldCodes, FieldRules, Fields};
use crate::stack::spec::Text;
use crate::value::Frozen;
use crate::yaml::{Node, load_node_native};

use super::{Author, CommitRules, DeleteLimits, Layout, Mode, PublishFile, SecretRule, Split};

/// The name of the file that says where to publish.
pub const PUBLISH_FILE: &str = "publish.yaml";

const CODES: FieldCodes = FieldCodes {
    unknown_key: Code("publish.unknown-key"),
    duplicate_key: Code("publish.duplicate-key"),
    wrong_type: Code("publish.wrong-type"),
};
const INVALID: Code = Code("publish.invalid-value");

const KEYS: [&str; 14] = [
    "apiVersion",
    "kind",
    "target",
    "owner",
    "layout",
    "paths",
    "activePath",
    "split",
    "preserve",
    "limits",
    "mode",
    "emit",
    "commit",
    "secrets",
];

/// Reads `publish.yaml` of a folder; `None` when there is none. The file is kiln's own: whatever is
/// questionable in it is an error, with or without `kiln.yaml`.
///
/// # Errors
/// When `sink` got at least one error.
pub fn load_publish(folder: &Tree, sink: &mut Sink) -> Result<Option<PublishFile>, Reported> {
    let file = match read_yaml(folder, PUBLISH_FILE, Reading::Strict) {
        Ok(None) => return Ok(None),
        Ok(Some(file)) => file,
        Err(problem) => return Err(sink.fail(problem)),
    };
    let rules = FieldRules::of(&file, Reading::Strict, CODES);
    let mut problems = file.problems.clone();
    let mut read = PublishFile::default();
    match load_node_native(&file.document.root) {
        Err(error) => problems.push(error.to_diagnostic(rules.source)),
        Ok(_) => {
            if let Some(fields) = rules.map("the publish file", &file.document.root, &mut problems) {
                read = parse(&rules, &fields, &mut problems);
            }
        }
    }
    let mut own = Sink::new();
    problems.into_iter().for_each(|problem| own.push(problem));
    let result = own.check();
    sink.append(own);
    result.map(|()| Some(read))
}

fn parse(rules: &FieldRules<'_>, fields: &Fields<'_>, problems: &mut Vec<Diagnostic>) -> PublishFile {
    fields.check(&KEYS, "the publish file", problems);
    fields.header("Publish", problems);
    let mut file = PublishFile { owner: fields.text("owner", problems), ..PublishFile::default() };
    if let Some(owner) = &file.owner
        && let Err(why) = check_owner(&owner.value)
    {
        problems.push(Diagnostic::error(INVALID, why).at(owner.place.clone(), ""));
    }
    let section = |name: &str, keys: &[&str], problems: &mut Vec<Diagnostic>| {
        let map = fields.get(name).and_then(|node| rules.map(name, node, problems))?;
        map.check(keys, &format!("`{name}`"), problems);
        Some(map)
    };
    if let Some(target) = section("target", &["repo", "branch"], problems) {
        file.repo = target.text("repo", problems);
        file.branch = target.text("branch", problems);
    }
    if let Some(paths) = section("paths", &["clusters", "engine"], problems) {
        file.clusters = folder(&paths, "clusters", problems);
        file.engine = folder(&paths, "engine", problems);
    }
    file.active_path = folder(fields, "activePath", problems);
    file.layout = word(
        fields,
        "layout",
        &[
            ("directories", Layout::Directories),
            ("promotion-branches", Layout::PromotionBranches),
            ("environment-branches", Layout::EnvironmentBranches),
        ],
        problems,
    );
    file.split = word(
        fields,
        "split",
        &[("component", Split::Component), ("object", Split::Object), ("single", Split::Single)],
        problems,
    );
    file.mode = word(fields, "mode", &[("push", Mode::Push), ("pull-request", Mode::PullRequest)], problems);
    file.secrets = word(
        fields,
        "secrets",
        &[("deny", SecretRule::Deny), ("allow", SecretRule::Allow), ("sealed-only", SecretRule::SealedOnly)],
        problems,
    );
    let patterns = fields.list("preserve", problems);
    file.preserve =
        patterns.iter().filter_map(|item| fields.text_of("an item of `preserve`", item, problems)).collect();
    if let Some(limits) = section("limits", &["maxDeletePercent", "maxDeleteFiles"], problems) {
        let percent = number(rules, &limits, "maxDeletePercent", 100, problems);
        file.limits = DeleteLimits {
            percent: percent.and_then(|percent| u32::try_from(percent).ok()).or(file.limits.percent),
            files: number(rules, &limits, "maxDeleteFiles", i64::MAX, problems)
                .and_then(|files| usize::try_from(files).ok()),
        };
    }
    if let Some(emit) = fields.get("emit") {
        file.emit = read_emit(rules, emit, problems);
    }
    if let Some(commit) = section("commit", &["author", "sign", "trailers", "subject"], problems) {
        file.commit = commit_rules(&commit, problems);
    }
    file
}

fn commit_rules(commit: &Fields<'_>, problems: &mut Vec<Diagnostic>) -> CommitRules {
    let mut read = CommitRules::default();
    if let Some(text) = commit.text("author", problems) {
        match Author::parse(&text.value) {
            Some(author) => read.author = author,
            None => {
                let message = "`author` must read `Name <address>`";
                problems.push(Diagnostic::error(INVALID, message).at(text.place, ""));
            }
        }
    }
    read.sign = commit.boolean("sign", problems).map(|(value, _)| value);
    read.trailers = commit.boolean("trailers", problems).is_none_or(|(value, _)| value);
    read.subject = commit.text("subject", problems).map(|text| text.value);
    read
}

/// A word that can be an owner.
///
/// # Errors
/// What is wrong with it.
pub fn parse_owner(text: &str) -> Result<String, String> {
    check_owner(text).map(|()| text.to_owned())
}

/// Whether a word can be an owner: it becomes a part of refs and of file names.
fn check_owner(owner: &str) -> Result<(), String> {
    let is_plain = |char: char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_' | '.');
    let fits = owner.chars().all(is_plain)
        && owner.starts_with(|char: char| char.is_ascii_alphanumeric())
        && !owner.contains("..")
        && !owner.ends_with('.')
        && !owner.ends_with(".lock")
        && owner.len() <= 100;
    match fits {
        true => Ok(()),
        false => Err(format!("`{}` cannot be an owner: letters, digits and `-_.` can", owner.escape_debug())),
    }
}

fn folder(fields: &Fields<'_>, name: &str, problems: &mut Vec<Diagnostic>) -> Option<Text> {
    let mut text = fields.text(name, problems)?;
    let trimmed = text.value.trim_end_matches('/');
    let trimmed = trimmed.strip_prefix("./").unwrap_or(trimmed);
    text.value = if trimmed == "." { String::new() } else { trimmed.to_owned() };
    let bad = |part: &str| part.is_empty() || matches!(part, "." | ".." | ".git" | ".kiln") || part.contains('\\');
    if !text.value.is_empty() && text.value.split('/').any(bad) {
        let message = format!("`{name}` must be a plain path inside of the repository");
        problems.push(Diagnostic::error(INVALID, message).at(text.place.clone(), ""));
    }
    Some(text)
}

fn word<T: Copy + Default>(fields: &Fields<'_>, name: &str, words: &[(&str, T)], problems: &mut Vec<Diagnostic>) -> T {
    let Some(text) = fields.text(name, problems) else { return T::default() };
    if let Some((_, value)) = words.iter().find(|(word, _)| *word == text.value) {
        return *value;
    }
    let known: Vec<String> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
    let message = format!("`{name}` must be one of {}, not `{}`", known.join(", "), text.value.escape_debug());
    let near = crate::diag::nearest(&text.value, words.iter().map(|(word, _)| *word));
    let problem = Diagnostic::error(INVALID, message).at(text.place, "");
    problems.push(match near {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None => problem,
    });
    T::default()
}

fn number(
    rules: &FieldRules<'_>,
    fields: &Fields<'_>,
    name: &str,
    most: i64,
    problems: &mut Vec<Diagnostic>,
) -> Option<i64> {
    let node: &Node = fields.get(name)?;
    match load_node_native(node) {
        Ok(Frozen::Int(_, value)) if (0..=most).contains(&value) => Some(value),
        _ => {
            let message = match most {
                i64::MAX => format!("`{name}` must be a number of files"),
                most => format!("`{name}` must be a number from 0 to {most}"),
            };
            problems.push(Diagnostic::error(INVALID, message).at(rules.span(node), ""));
            None
        }
    }
}
