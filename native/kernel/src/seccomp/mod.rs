//! seccomp(2): a profile of system calls, by name and in OCI's words, becomes a classic BPF program that the kernel asks
//! at each call. Compiled once for a container, then installed in each of its processes.

mod action;
mod architecture;
mod condition;
mod filter;
mod program;
mod rules;
#[cfg(test)]
mod tests;

pub use filter::Filter;
