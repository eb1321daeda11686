use std::fmt;
use std::sync::Arc;

use minijinja::value::{Enumerator, Object, ObjectRepr, Value as JinjaValue};

use crate::value::{Frozen, FrozenMap, IntKind, Value};

/// A frozen value as minijinja sees it. Containers are shared, not copied.
pub fn to_jinja(value: &Frozen) -> JinjaValue {
    match value {
        Frozen::Nil => JinjaValue::from(()),
        Frozen::Bool(value) => JinjaValue::from(*value),
        Frozen::Int(IntKind::Uint64, value) => JinjaValue::from(value.cast_unsigned()),
        Frozen::Int(_, value) => JinjaValue::from(*value),
        Frozen::Float(value) => JinjaValue::from(*value),
        Frozen::Str(text) => JinjaValue::from(text.to_str_lossy().into_owned()),
        Frozen::List(items) => JinjaValue::from_object(Items(Arc::clone(items))),
        Frozen::Map(map) => JinjaValue::from_object(Entries(Arc::clone(map))),
    }
}

/// A minijinja value as kiln's own, for filters that write YAML. Undefined becomes nil; functions
/// and other objects become the text they print.
pub fn from_jinja(value: &JinjaValue) -> Value {
    use minijinja::value::ValueKind;
    match value.kind() {
        ValueKind::Undefined | ValueKind::None => Value::Nil,
        ValueKind::Bool => Value::Bool(value.is_true()),
        ValueKind::Number => match (i64::try_from(value.clone()), f64::try_from(value.clone())) {
            (Ok(int), _) if value.is_integer() => Value::int64(int),
            (_, Ok(float)) => Value::Float(float),
            _ => Value::str(value.to_string()),
        },
        ValueKind::Seq | ValueKind::Iterable => {
            Value::list(value.try_iter().into_iter().flatten().map(|item| from_jinja(&item)).collect())
        }
        ValueKind::Map => Value::map(value.try_iter().into_iter().flatten().map(|key| {
            let item = value.get_item(&key).unwrap_or_default();
            (key.to_string(), from_jinja(&item))
        })),
        _ => Value::str(value.to_string()),
    }
}

struct Entries(Arc<FrozenMap>);

impl fmt::Debug for Entries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.0.iter()).finish()
    }
}

impl Object for Entries {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, key: &JinjaValue) -> Option<JinjaValue> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<JinjaValue> {
        self.0.get(key).map(to_jinja)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.0.iter().map(|(key, _)| JinjaValue::from(key.to_str_lossy().into_owned())).collect())
    }
}

struct Items(Arc<[Frozen]>);

impl fmt::Debug for Items {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter()).finish()
    }
}

impl Object for Items {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &JinjaValue) -> Option<JinjaValue> {
        self.0.get(key.as_usize()?).map(to_jinja)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(self.0.len())
    }
}
