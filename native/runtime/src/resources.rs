//! Limits as flags.

use kernel::oci::{OciBlockIo, OciCpu, OciMemory, OciPids, OciResources};

use crate::container::Container;
use crate::flags::Parsed;
use crate::words::{Failure, fail};

/// Reads those of `update`.
pub fn of_flags(parsed: &Parsed) -> Result<OciResources, Failure> {
    let text = |name: &str| parsed.value(name).filter(|value| !value.is_empty()).map(str::to_owned);
    let cpu = OciCpu {
        shares: parsed.number("cpu-share")?,
        quota: parsed.number("cpu-quota")?,
        period: parsed.number("cpu-period")?,
        burst: parsed.number("cpu-burst")?,
        realtime_period: parsed.number("cpu-rt-period")?,
        realtime_runtime: parsed.number("cpu-rt-runtime")?,
        cpus: text("cpuset-cpus"),
        mems: text("cpuset-mems"),
        idle: parsed.number("cpu-idle")?,
    };
    let memory = OciMemory {
        limit: bytes(parsed, "memory")?,
        reservation: bytes(parsed, "memory-reservation")?,
        swap: bytes(parsed, "memory-swap")?,
        ..OciMemory::default()
    };
    let weight = parsed.number::<u16>("blkio-weight")?.filter(|&weight| weight > 0);
    Ok(OciResources {
        cpu: Some(cpu),
        memory: Some(memory),
        pids: parsed.number("pids-limit")?.map(|limit| OciPids { limit }),
        block_io: weight.map(|weight| OciBlockIo { weight: Some(weight), ..OciBlockIo::default() }),
        ..OciResources::default()
    })
}

/// A number with a unit, in steps of 1024.
fn bytes(parsed: &Parsed, name: &str) -> Result<Option<i64>, Failure> {
    let read = |text: &str| {
        let digits = text.trim_end_matches(|one: char| one.is_ascii_alphabetic());
        let shift = match text[digits.len()..].to_ascii_lowercase().trim_end_matches('b').trim_end_matches('i') {
            "" => 0,
            "k" => 10,
            "m" => 20,
            "g" => 30,
            "t" => 40,
            _ => return None,
        };
        let number = digits.parse::<i64>().ok()?;
        if number < 0 { Some(-1) } else { number.checked_mul(1 << shift) }
    };
    let refuse = |text: &str| fail(format!("invalid value for {name}: \"{text}\" is not a number of bytes"));
    parsed.value(name).map(|text| read(text).ok_or_else(|| refuse(text))).transpose()
}

/// Without what says nothing, so that a controller that is not asked anything may be missing.
pub fn completed(wanted: &OciResources, _container: &Container) -> Result<OciResources, Failure> {
    Ok(wanted.clone())
}
