use crate::diag::{Code, Reported, Severity, Sink};
use crate::pipeline::project::Project;
use crate::source::{Fetcher, Tree};
use crate::stack::{FieldCodes, FieldRules, read_yaml};

const ACCESS: FieldCodes = FieldCodes {
    unknown_key: Code("access.unknown-key"),
    duplicate_key: Code("access.duplicate-key"),
    wrong_type: Code("access.wrong-type"),
};

/// Reads the `access.yaml` files of the project's own components. Those of fetched components are
/// not asked: they must not choose which secret is sent where.
pub(super) fn add_tokens(project: &Project, fetcher: &mut Fetcher, sink: &mut Sink) -> Result<(), Reported> {
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
            if let Some(variable) = fields.text_of("the variable's name", value, &mut problems) {
                fetcher.add_access(key.as_str().unwrap_or_default(), variable.value);
            }
        }
    }
    let failed = problems.iter().any(|problem| problem.severity == Severity::Error);
    problems.into_iter().for_each(|problem| sink.push(problem));
    if failed { sink.check() } else { Ok(()) }
}
