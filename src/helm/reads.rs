//! What a release read of its input, beside the files of the charts that are rendered anyway.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::value::{How, Map, Read, Str};

use super::assembly::{Assembly, MemberId};
use super::entropy::NondeterministicUse;
use super::lookup::{Lookup, LookupUse};
use super::values::GLOBAL;

/// What a release read. A release whose input differs nowhere in this gives the same result, unless
/// it used [what no input determines](Reads::nondeterministic): every list may name too much, never
/// too little.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reads {
    /// Values, by their paths from the values of the outermost chart. What a subchart reads of its
    /// globals stands here twice: below the subchart, and below the `global` that it comes from.
    pub values: Vec<Read>,
    /// Sections of values that a schema was asked about, whole, by their paths.
    pub checked: Vec<Vec<Str>>,
    /// Entries of `.Release`.
    pub release: Vec<Read>,
    /// Files, asked for through `.Files`.
    pub files: BTreeSet<FileRead>,
    /// What was asked of `.Capabilities`.
    pub capabilities: CapabilityReads,
    /// What was asked of `lookup`.
    pub lookups: BTreeSet<LookupRead>,
    /// Where random values or the time were used. A seed determines them; else every run differs.
    pub nondeterministic: BTreeSet<NondeterministicUse>,
}

/// A question to `lookup`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LookupRead {
    /// What was asked for.
    pub asked: Lookup,
    /// Whether there was the object, or any for the list.
    pub is_found: bool,
}

/// A question to `.Files`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileRead {
    /// The chart's path within the release: `parent/charts/child`.
    pub chart: String,
    /// What was asked for.
    pub what: FileQuestion,
}

/// What was asked of `.Files`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileQuestion {
    /// One file, be it there or not.
    Path(String),
    /// The files that match a pattern, their names and contents.
    Glob(String),
    /// All files.
    All,
}

/// What was asked of `.Capabilities`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CapabilityReads {
    /// The version of Kubernetes.
    pub kube_version: bool,
    /// The version of Helm.
    pub helm_version: bool,
    /// The whole list of API versions.
    pub all_api_versions: bool,
    /// Single API versions, and whether they were there.
    pub api_versions: BTreeMap<String, bool>,
}

/// Where objects note what is asked of them.
#[derive(Clone, Debug, Default)]
pub struct Ledger(Rc<RefCell<Noted>>);

#[derive(Debug, Default)]
struct Noted {
    files: BTreeSet<FileRead>,
    capabilities: CapabilityReads,
}

impl Ledger {
    /// Notes a question to a chart's `.Files`.
    pub fn file(&self, chart: &str, what: FileQuestion) {
        self.0.borrow_mut().files.insert(FileRead { chart: chart.to_owned(), what });
    }

    /// Notes a question to `.Capabilities`.
    pub fn capability(&self, note: impl FnOnce(&mut CapabilityReads)) {
        note(&mut self.0.borrow_mut().capabilities);
    }
}

impl Reads {
    /// With what the host of the templates noted.
    pub fn with_uses(self, nondeterministic: &[NondeterministicUse], lookups: &[LookupUse]) -> Self {
        let asked = lookups.iter().map(|used| LookupRead { asked: used.asked.clone(), is_found: used.is_found });
        Self { lookups: asked.collect(), nondeterministic: nondeterministic.iter().cloned().collect(), ..self }
    }
}

/// Gathers what was read of the watched maps and noted in the ledger.
pub fn gather(charts: &Assembly, values: &Map, release: &Map, ledger: &Ledger, with_schemas: bool) -> Reads {
    let mut found = Reads { values: values.reads(), release: release.reads(), ..Reads::default() };
    found.values.extend(charts.asked().iter().map(|path| Read { path: path.clone(), how: How::Value }));
    let mut sections = Vec::new();
    walk(charts, Assembly::ROOT, &mut Vec::new(), &mut |chart, section| {
        if with_schemas && charts.chart(chart).schema.is_some() {
            found.checked.push(section.to_vec());
        }
        sections.push(section.to_vec());
    });
    let globals: Vec<Read> = (found.values.iter())
        .filter_map(|read| {
            let at = read.path.iter().position(|key| key == GLOBAL)?;
            let of_subchart = at > 0 && sections.iter().any(|section| section[..] == read.path[..at]);
            of_subchart.then(|| Read { path: read.path[at..].to_vec(), how: read.how })
        })
        .collect();
    found.values.extend(globals);
    found.values.sort();
    found.values.dedup();
    let noted = ledger.0.borrow();
    found.files.clone_from(&noted.files);
    found.capabilities = noted.capabilities.clone();
    found
}

fn walk(charts: &Assembly, id: MemberId, section: &mut Vec<Str>, visit: &mut impl FnMut(MemberId, &[Str])) {
    visit(id, section);
    for child in charts.children(id) {
        section.push(charts.name(*child).into());
        walk(charts, *child, section, visit);
        section.pop();
    }
}
