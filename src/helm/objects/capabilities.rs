use std::borrow::Cow;
use std::rc::Rc;
use std::sync::Arc;

use crate::gotmpl::{FuncTable, Options, TemplateSet};
use crate::helm::capabilities::KubeVersion;
use crate::helm::entropy::Entropy;
use crate::helm::host::ReleaseHost;
use crate::helm::reads::Ledger;
use crate::helm::release::HELM_VERSION;
use crate::value::{Kind, List, ListType, Object, Param, Signature, Value};

use super::{print_struct, struct_data};

/// `*chartutil.Capabilities`.
pub struct CapabilitiesObject {
    kube_version: Value,
    api_versions: Value,
    helm_version: Value,
    ledger: Ledger,
}

impl CapabilitiesObject {
    /// Capabilities with the given API versions in order, which note what is asked of them.
    pub fn new(kube_version: KubeVersion, api_versions: &[String], helm_version: &str, ledger: &Ledger) -> Self {
        let versions = api_versions.iter().map(|version| Value::str(version.as_str())).collect();
        Self {
            kube_version: KubeVersionObject(Rc::new(kube_version)).into(),
            api_versions: VersionSet {
                versions: List::new(ListType::Other("chartutil.VersionSet"), versions),
                ledger: ledger.clone(),
            }
            .into(),
            helm_version: BuildInfo(helm_version.to_owned()).into(),
            ledger: ledger.clone(),
        }
    }
}

impl Object for CapabilitiesObject {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed("*chartutil.Capabilities")
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
        let mut out = b"&".to_vec();
        out.extend(print_struct(self));
        out
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

/// `chartutil.KubeVersion`.
struct KubeVersionObject(Rc<KubeVersion>);

const NO_ARGS: Signature = Signature::fixed(&[]);

impl Object for KubeVersionObject {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed("chartutil.KubeVersion")
    }

    fn field(&self, name: &str) -> Option<Value> {
        match name {
            "Version" => Some(Value::str(self.0.version.as_str())),
            "Major" => Some(Value::str(self.0.major.as_str())),
            "Minor" => Some(Value::str(self.0.minor.as_str())),
            _ => None,
        }
    }

    fn method(&self, name: &str) -> Option<&'static Signature> {
        matches!(name, "String" | "GitVersion").then_some(&NO_ARGS)
    }

    fn call(&self, _name: &str, _args: &[Value]) -> Result<Value, String> {
        Ok(Value::str(self.0.version.as_str()))
    }

    fn print(&self) -> Vec<u8> {
        self.0.version.clone().into_bytes()
    }

    fn print_copy(&self) -> Vec<u8> {
        print_struct(self)
    }

    fn struct_fields(&self) -> Option<Vec<(&'static str, Value)>> {
        self.json_fields()
    }

    fn to_data(&self) -> Value {
        struct_data(self)
    }

    fn json_fields(&self) -> Option<Vec<(&'static str, Value)>> {
        Some(["Version", "Major", "Minor"].map(|name| (name, self.field(name).unwrap_or_default())).to_vec())
    }

    fn equal(&self, other: &dyn Object) -> Option<bool> {
        let other: &dyn std::any::Any = other;
        other.downcast_ref::<Self>().map(|other| self.0 == other.0)
    }
}

/// `chartutil.VersionSet`.
struct VersionSet {
    versions: List,
    ledger: Ledger,
}

impl VersionSet {
    fn all(&self) -> Value {
        self.ledger.capability(|reads| reads.all_api_versions = true);
        Value::List(self.versions.clone())
    }
}

const HAS: Signature = Signature::fixed(&[Param::Str]);

impl Object for VersionSet {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed("chartutil.VersionSet")
    }

    fn kind(&self) -> Kind {
        Kind::Slice
    }

    fn method(&self, name: &str) -> Option<&'static Signature> {
        (name == "Has").then_some(&HAS)
    }

    fn call(&self, _name: &str, args: &[Value]) -> Result<Value, String> {
        let wanted = args.first().and_then(Value::as_bytes).unwrap_or_default();
        let has = self.versions.items().iter().any(|version| version.as_bytes() == Some(wanted));
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
struct BuildInfo(String);

/// The Go version that Helm 3.21.4 is built with.
pub const GO_VERSION: &str = "go1.26.8";

impl Object for BuildInfo {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed("version.BuildInfo")
    }

    fn field(&self, name: &str) -> Option<Value> {
        match name {
            "Version" => Some(Value::str(self.0.as_str())),
            "GitCommit" | "GitTreeState" => Some(Value::str("")),
            "GoVersion" => Some(Value::str(GO_VERSION)),
            _ => None,
        }
    }

    fn print(&self) -> Vec<u8> {
        print_struct(self)
    }

    fn struct_fields(&self) -> Option<Vec<(&'static str, Value)>> {
        let names = ["Version", "GitCommit", "GitTreeState", "GoVersion"];
        Some(names.map(|name| (name, self.field(name).unwrap_or_default())).to_vec())
    }

    fn to_data(&self) -> Value {
        struct_data(self)
    }

    fn json_fields(&self) -> Option<Vec<(&'static str, Value)>> {
        Some(vec![("version", Value::str(self.0.as_str())), ("go_version", Value::str(GO_VERSION))])
    }
}

/// What a template makes of the version of Helm, as `helm version --template` prints it: Go's own
/// functions and no others. The error is Helm's text.
pub fn version_from_template(template: &str) -> Result<Vec<u8>, String> {
    let mut set = TemplateSet::new("_", Arc::new(FuncTable::new(&[])));
    set.parse("_", template).map_err(|error| error.to_string())?;
    let data: Value = BuildInfo(HELM_VERSION.to_owned()).into();
    let mut host = ReleaseHost::new(Entropy::System);
    set.execute("_", &data, &mut host, &Options::default()).map_err(|error| error.to_string())
}
