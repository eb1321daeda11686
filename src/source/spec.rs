use std::cmp::Ordering;
use std::fmt;

use crate::span::Span;

use super::address;
use super::error::About;

/// A source as a component asks for it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SourceSpec {
    /// A git repository.
    Git {
        /// The URL or path as written.
        url: String,
        /// A commit (full or abbreviated), tag or branch; wins over `branch`.
        version: Option<String>,
        /// A branch or tag. With neither, the remote's default branch is taken.
        branch: Option<String>,
    },
    /// A chart of a Helm repository.
    ChartRepo {
        /// The repository's URL as written.
        url: String,
        /// The chart's name.
        chart: String,
        /// A version or constraint as Helm reads it; empty for the latest stable version.
        version: String,
    },
    /// A file.
    Http {
        /// Its URL as written.
        url: String,
    },
}

impl SourceSpec {
    /// A git repository; empty texts count as absent.
    pub fn git(url: impl Into<String>, version: &str, branch: &str) -> Self {
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Self::Git { url: url.into(), version: given(version), branch: given(branch) }
    }

    /// A chart of a Helm repository.
    pub fn chart(url: impl Into<String>, chart: impl Into<String>, version: impl Into<String>) -> Self {
        Self::ChartRepo { url: url.into(), chart: chart.into(), version: version.into() }
    }

    /// A file.
    pub fn http(url: impl Into<String>) -> Self {
        Self::Http { url: url.into() }
    }

    /// The URL as written.
    pub fn url(&self) -> &str {
        match self {
            Self::Git { url, .. } | Self::ChartRepo { url, .. } | Self::Http { url } => url,
        }
    }

    /// The kind of source, as the lock names it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Git { .. } => "git",
            Self::ChartRepo { .. } => "chart",
            Self::Http { .. } => "http",
        }
    }

    /// What tells sources apart, the most telling first.
    fn parts(&self) -> (&str, u8, Option<&str>, Option<&str>) {
        match self {
            Self::Git { url, version, branch } => (url, 0, version.as_deref(), branch.as_deref()),
            Self::ChartRepo { url, chart, version } => (url, 1, Some(chart), Some(version)),
            Self::Http { url } => (url, 2, None, None),
        }
    }

    /// The same source without credentials in its URL: what the lock records and compares.
    pub fn recorded(&self) -> Self {
        let mut spec = self.clone();
        match &mut spec {
            Self::Git { url, .. } | Self::ChartRepo { url, .. } | Self::Http { url } => {
                *url = address::without_credentials(url);
            }
        }
        spec
    }
}

/// By URL first: what comes from one place stands together.
impl Ord for SourceSpec {
    fn cmp(&self, other: &Self) -> Ordering {
        self.parts().cmp(&other.parts())
    }
}

impl PartialOrd for SourceSpec {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Prints the source for messages, without credentials.
impl fmt::Display for SourceSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = address::shown(self.url());
        match self {
            Self::Git { version: Some(version), .. } => write!(f, "{url}@{}", version.escape_debug()),
            Self::Git { branch: Some(branch), .. } => write!(f, "{url}@{}", branch.escape_debug()),
            Self::Git { .. } | Self::Http { .. } => f.write_str(&url),
            Self::ChartRepo { chart, version, .. } if version.is_empty() => {
                write!(f, "chart `{}` of {url}", chart.escape_debug())
            }
            Self::ChartRepo { chart, version, .. } => {
                write!(f, "chart `{}` {} of {url}", chart.escape_debug(), version.escape_debug())
            }
        }
    }
}

/// How far a component is trusted with its choice of protocols.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Trust {
    /// Written in the root project: local paths are allowed too.
    #[default]
    Project,
    /// Written in a component that was itself fetched: https and ssh only.
    Fetched,
}

/// Who asked for a source, and where.
#[derive(Clone, Debug, Default)]
pub struct Asker {
    /// The component's address, such as `root.mid.app`.
    pub address: String,
    /// Whether the request was written in the project or in a fetched component.
    pub trust: Trust,
    /// The place of the `source` field.
    pub source: Option<Span>,
    /// The place of the `version` field.
    pub version: Option<Span>,
    /// The place of the `branch` field.
    pub branch: Option<Span>,
    /// The place of the `path` field.
    pub path: Option<Span>,
}

impl Asker {
    /// Somebody without a place, such as a chart that names its dependencies.
    pub fn named(address: impl Into<String>, trust: Trust) -> Self {
        Self { address: address.into(), trust, ..Self::default() }
    }

    /// The place of a part, or of the source when the part has none.
    pub(super) fn span(&self, about: About) -> Option<&Span> {
        let part = match about {
            About::Source => None,
            About::Version => self.version.as_ref(),
            About::Branch => self.branch.as_ref(),
            About::Path => self.path.as_ref(),
        };
        part.or(self.source.as_ref())
    }
}

/// A source together with who asked for it.
#[derive(Clone, Debug)]
pub struct Request {
    /// What is asked for.
    pub spec: SourceSpec,
    /// By whom.
    pub asker: Asker,
}
