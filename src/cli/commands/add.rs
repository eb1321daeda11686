use clap::Args;

use crate::cli::editing::{Edited, LIST, Manner, as_fabrikate_writes, has, item, open_component, positions};
use crate::diag::{Blame, Code, Diagnostic, Severity};
use crate::source::Tree;
use crate::span::{Source, Span};
use crate::stack::{ComponentType, Method, Reading, check_name};
use crate::value::Frozen;
use crate::yaml::Node;
use crate::yaml::edit::Step;

const BAD_WORD: Code = Code("add.bad-argument");

/// Arguments of `add`.
#[derive(Clone, Debug, Default, Args)]
pub struct AddArgs {
    /// The name of the subcomponent; an entry of that name is replaced
    #[arg(value_name = "NAME")]
    pub name: String,
    /// Where it is: a URL, or a folder relative to the component file
    #[arg(long, value_name = "URL|DIR")]
    pub source: Option<String>,
    /// How it is fetched: git, helm, http or local (default: git for URLs)
    #[arg(long, value_name = "METHOD")]
    pub method: Option<String>,
    /// The branch of a git repository (default: the repository's own)
    #[arg(long, value_name = "BRANCH")]
    pub branch: Option<String>,
    /// The folder in the source, or the chart's name in a chart repository
    #[arg(long, value_name = "PATH")]
    pub path: Option<String>,
    /// What it is: component, helm, static or template
    #[arg(long = "type", value_name = "TYPE", default_value = "component")]
    pub kind: String,
    /// The commit or tag of a git repository, or the version of a chart
    #[arg(long, value_name = "VERSION")]
    pub version: Option<String>,
}

/// Adds a subcomponent to the project's component file, which is made when there is none and then gets
/// the name of the project's `folder_name`. Of an entry that is there, only what the arguments are about
/// changes.
pub fn add(args: &AddArgs, folder: &Tree, folder_name: &str, manner: Manner) -> Result<Edited, Diagnostic> {
    check(args)?;
    let mut file = open_component(folder, folder_name)?;
    let found = positions(&file, &args.name);
    for index in found.iter().skip(1).rev() {
        file.remove(&item(*index))?;
    }
    let index = match found.first() {
        Some(index) => *index,
        None => {
            file.append(&[Step::from(LIST)], &Frozen::map(vec![("name".into(), Frozen::str(args.name.as_str()))]))?;
            file.root().get(LIST).and_then(Node::as_seq).map_or(0, |items| items.len().saturating_sub(1))
        }
    };
    for (key, value) in fields(args, manner) {
        let path = [item(index).as_slice(), &[Step::from(key)]].concat();
        match value {
            Some(value) => file.set(&path, &Frozen::str(value))?,
            None if has(&file, index, key) => file.remove(&path)?,
            None => {}
        }
    }
    if manner == Manner::Fabrikate {
        as_fabrikate_writes(&mut file)?;
    }
    let verb = if found.is_empty() { "added" } else { "replaced" };
    Ok(Edited::of(vec![file.change()]).told(format!("{verb} `{}` in {}", args.name, file.name())))
}

fn check(args: &AddArgs) -> Result<(), Diagnostic> {
    let place = Span::new(&Source::new("NAME", args.name.as_str()), 0..args.name.len());
    let problem = check_name(&args.name, &place, Reading::Fabrikate);
    if let Some(problem) = problem.filter(|problem| problem.severity == Severity::Error || args.name.is_empty()) {
        return Err(Diagnostic { severity: Severity::Error, ..problem }.blame(Blame::Usage));
    }
    let unknown = |what: &str, word: &str, known: &[&str]| {
        let problem = Diagnostic::error(BAD_WORD, format!("unknown {what} `{}`", word.escape_debug()));
        Err(problem.blame(Blame::Usage).help(format!("use one of: {}", known.join(", "))))
    };
    if let ComponentType::Unknown(word) = ComponentType::from_word(&args.kind) {
        return unknown("type", &word, &ComponentType::NAMES);
    }
    match &args.method {
        Some(word) if Method::from_word(word).is_none() => unknown("method", word, &Method::NAMES),
        _ => Ok(()),
    }
}

/// What the entry says, in the order of Fabrikate's files; nothing for keys that it shall not have.
fn fields(args: &AddArgs, manner: Manner) -> [(&'static str, Option<String>); 7] {
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let is_url = |text: &String| text.contains("://") || text.starts_with("git@");
    let method = match (manner, given(&args.method)) {
        (_, Some(method)) => Some(method),
        (Manner::Fabrikate, None) => Some("git".to_owned()),
        (Manner::Kiln, None) => given(&args.source).filter(is_url).map(|_| "git".to_owned()),
    };
    let is_git = method.as_deref() == Some("git");
    let branch = match (manner, given(&args.branch)) {
        (Manner::Fabrikate, None) => Some("master".to_owned()),
        (_, branch) => branch,
    };
    let kind = Some(args.kind.clone()).filter(|kind| manner == Manner::Fabrikate || kind != "component");
    [
        ("type", kind),
        ("generator", None),
        ("source", given(&args.source)),
        ("method", method),
        ("path", given(&args.path)),
        ("version", given(&args.version)),
        ("branch", branch.filter(|_| is_git)),
    ]
}
