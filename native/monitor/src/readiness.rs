//! An epoll instance that a machine keeps for itself. The monitor's own loop waits for its descriptor and lets the machine work.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use kernel::error::{Result, Step};
use rustix::event::Timespec;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};

const EVENTS: usize = 64;

/// Descriptors, each under a number of its machine's choice.
pub struct Readiness {
    epoll: OwnedFd,
}

impl Readiness {
    /// Watches nothing yet.
    pub fn new() -> Result<Self> {
        Ok(Self { epoll: epoll::create(CreateFlags::CLOEXEC).step(|| "make an epoll instance")? })
    }

    /// Watches a descriptor until it is closed.
    pub fn add(&self, fd: impl AsFd, token: u64, interest: EventFlags) -> Result<()> {
        epoll::add(&self.epoll, fd, EventData::new_u64(token), interest).step(|| "watch a descriptor")
    }

    /// Watches it for something else.
    pub fn change(&self, fd: impl AsFd, token: u64, interest: EventFlags) -> Result<()> {
        epoll::modify(&self.epoll, fd, EventData::new_u64(token), interest).step(|| "watch a descriptor")
    }

    /// Watches it no longer.
    pub fn forget(&self, fd: impl AsFd) -> Result<()> {
        epoll::delete(&self.epoll, fd).step(|| "stop watching a descriptor")
    }

    /// What is ready now: numbers and what they are ready for. Never waits; what does not fit is ready at the next call.
    pub fn ready(&self) -> Vec<(u64, EventFlags)> {
        let mut events = [Event { flags: EventFlags::empty(), data: EventData::new_u64(0) }; EVENTS];
        let now = Timespec::try_from(Duration::ZERO).ok();
        let count = epoll::wait(&self.epoll, &mut events[..], now.as_ref()).unwrap_or(0);
        events[..count].iter().map(|event| (event.data.u64(), event.flags)).collect()
    }
}

impl AsFd for Readiness {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.epoll.as_fd()
    }
}
