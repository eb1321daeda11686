use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::VERSION;
use super::document::{RESTORE, Refusal, document};
use super::entries::{Lock, LockEntry};
use super::fields::Fields;
use crate::diag::Diagnostic;
use crate::source::address;
use crate::source::error::foreign;
use crate::source::pin::Pin;
use crate::source::spec::SourceSpec;
use crate::span::Source;
use crate::yaml::{Node, NodeKind, Style};

type Result<T> = std::result::Result<T, Diagnostic>;

impl Lock {
    /// Reads the text of a lock.
    pub fn parse(source: &Arc<Source>) -> Result<Self> {
        let document = document(source)?;
        let refusal = Refusal::of(source);
        let mut fields = Fields::of(&document.root, "the lock", refusal)?;
        check_version(&mut fields, refusal)?;
        let (seed, _) = fields.text("seed")?;
        let (created, date) = fields.text("created")?;
        if created.parse::<jiff::civil::Date>().is_err() || created.len() != 10 {
            return Err(refusal.damaged(date, &format!("`{}` is no date YYYY-MM-DD", foreign(&created))));
        }
        let sources = fields.need("sources")?;
        let Some(items) = sources.as_seq() else {
            return Err(refusal.damaged(sources, "`sources` must be a list"));
        };
        fields.finish()?;
        let mut entries = BTreeMap::new();
        let mut places: HashMap<SourceSpec, &Node> = HashMap::new();
        for item in items {
            let (spec, entry) = read_entry(item, refusal)?;
            if places.insert(spec.clone(), item).is_some() {
                return Err(refusal
                    .damaged(item, &format!("a duplicate entry for {spec}"))
                    .help("take either entry out, then run `kiln install`"));
            }
            entries.insert(spec, entry);
        }
        Ok(Self { seed, created, entries })
    }
}

/// A version that is not this one is told before anything that it may have changed.
fn check_version(fields: &mut Fields<'_>, refusal: Refusal<'_>) -> Result<()> {
    let first = fields.first();
    let node = fields.need("version")?;
    let NodeKind::Scalar { text, style: Style::Plain } = &node.kind else {
        return Err(refusal.damaged(node, "`version` must be a whole number"));
    };
    if &**text != VERSION {
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(refusal.damaged(node, &format!("`version` must be a whole number, not `{}`", foreign(text))));
        }
        let place = node.start as usize..node.end as usize;
        let known = format!("has version {text}, this kiln reads version {VERSION}");
        return Err(match text.trim_start_matches('0') {
            "" | VERSION => refusal.say(place, &known).help(RESTORE),
            _ => refusal.say(place, &format!("{known}: a newer kiln wrote it")).help("upgrade kiln"),
        });
    }
    match first {
        Some((name, key)) if name != "version" => Err(refusal.damaged(key, "its first key must be `version`")),
        _ => Ok(()),
    }
}

fn read_entry(node: &Node, refusal: Refusal<'_>) -> Result<(SourceSpec, LockEntry)> {
    let mut fields = Fields::of(node, "an entry of `sources`", refusal)?;
    let (kind, kind_node) = fields.text("kind")?;
    let (url, url_node) = fields.text("source")?;
    if address::without_credentials(&url) != url {
        return Err(refusal.damaged(url_node, "a source holds a credential, which kiln never writes"));
    }
    let (spec, pin) = match &*kind {
        "git" => git(&mut fields, url, refusal)?,
        "chart" => chart(&mut fields, url, refusal)?,
        "http" => (SourceSpec::http(&*url), Pin::Http { sha256: fields.digest("digest")?, url }),
        other => {
            let what = format!("`{}` is no kind of source; there are git, chart and http", foreign(other));
            return Err(refusal.damaged(kind_node, &what));
        }
    };
    let asked_by = fields.texts("asked_by")?.into_iter().collect();
    fields.finish()?;
    Ok((spec, LockEntry { pin, asked_by }))
}

fn git(fields: &mut Fields<'_>, url: String, refusal: Refusal<'_>) -> Result<(SourceSpec, Pin)> {
    let version = fields.maybe_text("version")?.map(|(text, _)| text);
    let branch = fields.maybe_text("branch")?.map(|(text, _)| text);
    let reference = match fields.maybe_text("ref")? {
        Some((name, node)) if name != "HEAD" && !git2::Reference::is_valid_name(&name) => {
            return Err(refusal.damaged(node, &format!("`{}` is not the full name of a ref", foreign(&name))));
        }
        found => found.map(|(name, _)| name),
    };
    let (commit, tree, sha256) = (fields.id("commit")?, fields.id("tree")?, fields.digest("digest")?);
    let spec = SourceSpec::Git { url: url.clone(), version, branch };
    Ok((spec, Pin::Git { url, reference, commit, tree, sha256 }))
}

fn chart(fields: &mut Fields<'_>, url: String, refusal: Refusal<'_>) -> Result<(SourceSpec, Pin)> {
    let (chart, chart_node) = fields.text("chart")?;
    let asked = fields.maybe_text("version")?.map(|(text, _)| text).unwrap_or_default();
    let (version, version_node) = fields.text("resolved")?;
    // Both become part of file names.
    for (text, node, what) in [(&chart, chart_node, "the name of a chart"), (&version, version_node, "a version")] {
        if text.contains(['/', '\\']) || text.starts_with('.') {
            return Err(refusal.damaged(node, &format!("`{}` is not {what}", foreign(text))));
        }
    }
    let (archive, archive_node) = fields.text("archive")?;
    if address::without_credentials(&archive) != archive {
        return Err(refusal.damaged(archive_node, "an archive's URL holds a credential, which kiln never writes"));
    }
    let (manifest, sha256) = (fields.maybe_digest("manifest")?, fields.digest("digest")?);
    let signed_by = match fields.maybe_text("signed_by")? {
        Some((key, node)) if key.len() != 40 || !key.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            return Err(refusal.damaged(node, &format!("`{}` is not the fingerprint of a key", foreign(&key))));
        }
        found => found.map(|(key, _)| key),
    };
    let spec = SourceSpec::chart(&*url, &*chart, asked);
    Ok((spec, Pin::Chart { url, chart, version, archive, manifest, signed_by, sha256 }))
}
