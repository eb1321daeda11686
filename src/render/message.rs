use std::sync::Arc;

use crate::diag::{Code, Diagnostic, Label, Severity};
use crate::source::{Packer, Unpacker};

use super::RenderUnit;

/// The codes that rendering gives to messages that are no errors.
const CODES: [Code; 6] = [
    Code("chart.deprecated"),
    Code("chart.lookup"),
    Code("chart.nondeterministic"),
    Code("chart.warning"),
    Code("static.ignored-file"),
    Code("template.ignored-file"),
];

/// A message about a unit as a whole, without its place, which may have moved when it is told again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitMessage {
    code: usize,
    is_note: bool,
    message: String,
    help: Option<String>,
    /// What is said at the unit's place.
    label: Option<String>,
}

impl UnitMessage {
    /// The messages, as long as each can be told again from this alone.
    pub fn all_of(messages: &[Diagnostic], unit: &RenderUnit) -> Option<Vec<Self>> {
        messages.iter().map(|message| Self::of(message, unit)).collect()
    }

    fn of(message: &Diagnostic, unit: &RenderUnit) -> Option<Self> {
        let Diagnostic { code, severity, blame: _, message, labels, help } = message;
        let code = CODES.iter().position(|known| known == code)?;
        let is_note = match severity {
            Severity::Note => true,
            Severity::Warning => false,
            Severity::Error => return None,
        };
        let label = match labels.as_slice() {
            [] => None,
            [Label { span, text }] => {
                let place = unit.place.as_ref()?;
                let same = Arc::ptr_eq(&span.source, &place.source) && span.range() == place.range();
                Some(same.then(|| text.clone())?)
            }
            _ => return None,
        };
        Some(Self { code, is_note, message: message.clone(), help: help.clone(), label })
    }

    /// The message about a unit.
    pub fn told(&self, unit: &RenderUnit) -> Diagnostic {
        let code = CODES[self.code];
        let mut told = match self.is_note {
            true => Diagnostic::note(code, self.message.as_str()),
            false => Diagnostic::warning(code, self.message.as_str()),
        };
        told.help.clone_from(&self.help);
        match &self.label {
            Some(label) => told.maybe_at(unit.place.clone(), label.as_str()),
            None => told,
        }
    }

    /// Writes it.
    pub fn pack(&self, out: &mut Packer) {
        out.number(self.code as u64);
        out.number(self.is_note.into());
        out.text(&self.message);
        out.maybe(self.help.as_deref(), Packer::text);
        out.maybe(self.label.as_deref(), Packer::text);
    }

    /// Reads it.
    pub fn unpack(from: &mut Unpacker<'_>) -> Option<Self> {
        let code = usize::try_from(from.number()?).ok().filter(|code| *code < CODES.len())?;
        let is_note = from.flag()?;
        let message = from.text()?.to_owned();
        let text = |from: &mut Unpacker<'_>| from.text().map(str::to_owned);
        Some(Self { code, is_note, message, help: from.maybe(text)?, label: from.maybe(text)? })
    }
}
