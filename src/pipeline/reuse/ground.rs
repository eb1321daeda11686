use crate::config::MergeRules;
use crate::pipeline::stages::Crew;
use crate::pipeline::{GenerateOptions, PlanRequest, Project};
use crate::render::{BUILD, Context, content_of};
use crate::source::{Digest, Digester};
use crate::span::{Source, Span};
use crate::stack::{ComponentFilter, Content, Graph, Node, Text};

/// What the targets of one stack share.
pub struct Ground {
    /// The address of the stack's graph, which lives as long as the run.
    pub graph: usize,
    /// The digest.
    pub digest: Digest,
}

/// Digests of all that the targets of each stack share: this program, the stack, what its components
/// render, and how. Wherever a value is taken whole, fields that it gets one day count too.
pub fn grounds(
    project: &Project,
    graphs: &[Graph],
    context: &Context,
    options: &GenerateOptions,
    rules: &MergeRules,
    crew: &Crew,
) -> Vec<Ground> {
    let mut shared = Digester::new("ground");
    shared.text(BUILD);
    shared.debug(&project.reading);
    shared.debug(&project.file);
    shared.debug(&project.lock);
    shared.debug(rules);
    shared.debug(&GenerateOptions {
        environments: Vec::new(),
        out_dir: None,
        jobs: None,
        dry_run: false,
        contents: Default::default(),
        sync: false,
        reuse: Default::default(),
        cache: None,
        copy_terms: Default::default(),
        changed_since: None,
        times: None,
        ..options.clone()
    });
    let shared = shared.finish();
    crew.each(graphs.iter().collect(), |graph: &Graph| {
        let mut ground = Digester::new("graph");
        ground.digest(shared);
        ground.debug(graph);
        for digest in crew.each(graph.nodes.iter().collect(), |node| content(node, context)) {
            ground.number(digest.is_some().into());
            digest.into_iter().for_each(|digest| ground.digest(digest));
        }
        Ground { graph: std::ptr::from_ref(graph).addr(), digest: ground.finish() }
    })
}

fn content(node: &Node, context: &Context) -> Option<Digest> {
    match &node.content {
        Content::Tree(tree) => content_of(tree, &node.spec.kind, context),
        Content::Nothing | Content::Missing => None,
    }
}

/// A digest of what is asked for in a context, wherever it is written. `None` where units must be looked at: which of
/// them met which override of an image is told in the end.
pub fn digest_of_request(request: &PlanRequest, context: Digest, ground: Digest) -> Option<Digest> {
    if !request.images.overrides().is_empty() {
        return None;
    }
    let nowhere = Span::new(&Source::new("", ""), 0..0);
    let plain = |texts: &[Text]| -> Vec<Text> {
        texts.iter().map(|text| Text { value: text.value.clone(), place: nowhere.clone() }).collect()
    };
    let ComponentFilter { only, except } = &request.components;
    let components = ComponentFilter { only: plain(only), except: plain(except) };
    let mut digest = Digester::new("request");
    digest.digest(ground);
    digest.digest(context);
    digest.debug(&PlanRequest { places: Vec::new(), components, ..request.clone() });
    Some(digest.finish())
}
