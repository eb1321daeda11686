//! Component definitions: what a stack wants, as written and as resolved.
