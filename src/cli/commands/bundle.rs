use std::fs::File;
use std::io::{self, BufReader, BufWriter, IsTerminal as _};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::vendor::{locked, sources};
use crate::cli::exit;
use crate::cli::store::StoreArgs;
use crate::diag::{Blame, Code, Diagnostic, Reported, Sink};
use crate::pipeline::Project;
use crate::report::Reporter;
use crate::source::{Exported, Lock, NewFile, export_bundle, import_bundle};

const FILE: Code = Code("bundle.file");
const INCOMPLETE: Code = Code("bundle.incomplete");

/// Arguments of `bundle`.
#[derive(Debug, Args)]
pub struct BundleArgs {
    #[command(subcommand)]
    pub what: BundleCommand,
}

/// What to do with a bundle.
#[derive(Debug, Subcommand)]
pub enum BundleCommand {
    /// Write everything that `kiln.lock` pins, and the lock, as one file
    Export(TransferArgs),
    /// Put the content of a bundle into the store
    Import(TransferArgs),
}

/// Arguments of `bundle export` and `bundle import`.
#[derive(Debug, Args)]
pub struct TransferArgs {
    /// The bundle; `-` for stdout or stdin
    pub file: PathBuf,
    #[command(flatten)]
    pub store: StoreArgs,
}

/// Runs `bundle export` or `bundle import`.
pub fn run(args: &BundleArgs, project: &Path, reporter: &Reporter) -> u8 {
    let mut sink = Sink::new();
    let outcome = match &args.what {
        BundleCommand::Export(args) => export(args, project, &mut sink),
        BundleCommand::Import(args) => import(args, project, &mut sink),
    };
    reporter.diagnostics(sink.diagnostics());
    match outcome {
        Err(_) => exit::of(sink.diagnostics()),
        Ok(summary) => {
            reporter.summary(&summary);
            exit::OK
        }
    }
}

fn export(args: &TransferArgs, folder: &Path, sink: &mut Sink) -> Result<String, Reported> {
    let project = Project::open(folder, args.store.place(), sink)?;
    let lock = locked(&project, sink)?;
    let failed = |error: &io::Error| {
        let message = format!("cannot write the bundle {}: {error}", shown(&args.file));
        Diagnostic::error(FILE, message).blame(Blame::World)
    };
    let done = if is_stream(&args.file) {
        if io::stdout().is_terminal() {
            let message = "a bundle is no text for a terminal";
            let problem = Diagnostic::error(FILE, message).blame(Blame::Usage);
            return Err(sink.fail(problem.help("name a file, or send the output into one")));
        }
        export_bundle(lock, &project.store, BufWriter::new(io::stdout().lock()))
    } else {
        into_file(&args.file, |out| export_bundle(lock, &project.store, out), failed)
    };
    let Exported { sources: count, bytes } = done.map_err(|problem| sink.fail(problem))?;
    Ok(format!("{}: {}, {} unpacked", shown(&args.file), sources(count), size(bytes)))
}

/// Writes a file that appears when it is whole.
fn into_file(
    path: &Path,
    write: impl FnOnce(BufWriter<&File>) -> Result<Exported, Diagnostic>,
    failed: impl Fn(&io::Error) -> Diagnostic,
) -> Result<Exported, Diagnostic> {
    let file = NewFile::beside(path).map_err(|error| failed(&error))?;
    let done = write(BufWriter::new(file.as_file()))?;
    make_readable(file.as_file()).and_then(|()| file.put()).map_err(|error| failed(&error))?;
    Ok(done)
}

#[cfg(unix)]
fn make_readable(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn make_readable(_file: &File) -> io::Result<()> {
    Ok(())
}

fn import(args: &TransferArgs, folder: &Path, sink: &mut Sink) -> Result<String, Reported> {
    let project = Project::open(folder, args.store.place(), sink)?;
    let name = shown(&args.file);
    let imported = if is_stream(&args.file) {
        import_bundle(BufReader::new(io::stdin().lock()), &name, &project.store)
    } else {
        File::open(&args.file)
            .map_err(|error| {
                Diagnostic::error(FILE, format!("cannot read the bundle {name}: {error}")).blame(Blame::World)
            })
            .and_then(|file| import_bundle(BufReader::new(file), &name, &project.store))
    };
    let imported = imported.map_err(|problem| sink.fail(problem))?;
    if let Some(lock) = &project.lock {
        tell_incomplete(lock, &imported.lock, &project, sink);
    }
    let count = imported.new.len() + imported.present;
    Ok(format!("{name}: {}, {} new, {} already there", sources(count), imported.new.len(), imported.present))
}

/// Warns when the project asks for something that is still nowhere.
fn tell_incomplete(lock: &Lock, bundled: &Lock, project: &Project, sink: &mut Sink) {
    let unbundled = lock.entries().filter(|(spec, entry)| bundled.lookup(spec) != Some(&entry.pin));
    let missing: Vec<String> = unbundled
        .filter(|(_, entry)| project.store.open(&entry.pin).is_err())
        .map(|(spec, _)| spec.to_string())
        .collect();
    let Some(first) = missing.first() else { return };
    let more = match missing.len() {
        1 => String::new(),
        count => format!(" and {} more", count - 1),
    };
    let message = format!("the project's kiln.lock pins what neither the bundle nor the store has: {first}{more}");
    sink.push(Diagnostic::warning(INCOMPLETE, message).help("export the bundle from the same commit of the project"));
}

fn is_stream(file: &Path) -> bool {
    file == Path::new("-")
}

fn shown(file: &Path) -> String {
    if is_stream(file) { "-".to_owned() } else { format!("`{}`", file.display()) }
}

/// A size for people.
pub(super) fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut amount = bytes as f64 / 1024.0;
    let mut unit = UNITS[0];
    for next in &UNITS[1..] {
        if amount < 1024.0 {
            break;
        }
        amount /= 1024.0;
        unit = next;
    }
    format!("{amount:.1} {unit}")
}
