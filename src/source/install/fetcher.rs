use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::charts::Charts;
use crate::source::address::{self, Address, For, Policy};
use crate::source::credentials::{Access, Environment};
use crate::source::error::{INVALID, SourceError};
use crate::source::progress::{Progress, Quiet};
use crate::source::rewrite::Rewrites;
use crate::source::signatures::Signatures;
use crate::source::spec::{Request, SourceSpec};
use crate::source::store::Store;
use crate::source::web::{Token, Web, WebOptions};

/// The longest that one transfer may take when nothing else is said.
const TIMEOUT: Duration = Duration::from_secs(600);

/// How sources are fetched.
#[derive(Clone)]
pub struct FetchOptions {
    /// The project's folder; relative paths of sources start there.
    pub project: PathBuf,
    /// Mirrors.
    pub rewrites: Rewrites,
    /// Hosts that may be reached by http and the git protocol.
    pub allow_insecure: Vec<String>,
    /// The longest that one transfer may take.
    pub timeout: Duration,
    /// Whether the network is off limits: the store has it, or it is an error.
    pub offline: bool,
    /// A file with certificates of authorities that are trusted too.
    pub ca_file: Option<PathBuf>,
    /// Where proxies, authorities and credentials are looked up.
    pub environment: Environment,
    /// Which charts must be signed.
    pub signatures: Signatures,
    /// Tokens by source.
    pub access: Access,
    /// Hears how it goes.
    pub progress: Arc<dyn Progress>,
}

impl FetchOptions {
    /// The defaults for a project.
    pub fn of_project(project: impl Into<PathBuf>) -> Self {
        Self {
            project: project.into(),
            rewrites: Rewrites::none(),
            allow_insecure: Vec::new(),
            timeout: TIMEOUT,
            offline: false,
            ca_file: None,
            environment: Environment::of_process(),
            signatures: Signatures::default(),
            access: Access::default(),
            progress: Arc::new(Quiet),
        }
    }
}

/// Reaches out: the only way from a [`SourceSpec`] to content that the store does not have.
pub struct Fetcher {
    pub(super) store: Store,
    pub(super) options: FetchOptions,
    pub(super) policy: Policy,
    pub(super) web: Arc<Web>,
    pub(super) charts: Charts,
}

impl Fetcher {
    /// A fetcher that fills `store`.
    pub fn new(store: Store, options: FetchOptions) -> Self {
        store.sweep();
        let policy = Policy { allow_insecure: options.allow_insecure.clone(), project: options.project.clone() };
        let web = Arc::new(Web::new(WebOptions {
            policy: policy.clone(),
            timeout: options.timeout,
            environment: options.environment.clone(),
            ca_file: options.ca_file.clone(),
        }));
        Self { store, options, policy, web, charts: Charts::default() }
    }

    /// The store that is filled.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Says which charts must be signed.
    pub fn require_signatures(&mut self, signatures: Signatures) {
        self.options.signatures = signatures;
    }

    /// Adds a line of an `access.yaml` that was found on the way; the first one for a source counts.
    pub fn add_access(&mut self, source: impl Into<String>, variable: impl Into<String>) {
        self.options.access.add(source, variable);
    }

    /// Checks a request without reaching out: its URL, its protocol, who may ask for it.
    pub fn check(&self, request: &Request) -> Result<(), SourceError> {
        self.place(request).map(drop)
    }

    /// Where a request leads, after rewriting and checks.
    pub(super) fn place(&self, request: &Request) -> Result<Address, SourceError> {
        let url = request.spec.url();
        let purpose = match &request.spec {
            SourceSpec::Git { .. } => For::Git,
            SourceSpec::ChartRepo { .. } => For::Charts,
            SourceSpec::Http { .. } => For::File,
        };
        if let SourceSpec::Git { version, branch, .. } = &request.spec {
            crate::source::git::check_names(version.as_deref(), branch.as_deref())?;
        }
        if let SourceSpec::ChartRepo { chart, .. } = &request.spec
            && (chart.is_empty()
                || chart.starts_with('.')
                || chart.contains(['/', '\\'])
                || chart.chars().any(char::is_control))
        {
            let message = format!("`{}` is not the name of a chart", chart.escape_debug());
            return Err(SourceError::new(INVALID, message).about(crate::source::error::About::Path));
        }
        let (target, _) = self.options.rewrites.apply(url);
        address::resolve(url, &target, purpose, request.asker.trust, &self.policy)
    }

    /// The token that `access.yaml` names for a source as written, when it is meant for where the
    /// source is fetched from.
    pub(super) fn token(&self, url: &str) -> Result<Option<Token>, SourceError> {
        let (target, _) = self.options.rewrites.apply(url);
        let target = address::without_credentials(&target);
        // A registry is asked by https or http; its scope knows both.
        let target = target.strip_prefix("oci://").map_or(target.clone(), |rest| format!("https://{rest}"));
        match Url::parse(&target) {
            Ok(target) => self.options.access.token(url, &target, &self.options.environment),
            Err(_) => Ok(None),
        }
    }
}
