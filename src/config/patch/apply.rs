use std::sync::Arc;

use json_patch::PatchOperation;
use json_patch::jsonptr::Pointer;

use super::read::{INVALID, Operation, Patch};
use crate::config::expressions::evaluated;
use crate::config::{ConfigMap, ConfigNode, ConfigValue};
use crate::diag::{Diagnostic, nearest};
use crate::golang::fmt::sprint;
use crate::jinja::expression::Variables;
use crate::value::{Frozen, Str, Value};

/// The most characters of a value in a message.
const LONGEST: usize = 60;

impl Patch {
    /// The same with the expressions in the values of its operations evaluated, where there are variables.
    pub(in crate::config) fn evaluated(
        self: &Arc<Self>,
        variables: Option<&Variables>,
        problems: &mut Vec<Diagnostic>,
    ) -> Arc<Self> {
        if variables.is_none() {
            return Arc::clone(self);
        }
        let operations = self.operations.iter().map(|operation| {
            let value = operation.value.as_ref().map(|value| evaluated(value, variables, problems));
            Operation { value, ..operation.clone() }
        });
        Arc::new(Self { operations: operations.collect() })
    }

    /// The values with all operations applied, one after the other. The first that fails ends it.
    ///
    /// # Errors
    /// One diagnostic at the operation, with the place of what stands at its path.
    pub fn apply(&self, values: Option<Arc<ConfigNode>>) -> Result<Option<Arc<ConfigNode>>, Diagnostic> {
        let mut root = values;
        for operation in &self.operations {
            operation.apply(&mut root)?;
        }
        Ok(root)
    }
}

/// Why an operation fails: a message and what is there instead.
struct Failure {
    message: String,
    found: Option<(Arc<ConfigNode>, String)>,
    help: Option<String>,
}

impl Failure {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), found: None, help: None }
    }
}

type Tokens = Vec<String>;

impl Operation {
    fn apply(&self, root: &mut Option<Arc<ConfigNode>>) -> Result<(), Diagnostic> {
        let name = self.name();
        let done = match &self.operation {
            PatchOperation::Add(operation) => self.value().and_then(|value| add(root, &operation.path, value)),
            PatchOperation::Remove(operation) => remove(root, &operation.path).map(drop),
            PatchOperation::Replace(operation) => self.value().and_then(|value| replace(root, &operation.path, value)),
            PatchOperation::Move(operation) => {
                let (from, to) = (tokens(&operation.from), tokens(&operation.path));
                if from.len() < to.len() && to.starts_with(&from) {
                    let message = format!("`{}` cannot be moved into itself", operation.from);
                    Err(Failure::new(message))
                } else {
                    remove(root, &operation.from).and_then(|value| add(root, &operation.path, value))
                }
            }
            PatchOperation::Copy(operation) => {
                let found = find(root.as_ref(), &tokens(&operation.from));
                found.and_then(|value| add(root, &operation.path, value))
            }
            PatchOperation::Test(operation) => self.value().and_then(|value| test(root, &operation.path, &value)),
        };
        done.map_err(|failure| {
            let message = format!("`{name}` of `{}`: {}", self.operation.path(), failure.message);
            let mut problem = Diagnostic::error(INVALID, message).at(self.place.clone(), "");
            if let Some((node, text)) = failure.found {
                let origin = node.origin();
                problem = problem.at(origin.span, format!("{text} `{}`", origin.layer));
            }
            match failure.help {
                Some(help) => problem.help(help),
                None => problem,
            }
        })
    }

    fn name(&self) -> &'static str {
        match self.operation {
            PatchOperation::Add(_) => "add",
            PatchOperation::Remove(_) => "remove",
            PatchOperation::Replace(_) => "replace",
            PatchOperation::Move(_) => "move",
            PatchOperation::Copy(_) => "copy",
            PatchOperation::Test(_) => "test",
        }
    }

    fn value(&self) -> Result<Arc<ConfigNode>, Failure> {
        self.value.clone().ok_or_else(|| Failure::new("there is no value"))
    }
}

fn tokens(pointer: &Pointer) -> Tokens {
    pointer.tokens().map(|token| token.decoded().into_owned()).collect()
}

fn shown(tokens: &[String]) -> String {
    match tokens {
        [] => "the values".to_owned(),
        tokens => {
            let parts: Vec<String> = tokens.iter().map(|token| token.replace('~', "~0").replace('/', "~1")).collect();
            format!("`/{}`", parts.join("/"))
        }
    }
}

/// The value at a path.
fn find(root: Option<&Arc<ConfigNode>>, path: &[String]) -> Result<Arc<ConfigNode>, Failure> {
    let Some(root) = root else { return Err(Failure::new("there are no values at all")) };
    let mut node = root;
    for (depth, key) in path.iter().enumerate() {
        node = child(node, key).ok_or_else(|| missing(node, &path[..depth], key))?;
    }
    Ok(Arc::clone(node))
}

fn child<'n>(node: &'n Arc<ConfigNode>, key: &str) -> Option<&'n Arc<ConfigNode>> {
    match &node.value {
        ConfigValue::Map(map) => map.get(key.as_bytes()),
        ConfigValue::List(items) => items.get(index(key)?),
        ConfigValue::Scalar(_) => None,
    }
}

/// An index as RFC 6901 writes it: without leading zeros or signs.
fn index(key: &str) -> Option<usize> {
    let is_plain = key == "0" || (!key.starts_with('0') && key.bytes().all(|byte| byte.is_ascii_digit()));
    key.parse().ok().filter(|_| is_plain)
}

/// What is wrong with a key that a value does not have.
fn missing(node: &Arc<ConfigNode>, above: &[String], key: &str) -> Failure {
    let whole = shown(above);
    let (message, help) = match &node.value {
        ConfigValue::Map(map) => {
            let keys: Vec<String> = map.keys().map(Str::to_string).collect();
            let help = match nearest(key, keys.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None if keys.is_empty() => format!("{whole} is an empty map"),
                None => format!("{whole} has: {}", keys.iter().take(12).cloned().collect::<Vec<_>>().join(", ")),
            };
            (format!("{whole} has no key `{}`", key.escape_debug()), Some(help))
        }
        ConfigValue::List(items) => {
            (format!("{whole} has no item `{}`: it has {}", key.escape_debug(), items.len()), None)
        }
        ConfigValue::Scalar(_) => (format!("{whole} is {}, and has nothing below it", node.kind()), None),
    };
    Failure { message, found: Some((Arc::clone(node), "set by".to_owned())), help }
}

/// Changes what is above the last key of a path.
fn change<R>(
    root: &mut Option<Arc<ConfigNode>>,
    path: &[String],
    work: impl FnOnce(&mut ConfigNode) -> Result<R, Failure>,
) -> Result<R, Failure> {
    // Before anything is copied, so that a failure leaves everything shared.
    find(root.as_ref(), path)?;
    let Some(root) = root else { return Err(Failure::new("there are no values at all")) };
    let mut node = Arc::make_mut(root);
    for key in path {
        let below = match &mut node.value {
            ConfigValue::Map(map) => map.get_mut(key.as_bytes()),
            ConfigValue::List(items) => index(key).and_then(|at| items.get_mut(at)),
            ConfigValue::Scalar(_) => None,
        };
        let Some(below) = below else { return Err(Failure::new("its path leads to nothing")) };
        node = Arc::make_mut(below);
    }
    work(node)
}

fn add(root: &mut Option<Arc<ConfigNode>>, path: &Pointer, value: Arc<ConfigNode>) -> Result<(), Failure> {
    let path = tokens(path);
    let Some((last, above)) = path.split_last() else {
        return whole(root, value);
    };
    // Where no layer has set anything, there is still the empty map of values.
    if root.is_none() {
        *root = Some(Arc::new(value.with_value(ConfigValue::Map(ConfigMap::new()))));
    }
    let length = match &find(root.as_ref(), above)?.value {
        ConfigValue::List(items) => Some(items.len()),
        _ => None,
    };
    let above_node = find(root.as_ref(), above)?;
    change(root, above, |node| match &mut node.value {
        ConfigValue::Map(map) => {
            map.insert(Str::from(last.as_str()), value);
            Ok(())
        }
        ConfigValue::List(items) => {
            let length = length.unwrap_or_default();
            let at = if last == "-" { Some(length) } else { index(last).filter(|at| *at <= length) };
            let at = at.ok_or_else(|| missing(&above_node, above, last))?;
            items.insert(at, value);
            Ok(())
        }
        ConfigValue::Scalar(_) => Err(missing(&above_node, above, last)),
    })
}

fn remove(root: &mut Option<Arc<ConfigNode>>, path: &Pointer) -> Result<Arc<ConfigNode>, Failure> {
    let path = tokens(path);
    let found = find(root.as_ref(), &path)?;
    let Some((last, above)) = path.split_last() else {
        *root = None;
        return Ok(found);
    };
    change(root, above, |node| {
        match &mut node.value {
            ConfigValue::Map(map) => {
                map.shift_remove(last.as_bytes());
            }
            ConfigValue::List(items) => {
                if let Some(at) = index(last).filter(|at| *at < items.len()) {
                    items.remove(at);
                }
            }
            ConfigValue::Scalar(_) => {}
        }
        Ok(())
    })?;
    Ok(found)
}

fn replace(root: &mut Option<Arc<ConfigNode>>, path: &Pointer, value: Arc<ConfigNode>) -> Result<(), Failure> {
    let path = tokens(path);
    if path.is_empty() {
        return whole(root, value);
    }
    find(root.as_ref(), &path)?;
    change(root, &path, |node| {
        *node = ConfigNode::clone(&value);
        Ok(())
    })
}

/// All values at once.
fn whole(root: &mut Option<Arc<ConfigNode>>, value: Arc<ConfigNode>) -> Result<(), Failure> {
    if value.as_map().is_none() {
        return Err(Failure::new(format!("the values of a component are a map, not {}", value.kind())));
    }
    *root = Some(value);
    Ok(())
}

fn test(root: &Option<Arc<ConfigNode>>, path: &Pointer, wanted: &Arc<ConfigNode>) -> Result<(), Failure> {
    let path = tokens(path);
    let found = find(root.as_ref(), &path)?;
    // Numbers are equal when their values are, whatever their types.
    if found.to_helm() == wanted.to_helm() {
        return Ok(());
    }
    let message = format!("it is {}, not {}", brief(&found), brief(wanted));
    Err(Failure { message, found: Some((found, "set by".to_owned())), help: None })
}

fn brief(node: &ConfigNode) -> String {
    match &node.value {
        ConfigValue::Scalar(Frozen::Str(text)) => {
            let text: String = text.to_str_lossy().chars().take(LONGEST).flat_map(char::escape_debug).collect();
            format!("`{text}`")
        }
        ConfigValue::Scalar(Frozen::Nil) => "null".to_owned(),
        ConfigValue::List(items) => format!("a list of {}", items.len()),
        ConfigValue::Map(map) => format!("a map of {}", map.len()),
        ConfigValue::Scalar(scalar) => {
            format!("`{}`", String::from_utf8_lossy(&sprint(&[Value::from(scalar)])))
        }
    }
}
