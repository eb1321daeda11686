//! The web client of an install.
//!
//! In: URLs that the policy allows, and who may log in where. Out: bodies, or errors that name the
//! URL without its secrets. Redirects, credentials, retries, proxies and authorities are settled here;
//! what a body means is the business of those who ask.

mod answer;
mod client;
mod failure;
mod forward;
mod proxy;
mod retry;
mod roots;

pub(super) use super::credentials::Token;
pub(super) use answer::Answer;
pub(super) use client::{Redirects, Web, WebOptions};
pub(super) use failure::body_failed;
pub(super) use retry::{Tries, is_passing};

#[cfg(test)]
mod tests;
