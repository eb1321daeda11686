//! Documents in all the ways that people write YAML, from a seed.

/// Numbers that look random and are the same each time.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap_or(0) % end.max(1)
    }

    pub fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}

/// Keys that differ only for those who look closely, and some that need quotes.
const KEYS: &[&str] = &[
    "a",
    "b",
    "name",
    "image",
    "tag",
    "Tag",
    "\"a b\"",
    "'it''s'",
    "x.y/z",
    "é日",
    "\"\\u00e9\"",
    "a-b",
    "a_b",
    "\"yes\"",
    "'1'",
    "on-off",
    "\"#no\"",
    "\"a: b\"",
    "~x",
    "spec",
    "list",
    "env",
    "deep",
    "\"\"",
    "日本語",
    "k1",
    "k2",
    "k3",
];

const PLAIN: &[&str] = &[
    "web",
    "1",
    "0x1F",
    "1.5",
    "1.4.0",
    "true",
    "no",
    "null",
    "~",
    "a b  c",
    "http://x/y#z",
    "a:b",
    "-1",
    "1e3",
    "0644",
    ".5",
    "1_000",
    "é",
    "日本 語",
    "2020-01-01",
    "it's",
    "a\\b",
    "<<x",
    "12:30:45",
    "a#b",
    ".inf",
    "+",
    "a, b",
    "[x",
    "v1",
];

const QUOTED: &[&str] = &[
    "'single'",
    "'it''s'",
    "\"double\"",
    "\"tab\\there\"",
    "\"é \\u263a\"",
    "''",
    "\"\"",
    "\"a # b\"",
    "'- a'",
    "\"line\\nline\"",
    "'1'",
    "\"true\"",
    "\"  blanks  \"",
    "!!str 1",
    "!!int \"7\"",
    "!custom x",
];

const COMMENTS: &[&str] = &["# c", "#\ttab\t", "# é 日", "#", "# a: b # c", "# - x", "#'\""];

const BLOCKS: &[&[&str]] = &[
    &["one", "two"],
    &["# not a comment", "", "after"],
    &["a: b", "  deeper", "back"],
    &["é日", "- x"],
    &["trailing", ""],
];

/// A document and how it is written.
pub struct Written {
    pub text: String,
    /// Whether it has anchors.
    pub has_anchors: bool,
}

struct Writer<'r> {
    random: &'r mut Random,
    anchors: Vec<(String, bool)>,
    named: usize,
    with_anchors: bool,
}

/// What stands behind a key or dash: the rest of its line, and lines below, deeper than the key.
struct Value {
    head: String,
    below: Vec<String>,
    is_block_map: bool,
    is_block_list: bool,
}

impl Value {
    fn line(head: impl Into<String>) -> Self {
        Self { head: head.into(), below: Vec::new(), is_block_map: false, is_block_list: false }
    }
}

/// A stream of one document or some.
pub fn write(random: &mut Random) -> Written {
    let with_anchors = random.one_in(3);
    let mut text = String::new();
    let documents = if random.one_in(4) { 1 + random.below(3) } else { 1 };
    let mut has_anchors = false;
    for at in 0..documents {
        let mut writer = Writer { random, anchors: Vec::new(), named: 0, with_anchors };
        let lines = writer.root();
        has_anchors |= writer.named > 0;
        if at > 0 || random.one_in(6) {
            text.push_str(if random.one_in(3) { "--- # doc\n" } else { "---\n" });
        }
        for line in lines {
            text.push_str(&line);
            text.push('\n');
        }
        if random.one_in(8) && at + 1 == documents {
            text.push_str("...\n");
        }
    }
    if random.one_in(5) {
        text.pop();
    }
    if random.one_in(5) {
        text = text.replace('\n', "\r\n");
    }
    if random.one_in(8) {
        text.insert(0, '\u{FEFF}');
    }
    Written { text, has_anchors }
}

impl Writer<'_> {
    fn root(&mut self) -> Vec<String> {
        match self.random.below(12) {
            0 => self.list(0),
            1 => vec![self.flow(0, true)],
            2 if self.random.one_in(2) => vec![(*self.random.pick(COMMENTS)).to_owned()],
            _ => self.map(0),
        }
    }

    fn comment(&mut self) -> String {
        if self.random.one_in(6) {
            let blanks = " ".repeat(1 + self.random.below(3));
            format!("{blanks}{}", self.random.pick(COMMENTS))
        } else {
            String::new()
        }
    }

    fn between(&mut self, lines: &mut Vec<String>) {
        if self.random.one_in(8) {
            let blanks = " ".repeat(self.random.below(4));
            lines.push(format!("{blanks}{}", self.random.pick(COMMENTS)));
        }
        if self.random.one_in(12) {
            lines.push(String::new());
        }
    }

    fn map(&mut self, depth: usize) -> Vec<String> {
        let mut lines = Vec::new();
        let mut keys: Vec<&str> = Vec::new();
        for _ in 0..=self.random.below(4) {
            let key = *self.random.pick(KEYS);
            if keys.contains(&key) || (key == "\"\\u00e9\"" && keys.contains(&"é日")) {
                continue;
            }
            keys.push(key);
            self.between(&mut lines);
            let value = self.value(depth + 1);
            let comment = self.comment();
            let shift = if value.is_block_list { self.random.below(3) } else { 1 + self.random.below(4) };
            let Value { head, below, .. } = value;
            let space = " ".repeat(1 + usize::from(self.random.one_in(6)) * 2);
            let head = if head.is_empty() { String::new() } else { format!("{space}{head}") };
            if self.random.one_in(20) && !head.is_empty() && below.is_empty() {
                lines.push(format!("? {key}"));
                lines.push(format!(":{head}{comment}"));
                continue;
            }
            lines.push(format!("{key}:{head}{comment}"));
            lines.extend(indented(below, shift));
        }
        if self.with_anchors && self.random.one_in(5) {
            let maps: Vec<String> = self.anchors.iter().filter(|(_, map)| *map).map(|(name, _)| name.clone()).collect();
            if !maps.is_empty() {
                let name = self.random.pick(&maps);
                lines.push(format!("<<: *{name}"));
            }
        }
        lines
    }

    fn list(&mut self, depth: usize) -> Vec<String> {
        let mut lines = Vec::new();
        for _ in 0..=self.random.below(4) {
            self.between(&mut lines);
            let Value { head, below, is_block_map, is_block_list } = self.value(depth + 1);
            let comment = self.comment();
            let gap = 1 + usize::from(self.random.one_in(6)) * 2;
            let compact = (is_block_map || is_block_list) && head.is_empty() && self.random.below(4) > 0;
            let first_is_content =
                below.first().is_some_and(|line| !line.is_empty() && !line.trim_start().starts_with('#'));
            if compact && first_is_content {
                let mut below = below.into_iter();
                lines.push(format!("-{}{}", " ".repeat(gap), below.next().unwrap_or_default()));
                lines.extend(indented(below.collect(), 1 + gap));
                continue;
            }
            let head = if head.is_empty() { String::new() } else { format!("{}{head}", " ".repeat(gap)) };
            lines.push(format!("-{head}{comment}"));
            lines.extend(indented(below, 2 + self.random.below(3)));
        }
        lines
    }

    fn value(&mut self, depth: usize) -> Value {
        if self.with_anchors && !self.anchors.is_empty() && self.random.one_in(6) {
            let (name, _) = self.random.pick(&self.anchors).clone();
            return Value::line(format!("*{name}"));
        }
        let name = (self.with_anchors && self.random.one_in(5)).then(|| {
            self.named += 1;
            format!("a{}", self.named)
        });
        let mut value = match self.random.below(if depth > 4 { 7 } else { 12 }) {
            0..=2 => Value::line(*self.random.pick(PLAIN)),
            3 | 4 => Value::line(*self.random.pick(QUOTED)),
            5 => self.block_scalar(),
            6 => Value::line(if name.is_some() { "x" } else { "" }),
            7 => Value::line(self.flow(depth, false)),
            8 | 9 => Value { below: self.list(depth), is_block_list: true, ..Value::line("") },
            _ => {
                let below = self.map(depth);
                let is_block_map = !below.is_empty();
                Value { below, is_block_map, ..Value::line("") }
            }
        };
        if let Some(name) = name {
            let tagged = value.head.starts_with('!');
            let is_map = value.is_block_map || value.head.starts_with('{');
            if !tagged && value.head != "[x" {
                value.head = format!("&{name} {}", value.head).trim_end().to_owned();
                self.anchors.push((name, is_map));
            }
        }
        if value.head == "[x" {
            value.head = "x".to_owned();
        }
        value
    }

    fn block_scalar(&mut self) -> Value {
        let header = *self.random.pick(&["|", "|-", "|+", ">", ">-", ">+"]);
        let lines = *self.random.pick(BLOCKS);
        let below = lines.iter().map(|line| (*line).to_owned()).collect();
        Value { below, ..Value::line(header) }
    }

    fn flow(&mut self, depth: usize, root: bool) -> String {
        let count = self.random.below(4);
        let space = *self.random.pick(&["", " "]);
        let mut parts = Vec::new();
        let mut keys: Vec<&str> = Vec::new();
        let is_map = root || self.random.one_in(2);
        for _ in 0..count {
            let value = match self.random.below(if depth > 4 { 3 } else { 5 }) {
                0 => (*self.random.pick(&["web", "1", "v1.2", "true", "null", "é", "a b"])).to_owned(),
                1 => (*self.random.pick(&["'x, y'", "\"a: b\"", "\"1\"", "''"])).to_owned(),
                2 => (*self.random.pick(&["1.4", "~", "x/y"])).to_owned(),
                _ => self.flow(depth + 1, false),
            };
            if is_map {
                let key = *self.random.pick(&["a", "b", "\"c d\"", "tag", "'e'", "name"]);
                if !keys.contains(&key) {
                    keys.push(key);
                    parts.push(format!("{key}: {value}"));
                }
            } else {
                parts.push(value);
            }
        }
        let comma = *self.random.pick(&[", ", ",  ", " , "]);
        let trailing = if parts.is_empty() || !self.random.one_in(8) { "" } else { "," };
        let (open, close) = if is_map { ('{', '}') } else { ('[', ']') };
        format!("{open}{space}{}{trailing}{space}{close}", parts.join(comma))
    }
}

fn indented(lines: Vec<String>, by: usize) -> Vec<String> {
    let blanks = " ".repeat(by);
    lines.into_iter().map(|line| if line.is_empty() { line } else { format!("{blanks}{line}") }).collect()
}
