use serde_json::Value as Json;

use crate::diag::{Code, Diagnostic};
use crate::stack::{ComponentType, Content, Node as Component};
use crate::yaml;

const CHART: Code = Code("event.chart");

/// The chart that an event asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedChart {
    /// Its name, where that is told.
    pub name: Option<String>,
    /// Its version.
    pub version: String,
}

impl WantedChart {
    /// A chart as `VERSION`, `NAME@VERSION`, `NAME:VERSION` or `{name, version}`. Of a name with a path the end counts.
    pub fn read(value: &Json) -> Option<Self> {
        let (name, version) = match value {
            Json::String(text) => match text.rsplit_once(['@', ':']) {
                Some((name, version)) => (Some(name), version),
                None => (None, text.as_str()),
            },
            value => (value.get("name").and_then(Json::as_str), value.get("version")?.as_str()?),
        };
        let name = name.map(|name| name.rsplit('/').next().unwrap_or(name).to_owned());
        let is_told = !version.is_empty() && name.as_ref().is_none_or(|name| !name.is_empty());
        is_told.then(|| Self { name, version: version.to_owned() })
    }

    /// Refuses a chart that the component does not render: its version stands in the component's definition, which
    /// is the same for all installations, so that no layer of one of them can change it.
    pub fn check(&self, component: &Component) -> Result<(), Diagnostic> {
        let rendered = rendered(component);
        let is_rendered = |(name, version): &(String, String)| {
            self.name.as_ref().is_none_or(|wanted| wanted == name)
                && version.trim_start_matches('v') == self.version.trim_start_matches('v')
        };
        if rendered.as_ref().is_some_and(is_rendered) {
            return Ok(());
        }
        let wanted = match &self.name {
            Some(name) => format!("`{} {}`", name.escape_debug(), self.version.escape_debug()),
            None => format!("`{}`", self.version.escape_debug()),
        };
        let has = match rendered {
            Some((name, version)) => format!("renders `{name} {version}`"),
            None => "has none".to_owned(),
        };
        let message = format!("the event asks for the chart {wanted}, but `{}` {has}", component.address);
        let problem = Diagnostic::error(CHART, message).at(component.place.clone(), "its definition");
        Err(problem
            .help("a chart's version is the same for all installations: change it there, and apply the event again"))
    }
}

/// The name and the version of the chart that a component renders.
fn rendered(component: &Component) -> Option<(String, String)> {
    let (Content::Tree(tree), ComponentType::Helm) = (&component.content, &component.spec.kind) else { return None };
    let file = yaml::load(&tree.read("Chart.yaml").ok()?).ok()?;
    let text = |key| Some(file.as_map()?.get(key)?.as_str()?.to_owned());
    Some((text("name")?, text("version")?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn charts_are_named_in_several_ways() {
        let chart = |name: Option<&str>, version: &str| {
            Some(WantedChart { name: name.map(str::to_owned), version: version.to_owned() })
        };
        assert_eq!(WantedChart::read(&json!("1.2.0")), chart(None, "1.2.0"));
        assert_eq!(WantedChart::read(&json!("web@1.2.0")), chart(Some("web"), "1.2.0"));
        assert_eq!(WantedChart::read(&json!("oci://r.example.com/a/web:1.2.0")), chart(Some("web"), "1.2.0"));
        assert_eq!(WantedChart::read(&json!({"name": "web", "version": "1"})), chart(Some("web"), "1"));
        assert_eq!(WantedChart::read(&json!({"version": "1"})), chart(None, "1"));
        for wrong in [json!(""), json!("web@"), json!("@1"), json!({"name": "web"}), json!(1), json!({"version": 1})] {
            assert_eq!(WantedChart::read(&wrong), None, "{wrong}");
        }
    }
}
