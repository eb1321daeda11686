//! Layered configuration: loading, merging, and the scope of each component.
