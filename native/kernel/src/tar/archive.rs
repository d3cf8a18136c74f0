//! The entries of a tar stream, each with the headers that describe it folded in: PAX records, GNU long names and the
//! maps of sparse files. Reads only; where an entry may go is not decided here.

use super::header::{BLOCK, Header, malformed};
use super::pax::{MAX_EXTENDED_HEADER, Pax};
use super::source::Chunks;
use super::sparse::{self, MapReader, SparseMap};
use crate::error::{KernelError, Result, Step};
use std::io;

/// What kind of thing an entry makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link to `Entry::link`.
    Symlink,
    /// A second name of the file at `Entry::link`.
    Hardlink,
    /// A character device.
    CharDevice,
    /// A block device.
    BlockDevice,
    /// A named pipe.
    Fifo,
}

/// One entry, reused for the next.
pub struct Entry {
    /// What it makes.
    pub kind: Kind,
    /// The name as the archive has it.
    pub name: Vec<u8>,
    /// Target of a link.
    pub link: Vec<u8>,
    /// Permission bits.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Time of the last change, seconds and nanoseconds.
    pub mtime: (i64, u32),
    /// Major and minor number of a device.
    pub device: (u32, u32),
    /// Extended attributes.
    pub xattrs: Vec<(Vec<u8>, Vec<u8>)>,
    /// Set for a sparse file.
    pub sparse: Option<SparseMap>,
    /// Bytes of data in the archive.
    pub size: u64,
}

impl Default for Entry {
    fn default() -> Self {
        Self {
            kind: Kind::File,
            name: Vec::new(),
            link: Vec::new(),
            mode: 0,
            uid: 0,
            gid: 0,
            mtime: (0, 0),
            device: (0, 0),
            xattrs: Vec::new(),
            sparse: None,
            size: 0,
        }
    }
}

/// The name of an entry for people.
#[must_use]
pub fn shown(name: &[u8]) -> String {
    String::from_utf8_lossy(name).chars().flat_map(char::escape_debug).collect()
}

/// Reads a stream entry by entry.
pub struct Archive<'a, 'b> {
    chunks: &'a mut Chunks<'b>,
    /// Data of the present entry that nobody has read yet, and the filler after it.
    left: u64,
    filler: u64,
    entries: u64,
}

impl<'a, 'b> Archive<'a, 'b> {
    /// Reads nothing yet.
    pub fn new(chunks: &'a mut Chunks<'b>) -> Self {
        Self { chunks, left: 0, filler: 0, entries: 0 }
    }

    /// How many entries were read.
    #[must_use]
    pub fn entries(&self) -> u64 {
        self.entries
    }

    /// Makes `entry` the next one; false at the end of the archive. Unread data of the last one is passed over.
    pub fn next(&mut self, entry: &mut Entry) -> Result<bool> {
        let mut pax = Pax::default();
        let (mut long_name, mut long_link) = (None, None);
        loop {
            self.pass_over()?;
            let Some(block) = self.block()? else { return Ok(false) };
            if block.iter().all(|&b| b == 0) {
                return Ok(false);
            }
            let header = Header::parse(&block).step(|| "read the archive")?;
            let size = header.size().step(|| "read the archive")?;
            match header.kind() {
                b'x' | b'X' => pax.read(&self.extended(size)?).step(|| "read the archive")?,
                b'L' => long_name = Some(cut_at_nul(self.extended(size)?)),
                b'K' => long_link = Some(cut_at_nul(self.extended(size)?)),
                // Comments of git, and labels of volumes.
                b'g' | b'V' => self.begin_data(size)?,
                _ => {
                    self.count()?;
                    entry.name.clear();
                    header.name(&mut entry.name);
                    if let Some(name) = long_name {
                        entry.name = name;
                    }
                    let link = long_link.unwrap_or_else(|| header.link().to_vec());
                    self.describe(entry, &header, (pax, link)).map_err(|cause| cause.into_refusal(&entry.name))?;
                    return Ok(true);
                }
            }
        }
    }

    /// The next bytes of the present entry's data; empty at its end.
    pub fn data(&mut self) -> Result<&[u8]> {
        if self.left == 0 {
            return Ok(&[]);
        }
        let most = usize::try_from(self.left).unwrap_or(usize::MAX);
        let data = self.chunks.next(most)?;
        if data.is_empty() {
            return Err(cut_off());
        }
        self.left -= data.len() as u64;
        Ok(data)
    }

    fn describe(
        &mut self,
        entry: &mut Entry,
        header: &Header<'_>,
        extended: (Pax, Vec<u8>),
    ) -> std::result::Result<(), Refusal> {
        let (pax, link) = extended;
        entry.kind = kind_of(header, &entry.name)?;
        entry.link = pax.linkpath.unwrap_or(link);
        entry.mode = header.mode()?;
        entry.uid = id(pax.uid, header.uid())?;
        entry.gid = id(pax.gid, header.gid())?;
        entry.mtime = match pax.mtime {
            Some(time) => time,
            None => (header.mtime()?, 0),
        };
        if matches!(entry.kind, Kind::CharDevice | Kind::BlockDevice) {
            entry.device = header.device()?;
        }
        entry.xattrs = pax.xattrs;
        if let Some(path) = pax.path {
            entry.name = path;
        }
        entry.sparse = None;
        // Only files have data, whatever the size field of a link says.
        entry.size = if entry.kind == Kind::File { pax.size.map_or_else(|| header.size(), Ok)? } else { 0 };
        if header.kind() == b'D' {
            self.begin_data(header.size()?)?;
            return Ok(());
        }
        self.begin_data(entry.size)?;
        if header.kind() == b'S' {
            entry.sparse = Some(self.gnu_map(header)?);
        } else if entry.kind == Kind::File && pax.sparse.is_sparse() {
            let mut keys = pax.sparse;
            if let Some(name) = keys.name.take() {
                entry.name = name;
            }
            entry.sparse = Some(self.pax_map(keys)?);
            entry.size = self.left;
        }
        if let Some(map) = &entry.sparse {
            map.check(entry.size)?;
        }
        Ok(())
    }

    /// The blocks of an old GNU map stand between the header and the data.
    fn gnu_map(&mut self, header: &Header<'_>) -> std::result::Result<SparseMap, Refusal> {
        let (mut map, mut more) = sparse::read_gnu_header(header.raw())?;
        while more {
            let block = self.block()?.ok_or_else(cut_off)?;
            sparse::read_gnu_parts(&mut map, &block[..504])?;
            more = block[504] != 0;
        }
        Ok(map)
    }

    fn pax_map(&mut self, keys: sparse::SparseKeys) -> std::result::Result<SparseMap, Refusal> {
        let in_data = keys.map_in_data();
        let mut map = keys.into_map();
        let mut reader = MapReader::default();
        let mut done = !in_data;
        while !done {
            self.left =
                self.left.checked_sub(BLOCK as u64).ok_or_else(|| malformed("the map of a sparse file is cut off"))?;
            let block = self.block()?.ok_or_else(cut_off)?;
            done = reader.take(&block, &mut map)?;
        }
        Ok(map)
    }

    fn count(&mut self) -> Result<()> {
        self.entries += 1;
        let most = self.chunks.limits().entries;
        if self.entries <= most {
            return Ok(());
        }
        Err(KernelError::new(
            "unpack the archive",
            malformed(format!("it has more than {most} entries, the most that is allowed")),
        ))
    }

    fn begin_data(&mut self, size: u64) -> Result<()> {
        let filler = size.wrapping_neg() % BLOCK as u64;
        size.checked_add(filler)
            .filter(|&sum| sum <= i64::MAX as u64)
            .ok_or_else(|| malformed("a size is out of range"))
            .step(|| "read the archive")?;
        self.left = size;
        self.filler = filler;
        Ok(())
    }

    /// The data of an extended header.
    fn extended(&mut self, size: u64) -> Result<Vec<u8>> {
        if size > MAX_EXTENDED_HEADER {
            return Err(KernelError::new(
                "read the archive",
                malformed("an extended header is larger than a mebibyte"),
            ));
        }
        self.begin_data(size)?;
        let mut data = Vec::new();
        loop {
            let part = self.data()?;
            if part.is_empty() {
                return Ok(data);
            }
            data.extend_from_slice(part);
        }
    }

    fn pass_over(&mut self) -> Result<()> {
        self.left += std::mem::take(&mut self.filler);
        while !self.data()?.is_empty() {}
        Ok(())
    }

    /// `None` at the end of the stream; an archive may end without its two empty blocks.
    fn block(&mut self) -> Result<Option<[u8; BLOCK]>> {
        let mut block = [0; BLOCK];
        let mut filled = 0;
        while filled < BLOCK {
            let part = self.chunks.next(BLOCK - filled)?;
            if part.is_empty() {
                return if filled == 0 { Ok(None) } else { Err(cut_off()) };
            }
            block[filled..filled + part.len()].copy_from_slice(part);
            filled += part.len();
        }
        Ok(Some(block))
    }
}

/// A refusal of one entry: with the entry's name in it once that is known.
enum Refusal {
    Malformed(io::Error),
    Kernel(KernelError),
}

impl Refusal {
    fn into_refusal(self, name: &[u8]) -> KernelError {
        match self {
            Self::Malformed(cause) => KernelError::new(format!("unpack `{}`", shown(name)), cause),
            Self::Kernel(error) => error,
        }
    }
}

impl From<io::Error> for Refusal {
    fn from(cause: io::Error) -> Self {
        Self::Malformed(cause)
    }
}

impl From<KernelError> for Refusal {
    fn from(error: KernelError) -> Self {
        Self::Kernel(error)
    }
}

fn kind_of(header: &Header<'_>, name: &[u8]) -> io::Result<Kind> {
    Ok(match header.kind() {
        // Before ustar a directory was a file whose name ends with a slash.
        0 | b'0' | b'7' if name.last() == Some(&b'/') => Kind::Directory,
        0 | b'0' | b'7' | b'S' => Kind::File,
        b'1' => Kind::Hardlink,
        b'2' => Kind::Symlink,
        b'3' => Kind::CharDevice,
        b'4' => Kind::BlockDevice,
        b'5' | b'D' => Kind::Directory,
        b'6' => Kind::Fifo,
        other => return Err(malformed(format!("its type `{}` is unknown", char::from(other).escape_debug()))),
    })
}

/// -1 is nobody at all to the kernel, so it can't be an owner.
fn id(pax: Option<i64>, header: io::Result<i64>) -> io::Result<u32> {
    let id = pax.map_or(header, Ok)?;
    u32::try_from(id)
        .ok()
        .filter(|&id| id != u32::MAX)
        .ok_or_else(|| malformed(format!("its owner {id} is out of range")))
}

fn cut_at_nul(mut name: Vec<u8>) -> Vec<u8> {
    name.truncate(super::header::text(&name).len());
    name
}

fn cut_off() -> KernelError {
    KernelError::new("read the archive", malformed("the archive is cut off"))
}
