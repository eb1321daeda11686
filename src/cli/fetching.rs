use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use clap::Args;
use clap::builder::FalseyValueParser;

use crate::diag::{Blame, Code, Diagnostic, Reported, Sink};
use crate::pipeline::Project;
use crate::report::{Reporter, Transfers};
use crate::source::{FetchOptions, Progress, Rewrites};

/// How sources are reached.
#[derive(Debug, Clone, Default, Args)]
pub struct FetchArgs {
    /// Fetch from a mirror: what replaces the beginning of source URLs. May be repeated
    #[arg(long, value_name = "FROM=TO", env = "KILN_REWRITE", value_delimiter = ',')]
    pub rewrite: Vec<String>,
    /// A host that may be reached without encryption. May be repeated
    #[arg(long, value_name = "HOST", env = "KILN_ALLOW_INSECURE", value_delimiter = ',')]
    pub allow_insecure: Vec<String>,
    /// A file with certificates (PEM) of authorities that are trusted besides the system's
    #[arg(long, value_name = "FILE", env = "KILN_CA_FILE")]
    pub ca_file: Option<PathBuf>,
    /// The longest that one transfer may take
    #[arg(long, value_name = "SECONDS", env = "KILN_TIMEOUT")]
    pub timeout: Option<u64>,
    /// Use no network: what the store lacks is an error
    #[arg(long, env = "KILN_OFFLINE", value_parser = FalseyValueParser::new())]
    pub offline: bool,
}

impl FetchArgs {
    /// What the environment says, for command lines that have no such flags.
    pub fn from_environment() -> Self {
        let list = |name| -> Vec<String> {
            let text = std::env::var(name).unwrap_or_default();
            text.split(',').filter(|part| !part.is_empty()).map(str::to_owned).collect()
        };
        Self {
            rewrite: list("KILN_REWRITE"),
            allow_insecure: list("KILN_ALLOW_INSECURE"),
            ca_file: std::env::var_os("KILN_CA_FILE").filter(|path| !path.is_empty()).map(PathBuf::from),
            timeout: std::env::var("KILN_TIMEOUT").ok().and_then(|text| text.parse().ok()),
            offline: false,
        }
    }

    /// How the sources of a project are fetched.
    pub fn options(
        &self,
        project: &Project,
        progress: Arc<dyn Progress>,
        sink: &mut Sink,
    ) -> Result<FetchOptions, Reported> {
        let own: Vec<String> = project.file.rewrite.iter().map(|(from, to)| format!("{from}={to}")).collect();
        let rules = self.rewrite.iter().chain(&own).map(String::as_str);
        let rewrites = Rewrites::parse(rules)
            .map_err(|why| sink.fail(Diagnostic::error(Code("usage.rewrite"), why).blame(Blame::Usage)))?;
        let mut options = FetchOptions::of_project(&project.folder);
        options.rewrites = rewrites;
        options.allow_insecure = self.allow_insecure.iter().chain(&project.file.trust.insecure).cloned().collect();
        options.offline = self.offline;
        options.ca_file = self.ca_file.clone();
        options.progress = progress;
        if let Some(seconds) = self.timeout {
            options.timeout = Duration::from_secs(seconds);
        }
        Ok(options)
    }
}

/// Draws what the fetcher tells, and counts.
pub struct Listener {
    transfers: Transfers,
    fetched: Mutex<usize>,
}

impl Listener {
    /// Draws where the reporter draws.
    pub fn new(reporter: &Reporter) -> Self {
        Self { transfers: Transfers::new(reporter.shows_progress()), fetched: Mutex::new(0) }
    }

    /// How many sources were fetched well.
    pub fn fetched(&self) -> usize {
        *self.fetched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the drawing.
    pub fn done(&self) {
        self.transfers.done();
    }
}

impl Progress for Listener {
    fn started(&self, source: &str) {
        self.transfers.started(source);
    }

    fn received(&self, source: &str, bytes: u64, expected: Option<u64>) {
        self.transfers.received(source, bytes, expected);
    }

    fn finished(&self, source: &str, well: bool) {
        self.transfers.finished(source);
        if well {
            *self.fetched.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        }
    }
}
