use std::sync::Arc;

use crate::span::{Source, Span};
use crate::stack::{Cluster, ClusterFile, ComponentFilter, Text};

/// Lists of environments as clusters: each list is one, named as the folder that `kiln generate` would write,
/// and seen by no expression and no template.
pub fn environment_clusters(lists: &[Vec<String>]) -> ClusterFile {
    let typed = |text: &str| {
        let source = Source::new("the command line", text);
        Text { value: text.to_owned(), place: Span::new(&source, 0..text.len()) }
    };
    let clusters = lists.iter().map(|list| {
        let name = if list.is_empty() { "common".to_owned() } else { list.join("-") };
        Cluster {
            name: typed(&name),
            labels: Arc::default(),
            layers: list.iter().map(|environment| typed(environment)).collect(),
            output: typed(&name),
            components: ComponentFilter::default(),
            disabled: false,
            allow_failure: false,
            is_typed: true,
            profile: Arc::default(),
            images: Default::default(),
            copy_of: None,
        }
    });
    ClusterFile { clusters: clusters.collect(), shown: "the command line".to_owned() }
}
