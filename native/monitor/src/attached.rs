//! The client that a container is started for: it is connected before the first program runs, and so misses nothing of it.

use std::os::fd::{FromRawFd, OwnedFd};

use kernel::error::{Result, Step};
use rustix::io::{FdFlags, fcntl_setfd, ioctl_fionbio};
use serde::Deserialize;

use crate::control::client::{Client, Role};
use crate::control::request::Size;
use crate::keeper;
use crate::monitor::Monitor;
use crate::reactor::READABLE;
use crate::token::Token;

/// Where whoever starts us has put our end of the connection.
const DESCRIPTOR: i32 = 3;

/// What it wants, as it stands on the command line.
#[derive(Deserialize)]
struct Wish {
    stdin: bool,
    #[serde(flatten)]
    size: Size,
}

/// A connection, and what it is for.
pub struct Attached {
    socket: OwnedFd,
    wish: Wish,
}

impl Attached {
    /// None in a monitor that goes on from a killed one: that one had the connection.
    pub fn take(wish: &str) -> Result<Option<Self>> {
        if keeper::is_resumed() {
            return Ok(None);
        }
        // SAFETY: nothing else has been opened on purpose yet, and nobody but us knows this number.
        let socket = unsafe { OwnedFd::from_raw_fd(DESCRIPTOR) };
        fcntl_setfd(&socket, FdFlags::CLOEXEC).step(|| "take the connection of whoever starts the container")?;
        ioctl_fionbio(&socket, true).step(|| "take the connection of whoever starts the container")?;
        let wish = serde_json::from_str(wish).map_err(std::io::Error::from).step(|| "read what is asked for")?;
        Ok(Some(Self { socket, wish }))
    }
}

impl Monitor {
    /// Before the first program is started.
    pub fn welcome(&mut self, Attached { socket, wish }: Attached) -> Result<()> {
        let id = self.next_id();
        let socket = self.reactor.watch(socket, Token::Client(id).pack(), READABLE)?;
        self.clients.insert(id, Client::from_the_start(socket));
        self.terminal_size = wish.size;
        self.join(id, Role::Attached { stdin: wish.stdin });
        Ok(())
    }
}
