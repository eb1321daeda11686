use crate::golang::strconv;
use crate::helm::chart::{self, File};
use crate::source::{EntryKind, Tree};
use crate::value::Frozen;

use super::message::{Findings, Severity};
use super::object::Object;
use super::rendering::render;
use super::{LintOptions, documents};

const FOLDER: &str = "templates/";

/// The longest line that the check of indents reads.
const MAX_LINE: usize = 64 * 1024;

/// The rules for templates: they render, and what they render to is sound.
pub fn check(tree: &Tree, user: &Frozen, options: &LintOptions, findings: &mut Findings, notes: &mut Vec<String>) {
    let no_folder = matches!(tree.kind("templates"), Ok(Some(EntryKind::File)));
    let folder = if no_folder { Err("not a directory".to_owned()) } else { Ok(()) };
    if !findings.check(Severity::Warning, FOLDER, folder) {
        return;
    }
    let chart = match chart::load(tree) {
        Ok(chart) => chart,
        Err(error) => {
            findings.check(Severity::Error, FOLDER, Err(error.to_string()));
            return;
        }
    };
    let rendered = match render(&chart, user, options, notes) {
        Ok(Some(rendered)) => rendered,
        Ok(None) => return,
        Err(error) => {
            findings.check(Severity::Error, FOLDER, Err(error));
            return;
        }
    };
    for template in &chart.templates {
        check_source(template, findings);
        if extension(&template.name) != ".yaml" {
            continue;
        }
        let output = rendered.get(&format!("{}/{}", chart.name(), template.name));
        let text = output.map_or_else(Default::default, |output| String::from_utf8_lossy(output));
        if !check_output(&template.name, &text, options, findings) {
            return;
        }
    }
}

fn check_source(template: &File, findings: &mut Findings) {
    let name = &template.name;
    let extension = extension(name);
    let known = match [".yaml", ".yml", ".tpl", ".txt"].contains(&extension) {
        true => Ok(()),
        false => {
            Err(format!("file extension '{extension}' not valid. Valid extensions are .yaml, .yml, .tpl, or .txt"))
        }
    };
    findings.check(Severity::Error, name, known);
    let no_hook = match has_crd_hook(&template.data) {
        false => Ok(()),
        true => Err("manifest is a crd-install hook. This hook is no longer supported in v3 and all CRDs should also \
                     exist the crds/ directory at the top level of the chart"
            .to_owned()),
    };
    findings.check(Severity::Warning, name, no_hook);
    let no_time = match positions(&template.data, b".Release.Time").next() {
        None => Ok(()),
        Some(_) => {
            Err(".Release.Time has been removed in v3, please replace with the `now` function in your templates"
                .to_owned())
        }
    };
    findings.check(Severity::Error, name, no_time);
}

/// Go's `filepath.Ext`.
fn extension(name: &str) -> &str {
    let base = name.rsplit('/').next().unwrap_or(name);
    base.rfind('.').map_or("", |at| &base[at..])
}

/// Whether a text sets Helm 2's hook for custom resource definitions.
fn has_crd_hook(text: &[u8]) -> bool {
    positions(text, b"helm.sh/hook").any(|at| {
        let behind = &text[at + "helm.sh/hook".len()..];
        let behind = behind.strip_prefix(b"\"").unwrap_or(behind);
        let Some(behind) = behind.strip_prefix(b":") else { return false };
        let blanks = behind.iter().take_while(|byte| b"\t\n\x0c\r ".contains(byte)).count();
        blanks > 0 && behind[blanks..].starts_with(b"crd-install")
    })
}

fn positions<'t>(text: &'t [u8], wanted: &'t [u8]) -> impl Iterator<Item = usize> + 't {
    text.windows(wanted.len()).enumerate().filter(move |(_, window)| *window == wanted).map(|(at, _)| at)
}

/// Whether the next template may be looked at: a document that cannot be read ends it all.
fn check_output(name: &str, text: &str, options: &LintOptions, findings: &mut Findings) -> bool {
    if text.trim().is_empty() {
        return true;
    }
    findings.check(Severity::Warning, name, check_indent(text));
    let version = (number(&options.kube_version.major), number(&options.kube_version.minor));
    let outcome = documents::each(text, &mut |document| {
        let Some(object) = Object::read(&document)? else { return Ok(()) };
        findings.check(Severity::Warning, name, object.check_name());
        findings.check(Severity::Warning, name, object.check_deprecation(version));
        findings.check(Severity::Error, name, object.check_selector(text));
        findings.check(Severity::Error, name, object.check_list(text));
        Ok(())
    });
    let outcome = outcome.map_err(|error| format!("unable to parse YAML: {error}"));
    findings.check(Severity::Error, name, outcome)
}

fn number(text: &str) -> u32 {
    text.parse().unwrap_or(0)
}

/// The first line with something on it must not begin with a blank.
fn check_indent(text: &str) -> Result<(), String> {
    for line in text.split('\n') {
        if line.len() > MAX_LINE {
            return Err("bufio.Scanner: token too long".to_owned());
        }
        if line.trim().is_empty() {
            continue;
        }
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.starts_with([' ', '\t']) {
            let shown = strconv::quote(line.as_bytes());
            return Err(format!("document starts with an illegal indent: {shown}, which may cause parsing problems"));
        }
        return Ok(());
    }
    Ok(())
}
