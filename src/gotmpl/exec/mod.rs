//! Executing compiled templates.
//!
//! A [`Run`] has what lasts from one template to the next: the output, the variable stack, the
//! budgets, the host. A `Frame` is one template being executed: its tree, its data, the templates
//! it can see, and the node that an error would name. Go keeps that node in a variable which every
//! step of the evaluation overwrites; messages name whatever node was touched last, so it is kept
//! here in the same way.

mod args;
mod budget;
mod call;
mod eval;
mod failure;
mod field;
mod running;
mod val;
mod walk;

use std::collections::HashMap;
use std::rc::Rc;

use crate::golang::strconv;
use crate::value::{Map, ObjectRef, Str, Value};

use super::ast::{Command, Expr, Pipe, Template, TemplateCall};
use super::func::Host;
use super::limits::{MissingKey, Options};
use super::set::TemplateSet;
use super::{ExecError, ParseError};

use budget::Budget;
use failure::{Failure, Outcome};

pub(super) use val::{Val, container, element_of_list, element_of_map, pointed_type_name, zero_of_map};

/// Executes templates of one set one after the other, with one host and one budget.
pub struct Run<'h> {
    set: &'h TemplateSet,
    host: &'h mut dyn Host,
    missing_key: MissingKey,
    map_methods: Option<fn(&Map) -> Option<ObjectRef>>,
    budget: Budget,
    /// The output of all executions under way, one after the other.
    out: Vec<u8>,
    /// The variables of all templates being executed; `None` is a declaration not reached.
    variables: Vec<Option<Val>>,
    /// Texts that functions had parsed.
    parsed: HashMap<(Str, Str), Rc<Parsed>>,
    spare: Spare,
    /// The data of the outermost template, to which the origins of values refer.
    root: Value,
}

/// Empty argument lists, kept so that not every call allocates one.
#[derive(Default)]
struct Spare {
    values: Vec<Vec<Value>>,
    vals: Vec<Vec<Val>>,
}

type Parsed = Result<Vec<Template>, Box<ParseError>>;

impl<'h> Run<'h> {
    pub(super) fn new(set: &'h TemplateSet, options: &Options, host: &'h mut dyn Host) -> Self {
        Self {
            set,
            host,
            missing_key: options.missing_key,
            budget: Budget::new(options.limits.clone()),
            map_methods: options.map_methods,
            out: Vec::new(),
            variables: Vec::new(),
            parsed: HashMap::new(),
            spare: Spare::default(),
            root: Value::Nil,
        }
    }

    /// Executes a template and gives its output. What templates did to shared values stays done
    /// for the next one.
    pub fn execute(&mut self, name: &str, data: &Value) -> Result<Vec<u8>, Box<ExecError>> {
        let set = self.set;
        let Some(template) = set.get(name.as_bytes()) else {
            return Err(Box::new(ExecError::plain(self.undefined(name.as_bytes()))));
        };
        // An execution that failed may have left something behind.
        self.out.clear();
        self.variables.clear();
        self.root = data.clone();
        self.budget.begin();
        self.capture(Scope::of_set(set), template, Val::from_any(data.clone()))
    }

    /// The host, between two executions.
    pub fn host(&mut self) -> &mut dyn Host {
        self.host
    }

    fn undefined(&self, name: &[u8]) -> String {
        let (name, own) = (strconv::quote(name), strconv::quote(self.set.name().as_bytes()));
        format!("template: no template {name} associated with template {own}")
    }

    /// Executes a template and takes its output off the end of the buffer.
    fn capture(&mut self, scope: Scope<'_>, template: &Template, data: Val) -> Result<Vec<u8>, Box<ExecError>> {
        let start = self.out.len();
        let mut frame = Frame::new(self, &scope, template, data.clone());
        let result = frame.run_to_end(&data);
        // The buffer stays as large as it has become: it need not grow again for the next template.
        let captured = self.out.split_off(start);
        result.map(|()| captured)
    }
}

/// The templates that a frame can see: those of the set, and on top those of a text that is being
/// executed.
#[derive(Clone, Copy)]
struct Scope<'t> {
    layer: Layer<'t>,
}

#[derive(Clone, Copy)]
enum Layer<'t> {
    Set(&'t TemplateSet),
    Text { templates: &'t [Template], below: &'t Scope<'t> },
}

impl<'t> Scope<'t> {
    fn of_set(set: &'t TemplateSet) -> Self {
        Self { layer: Layer::Set(set) }
    }

    fn with_text(templates: &'t [Template], below: &'t Scope<'t>) -> Self {
        Self { layer: Layer::Text { templates, below } }
    }

    /// Finds a template, and counts the layers that were searched.
    fn get(&self, name: &[u8], searched: &mut u64) -> Option<&'t Template> {
        let mut scope = *self;
        let mut blank = None;
        loop {
            *searched += 1;
            match scope.layer {
                Layer::Set(set) => return set.get(name).or(blank),
                Layer::Text { templates, below } => {
                    match templates.iter().find(|template| template.name.as_bytes() == name) {
                        Some(template) if !template.blank => return Some(template),
                        // A blank body does not replace what was there before.
                        found => blank = blank.or(found),
                    }
                    scope = *below;
                }
            }
        }
    }
}

/// The node that an error would name.
#[derive(Clone, Copy)]
enum At<'t> {
    Nothing,
    Template(&'t TemplateCall),
    Pipe(&'t Pipe),
    Command(&'t Command),
    Expr(&'t Expr),
}

/// One template being executed.
struct Frame<'r, 'h, 't> {
    run: &'r mut Run<'h>,
    scope: &'t Scope<'t>,
    template: &'t Template,
    /// Where this template's variables begin on the stack; the first is `$`.
    base: usize,
    at: At<'t>,
}

impl<'r, 'h, 't> Frame<'r, 'h, 't> {
    fn new(run: &'r mut Run<'h>, scope: &'t Scope<'t>, template: &'t Template, data: Val) -> Self {
        let base = run.variables.len();
        run.variables.push(Some(data));
        Self { run, scope, template, base, at: At::Nothing }
    }

    /// Executes the whole template; the frame is used up.
    fn run_to_end(&mut self, data: &Val) -> Result<(), Box<ExecError>> {
        let result = self.walk(data, &self.template.root);
        self.run.variables.truncate(self.base);
        match result {
            Ok(_) => Ok(()),
            Err(failure) => Err(failure.finish(self.is_root(data))),
        }
    }

    /// Whether the data is that of the outermost template.
    fn is_root(&self, data: &Val) -> bool {
        match (data.value(), &self.run.root) {
            (Value::Map(a), Value::Map(b)) => a.same(b),
            (Value::Object(a), Value::Object(b)) => a.same(b),
            _ => false,
        }
    }

    /// Finds a template. Searching many layers of texts within texts costs fuel.
    fn lookup(&mut self, name: &Str) -> Option<&'t Template> {
        let mut searched = 0;
        let found = self.scope.get(name.as_bytes(), &mut searched);
        self.run.budget.burn(searched - 1);
        found
    }

    /// Takes one step off the fuel.
    fn step(&mut self) -> Outcome<()> {
        if self.run.budget.burn(1) { Ok(()) } else { Err(self.spent()) }
    }

    /// Takes written bytes off the output budget.
    fn written(&mut self, bytes: usize) -> Outcome<()> {
        if self.run.budget.write(bytes) { Ok(()) } else { Err(self.spent()) }
    }

    /// Refuses to go deeper when the stack is used up.
    fn check_stack(&mut self) -> Outcome<()> {
        if self.run.budget.stack_left() { Ok(()) } else { Err(self.spent()) }
    }

    fn spent(&self) -> Box<Failure> {
        self.fail(self.run.budget.message())
    }
}
