//! Which kind of Linux a process finds (personality(2)).

use std::io;

use crate::error::{KernelError, Result};
use crate::oci::OciPersonality;

const LINUX: libc::c_ulong = 0x0;
const LINUX32: libc::c_ulong = 0x8;

/// Changes that of the calling process.
pub fn apply(personality: &OciPersonality) -> Result<()> {
    let refuse = |cause: io::Error| KernelError::new(format!("set the personality \"{}\"", personality.domain), cause);
    if !personality.flags.is_empty() {
        let cause = io::Error::new(io::ErrorKind::Unsupported, "the specification has no flags for it yet");
        return Err(refuse(cause).code("unsupported"));
    }
    let domain = match personality.domain.as_str() {
        "LINUX" => LINUX,
        "LINUX32" => LINUX32,
        _ => return Err(refuse(io::Error::new(io::ErrorKind::InvalidInput, "it is neither LINUX nor LINUX32"))),
    };
    // SAFETY: personality takes an integer.
    if unsafe { libc::personality(domain) } < 0 { Err(refuse(io::Error::last_os_error())) } else { Ok(()) }
}
