use super::messages::{Messages, told_clusters};
use crate::diag::{Code, Diagnostic};

#[test]
fn equal_messages_are_told_once_with_their_clusters() {
    let mut messages = Messages::default();
    let message = |text: &str| Diagnostic::warning(Code("x.y"), text);
    for cluster in [0, 1] {
        messages.add(cluster, message("both"));
        messages.add(cluster, message("both"));
    }
    messages.add(1, message("one"));
    messages.add(2, Diagnostic::error(Code("x.y"), "one"));
    for cluster in 0..3 {
        messages.add(cluster, message("all"));
    }
    let told: Vec<String> = messages.told(&["a", "b", "c"]).map(|message| message.to_string()).collect();
    assert_eq!(
        told,
        ["warning[x.y]: a, b: both", "warning[x.y]: b: one", "error[x.y]: c: one", "warning[x.y]: all 3 clusters: all",]
    );
    let names: Vec<String> = (0..20).map(|at| at.to_string()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    assert_eq!(told_clusters(&(0..10).collect::<Vec<_>>(), &names), "0, 1, 2, 3, 4, 5, 6, 7 and 2 more clusters");
    let mut single = Messages::default();
    single.add(0, message("alone"));
    assert_eq!(single.told(&["a"]).next().unwrap().message, "alone");
}
