//! The Sprig function library, registered as static tables of functions.
