use std::fmt::Write;

use super::tree::{ClassItem, Kind, Node};

/// Writes an expression in the syntax of the `regex` crate. Every part carries its own flags.
pub(super) fn translate(node: &Node) -> String {
    let mut out = String::new();
    write_node(&mut out, node);
    out
}

fn write_node(out: &mut String, node: &Node) {
    match &node.kind {
        Kind::Literal { char, fold } => group(out, *fold, |out| literal(out, *char)),
        Kind::Class { items, negated, fold } => group(out, *fold, |out| class(out, items, *negated)),
        Kind::AnyChar { newline: true } => out.push_str("(?s:.)"),
        Kind::AnyChar { newline: false } => out.push('.'),
        Kind::BeginText => out.push_str(r"\A"),
        Kind::EndText => out.push_str(r"\z"),
        Kind::BeginLine => out.push_str("(?m:^)"),
        Kind::EndLine => out.push_str("(?m:$)"),
        Kind::WordBoundary => out.push_str(r"(?-u:\b)"),
        Kind::NoWordBoundary => out.push_str(r"(?-u:\B)"),
        Kind::Capture(node) => {
            out.push('(');
            write_node(out, node);
            out.push(')');
        }
        Kind::Concat(nodes) => concat(out, nodes),
        Kind::Alternate(nodes) => {
            out.push_str("(?:");
            for (at, node) in nodes.iter().enumerate() {
                if at > 0 {
                    out.push('|');
                }
                write_node(out, node);
            }
            out.push(')');
        }
        Kind::Repeat { node, min, max, greedy } => repeat(out, node, *min, *max, *greedy),
    }
}

fn repeat(out: &mut String, node: &Node, min: u32, max: Option<u32>, greedy: bool) {
    out.push_str("(?:");
    write_node(out, node);
    out.push(')');
    match (min, max) {
        (0, None) => out.push('*'),
        (1, None) => out.push('+'),
        (0, Some(1)) => out.push('?'),
        (min, None) => append(out, format_args!("{{{min},}}")),
        (min, Some(max)) => append(out, format_args!("{{{min},{max}}}")),
    }
    if !greedy {
        out.push('?');
    }
}

/// Neighbouring letters that ignore case share one group.
fn concat(out: &mut String, nodes: &[Node]) {
    let mut folding = false;
    for node in nodes {
        let folds = matches!(node.kind, Kind::Literal { fold: true, .. });
        if folds != folding {
            out.push_str(if folds { "(?i:" } else { ")" });
            folding = folds;
        }
        match &node.kind {
            Kind::Literal { char, .. } => literal(out, *char),
            _ => write_node(out, node),
        }
    }
    if folding {
        out.push(')');
    }
}

fn group(out: &mut String, fold: bool, inner: impl FnOnce(&mut String)) {
    if fold {
        out.push_str("(?i:");
    }
    inner(out);
    if fold {
        out.push(')');
    }
}

/// A character; `None` is one that no text contains.
fn literal(out: &mut String, char: Option<char>) {
    match char {
        Some(char) if char.is_alphanumeric() => out.push(char),
        Some(char) => code(out, u32::from(char)),
        None => out.push_str(NOTHING),
    }
}

const NOTHING: &str = r"[^\x{0}-\x{10FFFF}]";
const EVERYTHING: &str = r"[\x{0}-\x{10FFFF}]";

fn class(out: &mut String, items: &[ClassItem], negated: bool) {
    let start = out.len();
    out.push_str(if negated { "[^" } else { "[" });
    let empty = out.len();
    for item in items {
        class_item(out, item);
    }
    if out.len() == empty {
        out.truncate(start);
        out.push_str(if negated { EVERYTHING } else { NOTHING });
        return;
    }
    out.push(']');
}

fn class_item(out: &mut String, item: &ClassItem) {
    match item {
        ClassItem::Range(low, high) => {
            // Surrogates occur in no text; the engine has no way to write them.
            let low = if (0xD800..0xE000).contains(low) { 0xE000 } else { *low };
            let high = if (0xD800..0xE000).contains(high) { 0xD7FF } else { *high };
            if low <= high {
                range(out, low, high);
            }
        }
        ClassItem::Ascii(ranges, negated) => {
            if *negated {
                out.push_str("[^");
            }
            for (low, high) in *ranges {
                range(out, u32::from(*low), u32::from(*high));
            }
            if *negated {
                out.push(']');
            }
        }
        ClassItem::Unicode(name, negated) => {
            append(out, format_args!(r"\{}{{{name}}}", if *negated { 'P' } else { 'p' }));
        }
    }
}

fn range(out: &mut String, low: u32, high: u32) {
    code(out, low);
    if high > low {
        out.push('-');
        code(out, high);
    }
}

fn code(out: &mut String, code: u32) {
    append(out, format_args!(r"\x{{{code:X}}}"));
}

fn append(out: &mut String, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("a String takes every write");
}
