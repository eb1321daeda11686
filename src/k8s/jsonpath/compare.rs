use crate::value::{IntKind, Value};

/// Compares as the functions of Go's templates do. The error is client-go's text.
pub fn compare(operator: &str, left: &Value, right: &Value) -> Result<bool, String> {
    Ok(match operator {
        "==" => equal(left, right)?,
        "!=" => !equal(left, right)?,
        "<" => less(left, right)?,
        ">=" => !less(left, right)?,
        "<=" => less(left, right)? || equal(left, right)?,
        ">" => !(less(left, right)? || equal(left, right)?),
        other => return Err(format!("unrecognized filter operator {other}")),
    })
}

fn equal(left: &Value, right: &Value) -> Result<bool, String> {
    Ok(match (Basic::of(left)?, Basic::of(right)?) {
        (Basic::Bool(left), Basic::Bool(right)) => left == right,
        (Basic::Int(left), Basic::Int(right)) => left == right,
        (Basic::Float(left), Basic::Float(right)) => left == right,
        (Basic::Str(left), Basic::Str(right)) => left == right,
        _ => return Err(incompatible()),
    })
}

fn less(left: &Value, right: &Value) -> Result<bool, String> {
    Ok(match (Basic::of(left)?, Basic::of(right)?) {
        (Basic::Bool(_), Basic::Bool(_)) => return Err(invalid()),
        (Basic::Int(left), Basic::Int(right)) => left < right,
        (Basic::Float(left), Basic::Float(right)) => left < right,
        (Basic::Str(left), Basic::Str(right)) => left < right,
        _ => return Err(incompatible()),
    })
}

/// What can be compared.
enum Basic<'a> {
    Bool(bool),
    Int(i128),
    Float(f64),
    Str(&'a [u8]),
}

impl<'a> Basic<'a> {
    fn of(value: &'a Value) -> Result<Self, String> {
        Ok(match value {
            Value::Bool(value) => Basic::Bool(*value),
            Value::Int(IntKind::Uint | IntKind::Uint64, bits) => Basic::Int(i128::from(*bits as u64)),
            Value::Int(_, number) => Basic::Int(i128::from(*number)),
            Value::Float(number) => Basic::Float(*number),
            Value::Str(text) => Basic::Str(text.as_bytes()),
            Value::Nil | Value::List(_) | Value::Map(_) | Value::Object(_) => return Err(invalid()),
        })
    }
}

fn invalid() -> String {
    "invalid type for comparison".to_owned()
}

fn incompatible() -> String {
    "incompatible types for comparison".to_owned()
}
