//! The container's directory, watched: when somebody deletes it, nobody can ever ask for the container's end again.

use std::mem::ManuallyDrop;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use kernel::error::{Result, Step};
use rustix::fs::inotify::{self, CreateFlags, WatchFlags};

use crate::lock;
use crate::monitor::Monitor;
use crate::reactor::{READABLE, Reactor, Watched};
use crate::token::Token;

/// The kernel's word on the directory.
pub type Home = Watched<Notes>;

/// The kernel's notes of what happens in a directory (inotify(7)). The queue is closed by the end of the process alone: the kernel waits some ten
/// milliseconds in close(2) until no other processor reads its lists of watches, and by then everybody has been told of the container's end.
pub struct Notes(ManuallyDrop<OwnedFd>);

/// Begins to watch; fails when the user has no queues left (`fs.inotify.max_user_instances`). The directory's own end is told only when nothing is
/// mounted from it any more, so the first sign counts: the end of what is in it.
pub fn watch(reactor: &Reactor, directory: &Path) -> Result<Home> {
    let step = || format!("watch `{}`", directory.display());
    let queue = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK).step(step)?;
    inotify::add_watch(&queue, directory, WatchFlags::DELETE | WatchFlags::MOVE_SELF).step(step)?;
    reactor.watch(Notes(ManuallyDrop::new(queue)), Token::Home.pack(), READABLE)
}

impl Monitor {
    /// The container ends with its directory.
    pub fn check_home(&mut self) {
        if let Some(home) = &self.home {
            home.get().forget();
        }
        if !lock::path(&self.spec.paths.container_dir).exists() {
            self.home = None;
            self.stop_for_the_host();
        }
    }
}

impl Notes {
    /// That there were any is enough.
    fn forget(&self) {
        let mut notes = [0; 4096];
        while rustix::io::read(self, &mut notes).is_ok_and(|length| length > 0) {}
    }
}

impl AsFd for Notes {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
