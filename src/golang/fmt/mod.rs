//! Go's fmt over the value tree: values and a format in, bytes out. Nothing here fails: a verb that
//! does not fit its operand prints Go's note about it.
//!
//! Where Go's result cannot be repeated it is fixed: addresses (`%p`) print one constant, and a map
//! that contains itself, which ends a Go program, prints [`CUT`] where it would begin again.

mod directive;
mod flags;
mod number;
mod printer;
mod text;

use crate::value::{Kind, Value};

use printer::{MAX_BYTES, Printer};

/// Stands for a container inside itself, or below the depth that is printed (1,000).
pub const CUT: &[u8] = b"...";

/// Go's `fmt.Sprint`: a space only between operands of which neither is a string.
pub fn sprint(args: &[Value]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut after_string = true;
    for arg in args {
        if out.len() > MAX_BYTES {
            break;
        }
        let is_string = arg.kind() == Kind::String;
        if !is_string && !after_string {
            out.push(b' ');
        }
        print_v(&mut out, arg);
        after_string = is_string;
    }
    out
}

/// Go's `fmt.Sprintln`: spaces between all operands and a newline at the end.
pub fn sprintln(args: &[Value]) -> Vec<u8> {
    let mut out = Vec::new();
    for (at, arg) in args.iter().enumerate() {
        if out.len() > MAX_BYTES {
            break;
        }
        if at > 0 {
            out.push(b' ');
        }
        print_v(&mut out, arg);
    }
    out.push(b'\n');
    out
}

/// Go's `fmt.Sprintf`.
pub fn sprintf(format: &[u8], args: &[Value]) -> Vec<u8> {
    let mut out = Vec::with_capacity(format.len() + 16 * args.len());
    directive::run(&mut out, format, args);
    out
}

/// Appends what `%v` prints of a value handed over as an interface (a copy, for objects).
pub fn print_v(out: &mut Vec<u8>, value: &Value) {
    Printer::new(out).argument(value, 'v');
}

/// Appends what a template action prints of a value (`{{ value }}`): like `%v`, but objects print
/// through their pointer and nil prints `<no value>`.
pub fn print_action(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Nil => out.extend_from_slice(b"<no value>"),
        Value::Str(text) => out.extend_from_slice(text.as_bytes()),
        Value::Object(object) => out.extend_from_slice(&object.print()),
        _ => print_v(out, value),
    }
}

#[cfg(test)]
mod tests;
