//! Capabilities by name, as masks of the kernel's numbers, and how a process takes exactly those (capabilities(7)).

use std::io;

use crate::error::{KernelError, Result, Step};
use crate::oci::OciCapabilities;

/// In the order of linux/capability.h; the place is the number.
const NAMES: [&str; 41] = [
    "CHOWN",
    "DAC_OVERRIDE",
    "DAC_READ_SEARCH",
    "FOWNER",
    "FSETID",
    "KILL",
    "SETGID",
    "SETUID",
    "SETPCAP",
    "LINUX_IMMUTABLE",
    "NET_BIND_SERVICE",
    "NET_BROADCAST",
    "NET_ADMIN",
    "NET_RAW",
    "IPC_LOCK",
    "IPC_OWNER",
    "SYS_MODULE",
    "SYS_RAWIO",
    "SYS_CHROOT",
    "SYS_PTRACE",
    "SYS_PACCT",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_NICE",
    "SYS_RESOURCE",
    "SYS_TIME",
    "SYS_TTY_CONFIG",
    "MKNOD",
    "LEASE",
    "AUDIT_WRITE",
    "AUDIT_CONTROL",
    "SETFCAP",
    "MAC_OVERRIDE",
    "MAC_ADMIN",
    "SYSLOG",
    "WAKE_ALARM",
    "BLOCK_SUSPEND",
    "AUDIT_READ",
    "PERFMON",
    "BPF",
    "CHECKPOINT_RESTORE",
];

const VERSION_3: u32 = 0x2008_0522;

/// The five sets as masks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Sets {
    pub bounding: u64,
    pub effective: u64,
    pub permitted: u64,
    pub inheritable: u64,
    pub ambient: u64,
}

/// Names to masks. What this process does not hold itself can't be given and is left out, as other runtimes do.
pub fn resolve(capabilities: &OciCapabilities) -> Result<Sets> {
    let held = current()?.1;
    Ok(Sets {
        bounding: mask(&capabilities.bounding)? & held,
        effective: mask(&capabilities.effective)? & held,
        permitted: mask(&capabilities.permitted)? & held,
        inheritable: mask(&capabilities.inheritable)? & held,
        ambient: mask(&capabilities.ambient)? & held,
    })
}

/// Takes everything else out of the bounding set for ever; needs CAP_SETPCAP, so it comes before the user changes.
pub fn drop_bounding(keep: u64) -> Result<()> {
    for number in 0..64 {
        if keep & (1 << number) == 0 {
            // SAFETY: prctl with plain integers.
            let result = unsafe { libc::prctl(libc::PR_CAPBSET_DROP, number, 0, 0, 0) };
            match (result, io::Error::last_os_error()) {
                (0, _) => {}
                // Past the last capability of this kernel.
                (_, error) if error.raw_os_error() == Some(libc::EINVAL) => return Ok(()),
                (_, error) => return Err(KernelError::new(format!("drop capability {number}"), error)),
            }
        }
    }
    Ok(())
}

/// Keeps permitted capabilities when the user changes, until the next execve.
pub fn keep_across_setuid() -> Result<()> {
    // SAFETY: prctl with plain integers.
    let result = unsafe { libc::prctl(libc::PR_SET_KEEPCAPS, 1, 0, 0, 0) };
    if result == 0 { Ok(()) } else { Err(KernelError::new("keep capabilities", io::Error::last_os_error())) }
}

/// Makes effective again what a change of user has left permitted only.
pub fn raise_permitted() -> Result<()> {
    let (_, permitted, inheritable) = current()?;
    set(permitted, permitted, inheritable).step(|| "raise the capabilities")
}

/// Sets the calling process's sets; the last step before execve.
pub fn apply(sets: Sets) -> Result<()> {
    set(sets.effective, sets.permitted, sets.inheritable).step(|| "set the capabilities")?;
    for (number, name) in NAMES.iter().enumerate() {
        if sets.ambient & (1 << number) != 0 {
            // SAFETY: prctl with plain integers.
            let result = unsafe { libc::prctl(libc::PR_CAP_AMBIENT, libc::PR_CAP_AMBIENT_RAISE, number, 0, 0) };
            if result != 0 {
                return Err(KernelError::new(format!("raise capability {name}"), io::Error::last_os_error()));
            }
        }
    }
    Ok(())
}

/// The first of these that this process does not hold, and therefore can't give.
pub fn lacking(asked: &OciCapabilities) -> Result<Option<String>> {
    let held = current()?.1;
    let all = [&asked.bounding, &asked.effective, &asked.permitted, &asked.inheritable, &asked.ambient];
    for name in all.into_iter().flatten() {
        if held & (1 << number(name)?) == 0 {
            return Ok(Some(name.clone()));
        }
    }
    Ok(None)
}

/// Whether there is such a capability.
pub fn is_known(name: &str) -> bool {
    number(name).is_ok()
}

/// All names, as documents write them.
pub fn names() -> Vec<String> {
    NAMES.iter().map(|name| format!("CAP_{name}")).collect()
}

fn mask(names: &[String]) -> Result<u64> {
    names.iter().try_fold(0, |mask, name| Ok(mask | 1 << number(name)?))
}

fn number(name: &str) -> Result<usize> {
    let plain = name.strip_prefix("CAP_").unwrap_or(name);
    NAMES.iter().position(|&known| known == plain).ok_or_else(|| {
        let cause = io::Error::new(io::ErrorKind::InvalidInput, "there is no such capability");
        KernelError::new(format!("use the capability \"{name}\""), cause)
    })
}

/// Effective, permitted and inheritable of the calling process.
fn current() -> Result<(u64, u64, u64)> {
    let header = [VERSION_3, 0];
    let mut data = [0u32; 6];
    // SAFETY: header and data are of the sizes that version 3 of the call takes.
    let result = unsafe { libc::syscall(libc::SYS_capget, header.as_ptr(), data.as_mut_ptr()) };
    if result != 0 {
        return Err(KernelError::new("read the capabilities", io::Error::last_os_error()));
    }
    let whole = |at: usize| u64::from(data[at]) | u64::from(data[at + 3]) << 32;
    Ok((whole(0), whole(1), whole(2)))
}

#[allow(clippy::cast_possible_truncation)]
fn set(effective: u64, permitted: u64, inheritable: u64) -> io::Result<()> {
    let header = [VERSION_3, 0];
    let low = [effective as u32, permitted as u32, inheritable as u32];
    let high = [(effective >> 32) as u32, (permitted >> 32) as u32, (inheritable >> 32) as u32];
    let data = [low, high];
    // SAFETY: header and data are of the sizes that version 3 of the call takes.
    let result = unsafe { libc::syscall(libc::SYS_capset, header.as_ptr(), data.as_ptr()) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dockers_fourteen_are_the_mask_that_its_containers_show() {
        let names = [
            "CAP_CHOWN",
            "CAP_DAC_OVERRIDE",
            "CAP_FSETID",
            "CAP_FOWNER",
            "CAP_MKNOD",
            "CAP_NET_RAW",
            "CAP_SETGID",
            "CAP_SETUID",
            "CAP_SETFCAP",
            "CAP_SETPCAP",
            "CAP_NET_BIND_SERVICE",
            "CAP_SYS_CHROOT",
            "CAP_KILL",
            "CAP_AUDIT_WRITE",
        ];
        assert_eq!(mask(&names.map(str::to_owned)).expect("known"), 0xa804_25fb);
    }

    #[test]
    fn an_unknown_name_is_refused() {
        assert!(mask(&["CAP_EVERYTHING".to_owned()]).is_err());
        assert_eq!(number("BPF").expect("known"), 39);
    }
}
