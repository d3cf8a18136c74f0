//! The control socket: who may connect to it.

use std::fs;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use kernel::error::{KernelError, Result, Step};
use rustix::net::{
    AddressFamily, SocketAddrUnix, SocketFlags, SocketType, accept_with, bind, listen, socket_with, sockopt,
};

use crate::reactor::{NOTHING, READABLE, Reactor, Watched};
use crate::token::Token;

const BACKLOG: i32 = 64;

/// A listening unix socket. Its file goes when it is closed.
pub struct Listener {
    socket: Watched<OwnedFd>,
    path: PathBuf,
}

impl Listener {
    /// Listens at `path`. What a killed monitor left there is replaced: the caller holds the container's lock.
    pub fn open(reactor: &Reactor, path: &Path) -> Result<Self> {
        let step = || format!("listen on the control socket `{}`", path.display());
        make_private_parent(path).step(step)?;
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(KernelError::new(step(), error)),
            _ => {}
        }
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None).step(step)?;
        let address = SocketAddrUnix::new(path).step(step)?;
        bind(&socket, &address).step(step)?;
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).step(step)?;
        listen(&socket, BACKLOG).step(step)?;
        let socket = reactor.watch(socket, Token::Listener.pack(), READABLE)?;
        Ok(Self { socket, path: path.to_owned() })
    }

    /// Lets clients in, or has them wait at the door.
    pub fn listen(&mut self, has_room: bool) {
        let _ = self.socket.want(if has_room { READABLE } else { NOTHING });
    }

    /// The next connection of somebody who may talk to us; `None` when there is none at the moment.
    pub fn accept(&self) -> Option<OwnedFd> {
        loop {
            match accept_with(&self.socket, SocketFlags::CLOEXEC | SocketFlags::NONBLOCK) {
                Ok(connection) if may_connect(&connection) => return Some(connection),
                Ok(_) | Err(rustix::io::Errno::INTR | rustix::io::Errno::CONNABORTED) => {}
                Err(_) => return None,
            }
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // Gone already when somebody has cleaned up behind us.
        let _ = fs::remove_file(&self.path);
    }
}

fn make_private_parent(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(parent) => fs::DirBuilder::new().recursive(true).mode(0o700).create(parent),
        None => Ok(()),
    }
}

/// Root, or whoever runs the monitor.
fn may_connect(connection: impl AsFd) -> bool {
    let own = rustix::process::geteuid();
    sockopt::socket_peercred(connection).is_ok_and(|peer| peer.uid.is_root() || peer.uid == own)
}
