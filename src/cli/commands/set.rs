use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::editing::{Edited, EditedFile, Manner, typed_value};
use crate::config::{COMMON, layer_order};
use crate::diag::{Blame, Code, Diagnostic, Severity};
use crate::golang::fmt::sprint;
use crate::source::Tree;
use crate::span::Source;
use crate::stack::Reading;
use crate::value::{Frozen, Value};
use crate::yaml::edit::{Step, show_path};
use crate::yaml::{Node, load_node_native, parse_document};

const BAD_PAIR: Code = Code("set.bad-pair");
const NEW_KEY: Code = Code("set.new-key");
const EMPTY_CONFIG: Code = Code("set.empty-config");
const BAD_FILE: Code = Code("set.bad-file");

/// Arguments of `set`.
#[derive(Clone, Debug, Default, Args)]
pub struct SetArgs {
    /// The values to set, as PATH=VALUE; keys with dots go in quotes: `a."b.c"=1`
    #[arg(value_name = "PATH=VALUE", required_unless_present = "file")]
    pub pairs: Vec<String>,
    /// The layer to write to
    #[arg(long, value_name = "NAME", default_value = COMMON)]
    pub environment: String,
    /// The component below this one to set values of, as NAME or NAME.NAME
    #[arg(long, value_name = "NAME", default_value = "")]
    pub subcomponent: String,
    /// Set all values of a YAML file
    #[arg(short, long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Change values that are there, never add one
    #[arg(long)]
    pub no_new_config_keys: bool,
    /// Take all values for strings
    #[arg(long)]
    pub string: bool,
}

/// A value and its path below `config`.
type Setting = (Vec<Step>, Frozen);

/// Sets values in a layer of the project's root component.
pub fn set(args: &SetArgs, folder: &Tree, manner: Manner) -> Result<Edited, Diagnostic> {
    let mut problems = Vec::new();
    layer_order(std::slice::from_ref(&args.environment), &[], Reading::Strict, &mut problems);
    if let Some(problem) = problems.into_iter().find(|problem| problem.severity == Severity::Error) {
        return Err(problem.blame(Blame::Usage));
    }
    if args.pairs.is_empty() && args.file.is_none() {
        return Err(bad_pair("nothing to set").help("give PATH=VALUE pairs, or a file with --file"));
    }
    let mut settings: Vec<Setting> = Vec::new();
    if let Some(file) = &args.file {
        from_file(file, manner, &mut settings)?;
    }
    for pair in &args.pairs {
        let (path, word) = split_pair(pair, manner)?;
        let text = args.string || manner == Manner::Fabrikate;
        settings.push((path, if text { Frozen::str(word) } else { typed_value(word) }));
    }
    let mut base: Vec<Step> = Vec::new();
    for name in args.subcomponent.split('.').filter(|name| !name.is_empty()) {
        base.extend([Step::from("subcomponents"), Step::from(name)]);
    }
    base.push(Step::from("config"));
    let mut file = EditedFile::open(folder, &format!("config/{}", args.environment))?;
    if manner == Manner::Fabrikate {
        refuse_empty_config(&file, &base)?;
    }
    for (path, value) in &settings {
        let path = [base.as_slice(), path].concat();
        if args.no_new_config_keys && at(file.root(), &path).is_none() {
            let message = format!("`{}` is not in `{}`", show_path(&path), file.name());
            return Err(Diagnostic::error(NEW_KEY, message).help("leave out --no-new-config-keys to add it"));
        }
        file.set(&path, value)?;
    }
    let edited = Edited::of(vec![file.change()]);
    let told = match edited.is_empty() {
        false => format!("set {} in {}", count(settings.len()), file.name()),
        true => format!("nothing to change in {}", file.name()),
    };
    Ok(edited.told(told))
}

/// Fabrikate crashes on an entry, or a file, whose `config` is empty; scripts get an error there.
fn refuse_empty_config(file: &EditedFile, base: &[Step]) -> Result<(), Diagnostic> {
    let entry = &base[..base.len() - 1];
    let lacks = match at(file.root(), base) {
        Some(config) => config.is_null(),
        None => !entry.is_empty() && at(file.root(), entry).is_some(),
    };
    if !lacks {
        return Ok(());
    }
    let message = format!("`{}` in `{}` is empty", show_path(base), file.name());
    Err(Diagnostic::error(EMPTY_CONFIG, message).help("write `config: {}` there, or use `kiln set`"))
}

fn count(values: usize) -> String {
    if values == 1 { "1 value".to_owned() } else { format!("{values} values") }
}

fn bad_pair(message: impl Into<String>) -> Diagnostic {
    Diagnostic::error(BAD_PAIR, message).blame(Blame::Usage)
}

fn at<'n>(root: &'n Node, path: &[Step]) -> Option<&'n Node> {
    path.iter().try_fold(root, |node, step| match step {
        Step::Key(key) => node.get(key),
        Step::Index(index) => node.as_seq()?.get(*index),
    })
}

/// Splits `a."b.c"=value`. Fabrikate's scripts may rely on a second `=` being refused.
fn split_pair(pair: &str, manner: Manner) -> Result<(Vec<Step>, &str), Diagnostic> {
    let shown = pair.escape_debug().to_string();
    let mut keys = vec![String::new()];
    let mut quoted = false;
    for (at, char) in pair.char_indices() {
        match char {
            '"' => quoted = !quoted,
            '.' if !quoted => keys.push(String::new()),
            '=' if !quoted => {
                let value = &pair[at + 1..];
                if manner == Manner::Fabrikate && value.contains('=') {
                    return Err(bad_pair(format!("`{shown}` has more than one `=`")).help("use `kiln set`"));
                }
                if keys.iter().any(String::is_empty) {
                    return Err(bad_pair(format!("`{shown}` has an empty key")));
                }
                return Ok((keys.into_iter().map(Step::Key).collect(), value));
            }
            char => keys.last_mut().expect("there is a first key").push(char),
        }
    }
    Err(bad_pair(format!("`{shown}` is not of the form PATH=VALUE")))
}

/// Reads the values of a YAML file: one for each leaf of its maps; a list is one value.
fn from_file(file: &Path, manner: Manner, settings: &mut Vec<Setting>) -> Result<(), Diagnostic> {
    let name = file.display().to_string();
    let text = fs::read_to_string(file)
        .map_err(|error| Diagnostic::error(BAD_FILE, format!("cannot read `{name}`: {error}")))?;
    let source = Source::new(name, text);
    let document = parse_document(&source).map_err(|error| error.to_diagnostic(&source))?;
    let value = load_node_native(&document.root).map_err(|error| error.to_diagnostic(&source))?;
    if !matches!(value, Frozen::Map(_) | Frozen::Nil) {
        let problem = Diagnostic::error(BAD_FILE, "the file must hold a map").at(document.span(&document.root), "");
        return Err(problem);
    }
    leaves(&value, &mut Vec::new(), manner, settings)
}

fn leaves(value: &Frozen, path: &mut Vec<Step>, manner: Manner, settings: &mut Vec<Setting>) -> Result<(), Diagnostic> {
    if let Some(map) = value.as_map().filter(|map| !map.is_empty()) {
        for (key, value) in map.iter() {
            path.push(Step::Key(key.to_string()));
            leaves(value, path, manner, settings)?;
            path.pop();
        }
        return Ok(());
    }
    if path.is_empty() {
        return Ok(());
    }
    let value = match value {
        Frozen::Bool(_) | Frozen::Int(..) | Frozen::Float(_) | Frozen::Str(_) if manner == Manner::Fabrikate => {
            let text = String::from_utf8_lossy(&sprint(&[Value::from(value)])).into_owned();
            if text.contains('=') {
                let message = format!("the value of `{}` has a `=`", show_path(path));
                return Err(bad_pair(message).help("use `kiln set`"));
            }
            Frozen::str(text)
        }
        value => value.clone(),
    };
    settings.push((path.clone(), value));
    Ok(())
}
