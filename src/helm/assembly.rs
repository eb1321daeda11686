//! The charts of one release: which of them take part, under which names, and with which defaults.
//!
//! Helm edits the loaded charts in place: it copies a chart for every listed dependency, renames the
//! copy to its alias, drops what a condition or tag turns off, and writes imported values into the
//! defaults. Charts and dependency entries are shared by reference while that happens, and some
//! results depend on it. So the charts of a release are kept here in one list and refer to each
//! other by position, while the loaded charts stay as they are.

use std::sync::Arc;

use crate::golang;
use crate::golang::semver::{Constraints, Version};
use crate::source::TreeError;
use crate::value::{Frozen, Map, Str, Value};

use super::chart::{Chart, Dependency, Import};
use super::values::{Coalescing, coalesce_chart, merge_tables, path_value, table};

/// A chart of an [`Assembly`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemberId(usize);

#[derive(Clone, Debug)]
struct Member {
    chart: Arc<Chart>,
    /// The chart's name or alias.
    name: String,
    parent: Option<MemberId>,
    children: Vec<MemberId>,
    /// Positions in [`Assembly::dependencies`].
    dependencies: Option<Vec<usize>>,
    defaults: Frozen,
}

/// The charts of one release.
#[derive(Debug)]
pub struct Assembly {
    members: Vec<Member>,
    dependencies: Vec<Dependency>,
    warnings: Vec<String>,
    /// Paths of values that were asked about which charts take part.
    asked: Vec<Vec<Str>>,
}

impl Assembly {
    /// The outermost chart.
    pub const ROOT: MemberId = MemberId(0);

    /// Decides which charts take part, given the user's values, and imports values into their parents.
    /// The error is Helm's text.
    pub fn new(chart: &Arc<Chart>, user: &Frozen) -> Result<Self, String> {
        let mut assembly =
            Self { members: Vec::new(), dependencies: Vec::new(), warnings: Vec::new(), asked: Vec::new() };
        assembly.add(chart, None);
        assembly.enable(Self::ROOT, user, "")?;
        assembly.import(Self::ROOT)?;
        Ok(assembly)
    }

    /// What went wrong with files of the charts that templates asked for.
    pub fn faults(&self) -> impl Iterator<Item = &TreeError> {
        self.members.iter().flat_map(|member| &member.chart.files).filter_map(|file| file.fault())
    }

    /// Warnings so far, in Helm's words.
    pub fn take_warnings(&mut self) -> Vec<String> {
        std::mem::take(&mut self.warnings)
    }

    /// The paths of values that were asked about which charts take part, from the outermost values.
    pub fn asked(&self) -> &[Vec<Str>] {
        &self.asked
    }

    /// The loaded chart.
    pub fn chart(&self, id: MemberId) -> &Arc<Chart> {
        &self.members[id.0].chart
    }

    /// The name or alias.
    pub fn name(&self, id: MemberId) -> &str {
        &self.members[id.0].name
    }

    /// The charts below.
    pub fn children(&self, id: MemberId) -> &[MemberId] {
        &self.members[id.0].children
    }

    /// The declared dependencies that are on, with aliases for names.
    pub fn dependencies(&self, id: MemberId) -> Option<impl Iterator<Item = &Dependency>> {
        let list = self.members[id.0].dependencies.as_ref()?;
        Some(list.iter().map(|at| &self.dependencies[*at]))
    }

    /// The default values, imported ones included, ready to be changed.
    pub fn defaults(&self, id: MemberId) -> Map {
        match Value::from(&self.members[id.0].defaults) {
            Value::Map(map) => map,
            _ => Map::new(),
        }
    }

    /// Whether this is the outermost chart.
    pub fn is_root(&self, id: MemberId) -> bool {
        self.members[id.0].parent.is_none()
    }

    /// The path of the chart as template names show it: `parent/charts/child`.
    pub fn full_path(&self, id: MemberId) -> String {
        let member = &self.members[id.0];
        match member.parent {
            Some(parent) => format!("{}/charts/{}", self.full_path(parent), member.name),
            None => member.name.clone(),
        }
    }

    fn add(&mut self, chart: &Arc<Chart>, parent: Option<MemberId>) -> MemberId {
        let id = MemberId(self.members.len());
        let dependencies = chart.metadata.dependencies.as_ref().map(|declared| {
            let first = self.dependencies.len();
            self.dependencies.extend(declared.iter().cloned());
            (first..self.dependencies.len()).collect()
        });
        self.members.push(Member {
            chart: Arc::clone(chart),
            name: chart.metadata.name.clone(),
            parent,
            children: Vec::new(),
            dependencies,
            defaults: chart.values.clone(),
        });
        let children = chart.charts.iter().map(|child| self.add(child, Some(id))).collect();
        self.members[id.0].children = children;
        id
    }

    fn adopt(&mut self, parent: MemberId, children: Vec<MemberId>) {
        for child in &children {
            self.members[child.0].parent = Some(parent);
        }
        self.members[parent.0].children = children;
    }

    /// Helm's `processDependencyEnabled`: `values` are those of the whole release, `path` leads to this
    /// chart's section in them.
    fn enable(&mut self, id: MemberId, values: &Frozen, path: &str) -> Result<(), String> {
        let Some(declared) = self.members[id.0].dependencies.clone() else { return Ok(()) };
        let present = self.members[id.0].children.clone();
        let is_declared = |child: &MemberId| {
            declared.iter().any(|at| {
                let wanted = &self.dependencies[*at];
                self.name(*child) == wanted.name && fits(&wanted.version, &self.chart(*child).metadata.version)
            })
        };
        let mut children: Vec<MemberId> = present.iter().copied().filter(|child| !is_declared(child)).collect();
        for at in &declared {
            children.extend(self.instance(&present, *at));
            let dependency = &mut self.dependencies[*at];
            if !dependency.alias.is_empty() {
                dependency.name.clone_from(&dependency.alias);
            }
        }
        self.adopt(id, children);
        for at in &declared {
            self.dependencies[*at].enabled = true;
        }
        let coalesced = self.coalesced(id, values, false)?;
        self.apply_tags(&declared, &coalesced);
        self.apply_conditions(&declared, &coalesced, path);
        let off: Vec<String> = (declared.iter().map(|at| &self.dependencies[*at]))
            .filter(|dependency| !dependency.enabled)
            .map(|dependency| dependency.name.clone())
            .collect();
        let children: Vec<MemberId> = (self.children(id).iter().copied())
            .filter(|child| !off.iter().any(|name| name == self.name(*child)))
            .collect();
        let on: Vec<usize> = declared.into_iter().filter(|at| !off.contains(&self.dependencies[*at].name)).collect();
        if children.iter().any(|child| self.members[child.0].dependencies.is_some()) {
            let coalesced = Frozen::of(&Value::Map(coalesced));
            for child in &children {
                let below = format!("{path}{}.", self.name(*child));
                self.enable(*child, &coalesced, &below)?;
            }
        }
        self.members[id.0].dependencies = (!on.is_empty()).then_some(on);
        self.adopt(id, children);
        Ok(())
    }

    /// A copy of the chart that a dependency means, under its alias.
    fn instance(&mut self, present: &[MemberId], dependency: usize) -> Option<MemberId> {
        let wanted = self.dependencies[dependency].clone();
        let found = present.iter().find(|child| {
            self.name(**child) == wanted.name && fits(&wanted.version, &self.chart(**child).metadata.version)
        })?;
        let mut copy = self.members[found.0].clone();
        if !wanted.alias.is_empty() {
            copy.name.clone_from(&wanted.alias);
        }
        let parts = copy.chart.compat.parts_aliased_charts();
        self.members.push(copy);
        let id = MemberId(self.members.len() - 1);
        if parts {
            self.part(id);
        }
        Some(id)
    }

    /// Gives a copy dependency entries and subcharts of its own.
    fn part(&mut self, id: MemberId) {
        if let Some(declared) = &mut self.members[id.0].dependencies {
            for at in declared {
                self.dependencies.push(self.dependencies[*at].clone());
                *at = self.dependencies.len() - 1;
            }
        }
        for place in 0..self.members[id.0].children.len() {
            let child = self.members[id.0].children[place];
            let copy = Member { parent: Some(id), ..self.members[child.0].clone() };
            self.members.push(copy);
            self.members[id.0].children[place] = MemberId(self.members.len() - 1);
        }
    }

    fn coalesced(&mut self, id: MemberId, values: &Frozen, keep_nulls: bool) -> Result<Map, String> {
        let map = match Value::from(values) {
            Value::Map(map) => map,
            _ => Map::new(),
        };
        let mut warnings = std::mem::take(&mut self.warnings);
        let mut how = Coalescing { keep_nulls, warnings: &mut warnings };
        let result = coalesce_chart(self, id, &map, &mut how);
        self.warnings = warnings;
        result.map(|()| map)
    }

    fn apply_tags(&mut self, declared: &[usize], values: &Map) {
        let tags = |at: &usize| self.dependencies[*at].tags.iter().flatten();
        self.asked.extend(declared.iter().flat_map(tags).map(|tag| vec!["tags".into(), tag.as_str().into()]));
        let Ok(tags) = table(values, "tags") else { return };
        for at in declared {
            let dependency = &mut self.dependencies[*at];
            let (mut on, mut off) = (false, false);
            for tag in dependency.tags.iter().flatten() {
                match tags.get(tag) {
                    None => {}
                    Some(Value::Bool(true)) => on = true,
                    Some(Value::Bool(false)) => off = true,
                    Some(_) => self
                        .warnings
                        .push(format!("Warning: Tag '{tag}' for chart {} returned non-bool value", dependency.name)),
                }
            }
            dependency.enabled = on || !off;
        }
    }

    fn apply_conditions(&mut self, declared: &[usize], values: &Map, path: &str) {
        for at in declared {
            let dependency = &mut self.dependencies[*at];
            for condition in dependency.condition.trim().split(',').filter(|condition| !condition.is_empty()) {
                let whole = format!("{path}{condition}");
                self.asked.push(whole.split('.').map(Str::from).collect());
                match path_value(values, &whole) {
                    None => {}
                    Some(Value::Bool(on)) => {
                        dependency.enabled = on;
                        break;
                    }
                    Some(_) => self.warnings.push(format!(
                        "Warning: Condition path '{condition}' for chart {} returned non-bool value",
                        dependency.name
                    )),
                }
            }
        }
    }

    /// Helm's `processDependencyImportValues`, from the innermost charts outwards.
    fn import(&mut self, id: MemberId) -> Result<(), String> {
        for child in self.members[id.0].children.clone() {
            self.import(child)?;
        }
        let Some(declared) = self.members[id.0].dependencies.clone() else { return Ok(()) };
        let values = self.coalesced(id, &Frozen::Nil, true)?;
        let mut warnings = std::mem::take(&mut self.warnings);
        let additions = Map::new();
        for at in declared {
            let Some(imports) = self.dependencies[at].import_values.clone() else { continue };
            let mut done = Vec::new();
            for import in imports {
                let Some((child, parent, complaint)) = self.read_import(&import, at) else { continue };
                match table(&values, &format!("{}.{child}", self.dependencies[at].name)) {
                    Ok(found) => {
                        let mut how = Coalescing { keep_nulls: true, warnings: &mut warnings };
                        merge_tables(&additions, &nested(&parent, found), &mut how);
                    }
                    Err(error) => warnings.push(format!("{complaint}: {error}")),
                }
                done.push(Import::Done { child, parent });
            }
            self.dependencies[at].import_values = (!done.is_empty()).then_some(done);
        }
        let mut how = Coalescing { keep_nulls: true, warnings: &mut warnings };
        // The additions hold references into the values; from here on both live apart.
        let mut defaults = Frozen::of(&Value::Map(values));
        if !additions.is_empty()
            && let (Value::Map(own), Value::Map(more)) =
                (Value::from(&defaults), Value::from(&Frozen::of(&Value::Map(additions))))
        {
            merge_tables(&own, &more, &mut how);
            defaults = Frozen::of(&Value::Map(own));
        }
        self.warnings = warnings;
        if entries(&defaults) > MAX_IMPORTED {
            return Err(format!("imported values are larger than the limit of {MAX_IMPORTED} entries"));
        }
        self.members[id.0].defaults = defaults;
        Ok(())
    }

    /// Paths in child and parent, and how Helm complains when the child has no such table.
    fn read_import(&self, import: &Import, dependency: usize) -> Option<(String, String, String)> {
        match import {
            Import::Written(Frozen::Str(name)) => {
                Some((format!("exports.{name}"), ".".to_owned(), "Warning: ImportValues missing table".to_owned()))
            }
            Import::Written(paths @ Frozen::Map(_)) => {
                let path = |key| {
                    let value = paths.get(key).map_or(Value::Nil, Value::from);
                    String::from_utf8_lossy(&golang::fmt::sprintf(b"%v", &[value])).into_owned()
                };
                let name = &self.dependencies[dependency].name;
                let complaint = format!("Warning: ImportValues missing table from chart {name}");
                Some((path("child"), path("parent"), complaint))
            }
            _ => None,
        }
    }
}

/// The most entries that the values of a chart may have once those of its subcharts are imported: each level
/// of charts can multiply them.
const MAX_IMPORTED: usize = 300_000;

/// How many entries of maps and items of lists there are.
fn entries(data: &Frozen) -> usize {
    match data {
        Frozen::List(items) => items.iter().map(|item| 1 + entries(item)).sum(),
        Frozen::Map(map) => map.iter().map(|(_, value)| 1 + entries(value)).sum(),
        _ => 0,
    }
}

/// Wraps a table into the tables of a dotted path; `.` is no path.
fn nested(path: &str, data: Map) -> Map {
    if path == "." {
        return data;
    }
    path.rsplit('.').fold(data, |inner, key| Map::from_iter([(key.into(), Value::Map(inner))]))
}

/// Whether a version is within a constraint; what cannot be read does not fit.
pub(super) fn fits(constraint: &str, version: &str) -> bool {
    match (Constraints::parse(constraint), Version::parse(version)) {
        (Ok(constraint), Ok(version)) => constraint.check(&version),
        _ => false,
    }
}
