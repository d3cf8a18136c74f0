//! `kill`: a signal for the first process, or for all where they do not end with it.

use rustix::process::Signal;

use kernel::sandbox::bundle::signal;

use crate::container::Container;
use crate::flags::Parsed;
use crate::global::Global;
use crate::record::Status;
use crate::words::{Failure, fail};

/// Runs the command.
pub fn run(global: &Global, parsed: &Parsed) -> Result<u8, Failure> {
    let container = Container::load(global, parsed.id())?;
    let number = read_signal(parsed.rest.get(1).map_or("SIGTERM", String::as_str))?;
    if container.status() == Status::Stopped {
        return stopped(&container, parsed, number);
    }
    send(&container, number, parsed.has("all"))?;
    Ok(0)
}

/// The first process is gone; without processes of its own, others may be left.
fn stopped(container: &Container, parsed: &Parsed, number: i32) -> Result<u8, Failure> {
    let left = container.cgroup()?;
    if parsed.has("all") || (!container.record.own_pids && number == libc::SIGKILL && !left.pids().is_empty()) {
        if number == libc::SIGKILL {
            left.kill();
        } else {
            left.signal(number);
        }
        return Ok(0);
    }
    Err(fail("container not running"))
}

/// Sends it. A frozen process would only hear of its end when it is thawed.
pub fn send(container: &Container, number: i32, all: bool) -> Result<(), Failure> {
    let cgroup = container.cgroup()?;
    let everybody = number == libc::SIGKILL && !container.record.own_pids;
    if everybody {
        cgroup.kill();
    } else if all {
        cgroup.signal(number);
    } else {
        let process = container.process()?;
        // Only whether there is somebody is asked.
        if number == 0 {
            return Ok(());
        }
        let named = Signal::from_named_raw(number).or_else(|| real_time(number));
        let named = named.ok_or_else(|| fail(format!("unknown signal \"{number}\"")))?;
        signal(&process, named)?;
    }
    if number == libc::SIGKILL && cgroup.is_frozen() {
        cgroup.thaw()?;
    }
    Ok(())
}

fn real_time(number: i32) -> Option<Signal> {
    let range = libc::SIGRTMIN()..=libc::SIGRTMAX();
    // SAFETY: the C library does not use the signals of this range for itself.
    range.contains(&number).then(|| unsafe { Signal::from_raw_unchecked(number) })
}

const NAMES: [&str; 31] = [
    "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM",
    "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO",
    "PWR", "SYS",
];

fn read_signal(text: &str) -> Result<i32, Failure> {
    if let Ok(number) = text.parse::<i32>() {
        return if (0..=64).contains(&number) { Ok(number) } else { Err(fail(format!("unknown signal \"{text}\""))) };
    }
    let upper = text.to_uppercase();
    let name = upper.strip_prefix("SIG").unwrap_or(&upper);
    let found = NAMES.iter().position(|known| *known == name).and_then(|at| i32::try_from(at + 1).ok());
    let relative = || {
        let (base, offset) = if let Some(rest) = name.strip_prefix("RTMIN") {
            (libc::SIGRTMIN(), rest)
        } else {
            (libc::SIGRTMAX(), name.strip_prefix("RTMAX")?)
        };
        let number = base + if offset.is_empty() { 0 } else { offset.parse::<i32>().ok()? };
        (libc::SIGRTMIN()..=libc::SIGRTMAX()).contains(&number).then_some(number)
    };
    found.or_else(relative).ok_or_else(|| fail(format!("unknown signal \"{text}\"")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_is_a_number_or_a_name_in_any_spelling() {
        for (text, number) in
            [("9", 9), ("KILL", 9), ("SIGKILL", 9), ("sigterm", 15), ("SYS", 31), ("RTMIN+1", libc::SIGRTMIN() + 1)]
        {
            assert_eq!(read_signal(text).expect(text), number, "{text}");
        }
        for wrong in ["", "-1", "65", "NOPE", "SIG", "RTMIN+99"] {
            assert!(read_signal(wrong).is_err(), "{wrong}");
        }
    }
}
