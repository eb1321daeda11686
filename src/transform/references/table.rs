use std::sync::LazyLock;

/// Which fields name which kinds: the referring kind, the path of the field, the kind that is named.
/// `{pod}` stands for all kinds that hold the specification of a pod, and at the beginning of a path for
/// that specification; `{container}` for its lists of containers. `~1` is a slash in a key. Kinds stand
/// behind their API group, `*/` is any group. `?` means that keys beside the field tell the kind, and what
/// follows is the kind when they do not.
const TABLE: &str = include_str!("references.tsv");

/// The keys of lists of containers.
const CONTAINERS: [&str; 3] = ["containers", "initContainers", "ephemeralContainers"];

/// A kind, with its API group unless any will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct KindOf {
    pub group: Option<&'static str>,
    pub kind: &'static str,
}

impl KindOf {
    fn read(text: &'static str) -> Self {
        match text.rsplit_once('/') {
            Some(("*", kind)) => Self { group: None, kind },
            Some((group, kind)) => Self { group: Some(group), kind },
            None => Self { group: Some(""), kind: text },
        }
    }

    pub fn is(self, group: &str, kind: &str) -> bool {
        self.kind == kind && self.group.is_none_or(|own| own == group)
    }
}

/// What a field names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// An object of this kind.
    Kind(KindOf),
    /// An object of the kind that is told beside the name; of this one where it is not.
    Told(Option<KindOf>),
    /// An object of any kind that the rule of a role is about.
    Ruled,
}

/// A row of the table.
#[derive(Debug)]
pub(super) struct Row {
    /// The referring kind; `None` for all that hold the specification of a pod.
    pub referrer: Option<KindOf>,
    /// The keys on the way from the object, or from the specification of its pod; lists are gone through.
    pub path: Vec<String>,
    pub named: Named,
}

/// All rows.
pub(super) static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    let lines = TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.flat_map(read).collect()
});

fn read(line: &'static str) -> Vec<Row> {
    let mut fields = line.split('\t');
    let [Some(referrer), Some(path), Some(named), None] = std::array::from_fn(|_| fields.next()) else {
        return Vec::new();
    };
    let named = match named.strip_prefix('?') {
        Some("") => Named::Told(None),
        Some(kind) => Named::Told(Some(KindOf::read(kind))),
        None if named == "!" => Named::Ruled,
        None => Named::Kind(KindOf::read(named)),
    };
    let referrer = (referrer != "{pod}").then(|| KindOf::read(referrer));
    let of_path =
        |path: &str| Row { referrer, path: path.split('/').map(|key| key.replace("~1", "/")).collect(), named };
    match path.strip_prefix("{container}/") {
        Some(rest) => CONTAINERS.iter().map(|list| of_path(&format!("{list}/{rest}"))).collect(),
        None => vec![of_path(path)],
    }
}
