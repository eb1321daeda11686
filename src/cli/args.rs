use std::path::PathBuf;

use clap::{Args, CommandFactory, Parser, Subcommand};

use crate::report::{Color, Reporter};

use super::commands::{
    add, bundle, cache, completions, event, generate, image, init, install, layers, lock, merge, outdated, plan,
    promote, publish, remove, set, update, vendor,
};
use super::landing::LandingArgs;

/// Compiles stack definitions into plain Kubernetes YAML.
#[derive(Debug, Parser)]
#[command(name = "kiln", version, max_term_width = 100, arg_required_else_help = true)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// Flags of every command.
#[derive(Debug, Args)]
pub struct Global {
    /// The project's folder
    #[arg(short = 'C', long, global = true, value_name = "DIR", env = "KILN_PROJECT", default_value = ".")]
    pub project: PathBuf,
    /// Print errors only
    #[arg(short, long, global = true, env = "KILN_QUIET", value_parser = clap::builder::FalseyValueParser::new())]
    pub quiet: bool,
    /// Print notes and what is being done
    #[arg(short, long, global = true, env = "KILN_VERBOSE", value_parser = clap::builder::FalseyValueParser::new())]
    pub verbose: bool,
    /// When to use colours
    #[arg(long, global = true, value_enum, env = "KILN_COLOR", default_value_t)]
    pub color: Color,
}

impl Global {
    /// The reporter that these flags ask for.
    pub fn reporter(&self) -> Reporter {
        Reporter::new(self.color, self.quiet, self.verbose)
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Compile a stack to `generated/<environments>`
    #[command(visible_aliases = ["build", "render"])]
    Generate(generate::GenerateArgs),
    /// Compare the generated files with what they would be: `generate --check`
    Check(generate::GenerateArgs),
    /// Compile everything from nothing and compare it with the generated files, and with what a run that
    /// reuses records would leave
    Verify(generate::GenerateArgs),
    /// Print which files configure each component, highest priority first
    Layers(layers::LayersArgs),
    /// List what a run would render, why, and how to share it out
    Plan(plan::PlanArgs),
    /// Join the trees that the parts of a run wrote (`generate --shard`)
    Merge(merge::MergeArgs),
    /// Compile a stack and commit the result to another repository
    Publish(Box<publish::PublishArgs>),
    /// Move a branch of published files forward to where another one is
    Promote(promote::PromoteArgs),
    /// Fetch the sources of a stack and pin them in `kiln.lock`
    #[command(visible_alias = "fetch")]
    Install(install::InstallArgs),
    /// Resolve the sources of a stack afresh and move their pins in `kiln.lock`
    Update(update::UpdateArgs),
    /// List sources that have something newer than `kiln.lock` pins
    Outdated(outdated::OutdatedArgs),
    /// Check whether `kiln.lock` is what a fresh resolution would give
    Lock(lock::LockArgs),
    /// Copy everything that `kiln.lock` pins into the project, to be read without a store
    Vendor(vendor::VendorArgs),
    /// Carry everything that `kiln.lock` pins to a site without a network, as one file
    Bundle(bundle::BundleArgs),
    /// Look after the store of fetched sources
    Cache(cache::CacheArgs),
    /// Render a Helm chart, as `helm template` does
    #[command(disable_help_flag = true)]
    Template {
        /// The words of `helm template`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGS")]
        words: Vec<std::ffi::OsString>,
    },
    /// Set values in a layer of the configuration
    Set {
        #[command(flatten)]
        args: set::SetArgs,
        #[command(flatten)]
        landing: LandingArgs,
    },
    /// Add a subcomponent, or change one
    Add {
        #[command(flatten)]
        args: add::AddArgs,
        #[command(flatten)]
        landing: LandingArgs,
    },
    /// Remove subcomponents
    Remove {
        #[command(flatten)]
        args: remove::RemoveArgs,
        #[command(flatten)]
        landing: LandingArgs,
    },
    /// Take over deployment events
    Event(event::EventArgs),
    /// Set images where the sources say them
    Image(image::ImageArgs),
    /// Start a project
    Init(init::InitArgs),
    /// Print the version
    Version,
    /// Print a completion script
    Completions(completions::CompletionsArgs),
    /// Print the manual page
    Man,
}

/// The whole command line, for completions, the manual page and the reference.
pub fn command() -> clap::Command {
    Cli::command()
}
