//! Everyday schemas, checked without compiling them.
//!
//! Most schemas of charts are long and use few keywords, and most values meet them. Here is found out
//! that values surely meet a schema. Everything else, a value or a schema that is wrong as well as a
//! keyword that is not known here, is left to the validator, which has the words for it.

use std::ptr;

use crate::value::{Frozen, FrozenMap};

/// The most schemas that are applied; the validator has a limit of its own.
const MAX_STEPS: u32 = 1_000_000;
/// How deep schemas and values may nest.
const MAX_DEPTH: usize = 100;
/// Longer lists are not searched for equal items.
const MAX_UNIQUE: usize = 64;

/// Whether the values surely meet the schema, and the schema is surely sound.
pub fn is_met(schema: &Frozen, values: &Frozen) -> bool {
    let Frozen::Map(root) = schema else { return false };
    if draft(root).is_none() {
        return false;
    }
    let mut checker = Checker { root, steps: 0 };
    is_sound(schema, root, 0) && checker.meets(schema, values, 0) == Some(true)
}

/// The year of the draft that a schema names, if it is one in which the keywords below mean the same.
fn draft(schema: &FrozenMap) -> Option<u32> {
    let Some(url) = schema.get("$schema") else { return Some(2020) };
    let url = url.as_str()?;
    let url = url.strip_suffix('#').unwrap_or(url);
    let url = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"))?;
    match url.strip_prefix("json-schema.org/")? {
        "schema" | "draft/2020-12/schema" => Some(2020),
        "draft/2019-09/schema" => Some(2019),
        "draft-07/schema" => Some(2018),
        _ => None,
    }
}

/// Whether a schema and all below it have the form that their drafts ask for, in known keywords, and refer
/// to what there is.
fn is_sound(schema: &Frozen, root: &FrozenMap, depth: usize) -> bool {
    let keywords = match schema {
        Frozen::Bool(_) => return true,
        Frozen::Map(keywords) if depth < MAX_DEPTH => keywords,
        _ => return false,
    };
    let below = |schema: &Frozen| is_sound(schema, root, depth + 1);
    keywords.iter().all(|(keyword, operand)| {
        let Some(keyword) = keyword.as_str() else { return false };
        match keyword {
            "$schema" => draft(keywords).is_some_and(|year| Some(year) == draft(root)),
            "$ref" => {
                operand.as_str().is_some_and(|target| definition(target, root).is_some()) && stands_alone(keywords)
            }
            "$defs" | "definitions" | "properties" => {
                operand.as_map().is_some_and(|schemas| schemas.iter().all(|(_, schema)| below(schema)))
            }
            "additionalProperties" | "items" | "not" => below(operand),
            "allOf" | "anyOf" | "oneOf" => {
                operand.as_list().is_some_and(|schemas| !schemas.is_empty() && schemas.iter().all(below))
            }
            "type" => match operand {
                Frozen::List(types) => !types.is_empty() && types.iter().all(is_type) && are_distinct(types),
                one => is_type(one),
            },
            "required" => operand
                .as_list()
                .is_some_and(|names| names.iter().all(|name| name.as_str().is_some()) && are_distinct(names)),
            "enum" => operand.as_list().is_some_and(|values| !values.is_empty()),
            "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" => number(operand).is_some(),
            "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties" | "maxProperties" => {
                count(operand).is_some()
            }
            "uniqueItems" | "deprecated" | "readOnly" | "writeOnly" => matches!(operand, Frozen::Bool(_)),
            "title" | "description" | "$comment" => operand.as_str().is_some(),
            "examples" => operand.as_list().is_some(),
            "const" | "default" => true,
            "format" => operand.as_str().is_some(),
            keyword => !OTHERS.contains(&keyword),
        }
    })
}

/// The keywords of all drafts that are not known here.
const OTHERS: [&str; 28] = [
    "$anchor",
    "$dynamicAnchor",
    "$dynamicRef",
    "$id",
    "$recursiveAnchor",
    "$recursiveRef",
    "$vocabulary",
    "additionalItems",
    "contains",
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
    "dependencies",
    "dependentRequired",
    "dependentSchemas",
    "else",
    "id",
    "if",
    "maxContains",
    "minContains",
    "multipleOf",
    "pattern",
    "patternProperties",
    "prefixItems",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
];

/// The definition that a reference means.
fn definition<'s>(reference: &str, root: &'s FrozenMap) -> Option<&'s Frozen> {
    let (keyword, name) = reference.strip_prefix("#/")?.split_once('/')?;
    let is_plain = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    if matches!(keyword, "$defs" | "definitions") && is_plain { root.get(keyword)?.get(name) } else { None }
}

/// Whether nothing that says something about values stands beside a reference: older drafts ignore it.
fn stands_alone(keywords: &FrozenMap) -> bool {
    let says_nothing = |keyword: &str| {
        matches!(
            keyword,
            "$ref"
                | "$schema"
                | "$defs"
                | "definitions"
                | "title"
                | "description"
                | "$comment"
                | "default"
                | "examples"
        )
    };
    keywords.iter().all(|(keyword, _)| keyword.as_str().is_some_and(says_nothing))
}

fn is_type(operand: &Frozen) -> bool {
    const TYPES: [&str; 7] = ["array", "boolean", "integer", "null", "number", "object", "string"];
    operand.as_str().is_some_and(|name| TYPES.contains(&name))
}

fn are_distinct(texts: &[Frozen]) -> bool {
    let mut texts: Vec<_> = texts.iter().map(Frozen::as_str).collect();
    texts.sort_unstable();
    texts.windows(2).all(|pair| pair[0] != pair[1])
}

/// A number that is exact in binary whatever its kind.
fn number(value: &Frozen) -> Option<f64> {
    const EXACT: f64 = 9e15;
    let number = match value {
        Frozen::Float(value) => *value,
        Frozen::Int(_, value) => *value as f64,
        _ => return None,
    };
    (number.abs() < EXACT).then_some(number)
}

/// A number of things.
fn count(operand: &Frozen) -> Option<f64> {
    number(operand).filter(|number| *number >= 0.0 && number.fract() == 0.0)
}

/// Whether two values are equal; `None` where that is not certain.
fn equal(a: &Frozen, b: &Frozen, depth: usize) -> Option<bool> {
    Some(match (a, b) {
        (Frozen::Nil, Frozen::Nil) => true,
        (Frozen::Bool(a), Frozen::Bool(b)) => a == b,
        (Frozen::Float(_) | Frozen::Int(..), Frozen::Float(_) | Frozen::Int(..)) => number(a)? == number(b)?,
        (Frozen::Str(a), Frozen::Str(b)) => a.as_str()? == b.as_str()?,
        (Frozen::List(_), Frozen::List(_)) | (Frozen::Map(_), Frozen::Map(_)) if depth > MAX_DEPTH => return None,
        (Frozen::List(a), Frozen::List(b)) => {
            a.len() == b.len() && all(a.iter().zip(b.iter()).map(|(a, b)| equal(a, b, depth + 1)))?
        }
        (Frozen::Map(a), Frozen::Map(b)) => {
            let pairs = a.iter().zip(b.iter());
            a.len() == b.len()
                && all(pairs.map(|((name, a), (other, b))| Some(name == other && equal(a, b, depth + 1)?)))?
        }
        _ => false,
    })
}

/// Whether all are true: one that is false decides, then one that is not certain.
fn all(facts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut result = Some(true);
    for fact in facts {
        match fact {
            Some(true) => {}
            Some(false) => return Some(false),
            None => result = None,
        }
    }
    result
}

struct Checker<'s> {
    root: &'s FrozenMap,
    steps: u32,
}

impl Checker<'_> {
    /// Whether a value meets a sound schema; `None` where that is not certain.
    fn meets(&mut self, schema: &Frozen, value: &Frozen, depth: usize) -> Option<bool> {
        self.steps += 1;
        if self.steps > MAX_STEPS || depth > MAX_DEPTH {
            return None;
        }
        match schema {
            Frozen::Bool(allowed) => Some(*allowed),
            Frozen::Map(keywords) => all(keywords
                .iter()
                .map(|(keyword, operand)| self.meets_keyword(keyword.as_str()?, operand, keywords, value, depth + 1))),
            _ => None,
        }
    }

    fn meets_keyword(
        &mut self,
        keyword: &str,
        operand: &Frozen,
        keywords: &FrozenMap,
        value: &Frozen,
        depth: usize,
    ) -> Option<bool> {
        match (keyword, value) {
            ("type", value) => has_type(operand, value),
            ("properties", Frozen::Map(members)) => {
                let present = operand.as_map()?.iter().filter_map(|(name, schema)| {
                    let member = members.get_bytes(name.as_bytes())?;
                    Some((schema, member))
                });
                all(present.map(|(schema, member)| self.meets(schema, member, depth)))
            }
            ("additionalProperties", Frozen::Map(members)) => {
                let known = keywords.get("properties").and_then(Frozen::as_map);
                let others = members
                    .iter()
                    .filter(|(name, _)| known.is_none_or(|known| known.get_bytes(name.as_bytes()).is_none()));
                all(others.map(|(_, member)| self.meets(operand, member, depth)))
            }
            ("required", Frozen::Map(members)) => {
                all(operand.as_list()?.iter().map(|name| Some(members.get(name.as_str()?).is_some())))
            }
            ("items", Frozen::List(items)) => all(items.iter().map(|item| self.meets(operand, item, depth))),
            ("enum", value) => {
                let none = all(operand.as_list()?.iter().map(|one| equal(one, value, 0).map(|equal| !equal)));
                none.map(|none| !none)
            }
            ("const", value) => equal(operand, value, 0),
            ("allOf", value) => all(operand.as_list()?.iter().map(|schema| self.meets(schema, value, depth))),
            ("anyOf", value) => {
                let schemas = operand.as_list()?.iter();
                all(schemas.map(|schema| self.meets(schema, value, depth).map(|met| !met))).map(|none| !none)
            }
            ("oneOf", value) => {
                let mut met = 0;
                for schema in operand.as_list()? {
                    met += u32::from(self.meets(schema, value, depth)?);
                }
                Some(met == 1)
            }
            ("not", value) => self.meets(operand, value, depth).map(|met| !met),
            ("$ref", value) => {
                let schema = definition(operand.as_str()?, self.root)?;
                // A reference to itself would never end.
                let own = schema.as_map().is_some_and(|schema| ptr::eq(&**schema, keywords));
                if own { None } else { self.meets(schema, value, depth) }
            }
            ("minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum", Frozen::Float(_) | Frozen::Int(..)) => {
                let (value, bound) = (number(value)?, number(operand)?);
                Some(match keyword {
                    "minimum" => value >= bound,
                    "maximum" => value <= bound,
                    "exclusiveMinimum" => value > bound,
                    _ => value < bound,
                })
            }
            // Which drafts check formats is the validator's to know.
            ("format", Frozen::Str(_)) => None,
            ("minLength", Frozen::Str(text)) => Some(text.as_str()?.chars().count() as f64 >= count(operand)?),
            ("maxLength", Frozen::Str(text)) => Some(text.as_str()?.chars().count() as f64 <= count(operand)?),
            ("minItems", Frozen::List(items)) => Some(items.len() as f64 >= count(operand)?),
            ("maxItems", Frozen::List(items)) => Some(items.len() as f64 <= count(operand)?),
            ("minProperties", Frozen::Map(members)) => Some(members.len() as f64 >= count(operand)?),
            ("maxProperties", Frozen::Map(members)) => Some(members.len() as f64 <= count(operand)?),
            ("uniqueItems", Frozen::List(items)) if matches!(operand, Frozen::Bool(true)) => {
                if items.len() > MAX_UNIQUE {
                    return None;
                }
                let pairs = items.iter().enumerate().flat_map(|(at, a)| items[at + 1..].iter().map(move |b| (a, b)));
                all(pairs.map(|(a, b)| equal(a, b, 0).map(|equal| !equal)))
            }
            _ => Some(true),
        }
    }
}

fn has_type(operand: &Frozen, value: &Frozen) -> Option<bool> {
    if let Frozen::List(types) = operand {
        return all(types.iter().map(|one| has_type(one, value).map(|has| !has))).map(|none| !none);
    }
    let wanted = operand.as_str()?;
    Some(match value {
        Frozen::Nil => wanted == "null",
        Frozen::Bool(_) => wanted == "boolean",
        Frozen::Int(..) | Frozen::Float(_) => {
            let number = number(value)?;
            wanted == "number" || (wanted == "integer" && number.fract() == 0.0)
        }
        // Text that is not UTF-8 is another text for the validator.
        Frozen::Str(text) => text.as_str().map(|_| wanted == "string")?,
        Frozen::List(_) => wanted == "array",
        Frozen::Map(_) => wanted == "object",
    })
}

#[cfg(test)]
mod tests;
