//! Templates of `kubectl -o jsonpath`, as client-go 0.36 reads and executes them: text, and paths in
//! braces that say which parts of a value stand there.
//!
//! [`parse`](JsonPath::parse) gives [nodes](node), which are [evaluated](evaluate) one after the other;
//! what they give is [printed](print). Where Go takes the entries of a map in random order, they come
//! sorted by key.

mod compare;
mod evaluate;
mod node;
mod parse;
mod print;
mod slice;

use crate::value::Value;

use evaluate::Evaluation;
use node::Node;

/// A template that has been read.
#[derive(Debug)]
pub struct JsonPath {
    nodes: Vec<Node>,
}

impl JsonPath {
    /// Reads a template. The error is client-go's text.
    pub fn parse(text: &str) -> Result<Self, String> {
        Ok(Self { nodes: parse::parse(text, 0)? })
    }

    /// Executes the template on a value. Gives what was printed, and the text of client-go's error,
    /// if one ended it: nothing is printed before everything has been found.
    pub fn execute(&self, data: &Value) -> (Vec<u8>, Result<(), String>) {
        let mut out = Vec::new();
        let printed = match Evaluation::new(&self.nodes).find(Some(data.clone()), 0) {
            Ok(results) => results.iter().try_for_each(|items| print::append(&mut out, items)),
            Err(error) => Err(error),
        };
        (out, printed)
    }
}

#[cfg(test)]
mod tests;
