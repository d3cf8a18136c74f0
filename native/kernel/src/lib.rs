//! Small verbs over Linux: plain values in, plain values or descriptors out. Knows no Node and no Compose.

pub mod error;
pub mod oci;
pub mod spec;
