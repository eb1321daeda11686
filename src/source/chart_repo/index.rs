use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::choice::choose;
use super::layout::{Layout, Unread};
use crate::source::error::{About, MALFORMED, NOT_FOUND, SourceError, foreign};
use crate::span::{Source, Span};
use crate::yaml::{self, Node};

/// How many names are compared with one that is not there.
const MAX_COMPARED: usize = 10_000;
const HELP: &str = "check that the URL is that of a Helm chart repository";

/// What `index.yaml` says.
#[derive(Debug)]
pub(in crate::source) struct Index {
    source: Arc<Source>,
    charts: Charts,
}

#[derive(Debug)]
enum Charts {
    /// The lines of each chart, still to be read.
    Lines(BTreeMap<String, Range<usize>>),
    /// The value of `entries`, read.
    Read(Vec<(Node, Node)>),
}

/// One version of a chart.
#[derive(Clone, Debug)]
pub(in crate::source) struct ChartVersion {
    /// The version as written.
    pub(in crate::source) version: String,
    /// Where the archive is, the first one first; may be relative to the repository.
    pub(in crate::source) urls: Vec<String>,
    /// SHA-256 of the archive, when the repository tells.
    pub(in crate::source) digest: Option<String>,
    /// What is odd about it, for people.
    pub(in crate::source) oddities: Vec<String>,
    /// Where it stands in the index.
    pub(in crate::source) place: Span,
    /// Whether the repository has withdrawn it.
    removed: bool,
    deprecated: bool,
}

impl Index {
    /// Reads an index; `shown` names it in messages. Of an index in its usual layout only the lines
    /// of the charts that are asked for are parsed.
    pub(in crate::source) fn parse(bytes: Vec<u8>, shown: &str) -> Result<Self, SourceError> {
        let malformed = |what: &str| SourceError::world(MALFORMED, format!("the chart index {shown}: {what}"));
        if bytes.trim_ascii().is_empty() {
            return Err(malformed("is empty").help(HELP));
        }
        if bytes.trim_ascii_start().starts_with(b"<") {
            return Err(malformed("is HTML, not YAML").help(HELP));
        }
        let text = String::from_utf8(bytes).map_err(|error| {
            let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
            malformed(&format!("line {line} is not UTF-8")).help(HELP)
        })?;
        let source = Source::new(shown, text.strip_prefix('\u{feff}').unwrap_or(&text));
        match Layout::scan(source.text()) {
            Ok(layout) => Ok(Self { source, charts: Charts::Lines(layout.charts) }),
            Err(Unread::NoVersion) => Err(fault(&source, 0, "no `apiVersion` specified")),
            Err(Unread::Duplicate(chart, at)) => {
                Err(fault(&source, at, &format!("chart `{}` stands there twice", foreign(&chart))))
            }
            Err(Unread::Otherwise) => {
                let charts = Charts::Read(entries(&source)?);
                Ok(Self { source, charts })
            }
        }
    }

    /// Chooses a version of a chart.
    pub(in crate::source) fn choose(&self, chart: &str, wanted: &str) -> Result<ChartVersion, SourceError> {
        let mut versions = self.versions(chart)?;
        let names: Vec<&str> = versions.iter().map(|entry| entry.version.as_str()).collect();
        let at = choose(&names, |at| !versions[at].removed, wanted, chart, self.source.name())?;
        let same = names.iter().filter(|name| **name == names[at]).count();
        let mut chosen = versions.swap_remove(at);
        let name = format!("chart `{}` {}", foreign(chart), foreign(&chosen.version));
        if same > 1 {
            chosen.oddities.push(format!("{name} stands {same} times in {}: the first one counts", self.source.name()));
        }
        if chosen.removed {
            chosen.oddities.push(format!("{name} is marked as removed in {}", self.source.name()));
        }
        if chosen.deprecated {
            chosen.oddities.push(format!("{name} is deprecated, says {}", self.source.name()));
        }
        Ok(chosen)
    }

    /// The versions of a chart in the order of the index. Empty entries are skipped, as Helm does.
    fn versions(&self, chart: &str) -> Result<Vec<ChartVersion>, SourceError> {
        match &self.charts {
            Charts::Lines(charts) => {
                let range = charts.get(chart).ok_or_else(|| self.unknown(chart, charts.keys().map(String::as_str)))?;
                let lines = Source::new(self.source.name(), &self.source.text()[range.clone()]);
                match yaml::parse_document(&lines) {
                    Ok(document) => {
                        let entries = document.root.as_map().unwrap_or_default();
                        self.read(chart, entries, range.start)
                    }
                    // An anchor further up, or simply wrong: the whole text knows.
                    Err(_) => self.read(chart, &entries(&self.source)?, 0),
                }
            }
            Charts::Read(entries) => self.read(chart, entries, 0),
        }
    }

    fn read(&self, chart: &str, entries: &[(Node, Node)], offset: usize) -> Result<Vec<ChartVersion>, SourceError> {
        let names = || entries.iter().filter_map(|(key, _)| key.as_str());
        let Some((_, versions)) = entries.iter().find(|(key, _)| key.as_str() == Some(chart)) else {
            return Err(self.unknown(chart, names()));
        };
        if versions.is_null() {
            return Ok(Vec::new());
        }
        let fault = |node: &Node, what: &str| {
            let what = format!("{what} of chart `{}`", foreign(chart));
            fault(&self.source, offset + node.start as usize, &what)
        };
        let versions = versions.as_seq().ok_or_else(|| fault(versions, "no list of the versions"))?;
        let mut read = Vec::new();
        for item in versions.iter().filter(|item| !item.is_null()) {
            if item.as_map().is_none() {
                return Err(fault(item, "this is no version"));
            }
            let text = |key: &str| item.get(key).filter(|node| !node.is_null()).and_then(Node::as_str);
            let Some(version) = text("version").filter(|version| !version.is_empty()) else { continue };
            let urls = item.get("urls").and_then(Node::as_seq).unwrap_or_default();
            let urls = urls
                .iter()
                .filter(|url| !url.is_null())
                .filter_map(Node::as_str)
                .filter(|url| !url.is_empty())
                .map(str::to_owned);
            let (start, end) = (offset + item.start as usize, offset + item.end as usize);
            read.push(ChartVersion {
                version: version.to_owned(),
                urls: urls.collect(),
                digest: text("digest").filter(|digest| !digest.is_empty()).map(str::to_owned),
                oddities: Vec::new(),
                place: Span::new(&self.source, start..first_line(self.source.text(), start, end)),
                removed: text("removed") == Some("true"),
                deprecated: text("deprecated") == Some("true"),
            });
        }
        Ok(read)
    }

    fn unknown<'n>(&self, chart: &str, names: impl Iterator<Item = &'n str>) -> SourceError {
        let message = format!("chart `{}` not found in {}", foreign(chart), self.source.name());
        let error = SourceError::new(NOT_FOUND, message).about(About::Path);
        match crate::diag::nearest(chart, names.take(MAX_COMPARED)) {
            Some(near) => error.help(format!("did you mean `{}`?", foreign(near))),
            None => error,
        }
    }
}

/// The value of `entries` of a whole index.
fn entries(source: &Arc<Source>) -> Result<Vec<(Node, Node)>, SourceError> {
    let document = yaml::parse_document(source).map_err(|error| {
        let at = error.offset.map_or(0, |at| at as usize);
        fault(source, at, &format!("not an index in YAML: {}", foreign(&error.problem)))
    })?;
    let Some(fields) = document.root.as_map() else { return Err(fault(source, 0, "not an index in YAML")) };
    let find = |name: &str| fields.iter().find(|(key, _)| key.as_str() == Some(name)).map(|(_, value)| value);
    if find("apiVersion").is_none_or(|version| version.is_null() || version.as_str() == Some("")) {
        return Err(fault(source, 0, "no `apiVersion` specified"));
    }
    match find("entries") {
        None => Ok(Vec::new()),
        Some(entries) if entries.is_null() => Ok(Vec::new()),
        Some(entries) => match entries.as_map() {
            Some(charts) => Ok(charts.to_vec()),
            None => Err(fault(source, entries.start as usize, "`entries` is no map of charts")),
        },
    }
}

fn fault(source: &Arc<Source>, at: usize, what: &str) -> SourceError {
    let end = first_line(source.text(), at, source.text().len());
    SourceError::world(MALFORMED, format!("the chart index {}: {what}", source.name()))
        .help(HELP)
        .at(Span::new(source, at..end))
}

/// The end of the line that starts at an offset, or the limit when that comes first.
fn first_line(text: &str, at: usize, limit: usize) -> usize {
    text.get(at..limit).and_then(|rest| rest.find(['\r', '\n'])).map_or(limit, |length| at + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(text: &str) -> Index {
        Index::parse(text.as_bytes().to_vec(), "https://c.io/index.yaml").unwrap()
    }

    const BLOCK: &str = "apiVersion: v1\nentries:\n  db:\n  - null\n  - {}\n  - version: 1.10\n    urls: [a, null, '', b]\n    digest: null\n  \
                         web:\n  - version: 1.0.0\n    deprecated: true\n    urls:\n    - x\n  - version: 1.0.0\n    digest: ab\n  - version: 2.0.0\n    removed: true\n";

    #[test]
    fn both_ways_of_reading_agree() {
        let other = format!("# another layout\n\"apiVersion\": v1\n{}", &BLOCK[15..]);
        let (quick, slow) = (index(BLOCK), index(&other));
        assert!(matches!((&quick.charts, &slow.charts), (Charts::Lines(_), Charts::Read(_))));
        for index in [quick, slow] {
            let db = index.choose("db", "").unwrap();
            assert_eq!((&*db.version, &*db.urls.join(" "), &db.digest), ("1.10", "a b", &None));
            let web = index.choose("web", "").unwrap();
            assert_eq!((&*web.version, web.oddities.len()), ("1.0.0", 2), "{:?}", web.oddities);
            let removed = index.choose("web", "2.0.0").unwrap();
            assert!(removed.oddities[0].contains("removed"));
            let error = index.choose("wbe", "").unwrap_err();
            assert_eq!(error.help.unwrap(), "did you mean `web`?");
        }
    }

    #[test]
    fn faults_point_to_their_line() {
        let place = |text: &str| {
            let error =
                Index::parse(text.as_bytes().to_vec(), "u").and_then(|index| index.choose("a", "")).unwrap_err();
            let at = error.at.unwrap();
            format!("{:?} {}", at.source.line_col(at.start as usize), error.message)
        };
        assert_eq!(
            place("apiVersion: v1\nentries:\n  a:\n  - version: [\n"),
            "(5, 1) the chart index u: not an index in YAML: did not find expected node content"
        );
        assert!(place("apiVersion: v1\nentries:\n  b: []\n  a:\n  - x\n").starts_with("(5, 5) "));
        assert!(place("apiVersion: v1\nentries:\n  a: []\n  a: []\n").starts_with("(4, 1) "));
        assert!(place("apiVersion: v1\nentries:\n  a:\n    b: c\n").starts_with("(4, 5) "));
        assert!(place("apiVersion: v1\nentries: [a]\n").starts_with("(2, 10) "));
        assert!(place("entries:\n  a: []\n").starts_with("(1, 1) "));
    }

    #[test]
    fn anchors_of_other_charts_are_followed() {
        let text = "apiVersion: v1\nentries:\n  b:\n  - &x {version: 1.0.0, urls: [u]}\n  a:\n  - *x\n";
        let index = index(text);
        assert!(matches!(index.charts, Charts::Lines(_)));
        assert_eq!(index.choose("a", "").unwrap().urls, ["u"]);
    }
}
