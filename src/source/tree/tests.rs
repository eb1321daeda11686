use std::fs;
use std::os::unix::fs::symlink;

use super::*;

#[test]
fn links_are_followed_inside_the_folder_only() {
    let top = tempfile::tempdir().unwrap();
    let root = top.path().join("project");
    fs::create_dir_all(root.join("a/b")).unwrap();
    fs::write(root.join("a/b/f"), "inside").unwrap();
    fs::write(top.path().join("secret"), "outside").unwrap();
    fs::create_dir(top.path().join("elsewhere")).unwrap();
    fs::write(top.path().join("elsewhere/f"), "outside").unwrap();
    symlink("b", root.join("a/inner")).unwrap();
    symlink("../../secret", root.join("a/file-out")).unwrap();
    symlink("../../elsewhere", root.join("a/dir-out")).unwrap();
    symlink("nowhere", root.join("a/broken")).unwrap();

    let tree = Tree::directory(&root, "project");
    assert_eq!(&*tree.read("a/b/f").unwrap(), b"inside");
    assert_eq!(&*tree.read("a/inner/f").unwrap(), b"inside");
    assert!(matches!(tree.read("a/file-out"), Err(TreeError::Escapes { .. })));
    assert!(matches!(tree.read("a/dir-out/f"), Err(TreeError::Escapes { .. })));
    assert!(matches!(tree.list("a/dir-out"), Err(TreeError::Escapes { .. })));
    assert_eq!(tree.kind("a/broken").unwrap(), None);
    assert_eq!(tree.kind("a/b/f/g").unwrap(), None);
    assert!(matches!(tree.read("a/b"), Err(TreeError::Io { .. })));
}

#[test]
fn a_chart_may_share_a_chart_beside_it() {
    let top = tempfile::tempdir().unwrap();
    let root = top.path().join("charts-of-all/app");
    let shared = top.path().join("charts-of-all/shared");
    fs::create_dir_all(root.join("charts")).unwrap();
    fs::create_dir_all(shared.join("charts")).unwrap();
    fs::create_dir(top.path().join("secrets")).unwrap();
    for chart in [&root, &shared] {
        fs::write(chart.join("Chart.yaml"), "name: x").unwrap();
    }
    fs::write(top.path().join("secrets/key"), "secret").unwrap();
    symlink("../../shared", root.join("charts/shared")).unwrap();
    symlink("../../../secrets", root.join("charts/secrets")).unwrap();
    symlink(&shared, root.join("charts/absolute")).unwrap();
    symlink("../shared", root.join("elsewhere")).unwrap();
    symlink("../../../secrets/key", shared.join("charts/key")).unwrap();
    symlink("../../app", shared.join("charts/app")).unwrap();

    let tree = Tree::chart_directory(&root, "app");
    assert_eq!(&*tree.read("charts/shared/Chart.yaml").unwrap(), b"name: x");
    assert_eq!(tree.list("charts/shared").unwrap().len(), 2);
    for out in ["charts/secrets/key", "charts/absolute/Chart.yaml", "elsewhere/Chart.yaml", "charts/shared/charts/key"]
    {
        assert!(matches!(tree.read(out), Err(TreeError::Escapes { .. })), "{out}");
    }
    assert_eq!(
        &*tree.read("charts/shared/charts/app/Chart.yaml").unwrap(),
        b"name: x",
        "back to where it began is inside"
    );
    assert!(matches!(Tree::directory(&root, "app").read("charts/shared/Chart.yaml"), Err(TreeError::Escapes { .. })));
}

#[test]
fn paths_are_normalised_and_never_climb_out() {
    let files = BTreeMap::from([("a/b/f".to_owned(), Arc::from(&b"x"[..]))]);
    let tree = Tree::memory(files, "m");
    assert_eq!(&*tree.read("./a//b/../b/f").unwrap(), b"x");
    assert!(matches!(tree.read("../f"), Err(TreeError::Escapes { .. })));
    let below = tree.subtree("a").unwrap();
    assert_eq!(&*below.read("b/f").unwrap(), b"x");
    assert_eq!(below.display("b/f"), "m/a/b/f");
    assert_eq!(below.parent().map(|(tree, name)| (tree.display(""), name)), Some(("m".to_owned(), "a".to_owned())));
    assert!(tree.parent().is_none());
}
