//! Docker's stream framing on an attached connection: 8 bytes of header `[type, 0, 0, 0, length]`, then the payload.

/// A frame that is longer than this is no honest client's.
pub const LONGEST: usize = 1 << 20;

const HEADER: usize = 8;

/// What a frame carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Stdin,
    Stdout,
    Stderr,
    Json,
}

impl Kind {
    fn number(self) -> u8 {
        match self {
            Self::Stdin => 0,
            Self::Stdout => 1,
            Self::Stderr => 2,
            Self::Json => 3,
        }
    }

    fn from_number(number: u8) -> Option<Self> {
        [Self::Stdin, Self::Stdout, Self::Stderr, Self::Json].into_iter().find(|kind| kind.number() == number)
    }
}

/// Appends one frame.
pub fn append(out: &mut Vec<u8>, kind: Kind, payload: &[u8]) {
    let length = u32::try_from(payload.len()).unwrap_or(u32::MAX).to_be_bytes();
    out.extend_from_slice(&[kind.number(), 0, 0, 0]);
    out.extend_from_slice(&length);
    out.extend_from_slice(payload);
}

/// What stands at the front of a connection's input.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    /// The frame's payload is `input[8..end]`.
    Frame { kind: Kind, end: usize },
    /// More bytes are needed.
    Incomplete,
    /// Not a frame: the connection is to be closed.
    Broken,
}

/// Looks at the front of `input` without taking anything.
pub fn next(input: &[u8]) -> Next {
    let Some(header) = input.get(..HEADER) else { return Next::Incomplete };
    let length = u32::from_be_bytes([header[4], header[5], header[6], header[7]]) as usize;
    let Some(kind) = Kind::from_number(header[0]).filter(|_| length <= LONGEST) else { return Next::Broken };
    if input.len() < HEADER + length { Next::Incomplete } else { Next::Frame { kind, end: HEADER + length } }
}

/// The payload of the frame that `next` found to end at `end`.
pub fn payload(input: &[u8], end: usize) -> &[u8] {
    &input[HEADER..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_comes_back_as_it_was_written() {
        let mut bytes = Vec::new();
        append(&mut bytes, Kind::Stderr, b"text");
        assert_eq!(bytes, b"\x02\0\0\0\0\0\0\x04text");
        assert_eq!(next(&bytes), Next::Frame { kind: Kind::Stderr, end: 12 });
        assert_eq!(payload(&bytes, 12), b"text");
    }

    #[test]
    fn half_a_frame_waits_and_nonsense_ends_the_connection() {
        assert_eq!(next(b""), Next::Incomplete);
        assert_eq!(next(b"\x01\0\0\0\0\0\0\x05half"), Next::Incomplete);
        assert_eq!(next(b"\x09\0\0\0\0\0\0\x01x"), Next::Broken);
        assert_eq!(next(b"\x00\0\0\0\xff\xff\xff\xff"), Next::Broken);
    }
}
