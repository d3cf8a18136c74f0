//! Resource limits (getrlimit(2)): set as asked, with a clear word where the host does not allow it.

use std::io;

use crate::error::{KernelError, Result};
use crate::oci::OciRlimit;

/// As the C library types it.
#[cfg(target_env = "gnu")]
type Resource = libc::__rlimit_resource_t;
#[cfg(not(target_env = "gnu"))]
type Resource = libc::c_int;

const NAMES: [(&str, Resource); 16] = [
    ("RLIMIT_AS", libc::RLIMIT_AS),
    ("RLIMIT_CORE", libc::RLIMIT_CORE),
    ("RLIMIT_CPU", libc::RLIMIT_CPU),
    ("RLIMIT_DATA", libc::RLIMIT_DATA),
    ("RLIMIT_FSIZE", libc::RLIMIT_FSIZE),
    ("RLIMIT_LOCKS", libc::RLIMIT_LOCKS),
    ("RLIMIT_MEMLOCK", libc::RLIMIT_MEMLOCK),
    ("RLIMIT_MSGQUEUE", libc::RLIMIT_MSGQUEUE),
    ("RLIMIT_NICE", libc::RLIMIT_NICE),
    ("RLIMIT_NOFILE", libc::RLIMIT_NOFILE),
    ("RLIMIT_NPROC", libc::RLIMIT_NPROC),
    ("RLIMIT_RSS", libc::RLIMIT_RSS),
    ("RLIMIT_RTPRIO", libc::RLIMIT_RTPRIO),
    ("RLIMIT_RTTIME", libc::RLIMIT_RTTIME),
    ("RLIMIT_SIGPENDING", libc::RLIMIT_SIGPENDING),
    ("RLIMIT_STACK", libc::RLIMIT_STACK),
];

/// Sets them for the calling process. `u64::MAX` is without limit.
pub fn apply(limits: &[OciRlimit]) -> Result<()> {
    apply_to(0, limits)
}

/// Sets them for another process, which may not have the right to itself.
pub fn apply_to(pid: libc::pid_t, limits: &[OciRlimit]) -> Result<()> {
    limits.iter().try_for_each(|limit| set(pid, limit))
}

fn set(pid: libc::pid_t, limit: &OciRlimit) -> Result<()> {
    let refuse = |cause: io::Error| KernelError::new(format!("set the limit {}", plain(&limit.kind)), cause);
    let Some((_, resource)) = NAMES.iter().find(|(name, _)| *name == limit.kind) else {
        return Err(refuse(io::Error::new(io::ErrorKind::InvalidInput, "there is no such limit")));
    };
    let value = libc::rlimit { rlim_cur: limit.soft, rlim_max: limit.hard };
    // SAFETY: the structure is the one the call takes and outlives it.
    if unsafe { libc::prlimit(pid, *resource, &raw const value, std::ptr::null_mut()) } == 0 {
        return Ok(());
    }
    let error = io::Error::last_os_error();
    let denied = error.raw_os_error() == Some(libc::EPERM);
    let refusal = refuse(error);
    Err(if denied { refusal.code("permission-denied").hint(hint(*resource, limit)) } else { refusal })
}

fn hint(resource: Resource, limit: &OciRlimit) -> String {
    let mut own = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the structure is the one the call fills.
    unsafe { libc::getrlimit(resource, &raw mut own) };
    let (wanted, allowed) = (limit.hard, own.rlim_max);
    format!("the hard limit of this host is {allowed} and {wanted} was asked for; raising it needs CAP_SYS_RESOURCE")
}

/// `RLIMIT_NOFILE` as Compose calls it: `nofile`.
fn plain(kind: &str) -> String {
    format!("\"{}\"", kind.trim_start_matches("RLIMIT_").to_lowercase())
}
