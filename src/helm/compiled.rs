use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::gotmpl::{FuncTable, ParseError, TemplateSet};
use crate::sprig;
use crate::value::Str;

use super::compat::Compat;
use super::functions;

/// How many sets of compiled templates a chart keeps; each choice of subcharts makes one.
const MAX_KEPT: usize = 64;

/// A template to compile: its name, and a text that lives as long as the chart that keeps the set.
pub struct SourceText<'c> {
    /// The name.
    pub name: &'c str,
    /// The text.
    pub text: &'c Arc<[u8]>,
}

/// The compiled templates of a chart, kept for the next release of the same subcharts.
#[derive(Default)]
pub struct CompiledCache(Mutex<Vec<Kept>>);

struct Kept {
    /// Names, and the texts by address: the texts cannot move or go away before the chart does.
    key: Vec<(String, usize)>,
    set: Arc<TemplateSet>,
}

impl CompiledCache {
    /// The compiled form of the given templates, parsed in the given order, on so many threads.
    pub fn get(
        &self,
        texts: &[SourceText<'_>],
        compat: Compat,
        threads: usize,
    ) -> Result<Arc<TemplateSet>, Box<ParseError>> {
        let address = |text: &Arc<[u8]>| text.as_ptr() as usize;
        let same = |kept: &&Kept| {
            kept.key.len() == texts.len()
                && kept.key.iter().zip(texts).all(|((name, at), text)| name == text.name && *at == address(text.text))
        };
        if let Some(kept) = self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().find(same) {
            return Ok(Arc::clone(&kept.set));
        }
        let mut set = TemplateSet::new("gotpl", function_table(compat));
        let named: Vec<(&str, Str)> = texts.iter().map(|text| (text.name, Str::from(Arc::clone(text.text)))).collect();
        set.parse_all(&named, threads)?;
        let set = Arc::new(set);
        let key = texts.iter().map(|text| (text.name.to_owned(), address(text.text))).collect();
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < MAX_KEPT {
            kept.push(Kept { key, set: Arc::clone(&set) });
        }
        Ok(set)
    }
}

impl fmt::Debug for CompiledCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CompiledCache")
    }
}

/// Sprig's functions with Helm's over them.
fn function_table(compat: Compat) -> Arc<FuncTable> {
    static TABLES: [OnceLock<Arc<FuncTable>>; 2] = [OnceLock::new(), OnceLock::new()];
    let table = TABLES[usize::from(compat.has_must_functions())].get_or_init(|| {
        let mut tables = sprig::tables().to_vec();
        tables.push(functions::TABLE);
        if compat.has_must_functions() {
            tables.push(functions::MUST_TABLE);
        }
        Arc::new(FuncTable::new(&tables))
    });
    Arc::clone(table)
}
