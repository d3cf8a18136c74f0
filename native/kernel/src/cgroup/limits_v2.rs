//! Limits in the words of control groups v2 (Documentation/admin-guide/cgroup-v2.rst).

use std::fs;
use std::path::Path;

use super::directories::make_directory;
use super::hierarchy::Hierarchy;
use super::{block_io, device_program, no_such_processor, rare, write};
use crate::error::{KernelError, Result};
use crate::oci::{OciCpu, OciMemory, OciResources};

/// Makes the group with the limits that the hierarchy's controllers know. On a hybrid host there may be none.
pub fn make(hierarchy: &Hierarchy, directory: &Path, resources: &OciResources) -> Result<()> {
    make_directory(directory)?;
    if hierarchy.is_main() {
        refuse_v1_only(resources)?;
    }
    enable_controllers(hierarchy, directory, resources)?;
    if hierarchy.has("cpu") {
        set_cpu(directory, resources.cpu.as_ref())?;
    }
    if hierarchy.has("cpuset") {
        set_cpuset(directory, resources.cpu.as_ref())?;
    }
    if hierarchy.has("memory") {
        set_memory(directory, resources.memory.as_ref())?;
    }
    if hierarchy.has("pids")
        && let Some(pids) = resources.pids.as_ref().filter(|pids| pids.limit != 0)
    {
        let limit = if pids.limit < 0 { "max".to_owned() } else { pids.limit.to_string() };
        write(&directory.join("pids.max"), &limit)?;
    }
    if hierarchy.has("io")
        && let Some(io) = &resources.block_io
    {
        block_io::set_v2(directory, io)?;
    }
    if hierarchy.has("hugetlb") {
        rare::set_huge_pages(directory, &resources.hugepage_limits, "max")?;
    }
    if hierarchy.is_main() {
        rare::set_unified(directory, &resources.unified)?;
    }
    // A hybrid host's devices are ruled by its v1 hierarchy.
    if hierarchy.is_main() { device_program::attach(directory, &resources.devices) } else { Ok(()) }
}

/// What the first version of control groups could do and this one can't.
fn refuse_v1_only(resources: &OciResources) -> Result<()> {
    let (memory, cpu) = (resources.memory.clone().unwrap_or_default(), resources.cpu.clone().unwrap_or_default());
    let asked = [
        ("set the swappiness", memory.swappiness.is_some()),
        ("switch the out-of-memory killer off", memory.disable_oom_killer),
        ("give a share of real time", cpu.realtime_runtime.is_some_and(|runtime| runtime != 0)),
    ];
    match asked.iter().find(|(_, is_asked)| *is_asked) {
        None => Ok(()),
        Some((step, _)) => {
            let cause = std::io::Error::from(std::io::ErrorKind::Unsupported);
            Err(KernelError::new(*step, cause).code("kernel-lacks").hint("control groups v2 have no such setting"))
        }
    }
}

/// A controller works in a group only when every ancestor passes it on.
fn enable_controllers(hierarchy: &Hierarchy, directory: &Path, resources: &OciResources) -> Result<()> {
    // Beside v1, one that is passed on here can't be mounted there any more: only who asks for it gets it.
    let rare = if resources.hugepage_limits.is_empty() { None } else { Some("hugetlb") };
    let Ok(below) = directory.strip_prefix(&hierarchy.mountpoint) else { return Ok(()) };
    let mut ancestor = hierarchy.mountpoint.clone();
    for part in below.components() {
        let file = ancestor.join("cgroup.subtree_control");
        let enabled = fs::read_to_string(&file).unwrap_or_default();
        for controller in ["cpu", "cpuset", "memory", "pids", "io"].into_iter().chain(rare) {
            if hierarchy.has(controller) && !enabled.split_whitespace().any(|one| one == controller) {
                write(&file, &format!("+{controller}"))?;
            }
        }
        ancestor.push(part);
    }
    Ok(())
}

fn set_cpu(directory: &Path, cpu: Option<&OciCpu>) -> Result<()> {
    let Some(cpu) = cpu else { return Ok(()) };
    if let Some(shares) = cpu.shares.filter(|&shares| shares > 0) {
        write(&directory.join("cpu.weight"), &weight_of(shares).to_string())?;
    }
    if let Some(quota) = cpu.quota.filter(|&quota| quota != 0) {
        let quota = if quota < 0 { "max".to_owned() } else { quota.to_string() };
        write(
            &directory.join("cpu.max"),
            &format!("{quota} {}", cpu.period.filter(|&period| period > 0).unwrap_or(100_000)),
        )?;
    }
    set_cpu_extras(directory, cpu)
}

/// Shares from 2 to 262144 become weights from 1 to 10000, in a straight line, as every runtime converts them.
fn weight_of(shares: u64) -> u64 {
    1 + (shares.clamp(2, 262_144) - 2) * 9_999 / 262_142
}

fn set_cpu_extras(directory: &Path, cpu: &OciCpu) -> Result<()> {
    if let Some(burst) = cpu.burst {
        write(&directory.join("cpu.max.burst"), &burst.to_string())?;
    }
    if let Some(idle) = cpu.idle {
        write(&directory.join("cpu.idle"), &idle.to_string())?;
    }
    Ok(())
}

fn set_cpuset(directory: &Path, cpu: Option<&OciCpu>) -> Result<()> {
    let Some(cpu) = cpu else { return Ok(()) };
    for (name, value) in [("cpuset.cpus", &cpu.cpus), ("cpuset.mems", &cpu.mems)] {
        if let Some(value) = value.as_ref().filter(|value| !value.is_empty()) {
            write(&directory.join(name), value).map_err(no_such_processor)?;
        }
    }
    Ok(())
}

/// v2 counts swap alone; the specification counts memory plus swap.
fn set_memory(directory: &Path, memory: Option<&OciMemory>) -> Result<()> {
    let Some(memory) = memory else { return Ok(()) };
    let text = |bytes: i64| if bytes < 0 { "max".to_owned() } else { bytes.to_string() };
    if let Some(limit) = memory.limit.filter(|&limit| limit != 0) {
        write(&directory.join("memory.max"), &text(limit))?;
    }
    let swap_file = directory.join("memory.swap.max");
    if let Some(both) = memory.swap.filter(|&both| both != 0)
        && swap_file.exists()
    {
        let swap = if both < 0 { -1 } else { (both - memory.limit.unwrap_or(0)).max(0) };
        write(&swap_file, &text(swap))?;
    }
    if let Some(reservation) = memory.reservation.filter(|&reservation| reservation != 0) {
        write(&directory.join("memory.low"), &text(reservation))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_become_weights_in_the_known_proportion() {
        assert_eq!([2, 1024, 262_144, 999_999].map(weight_of), [1, 39, 10_000, 10_000]);
    }
}
