use super::Value;

/// Go's `reflect.DeepEqual`: types must agree, so `1` and `1.0` differ, a nil and an empty list
/// differ, and NaN differs from itself. Values that contain themselves compare by reference.
///
/// Values that hold one map very many times count as different once too many pairs were compared.
pub fn deep_equal(a: &Value, b: &Value) -> bool {
    let mut pairs = MAX_PAIRS;
    compare(a, b, 0, &mut pairs)
}

const MAX_PAIRS: u32 = 50_000_000;

fn compare(a: &Value, b: &Value, depth: usize, pairs: &mut u32) -> bool {
    let Some(left) = pairs.checked_sub(1) else { return false };
    *pairs = left;
    match (a, b) {
        (Value::Nil, Value::Nil) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Int(kind_a, a), Value::Int(kind_b, b)) => kind_a == kind_b && a == b,
        (Value::Float(a), Value::Float(b)) => a == b,
        (Value::Str(a), Value::Str(b)) => a == b,
        (Value::List(a), Value::List(b)) => {
            a.ty() == b.ty()
                && a.is_nil() == b.is_nil()
                && (a.same(b)
                    || (depth < 1000
                        && a.len() == b.len()
                        && a.items().iter().zip(b.items()).all(|(a, b)| compare(a, b, depth + 1, pairs))))
        }
        (Value::Map(a), Value::Map(b)) => {
            a.ty() == b.ty()
                && a.is_nil() == b.is_nil()
                && (a.same(b)
                    || (depth < 1000
                        && a.len() == b.len()
                        && a.entries()
                            .iter()
                            .zip(b.entries())
                            .all(|((key_a, a), (key_b, b))| *key_a == key_b && compare(a, &b, depth + 1, pairs))))
        }
        (Value::Object(a), Value::Object(b)) => a.same(b) || a.equal(&**b).unwrap_or(false),
        _ => false,
    }
}
