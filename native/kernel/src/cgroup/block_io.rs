//! Shares and limits of block devices, in the words of both versions of control groups.

use std::path::Path;

use super::write;
use crate::error::{KernelError, Result};
use crate::oci::{OciBlockIo, OciThrottleDevice};

/// v1 (Documentation/admin-guide/cgroup-v1/blkio-controller.rst): a file for each kind of limit.
pub fn set_v1(directory: &Path, io: &OciBlockIo) -> Result<()> {
    set_weights(
        directory,
        io,
        &WeightFiles { names: ["blkio.weight", "blkio.bfq.weight"], device_suffix: "_device", scale: u64::from },
    )?;
    let limits = [
        ("blkio.throttle.read_bps_device", &io.throttle_read_bps_device),
        ("blkio.throttle.write_bps_device", &io.throttle_write_bps_device),
        ("blkio.throttle.read_iops_device", &io.throttle_read_iops_device),
        ("blkio.throttle.write_iops_device", &io.throttle_write_iops_device),
    ];
    each_limit(&limits, |file, device| {
        limit(&directory.join(file), &format!("{}:{} {}", device.major, device.minor, device.rate))
    })
}

/// v2 (Documentation/admin-guide/cgroup-v2.rst): one file with a line for each device; what a line leaves out stays.
pub fn set_v2(directory: &Path, io: &OciBlockIo) -> Result<()> {
    set_weights(
        directory,
        io,
        &WeightFiles { names: ["io.weight", "io.bfq.weight"], device_suffix: "", scale: weight_of_v2 },
    )?;
    let limits = [
        ("rbps", &io.throttle_read_bps_device),
        ("wbps", &io.throttle_write_bps_device),
        ("riops", &io.throttle_read_iops_device),
        ("wiops", &io.throttle_write_iops_device),
    ];
    each_limit(&limits, |key, device| {
        limit(&directory.join("io.max"), &format!("{}:{} {key}={}", device.major, device.minor, device.rate))
    })
}

struct WeightFiles {
    /// Who hands out the shares depends on the kernel: its own policy, or the scheduler BFQ.
    names: [&'static str; 2],
    /// What the name of the file for single devices has more.
    device_suffix: &'static str,
    scale: fn(u16) -> u64,
}

/// Both, where both are there: each disk has one of them.
fn set_weights(directory: &Path, io: &OciBlockIo, files: &WeightFiles) -> Result<()> {
    let [own, bfq] = files.names;
    let places = |suffix: &str| -> Vec<_> {
        let place = |name: &str, scale| (directory.join(format!("{name}{suffix}")), scale);
        let all = [place(own, files.scale), place(bfq, u64::from as fn(u16) -> u64)];
        all.into_iter().filter(|(file, _)| file.exists()).collect()
    };
    if let Some(weight) = io.weight.filter(|&weight| weight > 0) {
        taken_by_one(places("").iter().map(|(file, scale)| write(file, &scale(weight).to_string())))?;
    }
    for device in &io.weight_device {
        let line = |weight: u64| format!("{}:{} {weight}", device.major, device.minor);
        taken_by_one(places(files.device_suffix).iter().map(|(file, scale)| limit(file, &line(scale(device.weight)))))?;
    }
    Ok(())
}

/// A policy that the disk has not got refuses; that one takes it is enough.
fn taken_by_one(tries: impl Iterator<Item = Result<()>>) -> Result<()> {
    let results: Vec<_> = tries.collect();
    if results.iter().any(Result::is_ok) {
        return Ok(());
    }
    results.into_iter().next().unwrap_or_else(|| Err(no_policy()))
}

fn no_policy() -> KernelError {
    let cause = std::io::Error::from(std::io::ErrorKind::NotFound);
    KernelError::new("give block devices a weight", cause)
        .code("kernel-lacks")
        .hint("the kernel has neither a block policy with weights nor the scheduler BFQ: leave the weight out")
}

/// Weights from 10 to 1000 become weights from 1 to 10000, in a straight line, as every runtime converts them.
fn weight_of_v2(weight: u16) -> u64 {
    1 + (u64::from(weight.clamp(10, 1000)) - 10) * 9_999 / 990
}

fn each_limit(
    limits: &[(&str, &Vec<OciThrottleDevice>)],
    set: impl Fn(&str, &OciThrottleDevice) -> Result<()>,
) -> Result<()> {
    limits
        .iter()
        .flat_map(|(name, devices)| devices.iter().map(move |device| (*name, device)))
        .try_for_each(|(name, device)| set(name, device))
}

/// A partition has no queue of its own, and is refused.
fn limit(file: &Path, line: &str) -> Result<()> {
    write(file, line).map_err(|error| match error.cause.raw_os_error() {
        Some(libc::ENODEV | libc::EINVAL) => error.hint("name a whole disk that the kernel can limit, not a partition"),
        Some(libc::ENOENT | libc::EOPNOTSUPP) => error.code("kernel-lacks"),
        _ => error,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_stretched_to_the_ends_of_the_other_scale() {
        assert_eq!([10, 500, 1000, 5000].map(weight_of_v2), [1, 4950, 10_000, 10_000]);
    }
}
