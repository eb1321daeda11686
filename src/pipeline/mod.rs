//! The way of the data: which stages run, in which order, how parallel.

mod plan;

pub use plan::{Plan, Planner};

#[cfg(test)]
mod tests;
