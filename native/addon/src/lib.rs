//! Node-API bindings of the kernel library. Decides nothing.

// The bindings are left out of test builds, and what they call then looks unused.
#![cfg_attr(test, allow(dead_code))]

mod ask;
mod cgroup;
mod digests;
mod directory;
mod error;
mod file_version;
mod launch;
mod lock;
mod network;
mod pipe;
mod port_map;
mod process;
mod support;
mod terminal;
mod unpack;
mod usage;
