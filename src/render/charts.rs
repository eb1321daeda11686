use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::helm::{self, Chart, LoadError};
use crate::source::Tree;

type Loaded = Arc<OnceLock<Result<Arc<Chart>, LoadError>>>;

/// The charts of a run. Each place is loaded and compiled once, however many components use it, and
/// shared by all threads.
#[derive(Default)]
pub struct Charts {
    loaded: Mutex<Vec<(Tree, Loaded)>>,
}

impl Charts {
    /// The chart at the root of `tree`.
    ///
    /// # Errors
    /// Helm's, when there is no chart or it is broken.
    pub fn load(&self, tree: &Tree) -> Result<Arc<Chart>, LoadError> {
        let place = {
            let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
            match loaded.iter().find(|(own, _)| own.same(tree)) {
                Some((_, place)) => Arc::clone(place),
                None => {
                    let place = Loaded::default();
                    loaded.push((tree.clone(), Arc::clone(&place)));
                    place
                }
            }
        };
        // Others that want the same chart wait here; those that want another one do not.
        place.get_or_init(|| helm::load(tree)).clone()
    }
}
