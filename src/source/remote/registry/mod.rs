//! Registries of OCI artefacts, as helm uses them through its libraries.
//!
//! A reference such as `oci://host/path/chart:1.2.3` enters; the tag that a version or a range means,
//! and the bytes of the chart, leave. Contents are held against their digests. Errors are the texts of
//! those libraries.

mod answer;
mod authorise;
mod client;
mod credentials;
mod logins;
mod pull;
mod reference;

pub use client::Registry;
pub use credentials::{Credentials, CredentialsError};
pub(in crate::source) use logins::{Credential, Logins};
pub use pull::Pulled;
pub use reference::is_oci;
