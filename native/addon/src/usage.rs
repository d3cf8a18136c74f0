//! What a container's programs use, and which they are, by its control groups.

use kernel::cgroup::Cgroup;
use napi_derive::napi;

use crate::error::crossing;

/// `CgroupUsage` of src/runtime/native.ts. JavaScript's numbers hold these sums exactly for longer than machines run.
#[napi(object)]
pub struct CgroupUsage {
    /// Time on processors.
    pub cpu_us: f64,
    /// In use.
    pub memory_bytes: f64,
    /// Absent without a limit.
    pub memory_limit_bytes: Option<f64>,
    /// From block devices.
    pub read_bytes: f64,
    /// To block devices.
    pub written_bytes: f64,
    /// Processes and threads.
    pub tasks: f64,
}

/// What is used by the programs in the group at this path (`/tscompose/ID`); nothing when it is not there.
#[napi]
pub fn cgroup_usage(path: String) -> napi::Result<CgroupUsage> {
    let usage = Cgroup::open(&path).map_err(|error| crossing(&error))?.usage();
    Ok(CgroupUsage {
        cpu_us: usage.cpu_us as f64,
        memory_bytes: usage.memory_bytes as f64,
        memory_limit_bytes: usage.memory_limit_bytes.map(|limit| limit as f64),
        read_bytes: usage.read_bytes as f64,
        written_bytes: usage.written_bytes as f64,
        tasks: usage.tasks as f64,
    })
}

/// The processes in that group and in groups inside of it.
#[napi]
pub fn cgroup_pids(path: String) -> napi::Result<Vec<i32>> {
    Ok(Cgroup::open(&path).map_err(|error| crossing(&error))?.pids())
}
