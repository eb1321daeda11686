use std::path::PathBuf;
use std::sync::Arc;

use super::project::Project;
use crate::diag::{Code, Diagnostic, Reported, Sink};
use crate::source::{Lock, Overrides, Request};
use crate::stack::Material;

const OVERRIDDEN: Code = Code("source.overridden");

/// Where the pins stand that only a run with overrides needs, in the project's folder.
const LOCK: &str = ".kiln/override.lock";

impl Project {
    /// Lets folders stand for sources. What these folders ask for in turn is pinned in a lock of its own,
    /// so that `kiln.lock` stays as it is.
    pub fn override_sources(&mut self, overrides: Overrides, sink: &mut Sink) -> Result<(), Reported> {
        if !overrides.is_empty() {
            let more = Lock::read(&self.override_lock(), &self.tree.display(LOCK)).map_err(|error| sink.fail(error))?;
            if let Some(more) = more {
                self.lock = Some(self.lock.take().map_or_else(|| more.clone(), |own| own.with(&more)));
            }
        }
        self.overrides = overrides;
        Ok(())
    }

    /// Says which sources are overridden, and which overrides nobody asked for.
    pub fn report_overrides(&self, sink: &mut Sink) {
        for rule in self.overrides.rules() {
            let folder = rule.folder.display();
            sink.push(match rule.is_used() {
                true => {
                    let message = format!("{} is taken from `{folder}`, not as kiln.lock pins it", rule.source);
                    Diagnostic::warning(OVERRIDDEN, message)
                }
                false => {
                    let message = format!("no component asks for {}, which `{folder}` would stand for", rule.source);
                    Diagnostic::warning(OVERRIDDEN, message).help("name the source as the component does")
                }
            });
        }
    }

    /// Writes what a run with overrides pinned beyond `kiln.lock`.
    pub(super) fn write_override_lock(
        &self,
        base: Option<&Lock>,
        lock: &Lock,
        sink: &mut Sink,
    ) -> Result<(), Reported> {
        let more = base.map_or_else(|| lock.clone(), |base| lock.without(base));
        let path = self.override_lock();
        if more.is_empty() && !path.exists() {
            return Ok(());
        }
        more.write(&path, &self.tree.display(LOCK)).map(drop).map_err(|problem| sink.fail(problem))
    }

    fn override_lock(&self) -> PathBuf {
        self.folder.join(LOCK)
    }
}

/// What stands for a source.
pub(super) fn instead(overrides: &Overrides, request: &Request) -> Result<Option<Material>, Diagnostic> {
    let Some(tree) = overrides.find(&request.spec) else { return Ok(None) };
    let tree = tree.map_err(|error| error.diagnostic(&request.asker))?;
    let pin = Arc::from(format!("{}@override", request.spec.recorded().url()));
    Ok(Some(Material { tree, pin }))
}
