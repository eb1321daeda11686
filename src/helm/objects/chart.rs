use std::borrow::Cow;

use crate::helm::assembly::{Assembly, MemberId};
use crate::helm::chart::{Dependency, Import, Maintainer};
use crate::value::{Kind, List, ListType, Map, MapType, Object, ObjectRef, Value};

use super::{print_struct, struct_data};

/// `.Chart` of a chart as it takes part in a release.
pub fn chart_value(charts: &Assembly, id: MemberId) -> Value {
    if charts.chart(id).compat.chart_is_map() {
        return Value::Map(chart_map(charts, id));
    }
    ChartObject::new(charts, id).into()
}

/// `.Chart` in Helm 3: `chart.Metadata` with `IsRoot`, an anonymous struct.
struct ChartObject {
    metadata: ObjectRef,
    is_root: bool,
}

/// `chart.Metadata`: Go's field name, JSON's name, value.
struct Metadata(Vec<(&'static str, &'static str, Value)>);

impl ChartObject {
    fn new(charts: &Assembly, id: MemberId) -> Self {
        Self { metadata: ObjectRef::new(Metadata::of(charts, id)), is_root: charts.is_root(id) }
    }
}

/// The metadata of a chart as a value: with the given name and dependencies, which differ from its own
/// while a release is made.
pub fn metadata_value<'d>(
    metadata: &crate::helm::chart::Metadata,
    name: &str,
    dependencies: Option<impl Iterator<Item = &'d Dependency>>,
) -> Value {
    Metadata::new(metadata, name, dependencies).into()
}

impl Metadata {
    /// The metadata of a chart as it takes part in a release.
    fn of(charts: &Assembly, id: MemberId) -> Self {
        Self::new(&charts.chart(id).metadata, charts.name(id), charts.dependencies(id))
    }

    fn new<'d>(
        metadata: &crate::helm::chart::Metadata,
        name: &str,
        dependencies: Option<impl Iterator<Item = &'d Dependency>>,
    ) -> Self {
        let text = |text: &String| Value::str(text.as_str());
        let texts = |texts: &Option<Vec<String>>| match texts {
            Some(texts) => Value::strings(texts.iter().map(String::as_str)),
            None => Value::List(List::nil(ListType::Str)),
        };
        let maintainers = objects(
            "[]*chart.Maintainer",
            metadata.maintainers.as_ref().map(|all| all.iter().map(maintainer).collect()),
        );
        let dependencies = objects("[]*chart.Dependency", dependencies.map(|all| all.map(dependency_value).collect()));
        let annotations = match &metadata.annotations {
            None => Map::nil(MapType::Str),
            Some(all) => {
                let entries = all.iter().map(|(key, value)| (key.as_str().into(), Value::str(value.as_str())));
                entries.collect::<Map>().with_type(MapType::Str)
            }
        };
        Self(vec![
            ("Name", "name", Value::str(name)),
            ("Home", "home", text(&metadata.home)),
            ("Sources", "sources", texts(&metadata.sources)),
            ("Version", "version", text(&metadata.version)),
            ("Description", "description", text(&metadata.description)),
            ("Keywords", "keywords", texts(&metadata.keywords)),
            ("Maintainers", "maintainers", maintainers),
            ("Icon", "icon", text(&metadata.icon)),
            ("APIVersion", "apiVersion", text(&metadata.api_version)),
            ("Condition", "condition", text(&metadata.condition)),
            ("Tags", "tags", text(&metadata.tags)),
            ("AppVersion", "appVersion", text(&metadata.app_version)),
            ("Deprecated", "deprecated", Value::Bool(metadata.deprecated)),
            ("Annotations", "annotations", Value::Map(annotations)),
            ("KubeVersion", "kubeVersion", text(&metadata.kube_version)),
            ("Dependencies", "dependencies", dependencies),
            ("Type", "type", text(&metadata.kind)),
        ])
    }
}

/// `.Chart` in Helm 4: a map from the field names of Go. Structs below become maps too, slices become
/// `[]interface {}`, and are never nil.
fn chart_map(charts: &Assembly, id: MemberId) -> Map {
    let Metadata(fields) = Metadata::of(charts, id);
    let map: Map = fields.into_iter().map(|(name, _, value)| (name.into(), unstructured(&value))).collect();
    map.insert("IsRoot", Value::Bool(charts.is_root(id)));
    map
}

fn unstructured(value: &Value) -> Value {
    match value {
        Value::List(list) => Value::list(
            list.items()
                .iter()
                .map(|item| match item {
                    Value::Object(_) => unstructured(item),
                    other => other.clone(),
                })
                .collect(),
        ),
        Value::Object(object) => {
            let fields = object.struct_fields().unwrap_or_default().into_iter();
            Value::Map(fields.map(|(name, value)| (name.into(), unstructured(&value))).collect())
        }
        other => other.clone(),
    }
}

fn objects(ty: &'static str, items: Option<Vec<Value>>) -> Value {
    match items {
        Some(items) => Value::List(List::new(ListType::Other(ty), items)),
        None => Value::List(List::nil(ListType::Other(ty))),
    }
}

impl Object for ChartObject {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed("struct { chart.Metadata; IsRoot bool }")
    }

    fn field(&self, name: &str) -> Option<Value> {
        match name {
            "IsRoot" => Some(Value::Bool(self.is_root)),
            "Metadata" => Some(Value::Object(self.metadata.clone())),
            name => self.metadata.field(name),
        }
    }

    fn print(&self) -> Vec<u8> {
        print_struct(self)
    }

    fn struct_fields(&self) -> Option<Vec<(&'static str, Value)>> {
        Some(vec![("Metadata", Value::Object(self.metadata.clone())), ("IsRoot", Value::Bool(self.is_root))])
    }

    fn to_data(&self) -> Value {
        struct_data(self)
    }

    fn json_fields(&self) -> Option<Vec<(&'static str, Value)>> {
        let mut fields = self.metadata.json_fields()?;
        fields.push(("IsRoot", Value::Bool(self.is_root)));
        Some(fields)
    }
}

impl Object for Metadata {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed("chart.Metadata")
    }

    fn field(&self, name: &str) -> Option<Value> {
        self.0.iter().find(|(own, ..)| *own == name).map(|(.., value)| value.clone())
    }

    fn print(&self) -> Vec<u8> {
        print_struct(self)
    }

    fn struct_fields(&self) -> Option<Vec<(&'static str, Value)>> {
        Some(self.0.iter().map(|(name, _, value)| (*name, value.clone())).collect())
    }

    fn to_data(&self) -> Value {
        struct_data(self)
    }

    fn json_fields(&self) -> Option<Vec<(&'static str, Value)>> {
        let written = self.0.iter().filter(|(.., value)| value.truth());
        Some(written.map(|(_, key, value)| (*key, value.clone())).collect())
    }
}

/// A pointer to a struct: `*chart.Maintainer` or `*chart.Dependency`.
struct Pointer {
    type_name: &'static str,
    /// Go's field name, JSON's name, whether an empty value is written, value.
    fields: Vec<(&'static str, &'static str, bool, Value)>,
}

fn maintainer(maintainer: &Maintainer) -> Value {
    let fields = vec![
        ("Name", "name", false, Value::str(maintainer.name.as_str())),
        ("Email", "email", false, Value::str(maintainer.email.as_str())),
        ("URL", "url", false, Value::str(maintainer.url.as_str())),
    ];
    Pointer { type_name: "*chart.Maintainer", fields }.into()
}

/// A dependency as Helm writes it.
pub fn dependency_value(dependency: &Dependency) -> Value {
    let text = |text: &String| Value::str(text.as_str());
    let tags = match &dependency.tags {
        Some(tags) => Value::strings(tags.iter().map(String::as_str)),
        None => Value::List(List::nil(ListType::Str)),
    };
    let imports = match &dependency.import_values {
        Some(imports) => Value::list(imports.iter().map(import).collect()),
        None => Value::List(List::nil(ListType::Any)),
    };
    let fields = vec![
        ("Name", "name", true, text(&dependency.name)),
        ("Version", "version", false, text(&dependency.version)),
        ("Repository", "repository", true, text(&dependency.repository)),
        ("Condition", "condition", false, text(&dependency.condition)),
        ("Tags", "tags", false, tags),
        ("Enabled", "enabled", false, Value::Bool(dependency.enabled)),
        ("ImportValues", "import-values", false, imports),
        ("Alias", "alias", false, text(&dependency.alias)),
    ];
    Pointer { type_name: "*chart.Dependency", fields }.into()
}

fn import(import: &Import) -> Value {
    match import {
        Import::Written(data) => Value::from(data),
        Import::Done { child, parent } => {
            let paths = Map::from_iter([
                ("child".into(), Value::str(child.as_str())),
                ("parent".into(), Value::str(parent.as_str())),
            ]);
            Value::Map(paths.with_type(MapType::Str))
        }
    }
}

impl Object for Pointer {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed(self.type_name)
    }

    fn kind(&self) -> Kind {
        Kind::Ptr
    }

    fn field(&self, name: &str) -> Option<Value> {
        self.fields.iter().find(|(own, ..)| *own == name).map(|(.., value)| value.clone())
    }

    fn print(&self) -> Vec<u8> {
        print_struct(self)
    }

    fn struct_fields(&self) -> Option<Vec<(&'static str, Value)>> {
        Some(self.fields.iter().map(|(name, .., value)| (*name, value.clone())).collect())
    }

    fn yaml_fields(&self) -> Option<Vec<(Cow<'static, str>, Value)>> {
        // Dependencies have the same tags for YAML as for JSON, maintainers have none for YAML.
        if self.type_name == "*chart.Dependency" {
            return Some(self.json_fields()?.into_iter().map(|(key, value)| (Cow::Borrowed(key), value)).collect());
        }
        Some(self.fields.iter().map(|(name, .., value)| (Cow::Owned(name.to_lowercase()), value.clone())).collect())
    }

    fn to_data(&self) -> Value {
        struct_data(self)
    }

    fn json_fields(&self) -> Option<Vec<(&'static str, Value)>> {
        let written = self.fields.iter().filter(|(_, _, always, value)| *always || value.truth());
        Some(written.map(|(_, key, _, value)| (*key, value.clone())).collect())
    }
}
