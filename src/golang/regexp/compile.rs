use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use super::syntax;
use super::translate::translate;

/// Compiled patterns that a thread keeps; beyond it forgets all.
const KEPT: usize = 1000;
/// Bound on the engine's program, in bytes.
const MAX_PROGRAM: usize = 64 << 20;
/// The engine's own bound on nesting, above what the parser lets through.
const NESTING: u32 = 2000;

/// A Go regular expression.
#[derive(Debug)]
pub struct Regexp {
    pub(super) engine: regex::Regex,
    /// Names of the capturing groups from the first on, empty for unnamed ones. Names may repeat.
    pub(super) names: Vec<String>,
    pub(super) is_empty: bool,
}

thread_local! {
    static COMPILED: RefCell<HashMap<String, Rc<Regexp>>> = RefCell::new(HashMap::new());
}

impl Regexp {
    /// Compiles Go syntax, keeping compiled patterns per thread. The error is Go's text
    /// (``error parsing regexp: missing closing ]: `[` ``).
    pub fn compile(pattern: &str) -> Result<Rc<Self>, String> {
        if let Some(found) = COMPILED.with_borrow(|compiled| compiled.get(pattern).cloned()) {
            return Ok(found);
        }
        let made = Rc::new(Self::compile_anew(pattern)?);
        COMPILED.with_borrow_mut(|compiled| {
            if compiled.len() >= KEPT {
                compiled.clear();
            }
            compiled.insert(pattern.to_owned(), Rc::clone(&made));
        });
        Ok(made)
    }

    fn compile_anew(pattern: &str) -> Result<Self, String> {
        let parsed = syntax::parse(pattern)?;
        let engine = regex::RegexBuilder::new(&translate(&parsed.node))
            .size_limit(MAX_PROGRAM)
            .nest_limit(NESTING)
            .build()
            .map_err(|_| format!("error parsing regexp: expression too large: `{pattern}`"))?;
        Ok(Regexp { engine, names: parsed.names, is_empty: pattern.is_empty() })
    }
}
