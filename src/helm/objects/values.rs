use std::borrow::Cow;

use crate::golang::strconv;
use crate::helm::values::{path_value, table};
use crate::value::{Kind, Map, MapType, Object, ObjectRef, Param, Signature, Value};
use crate::yaml;

/// The methods of `chartutil.Values`, the type of `.Values`. Charts that are generated from Go call
/// them.
struct ValuesMethods(Map);

/// The methods of a map of a named type, if it has any.
pub fn values_methods(map: &Map) -> Option<ObjectRef> {
    matches!(map.ty(), MapType::Values(_)).then(|| ObjectRef::new(ValuesMethods(map.clone())))
}

const NONE: Signature = Signature::fixed(&[]);
const ONE_STRING: Signature = Signature::fixed(&[Param::Str]);
const WRITER: Signature = Signature::fixed(&[Param::Named("io.Writer")]);

impl Object for ValuesMethods {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed(self.0.ty().name())
    }

    fn kind(&self) -> Kind {
        Kind::Map
    }

    fn method(&self, name: &str) -> Option<&'static Signature> {
        match name {
            "AsMap" | "YAML" => Some(&NONE),
            "Table" | "PathValue" => Some(&ONE_STRING),
            // No value of a template is a writer, so that this one always refuses its argument.
            "Encode" => Some(&WRITER),
            _ => None,
        }
    }

    fn call(&self, name: &str, args: &[Value]) -> Result<Value, String> {
        let path = || args.first().and_then(Value::as_bytes).map(String::from_utf8_lossy).unwrap_or_default();
        match name {
            "AsMap" if self.0.is_empty() => Ok(Value::Map(Map::new())),
            "AsMap" => Ok(Value::Map(self.0.with_type(MapType::Any))),
            "YAML" => yaml::to_yaml(&Value::Map(self.0.clone())).map(Value::str),
            "Table" => Ok(Value::Map(table(&self.0, &path())?.with_type(self.0.ty()))),
            "PathValue" if path().is_empty() => Err("YAML path cannot be empty".to_owned()),
            "PathValue" => path_value(&self.0, &path()).ok_or_else(|| {
                let path = path();
                let key = path.rsplit('.').next().unwrap_or_default();
                format!("{} is not a value", strconv::quote(key.as_bytes()))
            }),
            _ => Ok(Value::Nil),
        }
    }

    fn print(&self) -> Vec<u8> {
        let mut out = Vec::new();
        crate::golang::fmt::print_v(&mut out, &Value::Map(self.0.clone()));
        out
    }

    fn to_data(&self) -> Value {
        Value::Map(self.0.clone())
    }
}
