use std::sync::Arc;

use crate::span::{Source, Span};
use crate::yaml::{self, Node};

/// The place of a value in a YAML file, by the keys and indices that lead to it. Of a value that is not
/// there, the place of what would have to hold it; the file's start when it cannot be read.
pub fn place_of(source: &Arc<Source>, at: &[String]) -> Span {
    let Ok(document) = yaml::parse_document(source) else { return Span::new(source, 0..0) };
    let mut node: &Node = &document.root;
    for (depth, step) in at.iter().enumerate() {
        let next = match node.as_seq() {
            Some(items) => step.parse::<usize>().ok().and_then(|index| items.get(index)),
            None => node.get(step),
        };
        match next {
            Some(next) => node = next,
            None if depth == 0 => return Span::new(source, 0..0),
            None => break,
        }
    }
    document.span(node)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_by_the_way_to_it() {
        let source = Source::new("Chart.yaml", "name: demo\ndependencies:\n  - name: a\n    alias: b\n  -\n");
        let place = |at: &[&str]| {
            let at: Vec<String> = at.iter().map(|step| (*step).to_owned()).collect();
            place_of(&source, &at).to_string()
        };
        assert_eq!(place(&["name"]), "Chart.yaml:1:7");
        assert_eq!(place(&["dependencies", "0", "alias"]), "Chart.yaml:4:12");
        assert_eq!(place(&["dependencies", "0", "version"]), "Chart.yaml:3:5");
        assert_eq!(place(&["dependencies", "1"]), "Chart.yaml:5:4");
        assert_eq!(place(&["version"]), "Chart.yaml:1:1");
        assert_eq!(place_of(&Source::new("x", "a: ["), &[]).to_string(), "x:1:1");
    }
}
