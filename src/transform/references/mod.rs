//! Who names whom: the fields of Kubernetes objects that hold names of other objects.
//!
//! In: an object's document, and an [`Inventory`] of the objects that there are. Out: the [`Reference`]s of
//! the document to objects of the inventory. A table says which fields of which kinds name what, as
//! kustomize's does, and adds kinds that charts often bring along. A name in free text, such as the host of
//! a URL, is no reference.

mod find;
mod inventory;
mod table;

pub use find::{Reference, references};
pub use inventory::Inventory;

#[cfg(test)]
mod tests;
