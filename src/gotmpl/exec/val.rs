//! Values as Go's executor sees them through reflection: besides the value it matters whether there
//! is one at all, and whether it was read out of an `interface {}`.

use std::borrow::Cow;

use crate::value::{Kind, List, ListType, Map, MapType, Value};

/// A reflected value.
#[derive(Clone, Debug)]
pub(in crate::gotmpl) enum Val {
    /// No value: Go's zero `reflect.Value`. Field accesses on it give no value again.
    Invalid,
    /// A value of static type `interface {}`, such as an element of a list or map; nil has no fields.
    Interface(Value),
    /// A value of its own type; nil only for types that this program does not know exactly.
    Of(Value),
}

const NIL: &Value = &Value::Nil;

impl Val {
    /// A value handed over as an `interface {}` and taken out of it: nil is no value.
    pub(in crate::gotmpl) fn from_any(value: Value) -> Self {
        match value {
            Value::Nil => Val::Invalid,
            value => Val::Of(value),
        }
    }

    /// Takes the value out of the interface that it may be in.
    pub(in crate::gotmpl) fn settle(self) -> Self {
        match self {
            Val::Interface(value) => Val::from_any(value),
            other => other,
        }
    }

    /// The value; nil when there is none.
    pub(in crate::gotmpl) fn value(&self) -> &Value {
        match self {
            Val::Invalid => NIL,
            Val::Interface(value) | Val::Of(value) => value,
        }
    }

    pub(in crate::gotmpl) fn truth(&self) -> bool {
        self.value().truth()
    }

    /// The static type's name, as Go's messages have it.
    pub(super) fn type_name(&self) -> Cow<'static, str> {
        match self {
            Val::Invalid => Cow::Borrowed("invalid"),
            Val::Interface(_) => Cow::Borrowed("interface {}"),
            Val::Of(value) => value.type_name(),
        }
    }
}

impl From<Val> for Value {
    fn from(val: Val) -> Self {
        match val {
            Val::Invalid => Value::Nil,
            Val::Interface(value) | Val::Of(value) => value,
        }
    }
}

/// The list or map that a named slice or map type stands for; other values as they are.
pub(in crate::gotmpl) fn container(value: &Value) -> Cow<'_, Value> {
    match value {
        Value::Object(object) => match object.container() {
            Some(inner) => Cow::Owned(inner),
            None => Cow::Borrowed(value),
        },
        _ => Cow::Borrowed(value),
    }
}

/// The type's name; of a pointer, the name of what it points to.
pub(in crate::gotmpl) fn pointed_type_name(value: &Value) -> Cow<'static, str> {
    let name = value.type_name();
    match &name {
        Cow::Borrowed(text) if value.kind() == Kind::Ptr => Cow::Borrowed(text.trim_start_matches('*')),
        Cow::Owned(text) if value.kind() == Kind::Ptr => Cow::Owned(text.trim_start_matches('*').to_owned()),
        _ => name,
    }
}

/// An item as read from a list.
pub(in crate::gotmpl) fn element_of_list(list: &List, item: &Value) -> Val {
    match list.ty() {
        ListType::Any => Val::Interface(item.clone()),
        _ => Val::Of(item.clone()),
    }
}

/// A value as read from a map.
pub(in crate::gotmpl) fn element_of_map(map: &Map, value: Value) -> Val {
    match map.ty() {
        MapType::Any | MapType::Values(_) => Val::Interface(value),
        MapType::Str | MapType::Files | MapType::Other(_) => Val::Of(value),
    }
}

/// What a missing key of a map gives: the zero value of its element type.
pub(in crate::gotmpl) fn zero_of_map(map: &Map) -> Val {
    match map.ty() {
        MapType::Any | MapType::Values(_) => Val::Interface(Value::Nil),
        MapType::Str => Val::Of(Value::str("")),
        MapType::Other(name) if name.ends_with("]string") && !name.ends_with("[]string") => Val::Of(Value::str("")),
        MapType::Files => Val::Of(Value::List(List::nil(ListType::Bytes))),
        MapType::Other(name) if name.ends_with("[]uint8") => Val::Of(Value::List(List::nil(ListType::Bytes))),
        MapType::Other(name) if name.ends_with("[]string") => Val::Of(Value::List(List::nil(ListType::Str))),
        MapType::Other(_) => Val::Interface(Value::Nil),
    }
}
