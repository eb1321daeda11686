//! `kiln template`: what `helm template` prints, flag for flag and byte for byte.
//!
//! Words are read as Go's pflag reads them and every message is Helm's own, because other programs
//! read them; where Helm does not name the place of a cause, a line before the message does. Nothing is fetched and no cluster is asked: what would need either is refused.

mod flags;
mod output;
mod pflag;
mod place;
mod post_renderer;
mod values;

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use crate::gotmpl::Limits;
use crate::helm::{self, Chart, Entropy, KubeVersion, LoadError, ReleaseOptions, print};
use crate::report::printable;
use crate::source::{Tree, TreeError, expect_gzip};

use pflag::{Flag, Words};

/// Stack for nested templates: Helm's own limits, not ours, should end a recursion.
const STACK_BYTES: usize = 480 << 20;

/// Runs `template` with the words behind the command's name. Exit code 0 or 1, as helm's.
pub fn run(args: &[OsString]) -> u8 {
    let args = args.iter().map(|arg| arg.to_string_lossy().into_owned()).collect();
    let limits = Limits { stack_bytes: STACK_BYTES, ..ReleaseOptions::new("").limits };
    let worker = thread::Builder::new().stack_size(limits.thread_stack()).spawn(move || template(args, limits));
    let result = match worker.map(thread::JoinHandle::join) {
        Ok(Ok(result)) => result,
        Ok(Err(panic)) => std::panic::resume_unwind(panic),
        Err(error) => Err(go_words(&error).into()),
    };
    let printed = result.and_then(|text| {
        let mut out = io::stdout().lock();
        out.write_all(&text)
            .and_then(|()| out.flush())
            .map_err(|error| format!("write stdout: {}", go_words(&error)).into())
    });
    match printed {
        Ok(()) => 0,
        Err(failure) => {
            for place in failure.places {
                say(&format!("at {place}"));
            }
            say(&format!("Error: {}", failure.message));
            1
        }
    }
}

/// Prints a line to stderr. A closed stderr is no reason to fail.
fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{}", printable(line));
}

/// Why nothing was rendered.
struct Failure {
    /// Helm's text.
    message: String,
    /// Where the cause stands, where the text does not say.
    places: Vec<String>,
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Self { message, places: Vec::new() }
    }
}

/// Where the command stands among the words behind `helm`: the first that is neither a flag nor a
/// flag's value.
pub fn command_word(words: &[OsString]) -> Option<usize> {
    let words: Vec<_> = words.iter().map(|word| word.to_string_lossy()).collect();
    pflag::first_argument(&[flags::GLOBAL, flags::TEMPLATE], &words)
}

/// Gives what goes to standard output.
fn template(args: Vec<String>, limits: Limits) -> Result<Vec<u8>, Failure> {
    let words = pflag::parse(&[flags::TEMPLATE, flags::GLOBAL], args)?;
    if words.is_on("help") {
        return Ok(help());
    }
    let post_renderer = words.last("post-renderer").filter(|name| !name.is_empty()).map(locate_renderer).transpose()?;
    if words.arguments.is_empty() {
        return Err("\"helm template\" requires at least 1 argument\n\nUsage:  helm template [NAME] [CHART] [flags]"
            .to_owned()
            .into());
    }
    let kube_version = match words.last("kube-version").filter(|text| !text.is_empty()) {
        Some(text) => KubeVersion::parse(text).map_err(|error| format!("invalid kube version '{text}': {error}"))?,
        None => KubeVersion::default_of_helm(),
    };
    let (name, chart) = name_and_chart(&words)?;
    let chart_path = locate_chart(chart, &words)?;
    let values = values::collect(&words)?;
    let chart = load(&chart_path)?;
    if chart.metadata.deprecated {
        say("WARNING: This chart is deprecated");
    }
    refuse_cluster(&words)?;
    let options = ReleaseOptions {
        namespace: namespace(&words),
        kube_version,
        api_versions: words.all("api-versions").to_vec(),
        include_crds: words.is_on("include-crds"),
        is_upgrade: words.is_on("is-upgrade"),
        skip_tests: words.is_on("skip-tests"),
        no_hooks: words.is_on("no-hooks"),
        skip_schema_validation: words.is_on("skip-schema-validation"),
        limits,
        ..ReleaseOptions::new(name)
    };
    const HINT: &str = "\n\nUse --debug flag to render out invalid YAML";
    let hint = if words.is_on("debug") { "" } else { HINT };
    let release = helm::render(&chart, &values, &options).map_err(|error| Failure {
        message: if error.has_begun() { format!("{error}{hint}") } else { error.to_string() },
        places: place::of_rendering(&chart_path, &chart, &values, &error),
    })?;
    for warning in &release.warnings {
        say(warning);
    }

    let dir = words.last("output-dir").filter(|dir| !dir.is_empty());
    let mut printed = Vec::new();
    let mut manifests = match dir {
        Some(dir) => {
            let release_dir = words.is_on("release-name").then_some(options.name.as_str());
            printed = output::write(&release, dir, release_dir)?;
            Vec::new()
        }
        None => print::manifests(&release),
    };
    if let Some(program) = post_renderer {
        manifests = post_renderer::run(&program, words.all("post-renderer-args"), manifests)
            .map_err(|error| format!("error while running post render on files: {error}{hint}"))?;
    }
    let whole = match dir {
        Some(_) => print::without_hooks(&manifests),
        None => print::whole(&release, &manifests),
    };
    let patterns = words.all("show-only");
    printed.extend(if patterns.is_empty() { whole } else { print::only(&whole, patterns)? });
    Ok(printed)
}

fn locate_renderer(name: &str) -> Result<PathBuf, String> {
    let flag = flags::TEMPLATE.iter().find(|flag| flag.name == "post-renderer");
    post_renderer::locate(name).map_err(|error| flag.map_or(error.clone(), |flag| pflag::invalid(flag, name, &error)))
}

/// The release name, and the chart as the user named it.
fn name_and_chart(words: &Words) -> Result<(String, &str), String> {
    let name_template = words.last("name-template").filter(|text| !text.is_empty());
    match words.arguments.as_slice() {
        [name, chart] => {
            if words.is_on("generate-name") {
                return Err("cannot set --generate-name and also specify a name".to_owned());
            }
            if name_template.is_some() {
                return Err("cannot set --name-template and also specify a name".to_owned());
            }
            Ok((name.clone(), chart))
        }
        [chart] => match name_template {
            Some(text) => Ok((helm::name_from_template(text, Entropy::System)?, chart)),
            None => Ok(("release-name".to_owned(), chart)),
        },
        arguments => {
            let extra = arguments.get(2..).unwrap_or_default().join(", ");
            Err(format!("expected at most two arguments, unexpected arguments: {extra}"))
        }
    }
}

/// The chart on disk, by its whole path.
fn locate_chart(name: &str, words: &Words) -> Result<PathBuf, String> {
    let name = name.trim();
    if Path::new(name).exists() {
        return std::path::absolute(name).map_err(|error| go_words(&error));
    }
    if name.starts_with('/') || name.starts_with('.') {
        return Err(format!("path {name:?} not found"));
    }
    if name.contains("://") || words.last("repo").is_some_and(|repo| !repo.is_empty()) {
        return Err(format!("{name}: charts are not fetched while rendering; download the chart first"));
    }
    match name.split_once('/') {
        Some((repo, _)) => Err(format!("repo {repo} not found")),
        None => Err(format!("non-absolute URLs should be in form of repo_name/path_to_chart, got: {name}")),
    }
}

fn load(path: &Path) -> Result<Arc<Chart>, Failure> {
    let shown = path.to_string_lossy();
    let failure = |error: LoadError| Failure { message: load_error(&error), places: place::of_loading(path, &error) };
    if path.is_dir() {
        let tree = Tree::directory(path, &*shown);
        return helm::load(&tree).map_err(failure);
    }
    let bytes = fs::read(path).map_err(|error| format!("open {shown}: {}", go_words(&error)))?;
    expect_gzip(&bytes, &shown).map_err(|error| error.problem.to_string())?;
    helm::load_archive(&bytes, &shown).map_err(failure)
}

/// Helm names the target of a link that leads nowhere. Links out of the chart it follows; we do not.
fn load_error(error: &LoadError) -> String {
    match error.tree.as_deref() {
        Some(TreeError::Missing { path }) if let Ok(target) = fs::read_link(path) => {
            let target = Path::new(path).parent().unwrap_or(Path::new("/")).join(target);
            format!("error evaluating symlink {path}: lstat {}: no such file or directory", target.display())
        }
        Some(TreeError::Escapes { path, .. }) => {
            format!("error evaluating symlink {path}: it leads outside of the chart")
        }
        _ => error.to_string(),
    }
}

fn refuse_cluster(words: &Words) -> Result<(), String> {
    match words.last("dry-run").unwrap_or("client") {
        "server" => return Err("--dry-run=server needs a cluster, which is never asked".to_owned()),
        "" | "false" | "true" | "none" | "client" => {}
        _ => {
            return Err(
                "Invalid dry-run flag. Flag must one of the following: false, true, none, client, server".to_owned()
            );
        }
    }
    if words.is_on("validate") {
        return Err("--validate needs a cluster, which is never asked".to_owned());
    }
    Ok(())
}

fn namespace(words: &Words) -> String {
    let flag = words.last("namespace").map(str::to_owned);
    let environment = || env::var("HELM_NAMESPACE").ok();
    flag.or_else(environment).filter(|name| !name.is_empty()).unwrap_or_else(|| "default".to_owned())
}

/// The message of an operating system error in Go's words: without a number, in lower case.
fn go_words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file or directory".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::IsADirectory => "is a directory".to_owned(),
        io::ErrorKind::NotADirectory => "not a directory".to_owned(),
        io::ErrorKind::AlreadyExists => "file exists".to_owned(),
        _ => error.to_string(),
    }
}

fn help() -> Vec<u8> {
    let mut text = String::from(
        "Render chart templates locally and display the output.\n\nUsage: kiln template [NAME] CHART [flags]\n\nFlags:\n",
    );
    let line = |flag: &Flag| {
        let short = flag.short.map_or_else(|| "    ".to_owned(), |short| format!("-{short}, "));
        format!("  {short}--{:<24} {}\n", flag.name, flag.help)
    };
    let shown = |flag: &&Flag| !flag.help.is_empty();
    text.extend(flags::TEMPLATE.iter().chain(flags::GLOBAL).filter(shown).map(line));
    text.push_str("\nThe other flags of helm template are accepted and change nothing.\n");
    text.into_bytes()
}
