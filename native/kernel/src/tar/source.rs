//! Where a tar stream comes from: a thread reads the input, hashes it as it is, decompresses it and hands chunks on,
//! so that reading and writing overlap. It can also keep a copy of the input as it was.

use super::digest::Hasher;
use super::header::{BLOCK, malformed};
use super::zstd::Zstd;
use crate::error::{KernelError, Result, Step};
use flate2::bufread::MultiGzDecoder;
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::fs::FileType;
use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Write};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};

const CHUNK: usize = 1 << 20;
const CHUNKS_AHEAD: usize = 4;
/// Small streams may be as dense as they like: the ratio only counts above this.
const RATIO_FLOOR_BYTES: u64 = 1 << 30;
/// How long a silent pipe keeps us from looking whether we were cancelled.
const CANCEL_POLL: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };

/// How a stream is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// A plain tar.
    None,
    /// One or more gzip members.
    Gzip,
    /// One or more zstd frames.
    Zstd,
}

impl Compression {
    /// The word used for it on the other side of the door.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }

    /// The reverse of `name`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::None, Self::Gzip, Self::Zstd].into_iter().find(|one| one.name() == name)
    }

    fn detect(start: &[u8]) -> io::Result<Self> {
        let foreign = |name: &str| {
            Err(malformed(format!(
                "the archive is compressed with {name}, which is not supported; decompress it first"
            )))
        };
        match start {
            [0x1f, 0x8b, ..] => Ok(Self::Gzip),
            // Skippable frames may come first.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Ok(Self::Zstd),
            [0xfd, b'7', b'z', b'X', ..] => foreign("xz"),
            [b'B', b'Z', b'h', ..] => foreign("bzip2"),
            _ => Ok(Self::None),
        }
    }
}

/// What the stream may grow to before it is taken for an attack.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Entries of the archive.
    pub entries: u64,
    /// Bytes after decompression.
    pub bytes: u64,
    /// Bytes after decompression for each byte before it, once above a gibibyte.
    pub ratio: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { entries: 1_000_000, bytes: 1 << 40, ratio: 200 }
    }
}

/// The input, and what to do with it on the way.
pub struct Input {
    /// A file or a pipe, read from where it stands.
    pub file: File,
    /// Refuses a stream packed in another way.
    pub expected: Option<Compression>,
    /// Receives the input unchanged.
    pub copy: Option<File>,
}

/// What was learnt about the input once it was read to its end.
#[derive(Debug, PartialEq, Eq)]
pub struct Totals {
    /// sha256 of the input as it was.
    pub digest: String,
    /// sha256 of the tar stream.
    pub diff_id: String,
    /// Bytes of the input.
    pub input_bytes: u64,
    /// Bytes of the tar stream.
    pub tar_bytes: u64,
    /// How it was packed.
    pub compression: Compression,
}

/// Runs `consume` on the tar stream, then reads the rest of it, so that the digests are those of the whole.
pub fn with_source<T>(
    input: Input,
    limits: Limits,
    cancelled: &AtomicBool,
    consume: impl FnOnce(&mut Chunks<'_>) -> Result<T>,
) -> Result<(T, Totals)> {
    let (full_sender, full) = sync_channel(CHUNKS_AHEAD);
    let (empty, empty_receiver) = channel();
    let input_bytes = AtomicU64::new(0);
    let gone = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let producer =
            Producer { full: full_sender, empty: empty_receiver, cancelled, gone: &gone, input_bytes: &input_bytes };
        let thread = scope.spawn(move || producer.run(input));
        let mut chunks = Chunks {
            full,
            empty,
            current: Vec::new(),
            at: 0,
            tar_bytes: 0,
            limits,
            input_bytes: &input_bytes,
            cancelled,
            hasher: Hasher::default(),
        };
        let consumed = consume(&mut chunks).and_then(|value| chunks.drain().map(|()| value));
        let (tar_bytes, hasher) = (chunks.tar_bytes, std::mem::take(&mut chunks.hasher));
        // A producer that waits for room, or for a silent pipe, must learn that nobody wants more.
        gone.store(true, Ordering::Relaxed);
        drop(chunks);
        let produced = thread
            .join()
            .map_err(|_| KernelError::new("read the archive", malformed("the reading thread ended early")))?;
        let value = consumed?;
        let (compression, raw) =
            produced.ok_or_else(|| KernelError::new("read the archive", malformed("the archive was cut off")))?;
        let digest = raw.finish();
        let diff_id = if compression == Compression::None { digest.clone() } else { hasher.finish() };
        Ok((
            value,
            Totals { digest, diff_id, input_bytes: input_bytes.load(Ordering::Relaxed), tar_bytes, compression },
        ))
    })
}

/// One chunk of the tar stream. Plain tar needs no hash of its own.
struct Chunk {
    data: Vec<u8>,
    hash: bool,
}

struct Producer<'a> {
    full: SyncSender<io::Result<Chunk>>,
    empty: Receiver<Vec<u8>>,
    cancelled: &'a AtomicBool,
    gone: &'a AtomicBool,
    input_bytes: &'a AtomicU64,
}

impl Producer<'_> {
    /// `None` when the consumer went away or was sent an error.
    fn run(self, input: Input) -> Option<(Compression, Hasher)> {
        match self.produce(input) {
            Ok(done) => done,
            Err(cause) => {
                // A consumer that has gone has an error of its own.
                let _ = self.full.send(Err(cause));
                None
            }
        }
    }

    fn produce(&self, input: Input) -> io::Result<Option<(Compression, Hasher)>> {
        let waits = !FileType::from_raw_mode(rustix::fs::fstat(&input.file)?.st_mode).is_file();
        let raw = Raw { file: input.file, copy: input.copy, hasher: Hasher::default(), waits, producer: self };
        let mut raw = raw;
        let mut start = Vec::with_capacity(BLOCK);
        (&mut raw).take(4).read_to_end(&mut start)?;
        let compression = Compression::detect(&start)?;
        if let Some(expected) = input.expected.filter(|&expected| expected != compression) {
            let (want, got) = (expected.name(), compression.name());
            return Err(malformed(format!("its media type says that its compression is {want}, but it is {got}")));
        }
        let mut reader = BufReader::with_capacity(256 << 10, Cursor::new(start).chain(&mut raw));
        let whole = match compression {
            Compression::None => self.pass_on(&mut reader, false)?,
            Compression::Gzip => self.pass_on(&mut MultiGzDecoder::new(&mut reader), true)?,
            Compression::Zstd => self.pass_on(&mut Zstd::new(&mut reader), true)?,
        };
        drop(reader);
        Ok(whole.then_some((compression, raw.hasher)))
    }

    /// False when nobody wants more.
    fn pass_on(&self, reader: &mut impl Read, hash: bool) -> io::Result<bool> {
        loop {
            let mut data = self.empty.try_recv().unwrap_or_default();
            data.clear();
            data.reserve_exact(CHUNK);
            let read = reader.by_ref().take(CHUNK as u64).read_to_end(&mut data)?;
            if read == 0 {
                return Ok(true);
            }
            if self.full.send(Ok(Chunk { data, hash })).is_err() {
                return Ok(false);
            }
        }
    }
}

/// The input as it is: counted, hashed, and copied when asked.
struct Raw<'a> {
    file: File,
    copy: Option<File>,
    hasher: Hasher,
    waits: bool,
    producer: &'a Producer<'a>,
}

impl Raw<'_> {
    /// Waits for a pipe without becoming deaf to cancellation.
    fn wait_readable(&self) -> io::Result<()> {
        loop {
            if self.producer.cancelled.load(Ordering::Relaxed) || self.producer.gone.load(Ordering::Relaxed) {
                return Err(cancelled());
            }
            let mut fds = [PollFd::new(&self.file, PollFlags::IN)];
            match rustix::event::poll(&mut fds, Some(&CANCEL_POLL)) {
                Ok(0) | Err(rustix::io::Errno::INTR) => {}
                Ok(_) => return Ok(()),
                Err(cause) => return Err(cause.into()),
            }
        }
    }
}

impl Read for Raw<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.waits {
            self.wait_readable()?;
        }
        let read = self.file.read(buffer)?;
        self.hasher.update(&buffer[..read]);
        self.producer.input_bytes.fetch_add(read as u64, Ordering::Relaxed);
        if let Some(copy) = &mut self.copy {
            copy.write_all(&buffer[..read])?;
        }
        Ok(read)
    }
}

/// Not `Interrupted`: readers take that for an invitation to try again.
fn cancelled() -> io::Error {
    io::Error::other("it was cancelled")
}

/// The tar stream, chunk by chunk. A block never crosses two chunks.
pub struct Chunks<'a> {
    full: Receiver<io::Result<Chunk>>,
    empty: Sender<Vec<u8>>,
    current: Vec<u8>,
    at: usize,
    tar_bytes: u64,
    limits: Limits,
    input_bytes: &'a AtomicU64,
    cancelled: &'a AtomicBool,
    hasher: Hasher,
}

impl Chunks<'_> {
    /// The next bytes, at most `most` of them; empty at the end of the stream.
    pub fn next(&mut self, most: usize) -> Result<&[u8]> {
        if self.at == self.current.len() && !self.refill()? {
            return Ok(&[]);
        }
        let start = self.at;
        self.at += most.min(self.current.len() - start);
        Ok(&self.current[start..self.at])
    }

    /// The limits of this stream.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.limits
    }

    fn refill(&mut self) -> Result<bool> {
        if self.cancelled.load(Ordering::Relaxed) {
            return Err(KernelError::new("unpack the archive", cancelled()).code("cancelled"));
        }
        // The buffer goes back to be filled again; a producer that has ended needs none.
        let _ = self.empty.send(std::mem::take(&mut self.current));
        self.at = 0;
        let Ok(chunk) = self.full.recv() else { return Ok(false) };
        let chunk = chunk.step(|| "read the archive")?;
        if chunk.hash {
            self.hasher.update(&chunk.data);
        }
        self.current = chunk.data;
        self.tar_bytes += self.current.len() as u64;
        self.check_limits()?;
        Ok(true)
    }

    fn check_limits(&self) -> Result<()> {
        let refuse = |what: String| Err(KernelError::new("unpack the archive", malformed(what)));
        if self.tar_bytes > self.limits.bytes {
            return refuse(format!("it unpacks to more than {} bytes, the most that is allowed", self.limits.bytes));
        }
        let allowed = self.input_bytes.load(Ordering::Relaxed).saturating_mul(self.limits.ratio);
        if self.tar_bytes > RATIO_FLOOR_BYTES && self.tar_bytes > allowed {
            return refuse(format!(
                "it unpacks to more than {} times its size, which looks like an attack",
                self.limits.ratio
            ));
        }
        Ok(())
    }

    fn drain(&mut self) -> Result<()> {
        while !self.next(CHUNK)?.is_empty() {}
        Ok(())
    }
}
