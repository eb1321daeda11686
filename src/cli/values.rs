use std::fs;

use clap::Args;

use crate::config::{AssignmentKind, Assignments};
use crate::diag::{Reported, Sink};

/// Flags that set values of components above all layers.
#[derive(Debug, Clone, Default, Args)]
pub struct ValueArgs {
    /// Set values above all layers, as in `shop/web:replicas=3,image.tag=v2`: a component, a colon, and what
    /// Helm's flag of this name takes (repeatable)
    #[arg(long = "set", value_name = "COMPONENT:KEY=VALUE", env = "KILN_SET")]
    pub set: Vec<String>,
    /// The same, and every value is a string (repeatable)
    #[arg(long = "set-string", value_name = "COMPONENT:KEY=VALUE", env = "KILN_SET_STRING")]
    pub set_string: Vec<String>,
    /// The same, and every value is JSON; or one JSON object behind the colon (repeatable)
    #[arg(long = "set-json", value_name = "COMPONENT:KEY=JSON", env = "KILN_SET_JSON")]
    pub set_json: Vec<String>,
    /// The same, and every value is the content of a file (repeatable)
    #[arg(long = "set-file", value_name = "COMPONENT:KEY=PATH", env = "KILN_SET_FILE")]
    pub set_file: Vec<String>,
    /// The same, and all behind the first `=` is one string (repeatable)
    #[arg(long = "set-literal", value_name = "COMPONENT:KEY=STRING", env = "KILN_SET_LITERAL")]
    pub set_literal: Vec<String>,
}

impl ValueArgs {
    /// Everything that is set.
    pub fn read(&self, sink: &mut Sink) -> Result<Assignments, Reported> {
        let mut assignments = Assignments::default();
        let flags = [
            (AssignmentKind::Json, &self.set_json),
            (AssignmentKind::Typed, &self.set),
            (AssignmentKind::Text, &self.set_string),
            (AssignmentKind::File, &self.set_file),
            (AssignmentKind::Literal, &self.set_literal),
        ];
        for (kind, texts) in flags {
            for text in texts {
                let mut read = |path: &str| fs::read(path).map_err(|error| format!("cannot read `{path}`: {error}"));
                if let Err(problem) = assignments.add(kind, text, &mut read) {
                    sink.push(problem);
                }
            }
        }
        sink.check().map(|()| assignments)
    }
}
