use std::collections::HashMap;
use std::sync::Arc;

use crate::value::{Str, Value};

use super::ExecError;
use super::ast::Template;
use super::batch;
use super::builtin::FuncTable;
use super::exec::Run;
use super::func::Host;
use super::limits::Options;
use super::parse::{self, ParseError};

/// Templates that can execute each other. Filled by parsing, then immutable and shared by threads.
#[derive(Clone, Debug)]
pub struct TemplateSet {
    /// The name that Go's message about a missing template mentions.
    name: Arc<str>,
    functions: Arc<FuncTable>,
    templates: HashMap<Str, Arc<Template>>,
}

impl TemplateSet {
    /// An empty set. `name` is the set's own name, as given to Go's `template.New`; it shows in one
    /// error message only.
    pub fn new(name: &str, functions: Arc<FuncTable>) -> Self {
        Self { name: Arc::from(name), functions, templates: HashMap::new() }
    }

    /// Parses a text under a name and takes in what it defines: itself and its `define`s and
    /// `block`s. A later definition of a name replaces an earlier one unless its body is blank.
    /// Nothing is taken in when there is an error. Nesting is limited to what 4 MiB of stack hold, so
    /// untrusted texts belong on a thread with [`Limits::thread_stack`](super::Limits::thread_stack).
    pub fn parse(&mut self, name: &str, text: impl Into<Str>) -> Result<(), Box<ParseError>> {
        let templates = parse::parse(name, text.into(), &self.functions)?;
        self.take_in(templates);
        Ok(())
    }

    /// Parses texts as [`TemplateSet::parse`] does one after the other, on up to `threads` threads. Equal
    /// texts are parsed once. The error is that of the first text which has one; then nothing is taken in.
    pub fn parse_all(&mut self, texts: &[(&str, Str)], threads: usize) -> Result<(), Box<ParseError>> {
        let functions = &*self.functions;
        let parsed = batch::parse(texts, threads, |name, text| parse::parse(name, text, functions))?;
        parsed.into_iter().for_each(|templates| self.take_in(templates));
        Ok(())
    }

    fn take_in(&mut self, templates: Vec<Template>) {
        for template in templates {
            let known = self.templates.contains_key(&template.name);
            if !(known && template.blank) {
                self.templates.insert(template.name.clone(), Arc::new(template));
            }
        }
    }

    /// Whether a template of that name is defined.
    pub fn contains(&self, name: &str) -> bool {
        self.get(name.as_bytes()).is_some()
    }

    /// The names of all templates, in no order.
    pub fn names(&self) -> impl Iterator<Item = &Str> {
        self.templates.keys()
    }

    /// Starts a run: several templates executed one after the other on one thread, with one host
    /// and one budget. The thread's stack must hold
    /// [`Limits::thread_stack`](super::Limits::thread_stack) bytes.
    pub fn run<'h>(&'h self, options: &Options, host: &'h mut dyn Host) -> Run<'h> {
        Run::new(self, options, host)
    }

    /// Executes one template in a run of its own and gives its output.
    pub fn execute(
        &self,
        name: &str,
        data: &Value,
        host: &mut dyn Host,
        options: &Options,
    ) -> Result<Vec<u8>, Box<ExecError>> {
        self.run(options, host).execute(name, data)
    }

    pub(super) fn get(&self, name: &[u8]) -> Option<&Template> {
        self.templates.get(name).map(|template| &**template)
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn functions(&self) -> &FuncTable {
        &self.functions
    }
}
