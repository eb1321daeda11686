use std::collections::HashMap;
use std::sync::Arc;

use crate::diag::{Blame, Code, Diagnostic};
use crate::k8s::{identify, split as documents};
use crate::output::OutputSet;
use crate::pipeline::Made;
use crate::stack::Split;

const COLLISION: Code = Code("publish.collision");
/// The name of the only file of a cluster.
const SINGLE: &str = "manifests.yaml";

/// Files spread as wanted, and which component made each.
pub(super) struct SplitFiles {
    pub files: OutputSet,
    pub component: HashMap<String, Arc<str>>,
}

/// Spreads the objects of a cluster over files: one for each component, for each object, or one for all.
///
/// # Errors
/// A message, when two objects would be one file.
pub(super) fn split(files: OutputSet, made: &[Made], how: Split) -> Result<SplitFiles, Diagnostic> {
    let mut component: HashMap<String, Arc<str>> = HashMap::new();
    for part in made {
        let stem = part.output.strip_suffix(".yaml").unwrap_or(&part.output);
        component.insert(part.output.to_string(), Arc::clone(&part.address));
        component.insert(format!("{stem}-crds.yaml"), Arc::clone(&part.address));
    }
    match how {
        Split::Component => {
            component.retain(|path, _| files.get(path).is_some());
            Ok(SplitFiles { files, component })
        }
        Split::Single => {
            let content: Vec<u8> = files.iter().flat_map(|(_, content)| content.iter().copied()).collect();
            let mut one = OutputSet::new();
            if !content.is_empty() {
                one.insert(SINGLE, content).map_err(|error| collision(&error.to_string()))?;
            }
            Ok(SplitFiles { files: one, component: HashMap::new() })
        }
        Split::Object => {
            let mut spread = OutputSet::new();
            let mut owners = HashMap::new();
            for (path, content) in files.iter() {
                let text = String::from_utf8_lossy(content);
                let folder = path.strip_suffix(".yaml").unwrap_or(path);
                for range in documents(&text) {
                    let document = &text[range];
                    let place = format!("{folder}/{}", object_file(document)?);
                    let content = format!("---\n{document}\n").into_bytes();
                    spread.insert(&place, content).map_err(|error| collision(&error.to_string()))?;
                    if let Some(address) = component.get(path) {
                        owners.insert(place, Arc::clone(address));
                    }
                }
            }
            Ok(SplitFiles { files: spread, component: owners })
        }
    }
}

/// `kind-name_namespace.yaml`, without the namespace where there is none.
fn object_file(document: &str) -> Result<String, Diagnostic> {
    let identity = identify(document).map_err(|why| collision(&why))?;
    let plain = |text: &str| -> String {
        text.chars().map(|char| if char.is_ascii_alphanumeric() || ".-".contains(char) { char } else { '-' }).collect()
    };
    let namespace = identity.namespace.map(|name| format!("_{}", plain(&name))).unwrap_or_default();
    Ok(format!("{}-{}{namespace}.yaml", plain(&identity.kind).to_ascii_lowercase(), plain(&identity.name)))
}

fn collision(why: &str) -> Diagnostic {
    let message = format!("the output cannot be split into a file for each object: {why}");
    Diagnostic::error(COLLISION, message).blame(Blame::Input).help("leave `split` at `component`")
}
