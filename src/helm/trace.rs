//! Helm 4's way of telling that a template failed: each step on the way to the failure in a block of its own.

use crate::gotmpl::ExecError;

/// What one step says about itself.
#[derive(PartialEq, Eq)]
struct Step<'t> {
    /// `chart/templates/file.yaml:1:2`; empty when the step has no place.
    place: &'t str,
    /// `executing "NAME" at <NODE>:`; empty when the step names no node.
    action: String,
    message: &'t str,
}

/// The failure in blocks. `None` when a step, the innermost included, is not worded as Go's template engine
/// words it (a function's own error is not); Helm 4 then shows the whole text on one line, as Helm 3 does.
pub fn blocks(error: &ExecError) -> Option<String> {
    let whole = error.to_string();
    // Each step's text is the end of that of the step before it.
    let mut steps = vec![whole.as_str()];
    let mut rest = whole.as_str();
    let mut current = Some(error);
    while let Some(error) = current {
        current = match (called(&error.message), error.cause.as_deref()) {
            (Some(""), cause @ Some(_)) => {
                rest = rest.get(error.own_text().len()..)?;
                cause
            }
            // Words that the function put in front of the inner failure.
            (_, Some(_)) => return None,
            (Some(own), None) => {
                rest = rest.get(rest.len().checked_sub(own.len())?..)?;
                None
            }
            (None, None) => break,
        };
        steps.push(rest);
    }
    let mut out = String::new();
    let mut last = None;
    for text in steps {
        let step = Step::read(text)?;
        if last.as_ref() != Some(&step) {
            step.write(&mut out);
        }
        last = Some(step);
    }
    Some(out.trim().to_owned())
}

/// What stands behind `error calling NAME: `.
fn called(message: &str) -> Option<&str> {
    message.strip_prefix("error calling ")?.split_once(": ").map(|(_, rest)| rest)
}

impl<'t> Step<'t> {
    fn read(text: &'t str) -> Option<Self> {
        let rest = text.strip_prefix("template: ")?;
        if rest.starts_with("no template ") {
            return Some(Self { place: "", action: String::new(), message: text });
        }
        Self::executing(rest).or_else(|| {
            let (place, message) = rest.rsplit_once(": ")?;
            Some(Self { place, action: String::new(), message: without_next(message) })
        })
    }

    fn executing(text: &'t str) -> Option<Self> {
        let (place, rest) = text.split_once(": executing \"")?;
        let (name, rest) = rest.split_once('"')?;
        let (node, message) = rest.strip_prefix(" at <")?.split_once(">: ")?;
        Some(Self { place, action: format!("executing \"{name}\" at <{node}>:"), message: without_next(message) })
    }

    fn write(&self, out: &mut String) {
        for (text, behind) in [(self.place, "\n  "), (&self.action, "\n    "), (self.message, "\n")] {
            if !text.is_empty() {
                out.push_str(text);
                out.push_str(behind);
            }
        }
    }
}

/// A message without the failure that it leads to, which has its own block.
fn without_next(message: &str) -> &str {
    message.find(" template:").map_or(message, |at| &message[..at])
}
