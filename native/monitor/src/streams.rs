//! The monitor's ends of a program's standard streams: pipes or a terminal. Decides nothing about what goes through.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use kernel::error::{Result, Step};
use kernel::sandbox::Stdio;
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::termios::Winsize;

use crate::log::json_line::Stream;
use crate::outbox::Outbox;
use crate::reactor::{NOTHING, READABLE, Reactor, WRITABLE, Watched};
use crate::token::{ProgramId, Token};

/// Programs that write much are woken less often. Larger ones would use up what the kernel grants one user in total.
const PIPE_BYTES: usize = 256 * 1024;

/// No more input is taken from clients while this much waits for the program.
const INPUT_BYTES: usize = 256 * 1024;

/// Our ends before the program runs.
pub enum Prepared {
    /// Three pipes, or less: what is `None` the program has from /dev/null.
    Pipes {
        /// Where its input is written.
        stdin: Option<OwnedFd>,
        /// Where its output is read.
        stdout: Option<OwnedFd>,
        /// Where its complaints are read.
        stderr: Option<OwnedFd>,
    },
    /// The terminal comes with the started program.
    Terminal,
}

/// A new terminal of that size.
pub fn terminal(rows: u16, columns: u16) -> (Stdio, Prepared) {
    (Stdio::Terminal { rows, columns }, Prepared::Terminal)
}

/// Pipes for the output, and for the input when `open_stdin`.
pub fn pipes(open_stdin: Stdin) -> Result<(Stdio, Prepared)> {
    let (their_stdin, stdin) = match open_stdin {
        Stdin::Open => {
            let (theirs, ours) = pipe()?;
            (theirs, Some(ours))
        }
        Stdin::Null => (null()?, None),
    };
    let (stdout, their_stdout) = pipe()?;
    let (stderr, their_stderr) = pipe()?;
    let stdio = Stdio::Pipes { stdin: their_stdin, stdout: their_stdout, stderr: their_stderr };
    Ok((stdio, Prepared::Pipes { stdin, stdout: Some(stdout), stderr: Some(stderr) }))
}

/// Whether a program has an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stdin {
    /// Clients write it.
    Open,
    /// It is at its end from the beginning.
    Null,
}

/// For a program nobody listens to.
pub fn silence() -> Result<(Stdio, Prepared)> {
    let stdio = Stdio::Pipes { stdin: null()?, stdout: null()?, stderr: null()? };
    Ok((stdio, Prepared::Pipes { stdin: None, stdout: None, stderr: None }))
}

fn pipe() -> Result<(OwnedFd, OwnedFd)> {
    let (reader, writer) = pipe_with(PipeFlags::CLOEXEC).step(|| "make a pipe")?;
    // Refused when the user has many pipes; it then stays as it is.
    let _ = rustix::pipe::fcntl_setpipe_size(&writer, PIPE_BYTES);
    Ok((reader, writer))
}

fn null() -> Result<OwnedFd> {
    rustix::fs::open("/dev/null", OFlags::RDWR | OFlags::CLOEXEC, Mode::empty()).step(|| "open `/dev/null`")
}

/// Our ends while the program runs.
pub struct Streams {
    /// Whether they are one terminal.
    is_terminal: bool,
    stdin: Option<Watched<OwnedFd>>,
    stdout: Option<Watched<OwnedFd>>,
    stderr: Option<Watched<OwnedFd>>,
    input: Outbox,
    input_ended: bool,
}

impl Streams {
    /// Begins to listen to a program that has been started.
    pub fn open(reactor: &Reactor, id: ProgramId, prepared: Prepared, terminal: Option<OwnedFd>) -> Result<Self> {
        let (is_terminal, stdin, stdout, stderr) = match prepared {
            Prepared::Pipes { stdin, stdout, stderr } => (false, stdin, stdout, stderr),
            Prepared::Terminal => {
                let twin = terminal.as_ref().map(OwnedFd::try_clone).transpose().step(|| "duplicate a terminal")?;
                (true, twin, terminal, None)
            }
        };
        let watch = |fd: Option<OwnedFd>, token: Token, interest| {
            fd.map(|fd| {
                rustix::io::ioctl_fionbio(&fd, true).step(|| "read a program's output without waiting")?;
                reactor.watch(fd, token.pack(), interest)
            })
            .transpose()
        };
        Ok(Self {
            is_terminal,
            stdin: watch(stdin, Token::Stdin(id), NOTHING)?,
            stdout: watch(stdout, Token::Stdout(id), READABLE)?,
            stderr: watch(stderr, Token::Stderr(id), READABLE)?,
            input: Outbox::default(),
            input_ended: false,
        })
    }

    /// Reads what is there: `None` when nothing is at the moment, 0 bytes when nothing will ever come.
    pub fn read(&mut self, stream: Stream, buffer: &mut [u8]) -> Option<usize> {
        let end = match stream {
            Stream::Stdout => &mut self.stdout,
            Stream::Stderr => &mut self.stderr,
        };
        let count = match rustix::io::read(end.as_ref()?, &mut *buffer) {
            Ok(count) => count,
            Err(Errno::AGAIN | Errno::INTR) => return None,
            // A terminal answers EIO when its last program is gone.
            Err(_) => 0,
        };
        if count == 0 {
            *end = None;
        }
        Some(count)
    }

    /// Whether all output has been read to its end.
    pub fn output_ended(&self) -> bool {
        self.stdout.is_none() && self.stderr.is_none()
    }

    /// Stops or continues reading, for a client that does not keep up.
    pub fn listen(&mut self, listening: Listening) {
        let interest = if listening == Listening::On { READABLE } else { NOTHING };
        for end in [&mut self.stdout, &mut self.stderr].into_iter().flatten() {
            // Refused only for a descriptor that is not watched, which these are.
            let _ = end.want(interest);
        }
    }

    /// Whether there is room for more input.
    pub fn takes_input(&self) -> bool {
        self.input.len() < INPUT_BYTES
    }

    /// Passes bytes to the program. Those who come after the end are lost, as with any pipe.
    pub fn write_input(&mut self, bytes: &[u8]) {
        if self.stdin.is_some() && !self.input_ended {
            self.input.tail().extend_from_slice(bytes);
            self.flush_input();
        }
    }

    /// Tells the program that its input has ended, after what still waits. A terminal's input has no end.
    pub fn end_input(&mut self) {
        self.input_ended = !self.is_terminal;
        self.flush_input();
    }

    /// Writes waiting input as far as the program takes it.
    pub fn flush_input(&mut self) {
        let Some(stdin) = &mut self.stdin else { return };
        let outcome = self.input.flush(&*stdin);
        if outcome.is_err() || (self.input_ended && self.input.is_empty()) {
            self.lose_input();
        } else {
            let _ = stdin.want(if self.input.is_empty() { NOTHING } else { WRITABLE });
        }
    }

    /// Nobody will ever read the input.
    pub fn lose_input(&mut self) {
        self.stdin = None;
        self.input.clear();
    }

    /// Tells the terminal its size. Without a terminal there is nothing to tell.
    pub fn resize(&self, rows: u16, columns: u16) {
        let size = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        if let Some(terminal) = self.terminal() {
            let _ = rustix::termios::tcsetwinsize(terminal, size);
        }
    }

    fn terminal(&self) -> Option<BorrowedFd<'_>> {
        self.stdout.as_ref().filter(|_| self.is_terminal).map(AsFd::as_fd)
    }
}

/// Whether output is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Listening {
    On,
    Off,
}
