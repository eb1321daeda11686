use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;
use std::rc::Rc;

use super::{Kind, Signature, Value};

/// A Go value with fields or methods that templates can see: chart metadata, capabilities, files,
/// times, versions, certificates.
pub trait Object: Any {
    /// Go's type name, as `%T` prints it.
    fn type_name(&self) -> Cow<'static, str>;

    /// Go's reflect kind.
    fn kind(&self) -> Kind {
        Kind::Struct
    }

    /// The value of an exported field; `None` when there is no such field.
    fn field(&self, _name: &str) -> Option<Value> {
        None
    }

    /// The signature of a method; `None` when there is no such method.
    fn method(&self, _name: &str) -> Option<&'static Signature> {
        None
    }

    /// Calls a method that [`Object::method`] knows, with arguments already checked against its
    /// signature. The error is the text of Go's error.
    fn call(&self, _name: &str, _args: &[Value]) -> Result<Value, String> {
        Ok(Value::Nil)
    }

    /// The list or map that `range`, `index` and `len` work on, for named slice and map types.
    fn container(&self) -> Option<Value> {
        None
    }

    /// What `{{ value }}` prints (the pointer's `String` method counts there).
    fn print(&self) -> Vec<u8>;

    /// What `%v` prints of a copy of the value; differs from [`Object::print`] where only the
    /// pointer has a `String` method.
    fn print_copy(&self) -> Vec<u8> {
        self.print()
    }

    /// The copy that a function gets for a parameter of type `interface {}`, where it can do less than
    /// the value itself: a field of a struct has the methods of its pointer, a copy has not.
    fn copied(&self) -> Option<Value> {
        None
    }

    /// The fields of a struct in Go's order, which `%v` and its like print, also of the struct that a
    /// pointer leads to. `None` where [`Object::print_copy`] is all that is known.
    fn struct_fields(&self) -> Option<Vec<(&'static str, Value)>> {
        None
    }

    /// The fields of a struct as go-yaml writes them: all, in order, under their names in lower case.
    fn yaml_fields(&self) -> Option<Vec<(Cow<'static, str>, Value)>> {
        let fields = self.struct_fields()?.into_iter();
        Some(fields.map(|(name, value)| (Cow::Owned(name.to_lowercase()), value)).collect())
    }

    /// The steps that a call of a method is worth besides reading its arguments and making its result.
    fn work(&self, _method: &str, _args: &[Value]) -> u64 {
        0
    }

    /// What JSON marshalling sees.
    fn to_data(&self) -> Value;

    /// The fields of a struct in the order in which JSON marshalling writes them; `None` when
    /// [`Object::to_data`] is no struct.
    fn json_fields(&self) -> Option<Vec<(&'static str, Value)>> {
        None
    }

    /// Go templates' truth.
    fn truth(&self) -> bool {
        match self.container() {
            Some(container) => container.truth(),
            None => true,
        }
    }

    /// Go's `==` or `reflect.DeepEqual` against another object; `None` when the types differ or
    /// cannot be compared.
    fn equal(&self, _other: &dyn Object) -> Option<bool> {
        None
    }
}

/// A shared reference to an [`Object`].
#[derive(Clone)]
pub struct ObjectRef(Rc<dyn Object>);

impl ObjectRef {
    /// Wraps an object.
    pub fn new(object: impl Object) -> Self {
        Self(Rc::new(object))
    }

    /// The object as `T`, if it is one.
    pub fn downcast<T: Object>(&self) -> Option<&T> {
        let any: &dyn Any = &*self.0;
        any.downcast_ref::<T>()
    }

    /// Whether both are the same reference.
    pub fn same(&self, other: &ObjectRef) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl<T: Object> From<T> for Value {
    fn from(object: T) -> Self {
        Value::Object(ObjectRef::new(object))
    }
}

impl Deref for ObjectRef {
    type Target = dyn Object;

    fn deref(&self) -> &Self::Target {
        &*self.0
    }
}

impl fmt::Debug for ObjectRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Object({})", self.type_name())
    }
}
