//! What functions may do with the running execution.

use std::rc::Rc;

use crate::value::{Str, Value};

use super::super::func::{CallError, Host, Running, TextError};
use super::super::parse;
use super::{Frame, Scope, Val};

/// What a template costs that a function executes, next to the cheaper steps of walking a tree.
const EXECUTION_STEPS: u64 = 10;

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
        if !text.as_bytes().windows(2).any(|pair| pair == b"{{") {
            return Ok(text.as_bytes().to_vec());
        }
        let parsed = self.run.parsed(name, text);
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

    fn host(&mut self) -> &mut dyn Host {
        self.run.host
    }
}

impl super::Run<'_> {
    /// The templates of a text, parsed once per run.
    fn parsed(&mut self, name: &str, text: &Str) -> Rc<super::Parsed> {
        let key = (Str::from(name), text.clone());
        if let Some(parsed) = self.parsed.get(&key) {
            return Rc::clone(parsed);
        }
        let parsed = Rc::new(parse::parse(name, text.clone(), self.set.functions()));
        self.parsed.insert(key, Rc::clone(&parsed));
        parsed
    }
}
