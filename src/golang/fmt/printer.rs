use crate::value::{Kind, List, ListType, Map, ObjectRef, Value};

use super::super::{time, utf8};
use super::CUT;
use super::flags::Flags;
use super::number::{self, Integer};
use super::text;

/// Containers nested deeper are cut off.
const MAX_DEPTH: usize = 1000;
/// Containers and texts that begin behind this many bytes are cut off: a value may hold one map many
/// times. Who asks for the text refuses one of that length.
pub(super) const MAX_BYTES: usize = 64 << 20;

/// Prints values with one verb and its flags.
pub(super) struct Printer<'a> {
    out: &'a mut Vec<u8>,
    pub flags: Flags,
    /// Inside the note about a bad verb, where methods are not asked.
    erroring: bool,
    /// The maps being printed, outermost first.
    open: Vec<Map>,
    depth: usize,
}

impl<'a> Printer<'a> {
    pub fn new(out: &'a mut Vec<u8>) -> Self {
        Self { out, flags: Flags::default(), erroring: false, open: Vec::new(), depth: 0 }
    }

    pub fn out(&mut self) -> &mut Vec<u8> {
        self.out
    }

    /// Prints an operand.
    pub fn argument(&mut self, value: &Value, verb: char) {
        match (value, verb) {
            (Value::Nil, 'v' | 'T') => self.flags.padded(self.out, b"<nil>"),
            (Value::Nil, _) => self.bad_verb(value, verb),
            (_, 'T') => {
                let name = value.type_name();
                self.flags.padded(self.out, self.flags.truncate(name.as_bytes()));
            }
            (_, 'p') => self.pointer(value),
            (Value::List(list), _) if list.ty() == ListType::Bytes => self.bytes(list, verb, "[]byte"),
            (Value::List(_) | Value::Map(_) | Value::Object(_), 'w') if !self.erroring => self.bad_verb(value, verb),
            _ => self.value(value, verb),
        }
    }

    /// Prints an operand or an element of one.
    fn value(&mut self, value: &Value, verb: char) {
        let fits = match value {
            // Only elements come here; they are interfaces, which Go prints before it looks at the verb.
            Value::Nil => {
                self.out.extend_from_slice(if self.flags.go_syntax { b"interface {}(nil)" } else { b"<nil>" });
                true
            }
            Value::Bool(value) if matches!(verb, 't' | 'v') => {
                self.flags.padded(self.out, if *value { b"true" } else { b"false" });
                true
            }
            Value::Bool(_) => false,
            Value::Int(kind, bits) => {
                let value = Integer { bits: *bits, signed: kind.is_signed() };
                number::integer(self.out, &self.flags, value, verb)
            }
            Value::Float(value) => number::floating(self.out, &self.flags, *value, verb),
            Value::Str(_) if self.out.len() > MAX_BYTES => {
                self.out.extend_from_slice(CUT);
                true
            }
            Value::Str(value) => text::string(self.out, &self.flags, value.as_bytes(), verb),
            Value::List(list) => {
                self.list(list, verb, list.ty().name());
                true
            }
            Value::Map(map) => {
                self.map(map, verb, map.ty().name());
                true
            }
            Value::Object(object) => self.object(object, verb),
        };
        if !fits {
            self.bad_verb(value, verb);
        }
    }

    /// `%!verb(type=value)`.
    fn bad_verb(&mut self, value: &Value, verb: char) {
        let outer = std::mem::replace(&mut self.erroring, true);
        self.out.extend_from_slice(b"%!");
        utf8::push(self.out, verb);
        self.out.push(b'(');
        if matches!(value, Value::Nil) {
            self.out.extend_from_slice(b"<nil>");
        } else {
            self.out.extend_from_slice(value.type_name().as_bytes());
            self.out.push(b'=');
            self.argument(value, 'v');
        }
        self.out.push(b')');
        self.erroring = outer;
    }

    fn list(&mut self, list: &List, verb: char, type_name: &str) {
        if list.ty() == ListType::Bytes && matches!(verb, 's' | 'q' | 'x' | 'X') {
            return self.bytes(list, verb, type_name);
        }
        if self.flags.go_syntax {
            self.out.extend_from_slice(type_name.as_bytes());
            if list.is_nil() {
                return self.out.extend_from_slice(b"(nil)");
            }
        }
        let (open, close) = if self.flags.go_syntax { (b'{', b'}') } else { (b'[', b']') };
        self.out.push(open);
        self.nested(|printer| {
            for (at, item) in list.items().iter().enumerate() {
                if at > 0 {
                    printer.separator();
                }
                printer.element(item, verb, list.ty() == ListType::Map);
            }
        });
        self.out.push(close);
    }

    fn map(&mut self, map: &Map, verb: char, type_name: &str) {
        if self.open.iter().any(|open| open.same(map)) && !map.is_nil() {
            return self.out.extend_from_slice(CUT);
        }
        if self.flags.go_syntax {
            self.out.extend_from_slice(type_name.as_bytes());
            if map.is_nil() {
                return self.out.extend_from_slice(b"(nil)");
            }
            self.out.push(b'{');
        } else {
            self.out.extend_from_slice(b"map[");
        }
        self.open.push(map.clone());
        self.nested(|printer| {
            for (at, (key, item)) in map.snapshot().into_iter().enumerate() {
                if at > 0 {
                    printer.separator();
                }
                printer.value(&Value::Str(key), verb);
                printer.out.push(b':');
                printer.element(&item, verb, false);
            }
        });
        self.open.pop();
        self.out.push(if self.flags.go_syntax { b'}' } else { b']' });
    }

    /// Elements of interface type may be of any type, where `%w` finds no error in them.
    fn element(&mut self, value: &Value, verb: char, typed: bool) {
        match value {
            Value::List(_) | Value::Map(_) | Value::Object(_) if verb == 'w' && !self.erroring => {
                self.bad_verb(value, verb);
            }
            Value::Nil if typed => self.out.extend_from_slice(b"map[]"),
            _ => self.value(value, verb),
        }
    }

    fn separator(&mut self) {
        self.out.extend_from_slice(if self.flags.go_syntax { b", " } else { b" " });
    }

    fn nested(&mut self, items: impl FnOnce(&mut Self)) {
        if self.depth == MAX_DEPTH || self.out.len() > MAX_BYTES {
            return self.out.extend_from_slice(CUT);
        }
        self.depth += 1;
        items(self);
        self.depth -= 1;
    }

    fn bytes(&mut self, list: &List, verb: char, type_name: &str) {
        let byte = |item: &Value| match item {
            Value::Int(_, bits) => *bits as u8,
            _ => 0,
        };
        match verb {
            's' | 'q' | 'x' | 'X' => {
                let bytes: Vec<u8> = list.items().iter().map(byte).collect();
                text::string(self.out, &self.flags, &bytes, verb);
            }
            'v' if self.flags.go_syntax => self.list(list, verb, type_name),
            _ => self.list(list, verb, "[]uint8"),
        }
    }

    /// `%p`. Addresses are no part of a result that can be repeated: all print the same.
    fn pointer(&mut self, value: &Value) {
        if !matches!(value.kind(), Kind::Slice | Kind::Map | Kind::Ptr | Kind::Func) {
            return self.bad_verb(value, 'p');
        }
        let bits = if value.is_nil() { 0 } else { 0xC0_0000_0000 };
        let flags = Flags { sharp: !self.flags.sharp, ..self.flags };
        number::integer(self.out, &flags, Integer { bits, signed: false }, 'x');
    }

    fn object(&mut self, object: &ObjectRef, verb: char) -> bool {
        // Named integers have a method for some verbs and are integers for the others.
        if let Some(bits) = time::integer_of(object)
            && (self.erroring || self.flags.go_syntax || !matches!(verb, 'v' | 's' | 'x' | 'X' | 'q'))
        {
            return number::integer(self.out, &self.flags, Integer { bits, signed: true }, verb);
        }
        if let Some(fields) = object.struct_fields() {
            return self.structure(object, &fields, verb);
        }
        match object.container() {
            Some(Value::List(list)) => self.list(&list, verb, &object.type_name()),
            Some(Value::Map(map)) => self.map(&map, verb, &object.type_name()),
            _ => match verb {
                'v' if self.flags.go_syntax => self.out.extend_from_slice(&object.print_copy()),
                'v' | 's' | 'x' | 'X' | 'q' => {
                    text::string(self.out, &self.flags, &object.print_copy(), verb);
                }
                // The note about a bad verb must not call itself.
                _ => return false,
            },
        }
        true
    }

    /// A struct, or a pointer to one, which is followed only where nothing is around it.
    fn structure(&mut self, object: &ObjectRef, fields: &[(&'static str, Value)], verb: char) -> bool {
        let type_name = object.type_name();
        let is_pointer = object.kind() == Kind::Ptr;
        if is_pointer && self.depth > 0 && !self.erroring {
            if verb == 'v' {
                self.pointer(&Value::Object(object.clone()));
            }
            return verb == 'v';
        }
        if is_pointer {
            self.out.push(b'&');
        }
        if self.flags.go_syntax {
            self.out.extend_from_slice(type_name.trim_start_matches('*').as_bytes());
        }
        self.out.push(b'{');
        self.nested(|printer| {
            for (at, (name, value)) in fields.iter().enumerate() {
                if at > 0 {
                    printer.separator();
                }
                if printer.flags.field_names || printer.flags.go_syntax {
                    printer.out.extend_from_slice(name.as_bytes());
                    printer.out.push(b':');
                }
                printer.element(value, verb, false);
            }
        });
        self.out.push(b'}');
        true
    }
}
