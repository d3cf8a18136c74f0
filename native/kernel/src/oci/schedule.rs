//! How the kernel hands out time and disks to a process.

use serde::Deserialize;

/// sched_setattr(2).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct OciScheduler {
    /// `SCHED_…`.
    pub policy: String,
    pub nice: i32,
    pub priority: u32,
    /// `SCHED_FLAG_…`.
    pub flags: Vec<String>,
    pub runtime: u64,
    pub deadline: u64,
    pub period: u64,
}

/// ioprio_set(2); `class` is a name such as `IOPRIO_CLASS_BE`.
#[derive(Debug, Clone, Deserialize)]
#[allow(missing_docs)]
pub struct OciIoPriority {
    pub class: String,
    #[serde(default)]
    pub priority: i32,
}

/// Lists of processors: while the program is prepared, and when it runs.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct OciCpuAffinity {
    pub initial: String,
    #[serde(rename = "final")]
    pub last: String,
}
