//! Results shared between machines, over the HTTP protocol of Bazel's remote caches: `/ac/<sha256>` names
//! results by what they were made of, `/cas/<sha256>` contents by their digest.
//!
//! In: keys and results ([`RemoteCache::get`], [`RemoteCache::put`]). Out: a result whose digest fits, or
//! nothing. A server that fails makes the run slower and nothing else: it is left alone from then on, and one
//! sentence says why. What results mean is not known here.

mod action;
mod client;

pub use client::{CacheMode, CacheOptions, CacheReport, RemoteCache};

#[cfg(test)]
mod tests;
