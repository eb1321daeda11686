//! Names with a suffix: every object is called by another name, and whoever names it follows.
//!
//! In: the objects of a whole target, group by group (a group is what stands in one file), and a suffix. Out:
//! the same objects, in which `metadata.name` and the [references](super::references) to renamed objects end
//! with the suffix, as kustomize's `nameSuffix` does it; all other text stays byte for byte. References to
//! objects that are not among those given stay, too. Some kinds keep their names because the name is what
//! they are: a Namespace, a CustomResourceDefinition and an APIService.

mod rename;

pub use rename::{keeps_name, suffix_names};

#[cfg(test)]
mod tests;
