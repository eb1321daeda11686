use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::address;
use super::error::{NOT_FOUND, SourceError};
use super::spec::SourceSpec;
use super::tree::Tree;

/// Folders on this machine that stand for sources, for work on a stack and on what it is made of at the
/// same time. Neither the lock nor the store is asked for them.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    rules: Arc<[Override]>,
}

/// One folder that stands for a source.
#[derive(Debug)]
pub struct Override {
    /// The source as it was named.
    pub source: String,
    /// The folder, or for an http source the file.
    pub folder: PathBuf,
    /// The same without what URLs of one place may differ in.
    key: String,
    used: AtomicBool,
}

impl Override {
    /// Whether a component asked for the source.
    pub fn is_used(&self) -> bool {
        self.used.load(Ordering::Relaxed)
    }
}

impl Overrides {
    /// Reads rules of the form `github.com/org/stack=../stack`. The error names the rule.
    pub fn parse<'a>(rules: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        let mut parsed: Vec<Override> = Vec::new();
        for rule in rules.into_iter().map(str::trim).filter(|rule| !rule.is_empty()) {
            // Folders rarely have a `=` in their names, URLs may.
            let Some((source, folder)) = rule.rsplit_once('=').filter(|(from, to)| !from.is_empty() && !to.is_empty())
            else {
                return Err(format!("`{}` is no override of the form SOURCE=DIR", rule.escape_debug()));
            };
            let key = key(source);
            if parsed.iter().any(|other| other.key == key) {
                return Err(format!("`{}` is overridden twice", address::shown(source)));
            }
            let (source, folder) = (address::shown(source), PathBuf::from(folder));
            parsed.push(Override { source, folder, key, used: AtomicBool::new(false) });
        }
        Ok(Self { rules: parsed.into() })
    }

    /// The rules, in the order in which they were given.
    pub fn rules(&self) -> &[Override] {
        &self.rules
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// What stands for a source. A chart may be named with its repository, or the repository alone, with
    /// a folder that holds the chart under its name or is the chart.
    pub fn find(&self, spec: &SourceSpec) -> Option<Result<Tree, SourceError>> {
        if self.is_empty() {
            return None;
        }
        let own = key(spec.url());
        let chart = match spec {
            SourceSpec::ChartRepo { chart, .. } => Some(chart),
            SourceSpec::Git { .. } | SourceSpec::Http { .. } => None,
        };
        let find = |key: &str| self.rules.iter().find(|rule| rule.key == key);
        let named = chart.and_then(|chart| find(&format!("{own}/{chart}")));
        let (rule, folder) = match (named, chart) {
            (Some(rule), _) => (rule, rule.folder.clone()),
            (None, Some(chart)) => {
                let rule = find(&own)?;
                let below = rule.folder.join(chart);
                (rule, if below.is_dir() { below } else { rule.folder.clone() })
            }
            (None, None) => find(&own).map(|rule| (rule, rule.folder.clone()))?,
        };
        rule.used.store(true, Ordering::Relaxed);
        Some(open(&folder, &rule.source))
    }
}

fn open(folder: &Path, source: &str) -> Result<Tree, SourceError> {
    let shown = folder.display().to_string();
    let failed = |why: String| {
        SourceError::new(NOT_FOUND, format!("`{shown}`, which stands for {source} (`--override`): {why}"))
    };
    let meta = fs::metadata(folder).map_err(|error| failed(error.to_string()))?;
    if meta.is_dir() {
        return Ok(Tree::directory(folder, shown.trim_end_matches('/')));
    }
    if !meta.is_file() {
        return Err(failed("is neither a folder nor a file".to_owned()));
    }
    let bytes = fs::read(folder).map_err(|error| failed(error.to_string()))?;
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Tree::memory(BTreeMap::from([(name, Arc::from(bytes))]), shown.clone()))
}

/// What URLs of one place have in common: host and path, whatever the protocol, the user, and `.git`.
fn key(url: &str) -> String {
    let url = url.trim().trim_end_matches('/');
    let url = url.strip_suffix(".git").unwrap_or(url);
    let (rest, is_url) = match url.split_once("://") {
        Some((_, rest)) => (rest, true),
        None => (url, false),
    };
    let end = rest.find('/').unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    match host.split_once(':') {
        // `git@host:path`
        Some((host, start)) if !is_url => format!("{}/{start}{path}", host.to_ascii_lowercase()),
        _ => format!("{}{path}", host.to_ascii_lowercase()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_place_by_whatever_url() {
        let urls = [
            "github.com/org/stack",
            "https://github.com/org/stack.git",
            "https://token@GitHub.com/org/stack/",
            "git@github.com:org/stack.git",
            "ssh://git@github.com/org/stack",
        ];
        for url in urls {
            assert_eq!(key(url), "github.com/org/stack", "{url}");
        }
        assert_ne!(key("https://github.com/org/stack2"), key("https://github.com/org/stack"));
        assert_eq!(key("/repos/x.git/"), "/repos/x");
    }

    #[test]
    fn folders_stand_for_repositories_charts_and_files() {
        let folder = tempfile::tempdir().unwrap();
        let here = folder.path().display().to_string();
        fs::create_dir_all(folder.path().join("charts/web")).unwrap();
        fs::write(folder.path().join("charts/web/Chart.yaml"), "name: web").unwrap();
        fs::write(folder.path().join("m.yaml"), "kind: A").unwrap();
        let rules = [
            format!("github.com/org/stack={here}"),
            format!("https://charts.io={here}/charts"),
            format!("oci://ghcr.io/x/db={here}/charts/web"),
            format!("files.io/m.yaml={here}/m.yaml"),
            format!("gone.io/x={here}/nothing"),
        ];
        let overrides = Overrides::parse(rules.iter().map(String::as_str)).unwrap();
        let find = |spec: SourceSpec| overrides.find(&spec).transpose().unwrap();
        assert!(find(SourceSpec::git("git@github.com:org/stack", "v1", "")).unwrap().is_file("m.yaml"));
        assert!(find(SourceSpec::git("https://github.com/org/other", "", "")).is_none());
        assert!(find(SourceSpec::chart("https://charts.io/", "web", "")).unwrap().is_file("Chart.yaml"));
        assert!(find(SourceSpec::chart("oci://ghcr.io/x", "db", "^1")).unwrap().is_file("Chart.yaml"));
        assert!(find(SourceSpec::chart("oci://ghcr.io/x", "web", "^1")).is_none());
        assert!(find(SourceSpec::http("https://files.io/m.yaml")).unwrap().is_file("m.yaml"));
        let gone = overrides.find(&SourceSpec::git("https://gone.io/x", "", "")).unwrap().err().unwrap();
        assert!(gone.message.contains("nothing") && gone.message.contains("gone.io/x"), "{}", gone.message);
        assert!(overrides.rules().iter().all(Override::is_used));
        for bad in ["x", "=y", "x="] {
            assert!(Overrides::parse([bad]).is_err(), "{bad}");
        }
        assert!(Overrides::parse(["a.io/x=1", "https://a.io/x.git=2"]).unwrap_err().contains("twice"));
    }
}
