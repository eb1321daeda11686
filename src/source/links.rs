use super::tree::TreeError;

/// The most links that one path may go through.
const MAX_LINKS: usize = 40;

/// Where one step of a path leads, in a tree that has links as entries of their own.
pub(super) enum Step<F, L> {
    /// Into a folder.
    Folder(F),
    /// To something that nothing lies below.
    Leaf(L),
    /// To a link with this target.
    Link(String),
}

/// What a path leads to.
pub(super) enum End<F, L> {
    Folder(F),
    Leaf(L),
}

/// Walks a path from the root of a tree, following links as long as they stay in it. `step` tells where
/// a name leads from a folder; `display` shows a path to users. `None` when nothing is there.
pub(super) fn walk<F: Copy, L>(
    root: F,
    path: &str,
    display: impl Fn(&str) -> String,
    mut step: impl FnMut(F, &str) -> Result<Option<Step<F, L>>, TreeError>,
) -> Result<Option<End<F, L>>, TreeError> {
    let escapes = || TreeError::Escapes { path: display(path), root: display("") };
    let mut ahead: Vec<String> = path.split('/').rev().map(str::to_owned).collect();
    let mut folders = vec![root];
    let mut links = 0;
    while let Some(name) = ahead.pop() {
        match &*name {
            "" | "." => continue,
            ".." if folders.len() == 1 => return Err(escapes()),
            ".." => {
                folders.pop();
                continue;
            }
            _ => {}
        }
        let here = folders.last().copied().unwrap_or(root);
        match step(here, &name)? {
            None => return Ok(None),
            Some(Step::Folder(folder)) => folders.push(folder),
            Some(Step::Leaf(leaf)) if ahead.is_empty() => return Ok(Some(End::Leaf(leaf))),
            Some(Step::Leaf(_)) => return Ok(None),
            Some(Step::Link(target)) => {
                links += 1;
                if links > MAX_LINKS {
                    let message = "too many levels of symbolic links".to_owned();
                    return Err(TreeError::Io { path: display(path), message });
                }
                if target.starts_with('/') {
                    return Err(escapes());
                }
                ahead.extend(target.split('/').rev().map(str::to_owned));
            }
        }
    }
    Ok(Some(End::Folder(folders.last().copied().unwrap_or(root))))
}
