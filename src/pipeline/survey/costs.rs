use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::Path;

use serde::Deserialize;

use super::differences::Files;
use crate::diag::{Blame, Code, Diagnostic};
use crate::render::{Engine, RenderUnit};
use crate::source::Tree;

const UNUSABLE: Code = Code("plan.timings");

/// So many bytes cost as much as one more file.
const BYTES_PER_FILE: f64 = 2048.0;

/// What rendering components takes: as recorded in an earlier run, or else estimated from the number and
/// the size of their files.
#[derive(Debug)]
pub struct Costs {
    /// Milliseconds, by the component's address.
    recorded: HashMap<String, f64>,
    /// Milliseconds of one estimated unit of cost.
    scale: f64,
}

impl Default for Costs {
    fn default() -> Self {
        Self { recorded: HashMap::new(), scale: 1.0 }
    }
}

/// The part of a file of timings that is read.
#[derive(Deserialize)]
struct Timings {
    schema: u32,
    components: HashMap<String, Component>,
}

#[derive(Deserialize)]
struct Component {
    renders: u64,
    milliseconds: f64,
}

impl Costs {
    /// Reads a file of timings (`generate --timings=FILE`); `None` when there is none.
    ///
    /// # Errors
    /// When it cannot be read or is none.
    pub fn read(path: &Path) -> Result<Option<Self>, Diagnostic> {
        let refuse =
            |why: String| Diagnostic::error(UNUSABLE, format!("`{}` is no file of timings: {why}", path.display()));
        let text = match fs::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(refuse(error.to_string()).blame(Blame::World)),
        };
        let timings: Timings = serde_json::from_slice(&text).map_err(|error| refuse(error.to_string()))?;
        if timings.schema != 1 {
            return Err(refuse(format!("its schema is {}, and this kiln reads 1", timings.schema)));
        }
        let mean = |component: &Component| component.milliseconds / component.renders as f64;
        let is_usable = |component: &Component| component.renders > 0 && mean(component).is_finite();
        let recorded = timings.components.iter().filter(|(_, component)| is_usable(component));
        let recorded = recorded.map(|(address, component)| (address.clone(), mean(component).max(0.0))).collect();
        Ok(Some(Self { recorded, scale: 1.0 }))
    }

    /// What the numbers mean.
    pub fn meaning(&self) -> &'static str {
        if self.recorded.is_empty() { "estimated" } else { "recorded" }
    }

    /// Learns, from units of a cluster, how estimates and recorded times go together.
    pub fn learn<'u>(&mut self, units: impl Iterator<Item = &'u RenderUnit>, files: &Files) {
        let (mut estimated, mut recorded) = (0.0, 0.0);
        for unit in units {
            if let Some(time) = self.recorded.get(&*unit.address) {
                estimated += estimate(unit, files);
                recorded += time;
            }
        }
        self.scale = if estimated > 0.0 { recorded / estimated } else { 1.0 };
    }

    /// The cost of a unit.
    pub fn of(&self, unit: &RenderUnit, files: &Files) -> f64 {
        let known = self.recorded.get(&*unit.address).copied();
        let cost = known.unwrap_or_else(|| estimate(unit, files) * self.scale);
        (cost * 1000.0).round() / 1000.0
    }
}

fn estimate(unit: &RenderUnit, files: &Files) -> f64 {
    let tree: &Tree = match &unit.engine {
        Engine::Container => return 0.0,
        Engine::Helm { chart } => chart,
        Engine::Static { tree, .. } | Engine::Template { tree } => tree,
    };
    files.of(tree, |listing| {
        listing.map_or(1.0, |listing| 1.0 + listing.digests.len() as f64 + listing.bytes as f64 / BYTES_PER_FILE)
    })
}
