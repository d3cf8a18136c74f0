//! DNS over TCP: messages with their lengths before them, in both directions, without waiting.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags};

const LENGTH: usize = 2;
const READ_BYTES: usize = 4096;

/// How much may wait for a peer that does not read.
const MOST_WAITING: usize = 256 * 1024;

/// A connection, the bytes that wait to be sent, and the bytes of a message that is not whole yet.
pub struct Stream {
    socket: OwnedFd,
    outgoing: Vec<u8>,
    incoming: Vec<u8>,
}

impl Stream {
    /// Connected, or about to be.
    pub fn new(socket: OwnedFd) -> Self {
        Self { socket, outgoing: Vec::new(), incoming: Vec::new() }
    }

    /// Puts a message behind those that wait.
    pub fn queue(&mut self, message: &[u8]) {
        let Ok(length) = u16::try_from(message.len()) else { return };
        self.outgoing.extend_from_slice(&length.to_be_bytes());
        self.outgoing.extend_from_slice(message);
    }

    /// Whether something could not be sent yet.
    pub fn has_waiting(&self) -> bool {
        !self.outgoing.is_empty()
    }

    /// Sends what waits, as far as it goes. A peer that lets too much wait is refused.
    pub fn flush(&mut self) -> rustix::io::Result<()> {
        while !self.outgoing.is_empty() {
            match rustix::net::send(&self.socket, &self.outgoing, SendFlags::NOSIGNAL) {
                Ok(sent) => {
                    self.outgoing.drain(..sent);
                }
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) if self.outgoing.len() > MOST_WAITING => return Err(Errno::NOBUFS),
                Err(Errno::AGAIN) => break,
                Err(errno) => return Err(errno),
            }
        }
        Ok(())
    }

    /// The next whole message; `AGAIN` when there is none yet, `PIPE` when the peer has said all.
    pub fn next_message(&mut self) -> rustix::io::Result<Vec<u8>> {
        loop {
            if let Some(message) = self.take_message() {
                return Ok(message);
            }
            let mut part = [0; READ_BYTES];
            match rustix::net::recv(&self.socket, &mut part[..], RecvFlags::empty())? {
                (_, 0) => return Err(Errno::PIPE),
                (_, length) => self.incoming.extend_from_slice(&part[..length]),
            }
        }
    }

    /// Sends what waits and puts the next message into `buffer`.
    pub fn exchange<'a>(&mut self, buffer: &'a mut Vec<u8>) -> rustix::io::Result<&'a [u8]> {
        match self.flush() {
            // Not connected yet.
            Err(Errno::NOTCONN) => return Err(Errno::AGAIN),
            other => other?,
        }
        *buffer = self.next_message()?;
        Ok(buffer)
    }

    fn take_message(&mut self) -> Option<Vec<u8>> {
        let length = usize::from(u16::from_be_bytes(self.incoming.get(..LENGTH)?.try_into().ok()?));
        let message = self.incoming.get(LENGTH..LENGTH + length)?.to_vec();
        self.incoming.drain(..LENGTH + length);
        Some(message)
    }
}

impl AsFd for Stream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}
