use std::fmt;
use std::sync::Arc;

use crate::golang::strconv;
use crate::value::Str;

use super::Limit;

/// A template that failed while executing. Printed as Go prints it:
/// `template: FILE:LINE:COL: executing "NAME" at <NODE>: MESSAGE`.
#[derive(Clone, Debug)]
pub struct ExecError {
    /// The name under which the failing text was parsed.
    pub template: Arc<str>,
    /// 1-based line; 0 when the error has no place (a template that does not exist).
    pub line: u32,
    /// 0-based byte column.
    pub col: u32,
    /// The template (define) being executed.
    pub executing: Str,
    /// The failing node, printed from the tree. Empty when Go names none.
    pub node: String,
    /// What went wrong, without the text of `cause`.
    pub message: String,
    /// The failing execution that a function such as `include` started.
    pub cause: Option<Box<ExecError>>,
    /// The field chain that the failing node reads from the execution's root data, such as
    /// `["Values", "image", "tag"]`; empty when it reads none. Serves to find the value's origin.
    pub reads: Vec<Str>,
    /// The budget that ended the execution, if one did.
    pub limit: Option<Limit>,
}

impl ExecError {
    /// An error without a place in a template: the message is the whole text.
    pub(super) fn plain(message: String) -> Self {
        Self {
            template: Arc::from(""),
            line: 0,
            col: 0,
            executing: Str::default(),
            node: String::new(),
            message,
            cause: None,
            reads: Vec::new(),
            limit: None,
        }
    }

    /// The text up to that of `cause`.
    pub fn own_text(&self) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = self.write_own(&mut text);
        text
    }

    fn write_own(&self, out: &mut impl fmt::Write) -> fmt::Result {
        if self.line > 0 {
            let executing = strconv::quote(self.executing.as_bytes());
            write!(out, "template: {}:{}:{}: executing {executing}", self.template, self.line, self.col)?;
            if !self.node.is_empty() {
                write!(out, " at <{}>", self.node)?;
            }
            out.write_str(": ")?;
        }
        out.write_str(&self.message)
    }

    /// The error at the end of the chain of causes.
    pub fn innermost(&self) -> &ExecError {
        let mut error = self;
        while let Some(cause) = &error.cause {
            error = cause;
        }
        error
    }
}

impl fmt::Display for ExecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_own(f)?;
        match &self.cause {
            Some(cause) => write!(f, "{cause}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ExecError {}
