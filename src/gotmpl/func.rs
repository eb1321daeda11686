use std::any::Any;
use std::fmt;
use std::sync::Arc;

use crate::value::{Signature, Str, Value};

use super::ExecError;
use super::ast::Text;

/// A function that templates can call. Functions are plain data in static tables.
pub struct Func {
    /// The name in templates.
    pub name: &'static str,
    /// Parameter types; the executor checks arguments against it, with Go's texts, before the call.
    pub signature: Signature,
    /// The body. Arguments fit the signature.
    pub run: fn(&mut Call<'_>, &[Value]) -> Result<Value, CallError>,
}

impl fmt::Debug for Func {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Func({})", self.name)
    }
}

/// Why a function failed; the executor puts `error calling NAME: ` in front.
#[derive(Clone, Debug)]
pub enum CallError {
    /// The function's own error, or the text of a Go run-time panic in it.
    Message(String),
    /// A template that the function executed failed.
    Template(Box<ExecError>),
    /// The same with the function's own words in front.
    Wrapped(String, Box<ExecError>),
}

impl From<String> for CallError {
    fn from(message: String) -> Self {
        CallError::Message(message)
    }
}

impl From<&str> for CallError {
    fn from(message: &str) -> Self {
        CallError::Message(message.to_owned())
    }
}

/// Where a call stands in template text.
#[derive(Clone, Debug)]
pub struct Site {
    /// The function's name.
    pub function: &'static str,
    /// The name under which the text was parsed (for charts the file's path).
    pub template: Arc<str>,
    /// 1-based line.
    pub line: u32,
    /// 0-based byte column, as Go reports it.
    pub col: u32,
}

/// What a function may use of the running execution.
pub struct Call<'a> {
    place: Place<'a>,
    /// The running execution.
    pub exec: &'a mut dyn Running,
}

/// Where a call stands: few functions ask, so it is found out only then.
enum Place<'a> {
    Known(Site),
    In { function: &'static str, text: &'a Text, pos: u32 },
}

impl<'a> Call<'a> {
    /// A call at a known place.
    pub fn at(site: Site, exec: &'a mut dyn Running) -> Self {
        Self { place: Place::Known(site), exec }
    }

    /// A call at an offset of a template's text.
    pub(super) fn within(function: &'static str, text: &'a Text, pos: u32, exec: &'a mut dyn Running) -> Self {
        Self { place: Place::In { function, text, pos }, exec }
    }

    /// The place of the call.
    pub fn site(&self) -> Site {
        match &self.place {
            Place::Known(site) => site.clone(),
            Place::In { function, text, pos } => {
                let (line, col) = text.line_col(*pos);
                Site { function, template: Arc::clone(&text.name), line, col }
            }
        }
    }
}

/// A running template execution, as functions see it.
pub trait Running {
    /// Executes a defined template (`include`). Its output is returned, not printed.
    fn execute(&mut self, name: &Str, data: &Value) -> Result<Vec<u8>, CallError>;

    /// Parses `text` as a template named `name` on top of all defined ones and executes it (`tpl`).
    /// Definitions in `text` are visible only during this execution.
    /// The caller words the two kinds of failure itself.
    fn execute_text(&mut self, name: &str, text: &Str, data: &Value) -> Result<Vec<u8>, TextError>;

    /// Takes steps off the execution's fuel, for functions whose work is out of proportion to the
    /// size of their arguments. The error is to be passed on.
    fn charge(&mut self, _steps: u64) -> Result<(), CallError> {
        Ok(())
    }

    /// Takes bytes off the execution's memory, for functions that change a value or make one of many
    /// levels; the top level of a result is counted without it. The error is to be passed on.
    fn reserve(&mut self, _bytes: u64) -> Result<(), CallError> {
        Ok(())
    }

    /// What the embedding tool provides to its functions.
    fn host(&mut self) -> &mut dyn Host;
}

/// Why [`Running::execute_text`] failed.
#[derive(Clone, Debug)]
pub enum TextError {
    /// The text is no template; Go's message (`template: NAME:LINE: …`).
    Parse(String),
    /// Executing it failed.
    Exec(Box<ExecError>),
}

/// The embedding tool, as functions reach it: the sources of values that are not determined by the
/// input, and a way to the tool's own state.
pub trait Host: Any {
    /// Fills `buffer` with random bytes for the function at `site`. An error refuses them; it is to
    /// be passed on.
    fn fill_random(&mut self, site: &Site, buffer: &mut [u8]) -> Result<(), CallError>;

    /// The current time in seconds and nanoseconds since 1970 for the function at `site`. An error
    /// refuses it; it is to be passed on.
    fn now(&mut self, site: &Site) -> Result<(i64, u32), CallError>;

    /// For functions that belong to the embedding tool.
    fn as_any(&mut self) -> &mut dyn Any;
}
