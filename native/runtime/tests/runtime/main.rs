//! The built runtime with real bundles over a root file system of busybox, driven as engines drive it. After each test nothing
//! may be left of its container.

#![allow(missing_docs)]

mod binds;
mod errors;
mod fixture;
mod handing;
mod hooks;
mod idmap;
mod life;
