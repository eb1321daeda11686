//! `--provenance`: the statement about what was made and from what.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::PathBuf;

use clap::Args;

use crate::diag::{Blame, Code, Diagnostic, Reported, Sink};
use crate::output::{Attestation, LOCAL_BUILDER, Target};
use crate::pipeline::{Asked, Destination, GenerateOptions, Project, Published, attest};
use crate::source::{sha256_hex, write_atomically};
use crate::stack::{ClusterFile, Nondeterminism};

const UNWRITABLE: Code = Code("provenance.unwritable");
const NOTHING_WRITTEN: Code = Code("usage.provenance");

/// Flags about the statement.
#[derive(Debug, Clone, Default, Args)]
pub struct ProvenanceArgs {
    /// Write what was made and from what: an in-toto statement with SLSA provenance (`-` is stdout)
    #[arg(long = "provenance", value_name = "FILE", env = "KILN_PROVENANCE")]
    pub file: Option<PathBuf>,
    /// Who builds, as the statement says: a URI
    #[arg(long = "builder-id", value_name = "URI", env = "KILN_BUILDER_ID")]
    pub builder: Option<String>,
}

impl ProvenanceArgs {
    /// An error when a statement is wanted of a run that writes nothing.
    pub fn check(&self, writes: bool) -> Result<(), Diagnostic> {
        match self.file.is_some() && !writes {
            true => {
                let message = "`--provenance` tells of files that were written, and this run writes none";
                Err(Diagnostic::error(NOTHING_WRITTEN, message)
                    .blame(Blame::Usage)
                    .help("leave out the one or the other"))
            }
            false => Ok(()),
        }
    }

    /// What is common to statements of `generate` and `publish`.
    pub fn asked(&self, command: &'static str, options: &GenerateOptions) -> Asked {
        Asked {
            command,
            environments: options.environments.clone(),
            layers: options.environments.iter().cloned().collect(),
            nondeterminism: options.nondeterminism.map(|mode| match mode {
                Nondeterminism::Seed => "seed",
                Nondeterminism::Error => "error",
                Nondeterminism::Helm => "helm",
            }),
            now: options.now,
            builder: self.builder.clone().unwrap_or_else(|| LOCAL_BUILDER.to_owned()),
            ..Asked::default()
        }
    }

    /// Writes the statement about the folders that a run wrote, if it is wanted.
    pub fn tell_of_folders(
        &self,
        project: &Project,
        asked: Asked,
        targets: &[Target],
        sink: &mut Sink,
    ) -> Result<(), Reported> {
        if self.file.is_none() {
            return Ok(());
        }
        let mut subjects = BTreeMap::new();
        for target in targets {
            let files = target.written().map_err(|error| sink.fail(unwritable(&error.to_string())))?;
            let named =
                files.into_iter().map(|(path, content)| (format!("{}/{path}", target.name()), sha256_hex(&content)));
            subjects.extend(named);
        }
        self.tell(&attest(project, &asked, subjects, sink)?, sink)
    }

    /// Writes the statement about what was published, if it is wanted.
    pub fn tell_of_publication(
        &self,
        project: &Project,
        asked: Asked,
        published: &Published,
        sink: &mut Sink,
    ) -> Result<(), Reported> {
        if self.file.is_none() {
            return Ok(());
        }
        let out = match &published.destination {
            Destination::Folder(folder) => folder.clone(),
            Destination::Repository(_) => published.subjects.root.clone(),
        };
        let statement = attest(project, &Asked { out, ..asked }, published.subjects.digests.clone(), sink)?;
        self.tell(&statement, sink)
    }

    /// Writes a statement.
    pub fn tell(&self, attestation: &Attestation, sink: &mut Sink) -> Result<(), Reported> {
        let Some(file) = &self.file else { return Ok(()) };
        let text = attestation.to_json();
        let done = match file.as_os_str() == "-" {
            true => std::io::stdout().lock().write_all(&text),
            false => write_atomically(file, &text),
        };
        done.map_err(|error| sink.fail(unwritable(&format!("`{}`: {error}", file.display()))))
    }
}

/// Adds to what was asked which clusters were compiled, and with which layers.
pub fn with_clusters<'a>(mut asked: Asked, file: &ClusterFile, compiled: impl Iterator<Item = &'a str>) -> Asked {
    asked.clusters = compiled.map(str::to_owned).collect();
    let meant: BTreeSet<&str> = asked.clusters.iter().map(String::as_str).collect();
    let clusters = file.clusters.iter().filter(|cluster| meant.contains(cluster.name.value.as_str()));
    asked.layers.extend(clusters.flat_map(|cluster| &cluster.layers).map(|layer| layer.value.clone()));
    asked
}

fn unwritable(why: &str) -> Diagnostic {
    Diagnostic::error(UNWRITABLE, format!("cannot write the statement of `--provenance`: {why}")).blame(Blame::World)
}
