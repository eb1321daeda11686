use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use super::syntax;
use super::translate::translate;

/// Bytes of programs that a thread keeps; beyond it forgets all.
const KEPT_BYTES: usize = 64 << 20;
/// Bounds on the engine's program, in bytes, which are tried one after the other: the size of a program
/// is known only in this way.
const PROGRAM_BYTES: [usize; 3] = [64 << 10, 1 << 20, 64 << 20];
/// The longest pattern in bytes.
const MAX_PATTERN: usize = 64 << 10;
/// The engine's own bound on nesting, above what the parser lets through.
const NESTING: u32 = 2000;

/// A Go regular expression.
#[derive(Debug)]
pub struct Regexp {
    pub(super) engine: regex::Regex,
    /// Names of the capturing groups from the first on, empty for unnamed ones. Names may repeat.
    pub(super) names: Vec<String>,
    pub(super) is_empty: bool,
    /// The bound that the engine's program keeps to, in bytes.
    pub(super) program: usize,
    /// Whether looking for a match may go on far behind the match that is found in the end.
    pub(super) looks_ahead: bool,
}

/// The compiled patterns of a thread.
#[derive(Default)]
struct Compiled {
    patterns: HashMap<String, Rc<Regexp>>,
    bytes: usize,
}

thread_local! {
    static COMPILED: RefCell<Compiled> = RefCell::default();
}

impl Regexp {
    /// Compiles Go syntax, keeping compiled patterns per thread. The error is Go's text
    /// (``error parsing regexp: missing closing ]: `[` ``).
    pub fn compile(pattern: &str) -> Result<Rc<Self>, String> {
        Self::compile_counting(pattern, &mut 0)
    }

    /// Like [`Regexp::compile`]; adds the bytes of the programs that were made on the way, or as many as
    /// reading the pattern is worth.
    pub fn compile_counting(pattern: &str, work: &mut usize) -> Result<Rc<Self>, String> {
        if let Some(found) = COMPILED.with_borrow(|compiled| compiled.patterns.get(pattern).cloned()) {
            return Ok(found);
        }
        let made = Rc::new(Self::compile_anew(pattern, work)?);
        COMPILED.with_borrow_mut(|compiled| {
            if compiled.bytes > KEPT_BYTES {
                *compiled = Compiled::default();
            }
            compiled.bytes += made.program + pattern.len();
            compiled.patterns.insert(pattern.to_owned(), Rc::clone(&made));
        });
        Ok(made)
    }

    /// How many times as long as with a small program a search may take.
    pub fn slowness(&self) -> u64 {
        (self.program / PROGRAM_BYTES[0]).isqrt() as u64
    }

    fn compile_anew(pattern: &str, work: &mut usize) -> Result<Self, String> {
        *work += 64 * pattern.len();
        if pattern.len() > MAX_PATTERN {
            return Err(format!("error parsing regexp: expression too large: more than {MAX_PATTERN} bytes"));
        }
        let parsed = syntax::parse(pattern)?;
        let translated = translate(&parsed.node);
        let looks_ahead = parsed.node.looks_ahead();
        for program in PROGRAM_BYTES {
            *work += program;
            match regex::RegexBuilder::new(&translated).size_limit(program).nest_limit(NESTING).build() {
                Ok(engine) => {
                    let is_empty = pattern.is_empty();
                    return Ok(Regexp { engine, names: parsed.names, is_empty, program, looks_ahead });
                }
                Err(regex::Error::CompiledTooBig(_)) => {}
                Err(_) => break,
            }
        }
        Err(format!("error parsing regexp: expression too large: `{pattern}`"))
    }
}
