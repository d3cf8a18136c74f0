//! Proof of a process: its pid alone may belong to a later one, or to another boot.

use std::fs::{self, File};
use std::io::{self, Read};
use std::sync::OnceLock;

use rustix::io::Errno;
use rustix::process::{Pid, test_kill_process};

use crate::error::{Result, Step};
use crate::spec::MonitorIdentity;

/// The identity of a running process.
pub fn of(pid: i32) -> Result<MonitorIdentity> {
    let start_time = start_time(pid).step(|| format!("read /proc/{pid}/stat"))?;
    Ok(MonitorIdentity { pid, start_time, boot_id: boot_id().to_owned() })
}

/// Whether that very process still lives.
pub fn is_alive(identity: &MonitorIdentity) -> bool {
    identity.boot_id == boot_id() && start_time(identity.pid).is_ok_and(|found| found == identity.start_time)
}

/// Whether it is certain that it does not: a twentieth of the work. A process that nobody has buried yet, or another one with its pid, is not.
pub fn is_gone(identity: &MonitorIdentity) -> bool {
    let exists = |pid| !matches!(test_kill_process(pid), Err(Errno::SRCH));
    // Of no other number is it a process: 0 and those below mean groups.
    let pid = Some(identity.pid).filter(|pid| *pid > 0).and_then(Pid::from_raw);
    identity.boot_id != boot_id() || !pid.is_some_and(exists)
}

/// Longer than a line of /proc/PID/stat can be: 52 fields of at most 20 digits, and a short name.
const STAT_BYTES: usize = 2048;

/// Field 22 of proc_pid_stat(5), in clock ticks since boot; a zombie does not count as running.
pub fn start_time(pid: i32) -> io::Result<u64> {
    let mut buffer = [0; STAT_BYTES];
    let length = File::open(format!("/proc/{pid}/stat"))?.read(&mut buffer)?;
    let stat = String::from_utf8_lossy(&buffer[..length]);
    parse_start_time(&stat).ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))
}

/// The second field is the program's name in parentheses and may hold spaces and parentheses of its own.
fn parse_start_time(stat: &str) -> Option<u64> {
    let (_, after_name) = stat.rsplit_once(") ")?;
    let mut fields = after_name.split(' ');
    let state = fields.next()?;
    if state == "Z" || state == "X" { None } else { fields.nth(18)?.parse().ok() }
}

/// Another one after each start of the machine.
pub fn boot_id() -> &'static str {
    static BOOT_ID: OnceLock<String> = OnceLock::new();
    BOOT_ID.get_or_init(|| fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default().trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_alive_and_another_start_time_is_somebody_else() {
        let own = of(i32::try_from(std::process::id()).expect("a pid")).expect("an identity");
        assert!(is_alive(&own));
        assert!(!is_alive(&MonitorIdentity { start_time: own.start_time + 1, ..own.clone() }));
        assert!(!is_alive(&MonitorIdentity { boot_id: "another".into(), ..own }));
    }

    #[test]
    fn a_process_that_has_been_buried_is_gone() {
        let mut child = std::process::Command::new("true").spawn().expect("a process");
        let buried = of(i32::try_from(child.id()).expect("a pid")).expect("an identity");
        assert!(!is_gone(&buried));
        child.wait().expect("its end");
        assert!(is_gone(&buried));
        let own = of(i32::try_from(std::process::id()).expect("a pid")).expect("an identity");
        assert!(!is_gone(&own));
        assert!(is_gone(&MonitorIdentity { pid: -own.pid, ..own.clone() }));
        assert!(is_gone(&MonitorIdentity { boot_id: "another".into(), ..own }));
    }

    #[test]
    fn a_name_with_parentheses_does_not_shift_the_fields() {
        let fields = (4..=30).map(|number| number.to_string()).collect::<Vec<_>>().join(" ");
        assert_eq!(parse_start_time(&format!("7 (a) b) S {fields}")), Some(22));
        assert_eq!(parse_start_time(&format!("7 (a) Z {fields}")), None);
        assert_eq!(parse_start_time("nonsense"), None);
    }
}
