//! One 512-byte tar header block, decoded: v7, ustar and GNU. Knows nothing of what follows it.

use std::io;

/// The size of a tar block.
pub const BLOCK: usize = 512;

/// A header block whose checksum was right.
pub struct Header<'a> {
    block: &'a [u8; BLOCK],
}

/// What is wrong with an archive, as an `io::Error`.
pub(crate) fn malformed(what: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.into())
}

impl<'a> Header<'a> {
    /// Checks the sum; old writers summed signed bytes.
    pub fn parse(block: &'a [u8; BLOCK]) -> io::Result<Self> {
        let no_archive = || malformed("this is no tar archive");
        let want = number(&block[148..156], "checksum").map_err(|_| no_archive())?;
        let outside = block[..148].iter().chain(&block[156..]);
        let (mut unsigned, mut signed) = (8 * i64::from(b' '), 8 * i64::from(b' '));
        for &byte in outside {
            unsigned += i64::from(byte);
            signed += i64::from(byte.cast_signed());
        }
        if want == unsigned || want == signed { Ok(Self { block }) } else { Err(no_archive()) }
    }

    /// The type flag.
    #[must_use]
    pub fn kind(&self) -> u8 {
        self.block[156]
    }

    /// Writes the name into `name`, with ustar's prefix in front.
    pub fn name(&self, name: &mut Vec<u8>) {
        name.clear();
        let prefix = text(&self.block[345..500]);
        // GNU's magic is `ustar  `, and its prefix field holds other things.
        if &self.block[257..263] == b"ustar\0" && !prefix.is_empty() {
            name.extend_from_slice(prefix);
            name.push(b'/');
        }
        name.extend_from_slice(text(&self.block[..100]));
    }

    /// Where a link points.
    #[must_use]
    pub fn link(&self) -> &[u8] {
        text(&self.block[157..257])
    }

    /// The permission bits, with setuid, setgid and sticky.
    pub fn mode(&self) -> io::Result<u32> {
        Ok(u32::try_from(number(&self.block[100..108], "mode")? & 0o7777).unwrap_or(0))
    }

    /// The owner.
    pub fn uid(&self) -> io::Result<i64> {
        number(&self.block[108..116], "uid")
    }

    /// The group.
    pub fn gid(&self) -> io::Result<i64> {
        number(&self.block[116..124], "gid")
    }

    /// How many bytes follow.
    pub fn size(&self) -> io::Result<u64> {
        let size = number(&self.block[124..136], "size")?;
        u64::try_from(size).map_err(|_| malformed("a header has a negative size"))
    }

    /// The time of the last change, in seconds.
    pub fn mtime(&self) -> io::Result<i64> {
        number(&self.block[136..148], "mtime")
    }

    /// Major and minor number of a device.
    pub fn device(&self) -> io::Result<(u32, u32)> {
        let part = |field: &[u8]| {
            u32::try_from(number(field, "device")?).map_err(|_| malformed("a header has a device number out of range"))
        };
        Ok((part(&self.block[329..337])?, part(&self.block[337..345])?))
    }

    /// The whole block, for GNU's own fields.
    #[must_use]
    pub fn raw(&self) -> &[u8; BLOCK] {
        self.block
    }
}

/// The bytes up to the first NUL.
pub(crate) fn text(field: &[u8]) -> &[u8] {
    let end = field.iter().position(|&b| b == 0).unwrap_or(field.len());
    &field[..end]
}

/// An octal number padded with blanks or NULs, or GNU's base-256 when the first bit is set.
pub(crate) fn number(field: &[u8], what: &str) -> io::Result<i64> {
    let out_of_range = || malformed(format!("a header has a {what} out of range"));
    if field.first().is_some_and(|b| b & 0x80 != 0) {
        let negative = field[0] & 0x40 != 0;
        let mut value: i64 = if negative { -1 } else { 0 };
        for (at, &byte) in field.iter().enumerate() {
            let byte = match (at, negative) {
                (0, false) => byte & 0x7f,
                _ => byte,
            };
            value = value.checked_mul(256).ok_or_else(out_of_range)? | i64::from(byte);
        }
        return Ok(value);
    }
    let mut value: i64 = 0;
    let digits = text(field).iter().copied().skip_while(|&b| b == b' ').take_while(|&b| b != b' ');
    for digit in digits {
        if !(b'0'..=b'7').contains(&digit) {
            return Err(malformed(format!("a header has a {what} that is no number")));
        }
        value = value.checked_mul(8).ok_or_else(out_of_range)? + i64::from(digit - b'0');
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_octal_or_base_256() {
        let cases: &[(&[u8], i64)] = &[
            (b"0000644\0", 0o644),
            (b"   644 \0", 0o644),
            (b"\0\0\0\0\0\0\0\0", 0),
            (b"77777777777\0", 0o77_777_777_777),
            (b"\x80\0\0\0\0\0\x01\x00", 256),
            (b"\xff\xff\xff\xff\xff\xff\xff\xfe", -2),
        ];
        for (field, want) in cases {
            assert_eq!(number(field, "size").unwrap(), *want, "{field:?}");
        }
        assert!(number(b"12x4567\0", "size").is_err());
        assert!(number(&[0x80, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], "size").is_err());
    }

    #[test]
    fn a_block_with_a_wrong_sum_is_refused() {
        assert!(Header::parse(&[b'x'; BLOCK]).is_err());
    }
}
