use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::source::error::SourceError;

/// Remembers by name what has been made, so that each thing is made once in a run, however many ask
/// for it side by side. Failures are remembered too.
pub(super) struct Once<T> {
    made: Mutex<HashMap<String, Slot<T>>>,
}

type Slot<T> = Arc<OnceLock<Result<T, SourceError>>>;

impl<T> Default for Once<T> {
    fn default() -> Self {
        Self { made: Mutex::default() }
    }
}

impl<T: Clone> Once<T> {
    /// What `make` gave for this name, the first time.
    pub(super) fn get(&self, name: &str, make: impl FnOnce() -> Result<T, SourceError>) -> Result<T, SourceError> {
        let slot = {
            let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(made.entry(name.to_owned()).or_default())
        };
        slot.get_or_init(make).clone()
    }
}
