//! Writes one entry's headers: ustar, and PAX records before it for what ustar has no room for. The data is the caller's.

use super::header::BLOCK;

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Type {
    File,
    HardLink,
    Symlink,
    CharDevice,
    BlockDevice,
    Directory,
    Fifo,
}

/// One entry.
#[derive(Debug)]
#[allow(missing_docs)]
pub struct Entry<'a> {
    pub name: &'a [u8],
    pub kind: Type,
    /// Where a link points.
    pub link: &'a [u8],
    pub mode: u32,
    pub uid: u32,
    pub gid: u32,
    pub size: u64,
    /// In seconds.
    pub mtime: i64,
    pub device: (u32, u32),
    /// Attributes, by their whole names.
    pub xattrs: &'a [(&'a str, Vec<u8>)],
}

const NAME: usize = 100;
/// The largest number of seven octal digits.
const SEVEN_DIGITS: u64 = 0o7_777_777;
/// The largest number of eleven.
const ELEVEN_DIGITS: u64 = 0o77_777_777_777;

/// The headers.
#[must_use]
pub fn headers(entry: &Entry<'_>) -> Vec<u8> {
    let records = records(entry);
    let mut out = Vec::with_capacity(BLOCK);
    if !records.is_empty() {
        let size = records.len() as u64;
        let about =
            Entry { name: b"PaxHeaders", kind: Type::File, link: b"", size, mode: 0o644, xattrs: &[], ..*entry };
        out.extend_from_slice(&block(&about, b'x'));
        out.extend_from_slice(&records);
        out.resize(out.len().next_multiple_of(BLOCK), 0);
    }
    out.extend_from_slice(&block(entry, flag(entry.kind)));
    out
}

/// Two empty blocks end an archive.
pub const END: [u8; 2 * BLOCK] = [0; 2 * BLOCK];

/// How many bytes after the data fill its last block.
#[must_use]
pub fn filler(size: u64) -> usize {
    let over = usize::try_from(size % BLOCK as u64).unwrap_or(0);
    (BLOCK - over) % BLOCK
}

fn flag(kind: Type) -> u8 {
    match kind {
        Type::File => b'0',
        Type::HardLink => b'1',
        Type::Symlink => b'2',
        Type::CharDevice => b'3',
        Type::BlockDevice => b'4',
        Type::Directory => b'5',
        Type::Fifo => b'6',
    }
}

fn records(entry: &Entry<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    let mut add = |key: &str, value: &[u8]| append_record(&mut out, key, value);
    if entry.name.len() > NAME {
        add("path", entry.name);
    }
    if entry.link.len() > NAME {
        add("linkpath", entry.link);
    }
    let numbers = [
        ("size", entry.size, ELEVEN_DIGITS),
        ("uid", entry.uid.into(), SEVEN_DIGITS),
        ("gid", entry.gid.into(), SEVEN_DIGITS),
    ];
    for (key, number, most) in numbers {
        if number > most {
            add(key, number.to_string().as_bytes());
        }
    }
    if u64::try_from(entry.mtime).map_or(true, |mtime| mtime > ELEVEN_DIGITS) {
        add("mtime", entry.mtime.to_string().as_bytes());
    }
    for (name, value) in entry.xattrs {
        add(&format!("SCHILY.xattr.{name}"), value);
    }
    out
}

/// `LENGTH KEY=VALUE\n`, where the length counts its own digits.
fn append_record(out: &mut Vec<u8>, key: &str, value: &[u8]) {
    let rest = key.len() + value.len() + 3;
    let mut length = rest + 1;
    while length != rest + length.to_string().len() {
        length = rest + length.to_string().len();
    }
    out.extend_from_slice(format!("{length} {key}=").as_bytes());
    out.extend_from_slice(value);
    out.push(b'\n');
}

/// What does not fit is cut here; a PAX record before it says it whole.
fn block(entry: &Entry<'_>, flag: u8) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    put(&mut block[..NAME], entry.name);
    octal(&mut block[100..108], u64::from(entry.mode), SEVEN_DIGITS);
    octal(&mut block[108..116], u64::from(entry.uid), SEVEN_DIGITS);
    octal(&mut block[116..124], u64::from(entry.gid), SEVEN_DIGITS);
    octal(&mut block[124..136], entry.size, ELEVEN_DIGITS);
    octal(&mut block[136..148], u64::try_from(entry.mtime).unwrap_or(0), ELEVEN_DIGITS);
    block[148..156].fill(b' ');
    block[156] = flag;
    put(&mut block[157..257], entry.link);
    block[257..265].copy_from_slice(b"ustar\x0000");
    octal(&mut block[329..337], u64::from(entry.device.0), SEVEN_DIGITS);
    octal(&mut block[337..345], u64::from(entry.device.1), SEVEN_DIGITS);
    let sum: u64 = block.iter().map(|&byte| u64::from(byte)).sum();
    put(&mut block[148..156], format!("{sum:06o}\0 ").as_bytes());
    block
}

fn put(field: &mut [u8], text: &[u8]) {
    let length = text.len().min(field.len());
    field[..length].copy_from_slice(&text[..length]);
}

fn octal(field: &mut [u8], number: u64, most: u64) {
    let digits = field.len() - 1;
    put(field, format!("{:0digits$o}", number.min(most)).as_bytes());
}
