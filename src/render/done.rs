use std::sync::Arc;

use crate::diag::{Diagnostic, Sink};
use crate::k8s::{Identity, Object};
use crate::source::{Packer, Unpacker};

use super::{Asked, Bundle, RenderUnit, Rendered, UnitMessage};

/// What rendering a unit gave, without errors.
#[derive(Clone, Debug)]
pub struct Done {
    rendered: Rendered,
    messages: Messages,
}

#[derive(Clone, Debug)]
enum Messages {
    /// As they were given, about components at the places of this run.
    Here(Vec<Diagnostic>),
    /// Without places.
    Carried(Vec<UnitMessage>),
}

impl Done {
    /// A result and the messages about it.
    pub fn new(rendered: Rendered, messages: Vec<Diagnostic>) -> Self {
        Self { rendered, messages: Messages::Here(messages) }
    }

    /// Gives the result again, with its messages about the unit.
    pub fn again(&self, unit: &RenderUnit, sink: &mut Sink) -> Rendered {
        match &self.messages {
            Messages::Here(messages) => messages.iter().for_each(|message| sink.push(message.clone())),
            Messages::Carried(messages) => messages.iter().for_each(|message| sink.push(message.told(unit))),
        }
        self.rendered.clone()
    }

    /// The result as bytes that mean the same on every machine; `None` when a message cannot be carried.
    pub fn pack(&self, unit: &RenderUnit) -> Option<Vec<u8>> {
        let messages = match &self.messages {
            Messages::Here(messages) => UnitMessage::all_of(messages, unit)?,
            Messages::Carried(messages) => messages.clone(),
        };
        let mut out = Packer::default();
        let Rendered { bundle, asked } = &self.rendered;
        let Bundle { objects, crds } = &**bundle;
        for objects in [objects, crds] {
            out.list(objects.iter(), |out, object| {
                out.text(&object.text);
                out.maybe(object.identity.as_ref(), |out, identity| {
                    let Identity { api_version, kind, name, namespace } = identity;
                    [api_version, kind, name].into_iter().for_each(|text| out.text(text));
                    out.maybe(namespace.as_deref(), Packer::text);
                });
            });
        }
        out.maybe(asked.as_ref(), |out, asked| {
            out.bytes(&asked.questions);
            out.digest(&asked.answers);
        });
        out.list(messages.iter(), |out, message| message.pack(out));
        Some(out.finish())
    }

    /// A result from its bytes; `None` when these are no such bytes.
    pub fn unpack(bytes: &[u8]) -> Option<Self> {
        let mut from = Unpacker::new(bytes);
        let owned = |from: &mut Unpacker<'_>| from.text().map(str::to_owned);
        let object = |from: &mut Unpacker<'_>| {
            let text = owned(from)?;
            let identity = from.maybe(|from| {
                let (api_version, kind, name) = (owned(from)?, owned(from)?, owned(from)?);
                Some(Identity { api_version, kind, name, namespace: from.maybe(owned)? })
            })?;
            Some(Object { text, identity })
        };
        let bundle = Bundle { objects: from.list(object)?, crds: from.list(object)? };
        let asked = from.maybe(|from| Some(Asked { questions: from.bytes()?.into(), answers: from.digest()? }))?;
        let messages = from.list(UnitMessage::unpack)?;
        from.end()?;
        Some(Self { rendered: Rendered { bundle: Arc::new(bundle), asked }, messages: Messages::Carried(messages) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Code;
    use crate::render::Engine;
    use crate::render::key::tests::unit;
    use crate::source::Digest;
    use crate::span::{Source, Span};

    #[test]
    fn results_are_carried_with_their_messages() {
        let mut here = unit(Engine::Container);
        let source = Source::new("component.yaml", "name: x");
        here.place = Some(Span::new(&source, 0..4));
        let identity = Identity {
            api_version: "v1".to_owned(),
            kind: "A".to_owned(),
            name: "a".to_owned(),
            namespace: Some("n".to_owned()),
        };
        let objects = vec![Object { text: "a: 1".to_owned(), identity: Some(identity) }];
        let crds = vec![Object { text: "b: 1".to_owned(), identity: None }];
        let asked = Some(Asked { questions: Arc::from([1]), answers: Digest::of(b"x") });
        let at = |place: &Option<Span>| Diagnostic::note(Code("chart.lookup"), "m").maybe_at(place.clone(), "l");
        let rendered = Rendered { bundle: Arc::new(Bundle { objects, crds }), asked };
        let bytes = Done::new(rendered.clone(), vec![at(&here.place)]).pack(&here).unwrap();

        let mut there = here.clone();
        there.place = Some(Span::new(&Source::new("component.yaml", "# moved\nname: x"), 8..12));
        let mut sink = Sink::new();
        let again = Done::unpack(&bytes).unwrap().again(&there, &mut sink);
        assert_eq!(format!("{again:?}"), format!("{rendered:?}"));
        assert_eq!(sink.diagnostics()[0].to_string(), "component.yaml:2:1: note[chart.lookup]: m");
        for end in 0..bytes.len() {
            assert!(Done::unpack(&bytes[..end]).is_none(), "{end}");
        }

        let elsewhere = vec![at(&there.place)];
        assert!(Done::new(rendered.clone(), elsewhere).pack(&here).is_none());
        let unknown = vec![Diagnostic::warning(Code("hook.skipped"), "m")];
        assert!(Done::new(rendered, unknown).pack(&here).is_none());
    }
}
