//! Node-API bindings of the kernel library. Decides nothing.

mod cgroup;
mod error;
mod lock;
mod network;
mod process;
