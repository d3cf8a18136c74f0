//! The container's lock: two monitors never run one container. The kernel gives it back when its holder dies.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use kernel::error::{KernelError, Result, Step};
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

/// Another monitor that has done its work needs a moment to leave.
const ATTEMPTS: u32 = 20;
const PAUSE: Duration = Duration::from_millis(5);

/// Where it is; nobody removes it but with the whole directory.
pub fn path(container_dir: &Path) -> PathBuf {
    container_dir.join("monitor.lock")
}

/// Held for as long as this lives.
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes `monitor.lock` of the container's directory.
    pub fn take(container_dir: &Path) -> Result<Self> {
        let path = path(container_dir);
        let step = || format!("lock `{}`", path.display());
        let file = File::options().create(true).append(true).open(&path).step(step)?;
        for _ in 0..ATTEMPTS {
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => return Ok(Self { _file: file }),
                Err(Errno::AGAIN) => sleep(PAUSE),
                Err(errno) => return Err(KernelError::new(step(), errno)),
            }
        }
        Err(KernelError::new(step(), std::io::Error::other("another monitor runs this container")))
    }
}
