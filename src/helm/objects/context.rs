use std::collections::BTreeMap;

use crate::helm::assembly::{Assembly, MemberId};
use crate::helm::reads::Ledger;
use crate::value::{Map, MapType, Value};

use super::chart::chart_value;
use super::files::Files;

/// A template of a release and what it is executed with.
pub struct Context {
    /// The chart.
    pub chart: MemberId,
    /// The position in the chart's list of templates.
    pub file: usize,
    /// What `.` is; all templates of a chart share it.
    pub data: Map,
    /// The path of the chart's `templates` folder.
    pub base_path: String,
}

/// The data for all templates of a release, by the templates' names. Of two templates with one name
/// the one that Helm meets later counts.
/// Objects note in the ledger what is asked of them.
pub fn contexts(
    charts: &Assembly,
    values: Map,
    release: &Map,
    capabilities: &Value,
    ledger: &Ledger,
) -> BTreeMap<String, Context> {
    let mut found = BTreeMap::new();
    let shared = Shared { charts, release, capabilities, ledger };
    shared.visit(Assembly::ROOT, values, &mut found);
    found
}

struct Shared<'a> {
    charts: &'a Assembly,
    release: &'a Map,
    capabilities: &'a Value,
    ledger: &'a Ledger,
}

impl Shared<'_> {
    fn visit(&self, id: MemberId, values: Map, found: &mut BTreeMap<String, Context>) -> Map {
        let chart = self.charts.chart(id);
        let path = self.charts.full_path(id);
        let subcharts = Map::new();
        let data = Map::from_iter([
            ("Chart".into(), chart_value(self.charts, id)),
            ("Files".into(), Files::new(&path, chart, self.ledger).into()),
            ("Release".into(), Value::Map(self.release.clone())),
            ("Capabilities".into(), self.capabilities.clone()),
            ("Values".into(), Value::Map(values.with_type(MapType::Values(chart.compat.values_type())))),
            ("Subcharts".into(), Value::Map(subcharts.clone())),
        ]);
        for child in self.charts.children(id) {
            let name = self.charts.name(*child);
            let section = crate::helm::values::table(&values, name).unwrap_or_default();
            subcharts.insert(name, Value::Map(self.visit(*child, section, found)));
        }
        let base_path = format!("{path}/templates");
        for (file, template) in chart.templates.iter().enumerate() {
            let base = template.name.rsplit('/').next().unwrap_or_default();
            if chart.is_library() && !base.starts_with('_') {
                continue;
            }
            let context = Context { chart: id, file, data: data.clone(), base_path: base_path.clone() };
            found.insert(format!("{path}/{}", template.name), context);
        }
        data
    }
}
