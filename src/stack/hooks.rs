use crate::span::Span;

/// A shell command of a component, run with `sh -c` in the component's folder.
#[derive(Clone, Debug)]
pub struct Hook {
    /// The command.
    pub command: String,
    /// Where it is written.
    pub place: Span,
}

/// The commands of a component by the moment they run at, each list in declaration order.
#[derive(Clone, Debug, Default)]
pub struct Hooks {
    /// Before the component's own sources are fetched.
    pub before_install: Vec<Hook>,
    /// After them, before the children fetch theirs.
    pub after_install: Vec<Hook>,
    /// Before the component is rendered.
    pub before_generate: Vec<Hook>,
    /// After the component is rendered, in memory: nothing is written yet.
    pub after_generate: Vec<Hook>,
}

impl Hooks {
    /// Whether there is no command at all.
    pub fn is_empty(&self) -> bool {
        self.before_install.is_empty()
            && self.after_install.is_empty()
            && self.before_generate.is_empty()
            && self.after_generate.is_empty()
    }
}
