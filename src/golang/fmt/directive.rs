use crate::value::{IntKind, Value};

use super::super::time::integer_of;
use super::super::utf8;
use super::flags::Flags;
use super::printer::{MAX_BYTES, Printer};

/// Widths and precisions beyond this are refused.
const LARGEST: i64 = 1_000_000;

/// Appends the format with its directives replaced.
pub(super) fn run(out: &mut Vec<u8>, format: &[u8], args: &[Value]) {
    let mut scan = Scan { format, args, at: 0, next: 0, reordered: false, good_index: true };
    let mut printer = Printer::new(out);
    while scan.at < format.len() && printer.out().len() <= MAX_BYTES {
        let rest = &format[scan.at..];
        let text = rest.iter().position(|byte| *byte == b'%').unwrap_or(rest.len());
        printer.out().extend_from_slice(&rest[..text]);
        scan.at += text;
        if text < rest.len() {
            scan.at += 1;
            scan.directive(&mut printer);
        }
    }
    if !scan.reordered && scan.next < args.len() {
        surplus(&mut printer, &args[scan.next..]);
    }
}

fn surplus(printer: &mut Printer<'_>, args: &[Value]) {
    printer.flags = Flags::default();
    printer.out().extend_from_slice(b"%!(EXTRA ");
    for (at, arg) in args.iter().enumerate() {
        if at > 0 {
            printer.out().extend_from_slice(b", ");
        }
        if !matches!(arg, Value::Nil) {
            printer.out().extend_from_slice(arg.type_name().as_bytes());
            printer.out().push(b'=');
        }
        printer.argument(arg, 'v');
    }
    printer.out().push(b')');
}

struct Scan<'a> {
    format: &'a [u8],
    args: &'a [Value],
    /// The byte of the format to be read next.
    at: usize,
    /// The operand to be printed next.
    next: usize,
    /// Whether any directive chose its operand.
    reordered: bool,
    /// Whether the choice of the current directive is sound.
    good_index: bool,
}

impl Scan<'_> {
    fn peek(&self) -> Option<u8> {
        self.format.get(self.at).copied()
    }

    /// Prints one directive; the `%` has been read.
    fn directive(&mut self, printer: &mut Printer<'_>) {
        self.good_index = true;
        let mut flags = Flags::default();
        while let Some(byte) = self.peek() {
            match byte {
                b'#' => flags.sharp = true,
                b'0' => flags.zero = true,
                b'+' => flags.plus = true,
                b'-' => flags.minus = true,
                b' ' => flags.space = true,
                _ => break,
            }
            self.at += 1;
        }
        let mut after_index = self.index();
        if self.peek() == Some(b'*') {
            self.at += 1;
            match self.operand() {
                Some(width) => {
                    flags.width = Some(width.unsigned_abs() as usize);
                    if width < 0 {
                        flags.minus = true;
                        flags.zero = false;
                    }
                }
                None => printer.out().extend_from_slice(b"%!(BADWIDTH)"),
            }
            after_index = false;
        } else {
            flags.width = self.number(self.format.len());
            if after_index && flags.width.is_some() {
                self.good_index = false;
            }
        }
        if self.peek() == Some(b'.') && self.at + 1 < self.format.len() {
            self.at += 1;
            if after_index {
                self.good_index = false;
            }
            after_index = self.index();
            if self.peek() == Some(b'*') {
                self.at += 1;
                flags.precision = self.operand().and_then(|precision| usize::try_from(precision).ok());
                if flags.precision.is_none() {
                    printer.out().extend_from_slice(b"%!(BADPREC)");
                }
                after_index = false;
            } else {
                flags.precision = Some(self.number(self.format.len()).unwrap_or(0));
            }
        }
        if !after_index {
            self.index();
        }
        self.verb(printer, flags);
    }

    fn verb(&mut self, printer: &mut Printer<'_>, mut flags: Flags) {
        let Some(rest) = self.format.get(self.at..).filter(|rest| !rest.is_empty()) else {
            return printer.out().extend_from_slice(b"%!(NOVERB)");
        };
        let (verb, width) = utf8::decode(rest);
        let verb = verb.unwrap_or(char::REPLACEMENT_CHARACTER);
        self.at += width;
        let problem: &[u8] = match self.args.get(self.next) {
            _ if verb == '%' => return printer.out().push(b'%'),
            _ if !self.good_index => b"(BADINDEX)",
            None => b"(MISSING)",
            Some(arg) => {
                if matches!(verb, 'v' | 'w') {
                    flags.for_v();
                }
                self.next += 1;
                printer.flags = flags;
                return printer.argument(arg, verb);
            }
        };
        printer.out().extend_from_slice(b"%!");
        utf8::push(printer.out(), verb);
        printer.out().extend_from_slice(problem);
    }

    /// Reads `[n]`, if it stands here. Whether it did, well-formed and closed.
    fn index(&mut self) -> bool {
        if self.peek() != Some(b'[') {
            return false;
        }
        self.reordered = true;
        let rest = &self.format[self.at..];
        let close = if rest.len() < 3 { None } else { rest.iter().position(|byte| *byte == b']') };
        let Some(close) = close.map(|close| self.at + close) else {
            self.at += 1;
            self.good_index = false;
            return false;
        };
        self.at += 1;
        let chosen = self.number(close).filter(|_| self.at == close);
        self.at = close + 1;
        match chosen {
            Some(chosen) if (1..=self.args.len()).contains(&chosen) => self.next = chosen - 1,
            _ => self.good_index = false,
        }
        chosen.is_some()
    }

    /// Reads a decimal number before `end`. A number too large leaves nothing to be read.
    fn number(&mut self, end: usize) -> Option<usize> {
        let mut value = None;
        while let Some(digit) = self.format[self.at..end].first().filter(|byte| byte.is_ascii_digit()) {
            let so_far = value.unwrap_or(0);
            if so_far > LARGEST as usize {
                self.at = end;
                return None;
            }
            value = Some(so_far * 10 + usize::from(digit - b'0'));
            self.at += 1;
        }
        value
    }

    /// Takes the next operand as a width or precision.
    fn operand(&mut self) -> Option<i64> {
        let arg = self.args.get(self.next)?;
        self.next += 1;
        let named = match arg {
            Value::Object(object) => integer_of(object).map(Value::int64),
            _ => None,
        };
        match named.as_ref().unwrap_or(arg) {
            Value::Int(IntKind::Uint64 | IntKind::Uint, bits) if *bits < 0 => None,
            Value::Int(_, value) if (-LARGEST..=LARGEST).contains(value) => Some(*value),
            _ => None,
        }
    }
}
