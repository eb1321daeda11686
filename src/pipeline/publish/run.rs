use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use git2::Oid;
use sha2::{Digest, Sha256};

use crate::diag::{Code, Diagnostic, Reported, Sink};
use crate::output::CopyNote;
use crate::output::publish::{Base, CommitBase, DeleteBound, FolderBase, Preserve, Scope};
use crate::pipeline::generate::output_root;
use crate::pipeline::{
    CopyTerms, Copying, Fleet, FleetOptions, GenerateOptions, Project, Watcher, fleet_names, hand_over_clusters,
};
use crate::source::{
    Attempt, Checkout, CommitSigner, EntryKind, FetchOptions, LOCK_NAME, RemoteRefs, Retries, SourceError, Tree,
    Upstream, retried, sha256_hex,
};
use crate::stack::{ClusterFile, Layout, PUBLISH_FILE, PublishFile};

use super::cache::Cache;
use super::collect::Collector;
use super::copies::CopyWork;
use super::destination::Destinations;
use super::extra::{beside_copy, engines};
use super::message::Digests;
use super::origin::Origin;
use super::put::{Putting, unreadable};
use super::tracking::{Place, note_ref, state_ref};
use super::{BranchOutcome, CopyJob, Destination, PublishOptions, Published, Subjects};

const PATTERN: Code = Code("publish.invalid-value");
/// Folders of a project deeper than this hold none of its inputs.
const DEEPEST: usize = 64;

/// Publishes an open project: renders its clusters, puts their files onto what the target holds, commits and
/// pushes, again and again while others are faster. Until the push nothing but the cache is written; a push moves
/// all branches or none where the server can do that.
///
/// # Errors
/// When `sink` got at least one error: then the target is as it was.
#[expect(clippy::too_many_arguments, reason = "the project, what to compile, where to and how to reach it")]
pub fn publish(
    project: &Project,
    clusters: &ClusterFile,
    file: &PublishFile,
    generate: &GenerateOptions,
    options: &PublishOptions,
    fetch: &FetchOptions,
    watcher: &dyn Watcher,
    sink: &mut Sink,
) -> Result<Published, Reported> {
    let root = output_root(project, generate, sink)?;
    let mut passed = vec![root.clone(), project.folder.join(".kiln")];
    passed.extend(options.to.clone());
    let origin = Origin::of(project, &passed, options, sink)?;
    let short = origin.commit.as_ref().map_or("source", |commit| &commit.id[..12]);
    let is_fleet = generate.environments.is_empty();
    let destinations = Destinations::of(file, options, &clusters.clusters, is_fleet, short);
    let destinations = destinations.map_err(|problem| sink.fail(problem))?;
    let engines = engines(file, options, &destinations, clusters, sink)?;
    let preserve = patterns(file, sink)?;
    let signer = CommitSigner::of(origin.checkout(), &fetch.environment, file.commit.sign);
    let signer = signer.map_err(|error| sink.fail(error.into()))?;
    let upstream = match (&options.to, &destinations.repo) {
        (Some(_), _) | (None, None) => None,
        (None, Some(repo)) => Some(Upstream::open(repo, fetch).map_err(|error| sink.fail(error.into()))?),
    };
    let folder = options.cache.clone().unwrap_or_else(|| project.folder.join(".kiln").join("publish"));
    let target = match &options.to {
        Some(folder) => folder.display().to_string(),
        None => destinations.repo.clone().unwrap_or_default(),
    };
    let cache = Cache::open(&folder, &target, "").map_err(|problem| sink.fail(problem))?;
    let (cache, mut refs) = match &upstream {
        None => (cache, RemoteRefs::default()),
        Some(upstream) => {
            fetched(upstream, cache, &destinations, options.retries).map_err(|problem| sink.fail(problem))?
        }
    };

    let known = match &options.to {
        Some(folder) => contents_of_folder(folder, sink)?,
        None => contents(&cache, &refs, &destinations, sink)?,
    };
    let mut collector = Collector::new(&destinations, file, engines.as_ref(), &cache.repository, known);
    collector.digests = options.subjects.then(BTreeMap::new);
    let fleet = FleetOptions { selection: options.selection.clone(), ..FleetOptions::default() };
    let made = match options.copies {
        CopyJob::Prune(_) => Ok(Fleet::default()),
        _ => hand_over_clusters(project, clusters, generate, &fleet, watcher, &mut collector, sink),
    };
    std::mem::take(&mut collector.problems).into_iter().for_each(|problem| sink.push(problem));
    let made = made?;
    sink.check()?;
    let work = match &options.copies {
        CopyJob::None => {
            collector.add_shared().map_err(|problem| sink.fail(problem))?;
            CopyWork::Keeping
        }
        CopyJob::Make(copying, terms) => {
            let notes =
                notes_of_copies((copying, terms), &mut collector, file, options, &destinations, clusters, sink)?;
            CopyWork::Making(notes)
        }
        CopyJob::Prune(rule) => CopyWork::Pruning(rule.clone()),
    };

    let lanes = collector.lanes.clone();
    let rendered: Vec<Vec<String>> = (0..lanes.len()).map(|lane| collector.names(lane)).collect();
    let digests_of_files = collector.digests.take().unwrap_or_default();
    let is_partial = !options.selection.names.is_empty() || !options.selection.labels.is_empty() || work.is_pruning();
    let meant = if work.is_pruning() { Vec::new() } else { fleet_names(clusters, &options.selection) };
    let scopes = scopes(&destinations, &rendered, is_partial.then_some(&meant), clusters, options, &made.disabled);
    let digests = Digests {
        config: config_digest(project, generate, &origin, &passed),
        lock: project.tree.read(LOCK_NAME).ok().map(|text| format!("sha256:{}", sha256_hex(&text))),
    };
    let time = origin
        .commit
        .as_ref()
        .map_or_else(|| (options.now.unwrap_or_else(|| jiff::Timestamp::now().as_second()), 0), |commit| commit.time);
    let time = match &work {
        CopyWork::Pruning(rule) => (rule.now, 0),
        CopyWork::Keeping | CopyWork::Making(_) => time,
    };
    let bounds = bounds(file, options);
    let putting = Putting {
        file,
        options,
        destinations: &destinations,
        origin: &origin,
        digests: &digests,
        preserve: &preserve,
        bounds: &bounds,
        lanes: &lanes,
        clusters: &rendered,
        scopes: &scopes,
        copies: &work,
        selected: is_partial.then_some(meant.as_slice()),
        hydrates: work.is_ordinary()
            && origin.commit.is_some()
            && (file.emit.hydrator_metadata || file.layout == Layout::EnvironmentBranches),
        time,
        objects: &cache.repository,
        signer: signer.as_ref(),
    };
    let mut tries = 0;
    let branches: Vec<BranchOutcome> = match (&upstream, &options.to) {
        (Some(upstream), _) => {
            let mut place = Place::Ref;
            let result = retried(options.retries, |number| -> Result<_, Stop> {
                tries = number;
                if number > 1 {
                    match newest(upstream, &cache, &destinations)? {
                        Attempt::Done(now) => refs = now,
                        Attempt::Contended(said) => return Ok(Attempt::Contended(said)),
                    }
                }
                Ok(putting.attempt(upstream, &refs, &mut place, sink)?)
            });
            match result {
                Ok(branches) => branches,
                Err(Stop::Told(reported)) => return Err(reported),
                Err(Stop::Untold(error)) => return Err(sink.fail((*error).into())),
            }
        }
        (None, Some(folder)) => vec![putting.write_folder(folder, sink)?],
        (None, None) => Vec::new(),
    };
    if let Some(upstream) = upstream.as_ref().filter(|_| !options.dry_run) {
        remember(&cache, upstream, &branches);
    }
    Ok(Published {
        destination: match (&options.to, &upstream) {
            (Some(folder), _) => Destination::Folder(folder.clone()),
            (None, Some(upstream)) => Destination::Repository(upstream.shown().to_owned()),
            (None, None) => Destination::Repository(String::new()),
        },
        owner: destinations.owner.clone(),
        source: origin.commit.as_ref().map(|commit| commit.id.clone()),
        branches,
        disabled: made.disabled,
        rendered: made.rendered,
        tries,
        dry_run: options.dry_run,
        subjects: Subjects { digests: digests_of_files, clusters: rendered.concat(), root },
    })
}

/// What is recorded of the copies that were rendered, by name, lane by lane; what is written about them outside of
/// their folders goes to the collector.
fn notes_of_copies(
    (copying, terms): (&Copying, &CopyTerms),
    collector: &mut Collector<'_>,
    file: &PublishFile,
    options: &PublishOptions,
    destinations: &Destinations,
    clusters: &ClusterFile,
    sink: &mut Sink,
) -> Result<Vec<BTreeMap<String, CopyNote>>, Reported> {
    let mut notes = vec![BTreeMap::new(); destinations.lanes.len()];
    for cluster in &clusters.clusters {
        let name = cluster.name.value.as_str();
        let (Some(of), Some((lane, folder))) = (&cluster.copy_of, destinations.places.get(name)) else { continue };
        if !collector.names(*lane).iter().any(|made| made == name) {
            continue;
        }
        let files = beside_copy(name, file, options, destinations, clusters, sink)?;
        let beside = collector.add_beside(name, &files).map_err(|problem| sink.fail(problem))?;
        let note = CopyNote { folder: folder.clone(), beside, ..copying.note(of, terms) };
        notes[*lane].insert(name.to_owned(), note);
    }
    Ok(notes)
}

/// Why tries end.
enum Stop {
    Told(Reported),
    Untold(Box<SourceError>),
}

impl From<Reported> for Stop {
    fn from(reported: Reported) -> Self {
        Self::Told(reported)
    }
}

impl From<SourceError> for Stop {
    fn from(error: SourceError) -> Self {
        Self::Untold(Box::new(error))
    }
}

/// Asks the target what it has, and takes the tips of the branches; a cache that turns out to be broken is made
/// anew.
fn fetched(
    upstream: &Upstream,
    cache: Cache,
    destinations: &Destinations,
    retries: Retries,
) -> Result<(Cache, RemoteRefs), Diagnostic> {
    match retried(retries, |_| newest(upstream, &cache, destinations)) {
        Ok(refs) if is_whole(&cache, &refs, destinations) => Ok((cache, refs)),
        _ => {
            let cache = cache.renew()?;
            let refs = retried(retries, |_| newest(upstream, &cache, destinations)).map_err(Diagnostic::from)?;
            Ok((cache, refs))
        }
    }
}

/// Asks the target what it has now, and takes what a try needs of it, without history.
fn newest(upstream: &Upstream, cache: &Cache, destinations: &Destinations) -> Result<Attempt<RemoteRefs>, SourceError> {
    upstream.newest(&cache.repository, |refs| wanted(refs, destinations), &cache.whole(), true)
}

/// Whether the trees of all tips can be read.
fn is_whole(cache: &Cache, refs: &RemoteRefs, destinations: &Destinations) -> bool {
    tips(refs, destinations).iter().all(|tip| CommitBase::open(&cache.repository, Some(*tip)).is_ok())
}

/// The commits that the branches of a publication point at.
fn tips(refs: &RemoteRefs, destinations: &Destinations) -> Vec<Oid> {
    let mut found: Vec<Oid> = destinations
        .lanes
        .iter()
        .flat_map(|lane| [&lane.head, &lane.target])
        .filter_map(|branch| refs.get(&format!("refs/heads/{branch}")))
        .collect();
    found.sort();
    found.dedup();
    found
}

/// What a try needs of the target: the tips of the branches, and states.
fn wanted(refs: &RemoteRefs, destinations: &Destinations) -> Vec<Oid> {
    let mut wanted = tips(refs, destinations);
    for lane in &destinations.lanes {
        let proposed = format!("kiln/{}/{}", destinations.owner, lane.target);
        for branch in [lane.head.as_str(), proposed.as_str()] {
            wanted.extend(refs.get(&state_ref(&destinations.owner, branch)));
            wanted.extend(refs.get(&note_ref(&destinations.owner, branch)));
        }
    }
    wanted.sort();
    wanted.dedup();
    wanted
}

/// Remembers which commits the cache has whole, so that they are not fetched again.
fn remember(cache: &Cache, upstream: &Upstream, branches: &[BranchOutcome]) {
    if upstream.folder().is_some() {
        return;
    }
    for branch in branches {
        let commit = branch.commit.as_ref().or(branch.before.as_ref()).and_then(|id| Oid::from_str(id).ok());
        if let Some(commit) = commit.filter(|commit| cache.repository.find_commit(*commit).is_ok()) {
            cache.remember(branch.branch.as_bytes(), commit);
        }
    }
}

/// The ids of all contents that the tips hold.
fn contents(
    cache: &Cache,
    refs: &RemoteRefs,
    destinations: &Destinations,
    sink: &mut Sink,
) -> Result<HashSet<Oid>, Reported> {
    let mut found = HashSet::new();
    for tip in tips(refs, destinations) {
        let base = CommitBase::open(&cache.repository, Some(tip)).map_err(|error| sink.fail(unreadable(&error)))?;
        found.extend(base.files().values().copied());
    }
    Ok(found)
}

fn contents_of_folder(folder: &Path, sink: &mut Sink) -> Result<HashSet<Oid>, Reported> {
    let base = FolderBase::open(folder).map_err(|error| sink.fail(unreadable(&error)))?;
    Ok(base.files().values().copied().collect())
}

/// Which files each lane answers for: of all clusters, or of those that were selected; those of clusters that are
/// disabled, or failed and may, are kept.
fn scopes(
    destinations: &Destinations,
    rendered: &[Vec<String>],
    selected: Option<&Vec<String>>,
    clusters: &ClusterFile,
    options: &PublishOptions,
    disabled: &[String],
) -> Vec<Scope> {
    let is_disabled = |name: &String| disabled.contains(name);
    (0..destinations.lanes.len())
        .map(|lane| {
            let places = |keep: &dyn Fn(&String) -> bool| -> Vec<String> {
                let names = clusters.clusters.iter().map(|cluster| &cluster.name.value).filter(|name| keep(name));
                let places = names.filter_map(|name| destinations.places.get(name));
                places.filter(|(of, _)| *of == lane).map(|(_, folder)| folder.clone()).collect()
            };
            let is_pruned = |name: &String| options.prune_disabled && is_disabled(name);
            match selected {
                None => Scope::AllBut(places(&|name| !rendered[lane].contains(name) && !is_pruned(name))),
                Some(meant) => Scope::Only(places(&|name| {
                    meant.contains(name) && (rendered[lane].contains(name) || is_pruned(name))
                })),
            }
        })
        .collect()
}

fn patterns(file: &PublishFile, sink: &mut Sink) -> Result<Vec<Preserve>, Reported> {
    let mut found = Vec::new();
    for text in &file.preserve {
        match Preserve::parse(&text.value) {
            Ok(pattern) => found.push(pattern),
            Err(why) => sink.push(Diagnostic::error(PATTERN, why).at(text.place.clone(), "")),
        }
    }
    sink.check().map(|()| found)
}

fn bounds(file: &PublishFile, options: &PublishOptions) -> Vec<DeleteBound> {
    match options.max_delete {
        Some(bound) => vec![bound],
        None => {
            let percent = file.limits.percent.map(DeleteBound::Percent);
            percent.into_iter().chain(file.limits.files.map(DeleteBound::Files)).collect()
        }
    }
}

/// The digest of the project's files and of the flags that show in what is rendered. A source that is as it was
/// committed is known by the id that git gives its folder.
fn config_digest(project: &Project, generate: &GenerateOptions, origin: &Origin, passed: &[PathBuf]) -> String {
    let mut hash = Sha256::new();
    let words = format!("{:?} {:?} {:?}", generate.environments, generate.nondeterminism, generate.force_types);
    hash.update(words.as_bytes());
    if let Some(copying) = &generate.copying {
        hash.update(format!("{copying:?}"));
    }
    for (flag, text) in generate.assignments.words() {
        hash.update(format!("{flag} {text}\0"));
    }
    generate.assignments.files().for_each(|content| hash.update(sha256_hex(content)));
    match origin.checkout().filter(|_| !origin.dirty).and_then(Checkout::folder_id) {
        Some(id) => hash.update(id.as_bytes()),
        None => {
            let below = |path: &PathBuf| path.strip_prefix(&project.folder).ok().map(Path::to_path_buf);
            let passed: Vec<PathBuf> = passed.iter().filter_map(below).collect();
            digest_folder(&project.tree, "", 0, &passed, &mut hash);
        }
    }
    format!("sha256:{}", sha256_hex(&hash.finalize()))
}

/// Adds a folder to a digest. What cannot be read is known by that.
fn digest_folder(tree: &Tree, folder: &str, depth: usize, passed: &[PathBuf], hash: &mut Sha256) {
    let entries = if depth > DEEPEST { Vec::new() } else { tree.list(folder).unwrap_or_default() };
    for entry in entries {
        let path = if folder.is_empty() { entry.name.clone() } else { format!("{folder}/{}", entry.name) };
        let is_state = entry.name.starts_with('.') || (folder.is_empty() && entry.name == PUBLISH_FILE);
        if is_state || passed.iter().any(|passed| passed == Path::new(&path)) {
            continue;
        }
        match entry.kind {
            EntryKind::Dir => digest_folder(tree, &path, depth + 1, passed, hash),
            EntryKind::File => {
                let content = tree.read(&path).map_or_else(|_| "unreadable".to_owned(), |text| sha256_hex(&text));
                hash.update(format!("{path}\0{content}\n"));
            }
        }
    }
}
