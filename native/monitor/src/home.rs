//! The container's directory, watched: when somebody deletes it, nobody can ever ask for the container's end again.

use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::path::Path;

use kernel::error::{Result, Step};
use rustix::fs::inotify;

use crate::lock;
use crate::monitor::Monitor;
use crate::reactor::{READABLE, Reactor, Watched};
use crate::token::Token;

/// The kernel's word on the directory.
pub type Home = Watched<OwnedFd>;

/// Begins to watch. The directory's own end is told only when nothing is mounted from it any more, so the first sign counts: the
/// end of what is in it.
pub fn watch(reactor: &Reactor, directory: &Path) -> Result<Home> {
    let step = || format!("watch `{}`", directory.display());
    let events = inotify::init(inotify::CreateFlags::CLOEXEC | inotify::CreateFlags::NONBLOCK).step(step)?;
    let gone = inotify::WatchFlags::DELETE | inotify::WatchFlags::MOVE_SELF;
    inotify::add_watch(&events, directory, gone).step(step)?;
    reactor.watch(events, Token::Home.pack(), READABLE)
}

impl Monitor {
    /// The container ends with its directory.
    pub fn check_home(&mut self) {
        if let Some(home) = &self.home {
            let mut space = [MaybeUninit::uninit(); 512];
            let mut events = inotify::Reader::new(home, &mut space);
            while events.next().is_ok() {}
        }
        if !lock::path(&self.spec.paths.container_dir).exists() {
            self.home = None;
            self.stop_for_the_host();
        }
    }
}
