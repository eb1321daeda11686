use clap::Args;
use clap::builder::FalseyValueParser;

use crate::pipeline::HookPolicy;

/// Flags about hooks.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct HookArgs {
    /// Run the hooks of the project's own components, and of sources that kiln.yaml trusts
    #[arg(long, env = "KILN_ALLOW_HOOKS", value_parser = FalseyValueParser::new())]
    pub allow_hooks: bool,
    /// Skip all hooks without a word
    #[arg(long, conflicts_with = "allow_hooks", env = "KILN_NO_HOOKS", value_parser = FalseyValueParser::new())]
    pub no_hooks: bool,
}

impl HookArgs {
    /// What the operator said about hooks.
    pub fn policy(self) -> HookPolicy {
        match (self.allow_hooks, self.no_hooks) {
            (true, _) => HookPolicy::Allow,
            (false, true) => HookPolicy::Skip,
            (false, false) => HookPolicy::Off,
        }
    }

    /// What the environment says about hooks, for command lines that have no such flags.
    pub fn from_environment() -> Self {
        let is_on =
            |name| std::env::var(name).is_ok_and(|value| !matches!(value.as_str(), "" | "0" | "false" | "no" | "off"));
        Self { allow_hooks: is_on("KILN_ALLOW_HOOKS"), no_hooks: is_on("KILN_NO_HOOKS") }
    }
}
