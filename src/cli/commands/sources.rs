use clap::Args;

use crate::cli::fetching::FetchArgs;
use crate::cli::hooks::HookArgs;
use crate::cli::store::StoreArgs;

/// How the sources of a project are asked, and where they are kept.
#[derive(Debug, Args)]
pub struct SourceArgs {
    #[command(flatten)]
    pub fetch: FetchArgs,
    #[command(flatten)]
    pub hooks: HookArgs,
    #[command(flatten)]
    pub store: StoreArgs,
}
