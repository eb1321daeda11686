use std::sync::Arc;

use crate::diag::{Code, Diagnostic, Reported, Sink};
use crate::gotmpl::Limits;
use crate::helm::{Compat, KubeVersion};
use crate::jinja;
use crate::render::{Charts, Contents, Context, Randomness};
use crate::stack::{CapabilityProfile, Nondeterminism, Text};
use crate::value::Frozen;

use super::{GenerateOptions, Project};

/// Stack for the templates of one release on a worker thread; recursion beyond it is an error.
const TEMPLATE_STACK_BYTES: usize = 48 << 20;

/// What units are rendered with: what `kiln.yaml`, the lock and the command line say. `root_name` is
/// the root component's name.
pub(super) fn context(
    project: &Project,
    root_name: &str,
    options: &GenerateOptions,
    sink: &mut Sink,
) -> Result<Context, Reported> {
    let file = &project.file;
    let kube_version = match &file.kube_version {
        None => KubeVersion::default_of_helm(),
        Some(text) => kube_version(text, Code("project.kube-version")).map_err(|problem| sink.fail(problem))?,
    };
    let (seed, created) = match &project.lock {
        Some(lock) if !lock.seed.is_empty() => (lock.seed.clone(), Some(lock.created.as_str())),
        _ => (root_name.to_owned(), None),
    };
    let seed: Arc<[u8]> = Arc::from(seed.into_bytes());
    let now = options.now.or_else(|| created.and_then(midnight)).unwrap_or(0);
    let randomness = match options.nondeterminism.or(file.nondeterminism).unwrap_or(Nondeterminism::Seed) {
        Nondeterminism::Seed => Randomness::Seeded { seed, now },
        Nondeterminism::Helm => Randomness::System,
        Nondeterminism::Error => Randomness::Refused { seed, now },
    };
    let (mut limits, mut template_limits) =
        (Limits { stack_bytes: TEMPLATE_STACK_BYTES, ..Limits::default() }, jinja::Limits::default());
    if let Some(fuel) = file.limits.fuel {
        (limits.fuel, template_limits.fuel) = (fuel, fuel);
    }
    if let Some(bytes) = file.limits.output_bytes {
        (limits.output_bytes, template_limits.output_bytes) = (bytes, usize::try_from(bytes).unwrap_or(usize::MAX));
    }
    Ok(Context {
        reading: project.reading,
        kube_version,
        api_versions: file.api_versions.iter().cloned().collect(),
        randomness,
        limits,
        template_limits,
        vars: Frozen::Map(Arc::clone(&file.vars)),
        charts: Arc::new(Charts::default()),
        contents: Arc::new(Contents::default()),
    })
}

/// The same for a cluster whose Kubernetes is another one.
pub(super) fn with_profile(context: &Context, profile: &CapabilityProfile) -> Result<Context, Diagnostic> {
    let mut own = context.clone();
    if let Some(text) = &profile.kube_version {
        own.kube_version = kube_version(text, Code("clusters.invalid-value"))?;
    }
    own.api_versions = context.api_versions.iter().chain(&profile.api_versions).cloned().collect();
    Ok(own)
}

fn kube_version(text: &Text, code: Code) -> Result<KubeVersion, Diagnostic> {
    KubeVersion::parse(&text.value, Compat::V3).map_err(|why| {
        let message = format!("`{}` is no version of Kubernetes: {why}", text.value);
        Diagnostic::error(code, message).at(text.place.clone(), "")
    })
}

/// Seconds since 1970 of the start of a day `YYYY-MM-DD` in UTC.
fn midnight(day: &str) -> Option<i64> {
    let date: jiff::civil::Date = day.parse().ok()?;
    Some(date.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second())
}
