//! What happens at a system call: OCI's words, and the numbers that a filter returns for them (linux/seccomp.h).

use std::io;

use crate::error::{KernelError, Result};

const KILL_THREAD: u32 = 0;
const TRAP: u32 = 0x0003_0000;
const ERRNO: u32 = 0x0005_0000;
const NOTIFY: u32 = 0x7fc0_0000;
const TRACE: u32 = 0x7ff0_0000;
const LOG: u32 = 0x7ffc_0000;
const ALLOW: u32 = 0x7fff_0000;

/// The largest error number that a call can fail with.
const LARGEST_ERRNO: u32 = 4095;

/// What a filter returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Action(pub u32);

impl Action {
    /// The process ends, as on a call of an architecture that the profile does not speak of.
    pub const KILL_PROCESS: Self = Self(0x8000_0000);

    /// The call fails as if the kernel did not have it, and programs take their older way.
    pub const NO_SUCH_CALL: Self = Self(ERRNO | libc::ENOSYS.cast_unsigned());

    /// Reads a word of the specification; without a number, a refused call fails with EPERM.
    pub fn read(word: &str, errno: Option<u32>) -> Result<Self> {
        let number = errno.unwrap_or(libc::EPERM.cast_unsigned());
        if number > LARGEST_ERRNO {
            return Err(refused(format!("{number} is not an error number")));
        }
        Ok(Self(match word {
            "SCMP_ACT_KILL" | "SCMP_ACT_KILL_THREAD" => KILL_THREAD,
            "SCMP_ACT_KILL_PROCESS" => Self::KILL_PROCESS.0,
            "SCMP_ACT_TRAP" => TRAP,
            "SCMP_ACT_ERRNO" => ERRNO | number,
            "SCMP_ACT_TRACE" => TRACE | number,
            "SCMP_ACT_NOTIFY" => NOTIFY,
            "SCMP_ACT_LOG" => LOG,
            "SCMP_ACT_ALLOW" => ALLOW,
            other => return Err(refused(format!("the action \"{other}\" is not known")).code("unsupported")),
        }))
    }

    /// Whether the call is made all the same; a tracer is expected to know calls that the profile does not.
    pub fn is_permissive(self) -> bool {
        matches!(self.0 & 0xffff_0000, ALLOW | LOG | TRACE | NOTIFY)
    }
}

/// A profile that can't be what was meant.
pub fn refused(why: String) -> KernelError {
    KernelError::new("read the seccomp profile", io::Error::new(io::ErrorKind::InvalidInput, why))
}
