use std::sync::Arc;

use super::COMMON;
use super::layers::PATCH;
use crate::diag::{Code, Diagnostic};
use crate::span::Span;
use crate::stack::Reading;

const INVALID_NAME: Code = Code("config.invalid-layer-name");
const DUPLICATE_LAYER: Code = Code("config.duplicate-layer");

/// The layers to load for the environments asked for: those first, `common` last. Fabrikate loads a
/// layer as often as it is named, so that its lists double; the strict reading loads it once.
///
/// `places` says where the environments are written, in the same order, unless they were typed.
pub fn layer_order(
    environments: &[String],
    places: &[Span],
    reading: Reading,
    problems: &mut Vec<Diagnostic>,
) -> Vec<Arc<str>> {
    let effect = if reading.is_strict() { "it is loaded once" } else { "its lists are doubled" };
    let mut order: Vec<Arc<str>> = Vec::new();
    for (at, environment) in environments.iter().enumerate() {
        let place = || places.get(at).cloned();
        if let Some(why) = unusable(environment) {
            let message = format!("`{}` is not a layer's name: it {why}", environment.escape_debug());
            let problem = Diagnostic::error(INVALID_NAME, message).maybe_at(place(), "");
            problems.push(problem.help("a layer is a file below `config/`"));
            continue;
        }
        let again = order.iter().any(|known| **known == **environment);
        if again || environment == COMMON {
            let message = match environment == COMMON {
                true => format!("`common` is always loaded, below all other layers; named here, {effect}"),
                false => format!("the layer `{environment}` is given twice; {effect}"),
            };
            let problem = Diagnostic::warning(DUPLICATE_LAYER, message).maybe_at(place(), "");
            problems.push(problem.help("name each layer once, and `common` never"));
        }
        if !again || !reading.is_strict() {
            order.push(Arc::from(environment.as_str()));
        }
    }
    if !reading.is_strict() || !order.iter().any(|known| **known == *COMMON) {
        order.push(Arc::from(COMMON));
    }
    order
}

fn unusable(environment: &str) -> Option<&'static str> {
    if environment.is_empty() || environment.split('/').any(str::is_empty) {
        return Some("has an empty part");
    }
    if environment.split('/').any(|part| part == "." || part == "..") {
        return Some("leads out of the folder `config`");
    }
    if environment.ends_with(PATCH) {
        return Some("ends in `.patch`, as the patch file of a layer does");
    }
    if environment.starts_with('-') {
        return Some("begins with `-`, like a flag");
    }
    if environment.contains('\\') || environment.chars().any(char::is_control) {
        return Some("has a backslash or a control character");
    }
    None
}
