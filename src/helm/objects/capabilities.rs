use std::borrow::Cow;
use std::cell::OnceCell;
use std::rc::Rc;
use std::sync::Arc;

use crate::gotmpl::{FuncTable, Options, TemplateSet};
use crate::helm::capabilities::{API_VERSIONS, KubeVersion};
use crate::helm::compat::Compat;
use crate::helm::entropy::Entropy;
use crate::helm::host::ReleaseHost;
use crate::helm::reads::Ledger;
use crate::value::{Kind, List, ListType, Object, Param, Signature, Value};

use super::{print_struct, struct_data};

/// `*chartutil.Capabilities`, or `*common.Capabilities` in Helm 4.
pub struct CapabilitiesObject {
    type_name: &'static str,
    kube_version: Value,
    api_versions: Value,
    helm_version: Value,
    ledger: Ledger,
}

impl CapabilitiesObject {
    /// Capabilities with API versions beyond [`API_VERSIONS`], which note what is asked of them.
    pub fn new(kube_version: KubeVersion, more: &[String], compat: Compat, ledger: &Ledger) -> Self {
        let types = compat.capabilities_types();
        let kube_version =
            KubeVersionObject { type_name: types.kube_version, compat, version: Rc::new(kube_version), copy: false };
        let api_versions = VersionSet {
            type_name: types.version_set,
            more: more.to_vec(),
            list: OnceCell::new(),
            ledger: ledger.clone(),
        };
        Self {
            type_name: types.whole,
            kube_version: kube_version.into(),
            api_versions: api_versions.into(),
            helm_version: BuildInfo(compat).into(),
            ledger: ledger.clone(),
        }
    }
}

impl Object for CapabilitiesObject {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed(self.type_name)
    }

    fn kind(&self) -> Kind {
        Kind::Ptr
    }

    fn field(&self, name: &str) -> Option<Value> {
        match name {
            "KubeVersion" => {
                self.ledger.capability(|reads| reads.kube_version = true);
                Some(self.kube_version.clone())
            }
            "APIVersions" => Some(self.api_versions.clone()),
            "HelmVersion" => {
                self.ledger.capability(|reads| reads.helm_version = true);
                Some(self.helm_version.clone())
            }
            _ => None,
        }
    }

    fn print(&self) -> Vec<u8> {
        print_struct(self)
    }

    fn struct_fields(&self) -> Option<Vec<(&'static str, Value)>> {
        self.json_fields()
    }

    fn to_data(&self) -> Value {
        struct_data(self)
    }

    fn json_fields(&self) -> Option<Vec<(&'static str, Value)>> {
        Some(
            ["KubeVersion", "APIVersions", "HelmVersion"]
                .map(|name| (name, self.field(name).unwrap_or_default()))
                .to_vec(),
        )
    }
}

/// `chartutil.KubeVersion`, or `common.KubeVersion` in Helm 4. Its methods are those of the pointer, so that
/// a copy has none of them.
#[derive(Clone)]
struct KubeVersionObject {
    type_name: &'static str,
    compat: Compat,
    version: Rc<KubeVersion>,
    copy: bool,
}

const NO_ARGS: Signature = Signature::fixed(&[]);

impl Object for KubeVersionObject {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed(self.type_name)
    }

    fn field(&self, name: &str) -> Option<Value> {
        match name {
            "Version" => Some(Value::str(self.version.version.as_str())),
            "Major" => Some(Value::str(self.version.major.as_str())),
            "Minor" => Some(Value::str(self.version.minor.as_str())),
            _ => None,
        }
    }

    fn method(&self, name: &str) -> Option<&'static Signature> {
        (!self.copy && matches!(name, "String" | "GitVersion")).then_some(&NO_ARGS)
    }

    fn call(&self, name: &str, _args: &[Value]) -> Result<Value, String> {
        let text = if name == "String" { &self.version.normalized } else { &self.version.version };
        Ok(Value::str(text.as_str()))
    }

    fn print(&self) -> Vec<u8> {
        if self.copy { print_struct(self) } else { self.version.normalized.clone().into_bytes() }
    }

    fn print_copy(&self) -> Vec<u8> {
        print_struct(self)
    }

    fn copied(&self) -> Option<Value> {
        (!self.copy).then(|| Self { copy: true, ..self.clone() }.into())
    }

    fn struct_fields(&self) -> Option<Vec<(&'static str, Value)>> {
        let mut fields = self.json_fields()?;
        if self.compat.keeps_kube_suffix() {
            fields.insert(1, ("normalizedVersion", Value::str(self.version.normalized.as_str())));
        }
        Some(fields)
    }

    fn yaml_fields(&self) -> Option<Vec<(Cow<'static, str>, Value)>> {
        let fields = self.json_fields()?.into_iter();
        Some(fields.map(|(name, value)| (Cow::Owned(name.to_lowercase()), value)).collect())
    }

    fn to_data(&self) -> Value {
        struct_data(self)
    }

    fn json_fields(&self) -> Option<Vec<(&'static str, Value)>> {
        Some(["Version", "Major", "Minor"].map(|name| (name, self.field(name).unwrap_or_default())).to_vec())
    }

    fn equal(&self, other: &dyn Object) -> Option<bool> {
        let other: &dyn std::any::Any = other;
        other.downcast_ref::<Self>().map(|other| self.version == other.version)
    }
}

/// `chartutil.VersionSet`, or `common.VersionSet` in Helm 4.
struct VersionSet {
    type_name: &'static str,
    /// API versions beyond the built-in ones.
    more: Vec<String>,
    /// All of them as a list, made when a template first asks for it: nearly none does.
    list: OnceCell<List>,
    ledger: Ledger,
}

impl VersionSet {
    fn all(&self) -> Value {
        self.ledger.capability(|reads| reads.all_api_versions = true);
        let list = self.list.get_or_init(|| {
            let versions = API_VERSIONS.iter().copied().chain(self.more.iter().map(String::as_str));
            List::new(ListType::Other(self.type_name), versions.map(Value::str).collect())
        });
        Value::List(list.clone())
    }
}

const HAS: Signature = Signature::fixed(&[Param::Str]);

impl Object for VersionSet {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed(self.type_name)
    }

    fn kind(&self) -> Kind {
        Kind::Slice
    }

    fn method(&self, name: &str) -> Option<&'static Signature> {
        (name == "Has").then_some(&HAS)
    }

    fn call(&self, _name: &str, args: &[Value]) -> Result<Value, String> {
        let wanted = args.first().and_then(Value::as_bytes).unwrap_or_default();
        let has = API_VERSIONS.iter().any(|version| version.as_bytes() == wanted)
            || self.more.iter().any(|version| version.as_bytes() == wanted);
        let shown = String::from_utf8_lossy(wanted).into_owned();
        self.ledger.capability(|reads| {
            reads.api_versions.insert(shown, has);
        });
        Ok(Value::Bool(has))
    }

    fn container(&self) -> Option<Value> {
        Some(self.all())
    }

    fn print(&self) -> Vec<u8> {
        let mut out = Vec::new();
        crate::golang::fmt::print_v(&mut out, &self.all());
        out
    }

    fn to_data(&self) -> Value {
        self.all()
    }
}

/// `version.BuildInfo`. Commit and tree state are empty, as in a Helm built outside of git.
struct BuildInfo(Compat);

/// The Go version that both Helms are built with.
pub const GO_VERSION: &str = "go1.26.8";

impl Object for BuildInfo {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed("version.BuildInfo")
    }

    fn field(&self, name: &str) -> Option<Value> {
        match name {
            "Version" => Some(Value::str(self.0.helm_version())),
            "KubeClientVersion" => self.0.kube_client_version().map(Value::str),
            "GitCommit" | "GitTreeState" => Some(Value::str("")),
            "GoVersion" => Some(Value::str(GO_VERSION)),
            _ => None,
        }
    }

    fn print(&self) -> Vec<u8> {
        print_struct(self)
    }

    fn struct_fields(&self) -> Option<Vec<(&'static str, Value)>> {
        let names = ["Version", "GitCommit", "GitTreeState", "GoVersion", "KubeClientVersion"];
        Some(names.into_iter().filter_map(|name| Some((name, self.field(name)?))).collect())
    }

    fn to_data(&self) -> Value {
        struct_data(self)
    }

    fn json_fields(&self) -> Option<Vec<(&'static str, Value)>> {
        let mut fields = vec![("version", Value::str(self.0.helm_version())), ("go_version", Value::str(GO_VERSION))];
        fields.extend(self.0.kube_client_version().map(|version| ("kube_client_version", Value::str(version))));
        Some(fields)
    }
}

/// What a template makes of the version of Helm, as `helm version --template` prints it: Go's own
/// functions and no others. The error is Helm's text.
pub fn version_from_template(template: &str, compat: Compat) -> Result<Vec<u8>, String> {
    let mut set = TemplateSet::new("_", Arc::new(FuncTable::new(&[])));
    set.parse("_", template).map_err(|error| error.to_string())?;
    let data: Value = BuildInfo(compat).into();
    let mut host = ReleaseHost::new(Entropy::System);
    set.execute("_", &data, &mut host, &Options::default()).map_err(|error| error.to_string())
}
