//! Results shared between machines, over the HTTP protocol of Bazel's remote caches: `/ac/<sha256>` names
//! results by what they were made of, `/cas/<sha256>` contents by their digest.
//!
//! In: keys and results ([`RemoteCache::get`], [`RemoteCache::put`]). Out: a result whose digest fits, or
//! nothing. A server that fails makes the run slower and nothing else: it is left alone after some failures, and
//! one sentence says why. [`CacheAhead`] asks for many keys at once, before they are wanted, and sends results
//! while the run goes on. What results mean is not known here.

mod action;
mod ahead;
mod client;

pub use ahead::CacheAhead;
pub use client::{CacheMode, CacheOptions, CacheReport, RemoteCache};

#[cfg(test)]
mod ahead_tests;
#[cfg(test)]
mod tests;
