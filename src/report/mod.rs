//! For eyes and machines: diagnostics, progress, summaries.
