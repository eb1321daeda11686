//! Hand-over to GitOps engines: what tells kustomize, Flux and Argo CD about generated files.
//!
//! In: [`Site`]s (clusters with the folders and branches that their files are in) and settings. Out: more
//! files, owned like any other: some lie beside a cluster's files ([`kustomization_file`], [`cluster_file`]), the others in the folder
//! for engines ([`flux_objects`], [`argo_objects`]). Nothing here is read from disk or asked of a server.

mod argo;
mod flux;
mod kustomization;
mod name;
mod site;
mod text;

pub use argo::{ArgoForm, ArgoSettings, CLUSTER_FILE, argo_objects, cluster_file};
pub use flux::{FluxSettings, flux_objects};
pub use kustomization::{KUSTOMIZATION_FILE, kustomization_file};
pub use name::{NameError, dns_label};
pub use site::{ArgoDestination, FluxSite, Repository, Site};

/// A file to write: its path and its content.
pub type EngineFile = (String, Vec<u8>);

#[cfg(test)]
mod tests;
