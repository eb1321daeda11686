use std::sync::Arc;

use super::UnitNote;
use crate::render::Bundle;

/// What a unit gives.
pub enum Made {
    /// It was rendered, or is the same for another target.
    New {
        /// Its documents, not transformed yet.
        bundle: Arc<Bundle>,
        /// What is to be remembered of it, as far as that can be told.
        note: Option<UnitNote>,
    },
    /// Its files stand as an earlier run wrote them.
    Old {
        /// The files.
        files: Kept,
        /// What is remembered of it.
        note: UnitNote,
    },
}

/// The files of a unit, as they stand.
#[derive(Debug, Default)]
pub struct Kept {
    /// The unit's own file.
    pub main: Option<Vec<u8>>,
    /// The file of custom resource definitions beside it.
    pub crds: Option<Vec<u8>>,
}

impl Default for Made {
    fn default() -> Self {
        Self::New { bundle: Arc::default(), note: None }
    }
}

impl Made {
    /// What is to be remembered.
    pub fn note(&self) -> Option<&UnitNote> {
        match self {
            Self::New { note, .. } => note.as_ref(),
            Self::Old { note, .. } => Some(note),
        }
    }
}
