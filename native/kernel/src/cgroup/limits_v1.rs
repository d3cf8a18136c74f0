//! Limits in the words of control groups v1 (Documentation/admin-guide/cgroup-v1).

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::directories::{is_ours, make_directory};
use super::hierarchy::Hierarchy;
use super::{block_io, no_such_processor, rare, write};
use crate::error::{KernelError, Result, Step};
use crate::oci::{OciCpu, OciDeviceRule, OciMemory, OciResources};

/// Makes the group of one hierarchy with the limits that its controllers know.
pub fn make(hierarchy: &Hierarchy, directory: &Path, resources: &OciResources) -> Result<()> {
    make_directory(directory)?;
    if hierarchy.has("cpuset") {
        inherit_cpuset(&hierarchy.mountpoint, directory)?;
        set_cpuset(directory, resources.cpu.as_ref())?;
    }
    if hierarchy.has("cpu") {
        set_cpu(directory, resources.cpu.as_ref())?;
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
    if hierarchy.has("blkio")
        && let Some(io) = &resources.block_io
    {
        block_io::set_v1(directory, io)?;
    }
    if hierarchy.has("hugetlb") {
        rare::set_huge_pages(directory, &resources.hugepage_limits, "limit_in_bytes")?;
    }
    if let Some(network) = &resources.network {
        rare::set_network(hierarchy, directory, network)?;
    }
    if hierarchy.has("devices") {
        set_devices(directory, &resources.devices)?;
    }
    Ok(())
}

/// A new cpuset group has no processors and no memory nodes, and nothing may join it before it has. Those that follow in a parent of ours get them
/// from the kernel (`cgroup.clone_children`).
fn inherit_cpuset(root: &Path, directory: &Path) -> Result<()> {
    let Some(parent) = directory.parent().filter(|_| directory != root) else { return Ok(()) };
    let lacking = ["cpuset.cpus", "cpuset.mems"].into_iter().filter(|name| value_of(&directory.join(name)).is_empty());
    let lacking: Vec<&str> = lacking.collect();
    if lacking.is_empty() {
        return Ok(());
    }
    inherit_cpuset(root, parent)?;
    for name in lacking {
        write(&directory.join(name), &value_of(&parent.join(name)))?;
    }
    if is_ours(parent) {
        // Without it they get them as this one did.
        let _ = write(&parent.join("cgroup.clone_children"), "1");
    }
    Ok(())
}

fn value_of(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_default().trim().to_owned()
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

fn set_cpu(directory: &Path, cpu: Option<&OciCpu>) -> Result<()> {
    let Some(cpu) = cpu else { return Ok(()) };
    if let Some(shares) = cpu.shares.filter(|&shares| shares > 0) {
        write(&directory.join("cpu.shares"), &shares.to_string())?;
    }
    let period = cpu
        .period
        .filter(|&period| period > 0)
        .map(|period| (directory.join("cpu.cfs_period_us"), period.cast_signed()));
    let quota = cpu.quota.filter(|&quota| quota != 0).map(|quota| (directory.join("cpu.cfs_quota_us"), quota));
    write_pair((period, quota))?;
    if let Some(burst) = cpu.burst {
        write(&directory.join("cpu.cfs_burst_us"), &burst.to_string())?;
    }
    if let Some(idle) = cpu.idle {
        write(&directory.join("cpu.idle"), &idle.to_string())?;
    }
    set_realtime(directory, cpu)
}

/// The parent hands out of its own share, and has none unless somebody has given it one.
fn set_realtime(directory: &Path, cpu: &OciCpu) -> Result<()> {
    let lacking = |error: KernelError| {
        let hint =
            "it takes a kernel with CONFIG_RT_GROUP_SCHED and a `cgroup_parent` whose cpu.rt_runtime_us is as large";
        error.code("kernel-lacks").hint(hint)
    };
    let period = cpu.realtime_period.filter(|&period| period > 0);
    let period = period.map(|period| (directory.join("cpu.rt_period_us"), period.cast_signed()));
    let runtime = cpu.realtime_runtime.filter(|&runtime| runtime != 0);
    write_pair((period, runtime.map(|runtime| (directory.join("cpu.rt_runtime_us"), runtime)))).map_err(lacking)
}

type Setting = Option<(PathBuf, i64)>;

/// Two values that the kernel holds against each other, and against what is set already: where the first does not go before the
/// second, it goes after it.
fn write_pair((first, second): (Setting, Setting)) -> Result<()> {
    let set = |setting: &Setting| setting.as_ref().map_or(Ok(()), |(file, value)| write(file, &value.to_string()));
    match set(&first) {
        Err(error) if error.cause.raw_os_error() == Some(libc::EINVAL) && second.is_some() => {
            set(&second)?;
            set(&first)
        }
        other => other.and_then(|()| set(&second)),
    }
}

/// The limit comes before memory plus swap, which may never be smaller than it.
fn set_memory(directory: &Path, memory: Option<&OciMemory>) -> Result<()> {
    let Some(memory) = memory else { return Ok(()) };
    let limit_file = directory.join("memory.limit_in_bytes");
    let swap_file = directory.join("memory.memsw.limit_in_bytes");
    let limit = memory.limit.filter(|&limit| limit != 0);
    // Without a limit of memory there is none of both together either.
    let swap = memory.swap.filter(|&swap| swap != 0).or(limit.filter(|&limit| limit < 0));
    let pair =
        (limit.map(|limit| (limit_file, limit)), swap.filter(|_| swap_file.exists()).map(|swap| (swap_file, swap)));
    write_pair(pair).map_err(too_small)?;
    if let Some(reservation) = memory.reservation.filter(|&reservation| reservation != 0) {
        write(&directory.join("memory.soft_limit_in_bytes"), &reservation.to_string())?;
    }
    if let Some(swappiness) = memory.swappiness {
        write(&directory.join("memory.swappiness"), &swappiness.to_string())?;
    }
    // Kernels since 6.12 have only the file of TCP's memory left, later ones neither.
    let tcp_file = directory.join("memory.kmem.tcp.limit_in_bytes");
    if let Some(limit) = memory.kernel_tcp.filter(|&limit| limit != 0)
        && tcp_file.exists()
    {
        write(&tcp_file, &limit.to_string())?;
    }
    if memory.disable_oom_killer {
        write(&directory.join("memory.oom_control"), "1")?;
    }
    Ok(())
}

fn too_small(error: KernelError) -> KernelError {
    error.hint("a memory limit can't be below what is in use, and memory plus swap not below memory")
}

/// Each rule is one write, in order: the last one that matches counts.
fn set_devices(directory: &Path, rules: &[OciDeviceRule]) -> Result<()> {
    for same in rules.chunk_by(|one, next| one.allow == next.allow) {
        let path = directory.join(if same[0].allow { "devices.allow" } else { "devices.deny" });
        let mut file = File::options().write(true).open(&path).step(|| format!("open `{}`", path.display()))?;
        for line in same.iter().map(device_rule) {
            file.write_all(line.as_bytes()).step(|| format!("write `{line}` to `{}`", path.display()))?;
        }
    }
    Ok(())
}

fn device_rule(rule: &OciDeviceRule) -> String {
    let number = |part: Option<i64>| part.filter(|&part| part >= 0).map_or("*".to_owned(), |part| part.to_string());
    let kind = rule.kind.as_deref().unwrap_or("a");
    let letters: String = rule.access.chars().filter(|letter| "rwm".contains(*letter)).collect();
    let access = if letters.is_empty() { "rwm" } else { &letters };
    format!("{kind} {}:{} {access}", number(rule.major), number(rule.minor))
}
