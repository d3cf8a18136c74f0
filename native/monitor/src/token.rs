//! What an event of the reactor is about, packed into the number that epoll keeps with each descriptor.

/// A connection on the control socket. Never given twice, so that a late event can't reach another one.
pub type ClientId = u32;
/// A program that the monitor has started in the container. Never given twice.
pub type ProgramId = u32;

/// The owner of a descriptor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Token {
    Signals,
    Listener,
    Dns,
    Publish,
    /// The keeper's end.
    Keeper,
    /// The container's directory is gone.
    Home,
    Client(ClientId),
    /// The program's end.
    Exit(ProgramId),
    Stdin(ProgramId),
    Stdout(ProgramId),
    Stderr(ProgramId),
}

impl Token {
    /// As epoll keeps it.
    pub fn pack(self) -> u64 {
        let (kind, id) = match self {
            Self::Signals => (0, 0),
            Self::Listener => (1, 0),
            Self::Dns => (2, 0),
            Self::Publish => (3, 0),
            Self::Client(id) => (4, id),
            Self::Exit(id) => (5, id),
            Self::Stdin(id) => (6, id),
            Self::Stdout(id) => (7, id),
            Self::Stderr(id) => (8, id),
            Self::Keeper => (9, 0),
            Self::Home => (10, 0),
        };
        kind << 32 | u64::from(id)
    }

    /// What `pack` was given.
    pub fn unpack(packed: u64) -> Option<Self> {
        let id = packed as u32;
        Some(match packed >> 32 {
            0 => Self::Signals,
            1 => Self::Listener,
            2 => Self::Dns,
            3 => Self::Publish,
            4 => Self::Client(id),
            5 => Self::Exit(id),
            6 => Self::Stdin(id),
            7 => Self::Stdout(id),
            8 => Self::Stderr(id),
            9 => Self::Keeper,
            10 => Self::Home,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_token_survives_packing() {
        let fixed = [Token::Signals, Token::Listener, Token::Dns, Token::Publish, Token::Keeper, Token::Home];
        let numbered = [Token::Client, Token::Exit, Token::Stdin, Token::Stdout, Token::Stderr];
        for token in fixed.into_iter().chain(numbered.into_iter().flat_map(|kind| [kind(0), kind(7), kind(u32::MAX)])) {
            assert_eq!(Token::unpack(token.pack()), Some(token));
        }
        assert_eq!(Token::unpack(u64::MAX), None);
    }
}
