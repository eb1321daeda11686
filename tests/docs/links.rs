//! Links between the pages lead to something.

use std::fs;
use std::path::{Path, PathBuf};

use libtest_mimic::Failed;

use crate::root;

/// Checks the relative links of the pages, with their anchors.
pub fn check(pages: &[PathBuf]) -> Result<(), Failed> {
    let mut dead = Vec::new();
    for page in pages {
        let text = fs::read_to_string(page)?;
        for target in targets(&text) {
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let place = if file.is_empty() { page.clone() } else { page.parent().unwrap_or(page).join(file) };
            if !place.exists() || !(anchor.is_empty() || has_heading(&place, anchor)) {
                dead.push(format!("{}: {target}", page.strip_prefix(root()).unwrap_or(page).display()));
            }
        }
    }
    if dead.is_empty() { Ok(()) } else { Err(dead.join("\n").into()) }
}

/// What the links of a text point at, those to other sites left out.
fn targets(text: &str) -> impl Iterator<Item = &str> {
    let blocks = text.split("```").step_by(2);
    let links = blocks.flat_map(|block| block.split("](").skip(1)).filter_map(|rest| rest.split_once(')'));
    links.map(|(target, _)| target).filter(|target| !target.contains("://"))
}

/// Whether a page has a heading of that anchor, as web sites make them.
fn has_heading(page: &Path, anchor: &str) -> bool {
    let text = fs::read_to_string(page).unwrap_or_default();
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings.map(|line| line.trim_start_matches('#').trim()).any(|heading| {
        let kept = heading.chars().filter(|char| char.is_alphanumeric() || " -_".contains(*char));
        kept.collect::<String>().to_lowercase().replace(' ', "-") == anchor
    })
}
