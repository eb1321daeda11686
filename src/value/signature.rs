/// The Go type of a parameter, as far as template calls check it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Param {
    /// `interface {}`: everything, nil too.
    Any,
    /// `string`.
    Str,
    /// `bool`.
    Bool,
    /// `int`.
    Int,
    /// `int64`.
    Int64,
    /// `uint32`.
    Uint32,
    /// `float64`.
    Float64,
    /// `map[string]interface {}` (also takes `chartutil.Values`).
    Map,
    /// `map[string]string`.
    StrMap,
    /// `[]interface {}`.
    List,
    /// `[]string`.
    StrList,
    /// `[]byte`.
    Bytes,
    /// `reflect.Value`, the parameter type of most builtins: everything, with the nil distinctions kept.
    Reflect,
    /// Any other type, by its name (an object's [`type_name`](super::Object::type_name)).
    Named(&'static str),
}

impl Param {
    /// The type's name in Go's messages.
    pub fn name(self) -> &'static str {
        match self {
            Param::Any => "interface {}",
            Param::Str => "string",
            Param::Bool => "bool",
            Param::Int => "int",
            Param::Int64 => "int64",
            Param::Uint32 => "uint32",
            Param::Float64 => "float64",
            Param::Map => "map[string]interface {}",
            Param::StrMap => "map[string]string",
            Param::List => "[]interface {}",
            Param::StrList => "[]string",
            Param::Bytes => "[]uint8",
            Param::Reflect => "reflect.Value",
            Param::Named(name) => name,
        }
    }
}

/// Parameter types of a function or method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The fixed parameters.
    pub params: &'static [Param],
    /// The type of any number of further arguments.
    pub variadic: Option<Param>,
}

impl Signature {
    /// A function of fixed arity.
    pub const fn fixed(params: &'static [Param]) -> Self {
        Self { params, variadic: None }
    }

    /// A function that takes further arguments of one type after the fixed ones.
    pub const fn variadic(params: &'static [Param], rest: Param) -> Self {
        Self { params, variadic: Some(rest) }
    }
}
