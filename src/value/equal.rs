use super::Value;

/// Go's `reflect.DeepEqual`: types must agree, so `1` and `1.0` differ, a nil and an empty list
/// differ, and NaN differs from itself. Values that contain themselves compare by reference.
pub fn deep_equal(a: &Value, b: &Value) -> bool {
    Comparison::new().equal(a, b)
}

/// Comparisons by [`deep_equal`] that count what they do. Values that hold one map very many times
/// count as different once too many parts were compared.
#[derive(Debug)]
pub struct Comparison {
    left: u64,
}

/// The most parts that are compared.
const MAX_PARTS: u64 = 20_000_000;

impl Comparison {
    /// One that has not compared anything.
    pub fn new() -> Self {
        Self { left: MAX_PARTS }
    }

    /// Whether two values are equal.
    pub fn equal(&mut self, a: &Value, b: &Value) -> bool {
        compare(a, b, 0, &mut self.left)
    }

    /// How many pairs of values and pieces of text were compared.
    pub fn parts(&self) -> u64 {
        MAX_PARTS - self.left
    }

    /// Whether the parts were too many, so that results are not to be relied on.
    pub fn gave_up(&self) -> bool {
        self.left == 0
    }
}

impl Default for Comparison {
    fn default() -> Self {
        Self::new()
    }
}

fn compare(a: &Value, b: &Value, depth: usize, left: &mut u64) -> bool {
    let cost = match (a, b) {
        (Value::Str(a), Value::Str(b)) if a.len() == b.len() => 1 + a.len() as u64 / 64,
        _ => 1,
    };
    *left = left.saturating_sub(cost);
    if *left == 0 {
        return false;
    }
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
                        && a.items().iter().zip(b.items()).all(|(a, b)| compare(a, b, depth + 1, left))))
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
                            .all(|((key_a, a), (key_b, b))| *key_a == key_b && compare(a, &b, depth + 1, left))))
        }
        (Value::Object(a), Value::Object(b)) => a.same(b) || a.equal(&**b).unwrap_or(false),
        _ => false,
    }
}
