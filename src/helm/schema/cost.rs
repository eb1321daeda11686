//! How much work a validation may be. A schema of 30 definitions can ask for 2^30 checks, and the
//! validator cannot be interrupted, so the work is counted before it starts.

use std::collections::HashMap;

use serde_json::Value as Json;

/// The most checks of one validation.
pub const MAX_CHECKS: u64 = 5_000_000;
/// Deeper nesting of schema and values counts as too much work.
const MAX_DEPTH: usize = 2_000;

/// Whether checking `values` against `schema` takes at most [`MAX_CHECKS`] steps. Counts too much
/// rather than too little: every branch of every keyword is followed.
pub fn is_affordable(schema: &Json, values: &Json) -> bool {
    let mut counter = Counter { root: schema, names: HashMap::new(), known: HashMap::new() };
    counter.collect_names(schema, 0);
    counter.cost(schema, Some(values), 0) <= MAX_CHECKS
}

struct Counter<'s> {
    root: &'s Json,
    /// What `$ref` may mean besides a pointer: anchors and identifiers.
    names: HashMap<&'s str, &'s Json>,
    /// Costs by the addresses of schema and value; 0 while being counted.
    known: HashMap<(usize, usize), u64>,
}

/// Keywords whose schemas are applied to the value itself.
const SAME: [&str; 9] = ["allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas", "dependencies"];
/// Keywords whose schemas are applied to what is in the value.
const BELOW: [&str; 9] = [
    "additionalItems",
    "additionalProperties",
    "contains",
    "items",
    "patternProperties",
    "prefixItems",
    "propertyNames",
    "unevaluatedItems",
    "unevaluatedProperties",
];

impl<'s> Counter<'s> {
    fn collect_names(&mut self, schema: &'s Json, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        match schema {
            Json::Object(keywords) => {
                for (keyword, value) in keywords {
                    if let (Json::String(name), "$anchor" | "$dynamicAnchor" | "$id" | "id") = (value, keyword.as_str())
                    {
                        self.names.insert(name.trim_start_matches('#'), schema);
                    }
                    self.collect_names(value, depth + 1);
                }
            }
            Json::Array(items) => items.iter().for_each(|item| self.collect_names(item, depth + 1)),
            _ => {}
        }
    }

    fn cost(&mut self, schema: &'s Json, value: Option<&Json>, depth: usize) -> u64 {
        let Json::Object(keywords) = schema else { return 1 };
        if depth > MAX_DEPTH {
            return u64::MAX;
        }
        let key = (std::ptr::from_ref(schema) as usize, value.map_or(0, |value| std::ptr::from_ref(value) as usize));
        if let Some(cost) = self.known.get(&key) {
            return *cost;
        }
        self.known.insert(key, 0);
        let mut cost = 1u64;
        for (keyword, operand) in keywords {
            let added = match keyword.as_str() {
                "$ref" | "$dynamicRef" | "$recursiveRef" => match self.target(operand) {
                    Some(target) => self.cost(target, value, depth + 1),
                    None => 1,
                },
                "properties" => self.properties(operand, value, depth),
                keyword if SAME.contains(&keyword) => self.each(operand, value, depth),
                keyword if BELOW.contains(&keyword) => {
                    let below: Vec<&Json> = match value {
                        Some(Json::Array(items)) => items.iter().collect(),
                        Some(Json::Object(members)) => members.values().collect(),
                        _ => Vec::new(),
                    };
                    below.into_iter().fold(1u64, |sum, item| sum.saturating_add(self.each(operand, Some(item), depth)))
                }
                _ => 1,
            };
            cost = cost.saturating_add(added);
        }
        self.known.insert(key, cost);
        cost
    }

    /// The schemas that a keyword holds: one, a list, or a map.
    fn each(&mut self, operand: &'s Json, value: Option<&Json>, depth: usize) -> u64 {
        let own = self.cost(operand, value, depth + 1);
        let parts: Vec<&'s Json> = match operand {
            Json::Array(items) => items.iter().collect(),
            Json::Object(members) => members.values().filter(|member| member.is_object()).collect(),
            _ => Vec::new(),
        };
        parts.into_iter().fold(own, |sum, part| sum.saturating_add(self.cost(part, value, depth + 1)))
    }

    fn properties(&mut self, operand: &'s Json, value: Option<&Json>, depth: usize) -> u64 {
        let (Json::Object(properties), Some(Json::Object(members))) = (operand, value) else { return 1 };
        let present = properties.iter().filter_map(|(name, schema)| Some((schema, members.get(name)?)));
        present.fold(1u64, |sum, (schema, member)| sum.saturating_add(self.cost(schema, Some(member), depth + 1)))
    }

    fn target(&self, reference: &Json) -> Option<&'s Json> {
        let reference = reference.as_str()?;
        match reference.strip_prefix('#') {
            Some("") => Some(self.root),
            Some(pointer) if pointer.starts_with('/') => self.root.pointer(pointer),
            Some(name) => self.names.get(name).copied(),
            None => self.names.get(reference).copied(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn doubling_is_too_much_and_recursion_is_not() {
        let doubling = |levels: usize| {
            let mut definitions = serde_json::Map::new();
            for level in 0..levels {
                let next = json!({"$ref": format!("#/$defs/d{}", level + 1)});
                definitions.insert(format!("d{level}"), json!({"allOf": [next, next]}));
            }
            definitions.insert(format!("d{levels}"), json!({"type": "object"}));
            json!({"$ref": "#/$defs/d0", "$defs": definitions})
        };
        assert!(is_affordable(&doubling(10), &json!({})));
        assert!(!is_affordable(&doubling(30), &json!({})));
        let recursive = json!({"properties": {"a": {"$ref": "#"}}, "additionalProperties": {"$ref": "#"}});
        assert!(is_affordable(&recursive, &json!({"a": {"a": {"a": {"b": 1}}}})));
        let mut deep = json!({});
        for _ in 0..40 {
            deep = json!({"a": deep});
        }
        let fanning = json!({"allOf": [{"properties": {"a": {"$ref": "#"}}}, {"properties": {"a": {"$ref": "#"}}}]});
        assert!(!is_affordable(&fanning, &deep));
    }
}
