//! Small verbs over Linux: plain values in, plain values or descriptors out. Knows no Node and no Compose.

pub mod cgroup;
pub mod changes;
pub mod chroot;
pub mod copy_up;
pub mod directory;
pub mod error;
pub mod features;
pub mod file_version;
pub mod hooks;
pub mod identity;
pub mod mounts;
pub mod net;
pub mod null_device;
pub mod oci;
pub mod process;
pub mod reexec;
pub mod root;
pub mod sandbox;
pub mod seccomp;
pub mod spec;
mod sysctl;
pub mod tar;
pub mod timestamp;
