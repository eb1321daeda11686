use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::golang;
use crate::golang::glob::Glob;
use crate::helm::chart::{Attachment, Chart};
use crate::helm::compat::Compat;
use crate::helm::functions::yaml_text;
use crate::helm::reads::{FileQuestion, Ledger};
use crate::source::Digester;
use crate::value::{Kind, List, Map, MapType, Object, Param, Signature, Str, Value};

/// `.Files`: the files of a chart that have no other role, by path.
pub struct Files {
    files: BTreeMap<String, Attachment>,
    compat: Compat,
    container: OnceCell<Value>,
    /// The chart, and where questions are noted; nowhere for the answer to a question.
    noted: Option<(String, Ledger)>,
}

impl Files {
    /// The given files of the chart at a path; of two with one path the later one stays.
    pub fn new(path: &str, chart: &Chart, ledger: &Ledger) -> Self {
        let files = chart.files.iter().map(|file| (file.name.clone(), file.clone())).collect();
        Self { noted: Some((path.to_owned(), ledger.clone())), ..Self::from_map(files, chart.compat) }
    }

    fn note(&self, question: impl FnOnce() -> FileQuestion) {
        if let Some((chart, ledger)) = &self.noted {
            ledger.file(chart, question());
        }
    }

    /// Adds the answer to a question.
    pub fn answer(&self, question: &FileQuestion, answers: &mut Digester) {
        let mut add = |files: &BTreeMap<String, Attachment>| {
            answers.number(files.len() as u64);
            for (path, file) in files {
                answers.text(path);
                answers.bytes(&content(file));
            }
        };
        match question {
            FileQuestion::All => add(&self.files),
            FileQuestion::Glob(pattern) => add(&self.glob(pattern.as_bytes()).files),
            FileQuestion::Path(path) => {
                let found = self.get(path.as_bytes());
                answers.number(found.is_some().into());
                answers.bytes(&found.unwrap_or_default());
            }
        }
    }

    fn from_map(files: BTreeMap<String, Attachment>, compat: Compat) -> Self {
        Self { files, compat, container: OnceCell::new(), noted: None }
    }

    fn glob(&self, pattern: &[u8]) -> Self {
        let glob = std::str::from_utf8(pattern).ok().and_then(|pattern| Glob::compile(pattern).ok());
        // A pattern that cannot be compiled matches everything, as in Helm.
        let matches = |path: &str| glob.as_ref().is_none_or(|glob| glob.matches(path));
        let found = self.files.iter().filter(|(path, _)| matches(path));
        Self::from_map(found.map(|(path, file)| (path.clone(), file.clone())).collect(), self.compat)
    }

    fn get(&self, path: &[u8]) -> Option<Arc<[u8]>> {
        self.files.get(std::str::from_utf8(path).ok()?).map(content)
    }

    /// The files as a YAML map from their base names.
    fn by_base_name(&self, encode: impl Fn(Arc<[u8]>) -> Str) -> Value {
        let base = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
        let entries = self.files.iter().map(|(path, file)| (base(path), Value::Str(encode(content(file)))));
        yaml_text(&Value::Map(entries.map(|(name, value)| (Str::from(name), value)).collect()))
    }
}

/// The content of a file; nothing when it cannot be read, which ends the release later.
fn content(file: &Attachment) -> Arc<[u8]> {
    file.read().unwrap_or_default()
}

const ONE_STRING: Signature = Signature::fixed(&[Param::Str]);
const NONE: Signature = Signature::fixed(&[]);

impl Object for Files {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed("engine.files")
    }

    fn kind(&self) -> Kind {
        Kind::Map
    }

    fn method(&self, name: &str) -> Option<&'static Signature> {
        match name {
            "Get" | "GetBytes" | "Glob" | "Lines" => Some(&ONE_STRING),
            "AsConfig" | "AsSecrets" => Some(&NONE),
            _ => None,
        }
    }

    fn work(&self, method: &str, args: &[Value]) -> u64 {
        let size = |files: &BTreeMap<String, Attachment>| files.values().map(|file| file.size() as u64).sum::<u64>();
        match method {
            // A pattern may be compared with the whole of each path.
            "Glob" => {
                let pattern = args.first().and_then(Value::as_bytes).unwrap_or_default().len() as u64;
                self.files.keys().map(|path| 2 + (path.len() as u64 * pattern) / 16).sum()
            }
            "AsConfig" | "AsSecrets" => size(&self.files) / 2,
            _ => 0,
        }
    }

    fn call(&self, name: &str, args: &[Value]) -> Result<Value, String> {
        let argument = args.first().and_then(Value::as_bytes).unwrap_or_default();
        let text = || String::from_utf8_lossy(argument).into_owned();
        match name {
            "Get" | "GetBytes" | "Lines" => self.note(|| FileQuestion::Path(text())),
            "Glob" => self.note(|| FileQuestion::Glob(text())),
            _ => self.note(|| FileQuestion::All),
        }
        Ok(match name {
            "Get" => self.get(argument).map_or(Value::str(""), Value::str),
            "GetBytes" => Value::List(List::bytes(self.get(argument).unwrap_or_default())),
            "Glob" => self.glob(argument).into(),
            "Lines" => match self.get(argument) {
                Some(data) if data.is_empty() && self.compat.fails_on_empty_lines() => {
                    return Err("runtime error: index out of range [-1]".to_owned());
                }
                Some(data) if !data.is_empty() => {
                    let text = data.strip_suffix(b"\n").unwrap_or(&data);
                    Value::strings(text.split(|byte| *byte == b'\n'))
                }
                _ => Value::strings::<Str>([]),
            },
            "AsConfig" => self.by_base_name(Str::from),
            "AsSecrets" => self.by_base_name(|data| Str::from(STANDARD.encode(data))),
            _ => Value::Nil,
        })
    }

    fn container(&self) -> Option<Value> {
        self.note(|| FileQuestion::All);
        let all = || {
            let entries = self
                .files
                .iter()
                .map(|(path, file)| (Str::from(path.as_str()), Value::List(List::bytes(content(file)))));
            Value::Map(entries.collect::<Map>().with_type(MapType::Files))
        };
        Some(self.container.get_or_init(all).clone())
    }

    fn print(&self) -> Vec<u8> {
        let mut out = Vec::new();
        golang::fmt::print_v(&mut out, &self.container().unwrap_or_default());
        out
    }

    fn to_data(&self) -> Value {
        self.note(|| FileQuestion::All);
        let entries = self.files.iter().map(|(path, file)| (path.as_str(), Value::str(STANDARD.encode(content(file)))));
        Value::map(entries)
    }

    fn truth(&self) -> bool {
        self.note(|| FileQuestion::All);
        !self.files.is_empty()
    }
}
