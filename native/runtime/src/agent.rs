//! Whoever decides on a container's system calls: he waits at a socket and is handed the descriptor by which the kernel asks.

use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use kernel::error::KernelError;
use kernel::oci::OciSeccomp;
use kernel::sandbox::bundle::HookState;
use serde_json::json;

use crate::sockets;
use crate::words::Failure;

/// Hands it over with what the specification calls the container process state.
pub fn tell(profile: &OciSeccomp, listener: &OwnedFd, pid: i32, state: &HookState<'_>) -> Result<(), KernelError> {
    let of = |failure: Failure| {
        KernelError::new("failed to connect with seccomp agent", std::io::Error::other(failure.message))
            .hint("start it, or take SCMP_ACT_NOTIFY out of the profile")
    };
    let path = profile.listener_path.as_deref().unwrap_or(Path::new(""));
    let message = json!({
        "ociVersion": state.oci_version,
        "fds": ["seccompFd"],
        "pid": pid,
        "metadata": profile.listener_metadata,
        "state": state,
    });
    let socket = sockets::open(path).map_err(of)?;
    sockets::send(&socket, listener.as_fd(), &message.to_string()).map_err(of)
}
