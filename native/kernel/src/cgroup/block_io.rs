//! Shares and limits of block devices, in the words of both versions of control groups.

use std::path::{Path, PathBuf};

use super::write;
use crate::error::{KernelError, Result};
use crate::oci::{OciBlockIo, OciThrottleDevice};

/// v1 (Documentation/admin-guide/cgroup-v1/blkio-controller.rst): a file for each kind of limit.
pub fn set_v1(directory: &Path, io: &OciBlockIo) -> Result<()> {
    set_weights(directory, io, &WeightFiles { names: ["blkio.weight", "blkio.bfq.weight"], scale: u64::from })?;
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
    set_weights(directory, io, &WeightFiles { names: ["io.weight", "io.bfq.weight"], scale: weight_of_v2 })?;
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
    scale: fn(u16) -> u64,
}

fn set_weights(directory: &Path, io: &OciBlockIo, files: &WeightFiles) -> Result<()> {
    if let Some(weight) = io.weight.filter(|&weight| weight > 0) {
        let [own, bfq] = files.names.map(|name| directory.join(name));
        let scaled = if own.exists() { (files.scale)(weight) } else { u64::from(weight) };
        let file = present([own, bfq])?;
        write(&file, &scaled.to_string())?;
    }
    for device in &io.weight_device {
        let is_v2 = files.names[0] == "io.weight";
        let [own, bfq] =
            files.names.map(|name| directory.join(if is_v2 { name.into() } else { format!("{name}_device") }));
        let scaled = if own.exists() { (files.scale)(device.weight) } else { u64::from(device.weight) };
        let file = present([own, bfq])?;
        limit(&file, &format!("{}:{} {scaled}", device.major, device.minor))?;
    }
    Ok(())
}

fn present(files: [PathBuf; 2]) -> Result<PathBuf> {
    let cause = std::io::Error::from(std::io::ErrorKind::NotFound);
    files.into_iter().find(|file| file.exists()).ok_or_else(|| {
        KernelError::new("give block devices a weight", cause)
            .code("kernel-lacks")
            .hint("the kernel has neither a block policy with weights nor the scheduler BFQ: leave the weight out")
    })
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
