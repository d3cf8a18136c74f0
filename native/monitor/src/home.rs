//! The container's directory, watched: when somebody deletes it, nobody can ever ask for the container's end again.

use std::path::Path;

use kernel::error::Result;
use rustix::fs::inotify::WatchFlags;

use crate::lock;
use crate::monitor::Monitor;
use crate::notes::Notes;
use crate::reactor::{READABLE, Reactor, Watched};
use crate::token::Token;

/// The kernel's word on the directory.
pub type Home = Watched<Notes>;

/// Begins to watch. The directory's own end is told only when nothing is mounted from it any more, so the first sign counts: the
/// end of what is in it.
pub fn watch(reactor: &Reactor, directory: &Path) -> Result<Home> {
    let notes = Notes::of([directory], WatchFlags::DELETE | WatchFlags::MOVE_SELF)?;
    reactor.watch(notes, Token::Home.pack(), READABLE)
}

impl Monitor {
    /// The container ends with its directory.
    pub fn check_home(&mut self) {
        if let Some(home) = &self.home {
            home.get().take();
        }
        if !lock::path(&self.spec.paths.container_dir).exists() {
            self.home = None;
            self.stop_for_the_host();
        }
    }
}
