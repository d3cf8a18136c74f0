//! The one place where the monitor waits: an epoll instance, and the descriptors it watches. Knows no container.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::rc::Rc;
use std::time::Instant;

use kernel::error::{Result, Step};
use rustix::event::{Timespec, epoll};
use rustix::io::Errno;

/// What a descriptor is watched for. Its end is always told.
pub type Interest = epoll::EventFlags;

/// Nothing but the end.
pub const NOTHING: Interest = Interest::empty();
/// Something to read.
pub const READABLE: Interest = Interest::IN;
/// Room to write.
pub const WRITABLE: Interest = Interest::OUT;

const EVENTS_AT_ONCE: usize = 32;

/// What happened to the descriptor that carries the token.
#[derive(Debug, Clone, Copy)]
pub struct Event {
    /// Given when the descriptor was first watched.
    pub token: u64,
    /// What it is ready for.
    pub ready: Interest,
}

/// An epoll instance.
pub struct Reactor {
    epoll: Rc<OwnedFd>,
}

impl Reactor {
    /// A reactor that watches nothing yet.
    pub fn new() -> Result<Self> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC).step(|| "make an epoll instance")?;
        Ok(Self { epoll: Rc::new(epoll) })
    }

    /// Watches a descriptor for as long as the answer lives.
    pub fn watch<F: AsFd>(&self, fd: F, token: u64, interest: Interest) -> Result<Watched<F>> {
        epoll::add(&*self.epoll, &fd, epoll::EventData::new_u64(token), interest).step(|| "watch a descriptor")?;
        Ok(Watched { fd, epoll: Rc::clone(&self.epoll), token, interest })
    }

    /// Waits until something happens or the deadline has come.
    pub fn wait(&self, deadline: Option<Instant>) -> Result<Vec<Event>> {
        let empty = epoll::Event { flags: NOTHING, data: epoll::EventData::new_u64(0) };
        let mut events = [empty; EVENTS_AT_ONCE];
        let timeout = deadline.map(time_until);
        let count = match epoll::wait(&*self.epoll, &mut events[..], timeout.as_ref()) {
            Err(Errno::INTR) => 0,
            other => other.step(|| "wait for events")?,
        };
        Ok(events[..count].iter().map(|event| Event { token: event.data.u64(), ready: event.flags }).collect())
    }
}

fn time_until(deadline: Instant) -> Timespec {
    let wait = deadline.saturating_duration_since(Instant::now());
    Timespec { tv_sec: wait.as_secs().try_into().unwrap_or(i64::MAX), tv_nsec: wait.subsec_nanos().into() }
}

/// A descriptor of ours that a reactor watches. Dropping it ends both.
pub struct Watched<F: AsFd> {
    fd: F,
    epoll: Rc<OwnedFd>,
    token: u64,
    interest: Interest,
}

impl<F: AsFd> Watched<F> {
    /// What is watched.
    pub fn get(&self) -> &F {
        &self.fd
    }

    /// Changes what it is watched for; costs nothing when that stays the same.
    pub fn want(&mut self, interest: Interest) -> io::Result<()> {
        if interest != self.interest {
            epoll::modify(&*self.epoll, &self.fd, epoll::EventData::new_u64(self.token), interest)?;
            self.interest = interest;
        }
        Ok(())
    }
}

impl<F: AsFd> AsFd for Watched<F> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

impl<F: AsFd> Drop for Watched<F> {
    /// Closing alone would leave the watch behind when the descriptor has a duplicate.
    fn drop(&mut self) {
        let _ = epoll::delete(&*self.epoll, &self.fd);
    }
}
