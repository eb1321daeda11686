use crate::diag::{Blame, Code, Diagnostic, Reported, Severity, Sink};
use crate::pipeline::project::Project;
use crate::source::{FetchOptions, Fetcher, Tree};
use crate::stack::{FieldCodes, FieldRules, read_yaml};

const ACCESS: FieldCodes = FieldCodes {
    unknown_key: Code("access.unknown-key"),
    duplicate_key: Code("access.duplicate-key"),
    wrong_type: Code("access.wrong-type"),
};

const UNTRUSTED: Code = Code("access.untrusted-variable");

/// Reads the `access.yaml` files of the project's own components. Those of fetched components are
/// not asked: they must not choose which secret is sent where. With `kiln.yaml` only the variables that
/// its `trust.tokens` lists may be named.
pub(super) fn add_tokens(project: &Project, fetcher: &mut Fetcher, sink: &mut Sink) -> Result<(), Reported> {
    each_token(project, &mut |source, variable| fetcher.add_access(source, variable), sink)
}

/// The options of a fetch with the tokens that the project names.
///
/// # Errors
/// When an `access.yaml` is not as it should be.
pub fn with_tokens(project: &Project, mut options: FetchOptions, sink: &mut Sink) -> Result<FetchOptions, Reported> {
    let mut access = std::mem::take(&mut options.access);
    each_token(project, &mut |source, variable| access.add(source, variable), sink)?;
    Ok(FetchOptions { access, ..options })
}

fn each_token(project: &Project, found: &mut dyn FnMut(&str, String), sink: &mut Sink) -> Result<(), Reported> {
    let graph = project.resolve(&mut Sink::new()).or_else(|_| project.resolve(sink))?;
    let mut folders: Vec<&Tree> = Vec::new();
    for node in graph.nodes.iter().filter(|node| !node.remote) {
        folders.extend(&node.config_folders);
    }
    let mut problems = Vec::new();
    for folder in folders {
        let file = match read_yaml(folder, "access.yaml", project.reading) {
            Ok(Some(file)) => file,
            Ok(None) => continue,
            Err(problem) => return Err(sink.fail(problem)),
        };
        problems.extend(file.problems.iter().cloned());
        let rules = FieldRules::of(&file, project.reading, ACCESS);
        let Some(fields) = rules.map("access.yaml", &file.document.root, &mut problems) else { continue };
        for (key, value) in fields.entries() {
            let Some(variable) = fields.text_of("the variable's name", value, &mut problems) else { continue };
            if project.reading.is_strict() && !project.file.trust.tokens.contains(&variable.value) {
                let name = variable.value.escape_debug();
                let message =
                    format!("the variable `{name}` may not be used for a token: `kiln.yaml` does not list it");
                let problem = Diagnostic::error(UNTRUSTED, message).blame(Blame::Policy).at(variable.place, "");
                problems.push(
                    problem.help(format!("add it to `trust.tokens` in kiln.yaml: `trust: {{tokens: [{name}]}}`")),
                );
                continue;
            }
            found(key.as_str().unwrap_or_default(), variable.value);
        }
    }
    let failed = problems.iter().any(|problem| problem.severity == Severity::Error);
    problems.into_iter().for_each(|problem| sink.push(problem));
    if failed { sink.check() } else { Ok(()) }
}
