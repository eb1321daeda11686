use std::sync::Arc;

use crate::diag::{Code, Diagnostic, Reported, Sink};
use crate::k8s::{self, Identity, Object, Scopes};
use crate::pipeline::reuse::Made;
use crate::render::{Bundle, RenderUnit};
use crate::span::{Source, Span};
use crate::transform::move_to_namespace;
use crate::transform::suffix::{keeps_name, suffix_names};

use super::Copying;

const OBJECT: Code = Code("copy.object");

/// Makes the objects of a target those of a copy: with other names, in the copy's namespace. What keeps its name
/// and thus is the cluster's, not one of its installations', is left out: whoever removed the copy would take it
/// away from all others. With a namespace of its own a copy keeps one Namespace, which is called so.
///
/// # Errors
/// When `sink` got an error: objects that cannot be read, or cannot be called or moved so.
pub fn copy_objects(
    units: &[RenderUnit],
    made: &mut [Made],
    copying: &Copying,
    scopes: &Scopes,
    sink: &mut Sink,
) -> Result<(), Reported> {
    let namespace = copying.namespace();
    let mut has_namespace = namespace.is_none();
    let mut groups: Vec<(&str, &mut Vec<Object>)> = Vec::with_capacity(units.len());
    for (unit, made) in units.iter().zip(made) {
        let Made::New { bundle, .. } = made else { continue };
        let bundle = Arc::make_mut(bundle);
        if let Err(problem) = read(bundle, &unit.output) {
            sink.push(problem);
            continue;
        }
        bundle.crds.clear();
        bundle.objects.retain(|object| {
            object.identity.as_ref().is_none_or(|identity| {
                !keeps_name(identity) || is_namespace(identity) && !std::mem::replace(&mut has_namespace, true)
            })
        });
        groups.push((&unit.output, &mut bundle.objects));
    }
    sink.check()?;
    let renamed = suffix_names(&mut groups, copying.suffix());
    let moved = renamed.and_then(|()| match &namespace {
        Some(namespace) => move_to_namespace(&mut groups, namespace, scopes),
        None => Ok(()),
    });
    moved.err().into_iter().flatten().for_each(|problem| sink.push(problem));
    sink.check()
}

fn is_namespace(identity: &Identity) -> bool {
    identity.group().is_empty() && identity.kind == "Namespace"
}

/// Finds out what the objects are that were passed on unread, document by document.
fn read(bundle: &mut Bundle, shown: &str) -> Result<(), Diagnostic> {
    if bundle.objects.iter().all(|object| object.identity.is_some()) {
        return Ok(());
    }
    let mut objects = Vec::with_capacity(bundle.objects.len());
    for object in std::mem::take(&mut bundle.objects) {
        if object.identity.is_some() {
            objects.push(object);
            continue;
        }
        for range in k8s::split(&object.text) {
            let text = object.text[range.clone()].to_owned();
            let identity = k8s::identify(&text).map_err(|why| {
                let source = Source::new(shown, object.text.as_str());
                Diagnostic::error(OBJECT, format!("what cannot be read cannot be copied: {why}"))
                    .at(Span::new(&source, range), "")
                    .help("only files of Kubernetes objects can have a copy under another name")
            })?;
            objects.push(Object { text, identity: Some(identity) });
        }
    }
    bundle.objects = objects;
    Ok(())
}
