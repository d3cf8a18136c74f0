//! How a runtime hands over the terminal that it has made: through a socket (runc's `--console-socket`).

use std::fs;
use std::io::{self, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use kernel::error::{Result, Step};
use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, recvmsg};
use rustix::termios::{Winsize, tcsetwinsize};

/// A socket that waits for one terminal.
pub struct Console {
    path: PathBuf,
    listener: UnixListener,
}

impl Console {
    /// Beside the control socket, whose path is short enough.
    pub fn listen(control_socket: &Path) -> Result<Self> {
        let path = control_socket.with_extension("console");
        let _ = fs::remove_file(&path);
        let listener = UnixListener::bind(&path).step(|| format!("listen on `{}`", path.display()))?;
        Ok(Self { path, listener })
    }

    /// For the runtime.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The terminal's other end. The runtime has sent it when it comes to its end.
    pub fn receive(self, rows: u16, columns: u16) -> Result<OwnedFd> {
        let step = || "take over the container's terminal";
        self.listener.set_nonblocking(true).step(step)?;
        let (stream, _) = self.listener.accept().step(step)?;
        let terminal = descriptor_from(&stream).step(step)?;
        if rows > 0 && columns > 0 {
            let size = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
            tcsetwinsize(&terminal, size).step(step)?;
        }
        Ok(terminal)
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

fn descriptor_from(stream: impl std::os::fd::AsFd) -> io::Result<OwnedFd> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut name = [0; 4096];
    recvmsg(stream, &mut [IoSliceMut::new(&mut name)], &mut control, RecvFlags::CMSG_CLOEXEC | RecvFlags::DONTWAIT)?;
    for message in control.drain() {
        if let RecvAncillaryMessage::ScmRights(mut descriptors) = message
            && let Some(terminal) = descriptors.next()
        {
            return Ok(terminal);
        }
    }
    Err(io::Error::other("none was sent"))
}
