use git2::Oid;

/// What a ref shall become.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefUpdate {
    /// Its full name.
    pub name: String,
    /// What it must point at now; nothing when it must not exist.
    pub old: Option<Oid>,
    /// What it shall point at; nothing when it shall be removed.
    pub new: Option<Oid>,
}

impl RefUpdate {
    /// One that moves or makes a ref.
    pub fn set(name: impl Into<String>, old: Option<Oid>, new: Oid) -> Self {
        Self { name: name.into(), old, new: Some(new) }
    }
}

/// What became of a push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PushOutcome {
    /// All refs are what they shall be.
    Pushed,
    /// Somebody else moved a ref, or is about to: look again and repeat.
    Contended {
        /// What the server said, if it said anything.
        said: String,
    },
    /// The server does not want it, and will not the next time.
    Refused(Refusal),
}

/// Why a server does not want a push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The refs that it names.
    pub refs: Vec<String>,
    /// Its words, and those of its hooks, made safe for a terminal, lines apart.
    pub said: String,
}
