//! Bytes to files: layout, staging, ownership, swap.
