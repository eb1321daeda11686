//! minijinja with kiln's values: strict undefined, positions in errors.
