//! What functions may do with the running execution.

use std::rc::Rc;

use crate::value::{Str, Value};

use super::super::func::{CallError, Host, Running, TextError};
use super::super::parse;
use super::{Frame, Scope, Val};

/// What a template costs that a function executes, next to the cheaper steps of walking a tree.
const EXECUTION_STEPS: u64 = 10;
/// What parsing a text costs besides its length.
const PARSING_STEPS: u64 = 40;
/// What a parsed action takes in memory, and a parsed text besides its actions.
const ACTION_BYTES: u64 = 400;

impl Running for Frame<'_, '_, '_> {
    fn execute(&mut self, name: &Str, data: &Value) -> Result<Vec<u8>, CallError> {
        let Some(template) = self.lookup(name) else {
            return Err(CallError::Message(self.run.undefined(name.as_bytes())));
        };
        if !self.run.budget.burn(EXECUTION_STEPS) || !self.run.budget.enter() {
            return Err(CallError::Message(self.run.budget.message()));
        }
        let result = self.run.capture(*self.scope, template, Val::from_any(data.clone()));
        self.run.budget.leave();
        result.map_err(CallError::Template)
    }

    fn execute_text(&mut self, name: &str, text: &Str, data: &Value) -> Result<Vec<u8>, TextError> {
        let actions = text.as_bytes().windows(2).filter(|pair| *pair == b"{{").count() as u64;
        if actions == 0 {
            return Ok(text.as_bytes().to_vec());
        }
        let parsed = match self.run.parsed(name, text, actions) {
            Some(parsed) => parsed,
            None => {
                let message = self.run.budget.message();
                return Err(TextError::Exec(self.fail(message).finish(false)));
            }
        };
        let templates = match &*parsed {
            Ok(templates) => templates.as_slice(),
            Err(error) => return Err(TextError::Parse(error.to_string())),
        };
        if !self.run.budget.burn(EXECUTION_STEPS) || !self.run.budget.enter() {
            let message = self.run.budget.message();
            return Err(TextError::Exec(self.fail(message).finish(false)));
        }
        // The text's own template is executed even if blank; by name it is then not visible.
        let own = templates.iter().find(|template| template.name == *name);
        let result = match own {
            Some(own) => {
                let scope = Scope::with_text(templates, self.scope);
                self.run.capture(scope, own, Val::from_any(data.clone()))
            }
            None => Ok(Vec::new()),
        };
        self.run.budget.leave();
        result.map_err(TextError::Exec)
    }

    fn charge(&mut self, steps: u64) -> Result<(), CallError> {
        if self.run.budget.burn(steps) { Ok(()) } else { Err(CallError::Message(self.run.budget.message())) }
    }

    fn reserve(&mut self, bytes: u64) -> Result<(), CallError> {
        if self.run.budget.occupy(bytes) { Ok(()) } else { Err(CallError::Message(self.run.budget.message())) }
    }

    fn host(&mut self) -> &mut dyn Host {
        self.run.host
    }
}

impl super::Run<'_> {
    /// The templates of a text with that many actions, parsed once per run and kept as long; `None`
    /// when a budget does not allow it.
    fn parsed(&mut self, name: &str, text: &Str, actions: u64) -> Option<Rc<super::Parsed>> {
        let key = (Str::from(name), text.clone());
        if let Some(parsed) = self.parsed.get(&key) {
            return Some(Rc::clone(parsed));
        }
        let size = text.len() as u64;
        if !self.budget.burn(PARSING_STEPS + size / 16 + actions)
            || !self.budget.occupy(2 * size + (1 + actions) * ACTION_BYTES)
        {
            return None;
        }
        let parsed = Rc::new(parse::parse(name, text.clone(), self.set.functions()));
        self.parsed.insert(key, Rc::clone(&parsed));
        Some(parsed)
    }
}
