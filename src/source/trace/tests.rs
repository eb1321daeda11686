use std::fs;

use super::{Memo, Question, Recheck, observe};
use crate::source::Tree;

#[test]
fn questions_are_noted_with_their_answers_also_through_a_memo() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("a", "1");
    write("b", "2");
    let tree = Tree::directory(folder.path(), "shown");
    let memo: Memo<&str, Vec<u8>> = Memo::default();
    let read = |name: &'static str| memo.get(name, || tree.read(name).map(|bytes| bytes.to_vec()).unwrap_or_default());
    read("a");
    let ((), first) = observe(|| {
        assert_eq!(*read("a"), b"1");
        read("a");
        read("missing");
        assert!(!tree.is_dir("b"));
        tree.list("").unwrap();
    });
    let questions: Vec<_> = first.iter().map(|asked| (asked.path.as_str(), asked.question)).collect();
    assert_eq!(
        questions,
        [("b", Question::Kind), ("", Question::Entries), ("a", Question::Content), ("missing", Question::Content)]
    );
    let holds = || {
        let again = Recheck::default();
        first.iter().map(|asked| again.holds(asked)).collect::<Vec<_>>()
    };
    assert_eq!(holds(), [true; 4]);
    write("b", "other");
    assert_eq!(holds(), [true; 4], "its content was not asked for");
    write("a", "3");
    assert_eq!(holds(), [true, true, false, true]);
    write("missing", "");
    assert_eq!(holds(), [true, false, false, false]);
    let ((), outside) = observe(|| ());
    assert!(outside.is_empty());
}

#[test]
fn inner_observations_do_not_reach_the_outer_one() {
    let folder = tempfile::tempdir().unwrap();
    let tree = Tree::directory(folder.path(), "");
    let (inner, outer) = observe(|| observe(|| tree.is_file("x")).1);
    assert_eq!((inner.len(), outer.len()), (1, 0));
}
