//! One direction of a proxied connection: at most one buffer of bytes waits, and the end of the stream is passed on.

use std::os::fd::AsFd;

use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, Shutdown};

/// Reads of one flow in one go, so that a fast one does not starve the others.
const ROUNDS: u32 = 8;

/// What one side has said and the other has not heard yet.
#[derive(Default)]
pub struct Flow {
    pending: Vec<u8>,
    ended: bool,
    closed: bool,
}

impl Flow {
    /// Whether there is room for more.
    pub fn wants_to_read(&self) -> bool {
        self.pending.is_empty() && !self.ended
    }

    /// Whether something waits for the receiver.
    pub fn wants_to_write(&self) -> bool {
        !self.pending.is_empty()
    }

    /// Whether the speaker has said all.
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    /// Whether all was said, and the receiver knows.
    pub fn is_over(&self) -> bool {
        self.closed
    }

    /// Moves what can be moved without waiting. `buffer` is scratch space.
    pub fn advance(&mut self, from: impl AsFd, to: impl AsFd, buffer: &mut [u8]) -> rustix::io::Result<()> {
        self.flush(&to)?;
        for _ in 0..ROUNDS {
            if !self.wants_to_read() {
                break;
            }
            match rustix::net::recv(&from, &mut *buffer, RecvFlags::empty()) {
                Ok((_, 0)) => self.ended = true,
                Ok((_, length)) => self.write(&to, &buffer[..length])?,
                Err(Errno::AGAIN | Errno::INTR) => break,
                Err(errno) => return Err(errno),
            }
        }
        if self.ended && !self.closed && self.pending.is_empty() {
            self.closed = true;
            return rustix::net::shutdown(&to, Shutdown::Write);
        }
        Ok(())
    }

    fn flush(&mut self, to: impl AsFd) -> rustix::io::Result<()> {
        let pending = std::mem::take(&mut self.pending);
        self.write(to, &pending)
    }

    fn write(&mut self, to: impl AsFd, mut bytes: &[u8]) -> rustix::io::Result<()> {
        while !bytes.is_empty() {
            match rustix::net::send(&to, bytes, SendFlags::NOSIGNAL) {
                Ok(sent) => bytes = &bytes[sent..],
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => {
                    self.pending = bytes.to_vec();
                    break;
                }
                Err(errno) => return Err(errno),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::os::unix::net::UnixStream;

    fn pair() -> (UnixStream, UnixStream) {
        let (near, far) = UnixStream::pair().unwrap();
        near.set_nonblocking(true).unwrap();
        (near, far)
    }

    #[test]
    fn a_slow_receiver_holds_the_sender_back_and_gets_everything() {
        let ((from, mut sender), (to, mut receiver)) = (pair(), pair());
        sender.set_nonblocking(true).unwrap();
        receiver.set_nonblocking(true).unwrap();
        let (mut flow, mut scratch) = (Flow::default(), vec![0; 65536]);
        let (mut sent, mut received, mut blocked) = (0, Vec::new(), false);
        while received.len() < 4_000_000 {
            if sent < 4_000_000 {
                let chunk: Vec<u8> = (sent..4_000_000.min(sent + 5000)).map(|byte| (byte % 251) as u8).collect();
                sent += sender.write(&chunk).unwrap_or(0);
            }
            flow.advance(&from, &to, &mut scratch).unwrap();
            blocked |= flow.wants_to_write();
            assert!(flow.pending.len() <= scratch.len());
            if sent == 4_000_000 || flow.wants_to_write() {
                let mut part = [0; 9000];
                let length = receiver.read(&mut part).unwrap_or(0);
                received.extend_from_slice(&part[..length]);
            }
        }
        assert!(blocked, "the receiver was never too slow");
        assert!(received.iter().enumerate().all(|(at, byte)| *byte == (at % 251) as u8));
    }

    #[test]
    fn the_end_is_passed_on_after_the_last_byte() {
        let ((from, mut sender), (to, mut receiver)) = (pair(), pair());
        sender.write_all(b"last words").unwrap();
        sender.shutdown(std::net::Shutdown::Write).unwrap();
        let mut flow = Flow::default();
        flow.advance(&from, &to, &mut [0; 64]).unwrap();
        assert!(flow.is_over() && !flow.wants_to_read());
        let mut heard = String::new();
        receiver.read_to_string(&mut heard).unwrap();
        assert_eq!(heard, "last words");
    }
}
