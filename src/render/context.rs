use std::sync::Arc;

use crate::gotmpl;
use crate::helm::KubeVersion;
use crate::jinja;
use crate::source::{Digest, Digester};
use crate::stack::Reading;
use crate::value::Frozen;

use super::{Charts, Contents};

/// What becomes of template functions whose result differs from run to run.
#[derive(Clone, Debug)]
pub enum Randomness {
    /// They are seeded, and dates stand still.
    Seeded {
        /// The project's seed.
        seed: Arc<[u8]>,
        /// Seconds since 1970 that templates take for now.
        now: i64,
    },
    /// They differ from run to run, as in Helm.
    System,
    /// Seeded, and each use is an error.
    Refused {
        /// As with [`Randomness::Seeded`].
        seed: Arc<[u8]>,
        /// As with [`Randomness::Seeded`].
        now: i64,
    },
}

/// What all units of a run, or of all its clusters with the same capabilities, have in common.
#[derive(Clone)]
pub struct Context {
    /// How strictly the project is read.
    pub reading: Reading,
    /// The version of Kubernetes that charts see.
    pub kube_version: KubeVersion,
    /// API versions that charts see besides the built-in ones.
    pub api_versions: Arc<[String]>,
    /// Where random values and the time come from.
    pub randomness: Randomness,
    /// The budgets of a chart's templates.
    pub limits: gotmpl::Limits,
    /// The budgets of native templates.
    pub template_limits: jinja::Limits,
    /// Variables of native templates.
    pub vars: Frozen,
    /// The charts loaded so far, whatever the capabilities.
    pub charts: Arc<Charts>,
    /// The digests of what units render, as far as somebody asked.
    pub contents: Arc<Contents>,
}

impl Context {
    /// A digest of all of it but what was read and made for it.
    pub fn digest(&self) -> Digest {
        let Self {
            reading,
            kube_version,
            api_versions,
            randomness,
            limits,
            template_limits,
            vars,
            charts: _,
            contents: _,
        } = self;
        let mut digest = Digester::new("context");
        digest.debug(&(reading, kube_version, api_versions, randomness, limits, template_limits));
        digest.frozen(vars);
        digest.finish()
    }
}
