use super::*;
use crate::value::{Frozen, Value};

mod editing;
mod laws;
mod reading;
mod skimming;
mod tables;
mod typed;
mod writing;

fn yaml(value: &Frozen) -> String {
    String::from_utf8(to_yaml(&Value::from(value)).unwrap()).unwrap()
}
