//! The kernel's notes of what happens in directories (inotify(7)).

use std::mem::ManuallyDrop;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use kernel::error::{Result, Step};
use rustix::fs::inotify::{self, CreateFlags, WatchFlags};

/// A queue of notes, never waited for when it is read. It is closed by the end of the process alone: the kernel waits some ten milliseconds
/// in close(2) until no other processor reads its lists of watches, and by then everybody has been told of the container's end.
pub struct Notes(ManuallyDrop<OwnedFd>);

impl Notes {
    /// Watches these directories. Fails when one is not there, or the user has no watches left.
    pub fn of<'a>(directories: impl IntoIterator<Item = &'a Path>, events: WatchFlags) -> Result<Self> {
        let queue = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK).step(|| "watch directories")?;
        for directory in directories {
            inotify::add_watch(&queue, directory, events).step(|| format!("watch `{}`", directory.display()))?;
        }
        Ok(Self(ManuallyDrop::new(queue)))
    }

    /// Whether there were any since the last time. They are gone then.
    pub fn take(&self) -> bool {
        let mut notes = [0; 4096];
        let mut any = false;
        while rustix::io::read(self, &mut notes).is_ok_and(|length| length > 0) {
            any = true;
        }
        any
    }
}

impl AsFd for Notes {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
