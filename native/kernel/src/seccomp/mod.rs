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

/// The words for what happens at a call.
pub const ACTIONS: [&str; 9] = [
    "SCMP_ACT_ALLOW",
    "SCMP_ACT_ERRNO",
    "SCMP_ACT_KILL",
    "SCMP_ACT_KILL_PROCESS",
    "SCMP_ACT_KILL_THREAD",
    "SCMP_ACT_LOG",
    "SCMP_ACT_NOTIFY",
    "SCMP_ACT_TRACE",
    "SCMP_ACT_TRAP",
];

/// The words for comparisons of arguments.
pub const OPERATORS: [&str; 7] =
    ["SCMP_CMP_EQ", "SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_LE", "SCMP_CMP_LT", "SCMP_CMP_MASKED_EQ", "SCMP_CMP_NE"];

/// The words for how a filter is installed.
pub const FLAGS: [&str; 3] = ["SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_SPEC_ALLOW", "SECCOMP_FILTER_FLAG_LOG"];

/// The words for the ways in which programs of this machine call the kernel.
pub fn architectures() -> Vec<&'static str> {
    architecture::OF_THIS_MACHINE.iter().map(|one| one.name).collect()
}
