//! Bytes on their way to a descriptor that does not block. Whoever fills it looks at its size first.

use std::os::fd::AsFd;

use rustix::io::Errno;

/// Memory above this is given back when the box is empty.
const KEPT_BYTES: usize = 16 * 1024;

/// What could not be written yet.
#[derive(Debug, Default)]
pub struct Outbox {
    bytes: Vec<u8>,
    sent: usize,
}

impl Outbox {
    /// How much waits.
    pub fn len(&self) -> usize {
        self.bytes.len() - self.sent
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Where new bytes are appended.
    pub fn tail(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// Forgets what waits.
    pub fn clear(&mut self) {
        self.bytes = Vec::new();
        self.sent = 0;
    }

    /// Writes as much as there is room for. An error means that nobody will ever read it.
    pub fn flush(&mut self, fd: impl AsFd) -> Result<(), Errno> {
        while !self.is_empty() {
            match rustix::io::write(&fd, &self.bytes[self.sent..]) {
                Ok(count) => self.sent += count,
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => break,
                Err(errno) => return Err(errno),
            }
        }
        self.compact();
        Ok(())
    }

    fn compact(&mut self) {
        if self.is_empty() {
            self.bytes.clear();
            self.bytes.shrink_to(KEPT_BYTES);
            self.sent = 0;
        } else if self.sent > self.bytes.len() / 2 {
            self.bytes.drain(..self.sent);
            self.sent = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::pipe::{PipeFlags, pipe_with};

    #[test]
    fn everything_arrives_in_order_however_slow_the_reader() {
        let (reader, writer) = pipe_with(PipeFlags::NONBLOCK).unwrap();
        let sent: Vec<u8> = (0..300_000_u32).map(|number| number as u8).collect();
        let mut outbox = Outbox::default();
        outbox.tail().extend_from_slice(&sent);
        let mut received = Vec::new();
        while received.len() < sent.len() {
            outbox.flush(&writer).unwrap();
            let mut buffer = [0; 5000];
            let count = rustix::io::read(&reader, &mut buffer[..]).unwrap();
            received.extend_from_slice(&buffer[..count]);
        }
        assert_eq!(received, sent);
        assert!(outbox.is_empty());
    }

    #[test]
    fn a_reader_that_is_gone_is_an_error() {
        let (reader, writer) = pipe_with(PipeFlags::NONBLOCK).unwrap();
        drop(reader);
        let mut outbox = Outbox::default();
        outbox.tail().push(1);
        assert_eq!(outbox.flush(&writer), Err(Errno::PIPE));
    }
}
