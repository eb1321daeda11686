//! How much work a validation may be. A schema of 30 definitions can ask for 2^30 checks, and the
//! validator cannot be interrupted, so the work is counted before it starts.

use std::collections::HashMap;

use serde_json::Value as Json;

use super::words::unescaped;

/// The most checks of one validation.
pub const MAX_CHECKS: u64 = 5_000_000;
/// Deeper nesting of schema and values counts as too much work.
const MAX_DEPTH: usize = 2_000;

/// Whether checking `values` against `schema` takes at most [`MAX_CHECKS`] steps. Counts too much
/// rather than too little: every branch of every keyword is followed.
pub fn is_affordable(schema: &Json, values: &Json) -> bool {
    let mut counter =
        Counter { root: schema, names: HashMap::new(), known: HashMap::new(), counted: 0, notes_members: false };
    counter.collect_names(schema, 0);
    counter.cost(schema, Some(values), 0) <= MAX_CHECKS
}

struct Counter<'s> {
    root: &'s Json,
    /// What `$ref` may mean besides a pointer: anchors and identifiers.
    names: HashMap<&'s str, &'s Json>,
    /// Costs by the addresses of schema and value; 0 while being counted.
    known: HashMap<(usize, usize), u64>,
    /// How many pairs of schema and value were looked at; counting has its bound too.
    counted: u64,
    /// Whether the validator notes for each schema which members it has seen.
    notes_members: bool,
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

/// How many values are right in a value.
fn members(value: &Json) -> u64 {
    match value {
        Json::Array(items) => items.len() as u64,
        Json::Object(members) => members.len() as u64,
        _ => 0,
    }
}

impl<'s> Counter<'s> {
    fn collect_names(&mut self, schema: &'s Json, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        match schema {
            Json::Object(keywords) => {
                for (keyword, value) in keywords {
                    self.notes_members |= keyword.starts_with("unevaluated");
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
        self.counted += 1;
        if depth > MAX_DEPTH || self.counted > MAX_CHECKS {
            return u64::MAX;
        }
        let key = (std::ptr::from_ref(schema) as usize, value.map_or(0, |value| std::ptr::from_ref(value) as usize));
        if let Some(cost) = self.known.get(&key) {
            return *cost;
        }
        self.known.insert(key, 0);
        let mut cost = if self.notes_members { 1 + value.map_or(0, members) } else { 1 };
        for (keyword, operand) in keywords {
            let added = match keyword.as_str() {
                "$ref" | "$dynamicRef" | "$recursiveRef" => match self.target(operand) {
                    Some(target) => self.cost(target, value, depth + 1),
                    None => 1,
                },
                // Every value may be compared with all of these.
                "enum" => 1 + members(operand) / 8,
                "const" => 1 + value.map_or(0, members).min(members(operand)) / 8,
                "uniqueItems" => 1 + value.map_or(0, members),
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
        if let Some(named) = self.names.get(reference) {
            return Some(named);
        }
        // Whatever the document is called, only this one can be meant.
        let fragment = reference.split_once('#').map_or("", |(_, fragment)| fragment);
        match unescaped(fragment).as_str() {
            "" => Some(self.root),
            pointer if pointer.starts_with('/') => self.root.pointer(pointer),
            name => self.names.get(name).copied(),
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
        for reference in ["#/%24defs/d", "other.json#/$defs/d"] {
            let mut schema = serde_json::to_string(&doubling(30)).unwrap();
            schema = schema.replace("#/$defs/d", reference);
            assert!(!is_affordable(&serde_json::from_str(&schema).unwrap(), &json!({})), "{reference}");
        }
        let numbers: Vec<u32> = (0..20_000).collect();
        let many = json!({"items": {"enum": numbers}});
        assert!(is_affordable(&many, &json!([1, 2, 3])));
        assert!(!is_affordable(&many, &json!(numbers)));
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
