use std::fs;
use std::io::{self, Write};
use std::path::Path;

use clap::Args;

use crate::cli::exit;
use crate::diag::{Blame, Code, Diagnostic};
use crate::report::Reporter;
use crate::span::{Source, Span};
use crate::stack::{Reading, check_name};

/// Arguments of `init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// The stack's name (default: the folder's name)
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
}

/// Writes a minimal project into the folder: `component.yaml`, `kiln.yaml`, `config/common.yaml`
/// and a `.gitignore`. Existing files are never touched.
pub fn run(args: &InitArgs, project: &Path, reporter: &Reporter) -> u8 {
    match start(args, project) {
        Ok(written) => {
            reporter.summary(&format!("wrote {}", written.join(", ")));
            exit::OK
        }
        Err(problem) => {
            reporter.diagnostics(std::slice::from_ref(&problem));
            exit::of(&[problem])
        }
    }
}

fn start(args: &InitArgs, project: &Path) -> Result<Vec<&'static str>, Diagnostic> {
    let failed = |path: &Path, error: &io::Error| {
        Diagnostic::error(Code("io.write"), format!("cannot write {}: {error}", path.display())).blame(Blame::World)
    };
    let name = match &args.name {
        Some(name) => name.clone(),
        None => fs::canonicalize(project)
            .ok()
            .and_then(|path| path.file_name().map(|name| name.to_string_lossy().to_lowercase()))
            .unwrap_or_else(|| "stack".to_owned()),
    };
    let place = Span::new(&Source::new("--name", name.as_str()), 0..name.len());
    if let Some(problem) = check_name(&name, &place, Reading::Strict) {
        return Err(problem.help("pass another with --name: lower-case letters, digits and `-`"));
    }
    if let Some(taken) = ["component.yaml", "component.json"].iter().find(|file| project.join(file).exists()) {
        return Err(Diagnostic::error(Code("init.exists"), format!("{taken} exists already"))
            .help("add subcomponents with `kiln add`"));
    }
    let files: [(&str, String); 4] = [
        ("component.yaml", format!("name: {name}\ntype: component\n")),
        ("kiln.yaml", "apiVersion: kiln/v1alpha1\nkind: Project\n".to_owned()),
        ("config/common.yaml", "# Values for every environment. `kiln generate prod` lays config/prod.yaml over it.\nconfig: {}\nsubcomponents: {}\n".to_owned()),
        (".gitignore", "/generated/\n/.kiln/\n".to_owned()),
    ];
    let mut written = Vec::new();
    for (file, text) in files {
        let path = project.join(file);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|error| failed(&path, &error))?;
        }
        match fs::File::create_new(&path) {
            Ok(mut out) => {
                out.write_all(text.as_bytes()).map_err(|error| failed(&path, &error))?;
                written.push(file);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(failed(&path, &error)),
        }
    }
    Ok(written)
}
