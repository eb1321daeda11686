use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::diag::{Diagnostic, Reported, Sink};
use crate::pipeline::SharedCache;
use crate::source::{CacheMode, CacheOptions, Environment, RemoteCache};

/// Flags about the cache that machines share.
#[derive(Debug, Clone, Default, Args)]
pub struct CacheArgs {
    /// A cache of results that machines share, over Bazel's HTTP protocol, such as
    /// `https://cache.example.com/`. Without it nothing is asked of the network
    #[arg(long, value_name = "URL", env = "KILN_CACHE_URL")]
    pub cache_url: Option<String>,
    /// What is done with the shared cache
    #[arg(long, value_name = "MODE", value_enum, env = "KILN_CACHE_MODE", default_value_t)]
    pub cache_mode: Mode,
    /// A host whose cache may be reached without encryption. May be repeated
    #[arg(long, value_name = "HOST", env = "KILN_ALLOW_INSECURE", value_delimiter = ',')]
    pub allow_insecure: Vec<String>,
    /// A file with certificates (PEM) of authorities that are trusted besides the system's
    #[arg(long, value_name = "FILE", env = "KILN_CA_FILE")]
    pub ca_file: Option<PathBuf>,
}

/// What is done with a shared cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Mode {
    /// Results are taken from it
    #[default]
    Read,
    /// New results are put there too
    Readwrite,
}

impl CacheArgs {
    /// The cache that is meant, if any; none where nothing may be asked of the network.
    pub fn open(&self, offline: bool, sink: &mut Sink) -> Result<Option<SharedCache>, Reported> {
        let Some(url) = self.cache_url.clone().filter(|url| !url.is_empty() && !offline) else { return Ok(None) };
        let mode = match self.cache_mode {
            Mode::Read => CacheMode::Read,
            Mode::Readwrite => CacheMode::ReadWrite,
        };
        let options = CacheOptions {
            url,
            mode,
            allow_insecure: self.allow_insecure.clone(),
            environment: Environment::of_process(),
            ca_file: self.ca_file.clone(),
        };
        let cache = RemoteCache::new(options).map_err(|error| sink.fail(Diagnostic::from(error)))?;
        Ok(Some(SharedCache::new(cache)))
    }
}
