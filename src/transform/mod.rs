//! Objects to objects: namespace injection and what else changes rendered documents.
