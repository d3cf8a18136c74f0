//! What no hierarchy of this machine can keep.

use std::io;

use super::Cgroup;
use crate::error::{KernelError, Result};
use crate::oci::OciResources;

/// A limit that no hierarchy of this machine can keep must not look as if it were kept.
pub fn refuse_unknown(cgroup: &Cgroup, resources: &OciResources) -> Result<()> {
    let OciResources { memory, cpu, pids, block_io, network, .. } = resources;
    let class = network.as_ref().is_some_and(|network| network.class_id.is_some_and(|class| class != 0));
    let priorities = network.as_ref().is_some_and(|network| !network.priorities.is_empty());
    let cpuset = cpu.as_ref().is_some_and(|cpu| cpu.cpus.is_some());
    let asked = [
        (memory.is_some(), ["memory", "memory"]),
        (cpu.is_some(), ["cpu", "cpu"]),
        (cpuset, ["cpuset", "cpuset"]),
        (pids.is_some(), ["pids", "pids"]),
        (block_io.is_some(), ["blkio", "io"]),
        (!resources.hugepage_limits.is_empty(), ["hugetlb", "hugetlb"]),
        (class, ["net_cls", "net_cls"]),
        (priorities, ["net_prio", "net_prio"]),
    ];
    if !resources.unified.is_empty() && cgroup.unified().is_none() {
        let cause = io::Error::from(io::ErrorKind::Unsupported);
        let hint = "leave `unified` out: this machine's limits are kept by control groups v1";
        return Err(KernelError::new("invalid configuration: use files of control groups v2", cause)
            .code("kernel-lacks")
            .hint(hint));
    }
    for (is_asked, [v1, v2]) in asked {
        if is_asked && cgroup.with(v1).or_else(|| cgroup.with(v2)).is_none() {
            let cause = io::Error::from(io::ErrorKind::NotFound);
            let step = format!("find the controller \"{v1}\" among the control groups");
            return Err(KernelError::new(step, cause).code("kernel-lacks").hint("leave the limit out, or mount it"));
        }
    }
    Ok(())
}
