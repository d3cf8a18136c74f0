//! The maps of sparse files: which parts of a file are in the archive. Old GNU headers, and PAX 0.0, 0.1 and 1.0.

use super::header::{BLOCK, malformed, number};
use super::pax::decimal;
use std::io;

/// More parts than this are refused: the map is held in memory.
const MAX_PARTS: usize = 1 << 20;

/// A sparse file: its real size, and the parts that have data, in rising order.
#[derive(Default)]
pub struct SparseMap {
    /// The size of the file once unpacked.
    pub real_size: u64,
    /// Offset and length of each part.
    pub parts: Vec<(u64, u64)>,
}

impl SparseMap {
    /// Checks that the parts are in order, inside the file, and together as long as the data in the archive.
    pub fn check(&self, data_size: u64) -> io::Result<()> {
        let mut end = 0u64;
        let mut sum = 0u64;
        for &(offset, length) in &self.parts {
            let next = offset.checked_add(length).filter(|&next| offset >= end && next <= self.real_size);
            end = next.ok_or_else(|| malformed("the map of a sparse file is out of order"))?;
            sum += length;
        }
        if sum == data_size { Ok(()) } else { Err(malformed("the map of a sparse file does not fit its data")) }
    }

    fn push(&mut self, offset: u64, length: u64) -> io::Result<()> {
        if self.parts.len() >= MAX_PARTS {
            return Err(malformed("a sparse file has too many parts"));
        }
        self.parts.push((offset, length));
        Ok(())
    }
}

/// Offset and length pairs of one GNU block; empty places are at the end.
pub fn read_gnu_parts(map: &mut SparseMap, fields: &[u8]) -> io::Result<()> {
    for pair in fields.chunks_exact(24) {
        if pair[0] == 0 {
            break;
        }
        let field = |bytes: &[u8]| {
            u64::try_from(number(bytes, "sparse map")?).map_err(|_| malformed("a sparse map is negative"))
        };
        map.push(field(&pair[..12])?, field(&pair[12..])?)?;
    }
    Ok(())
}

/// The old GNU header: four parts in it, and whether blocks of 21 more follow.
pub fn read_gnu_header(block: &[u8; BLOCK]) -> io::Result<(SparseMap, bool)> {
    let real_size =
        u64::try_from(number(&block[483..495], "size")?).map_err(|_| malformed("a sparse file has a negative size"))?;
    let mut map = SparseMap { real_size, parts: Vec::new() };
    read_gnu_parts(&mut map, &block[386..482])?;
    Ok((map, block[482] != 0))
}

/// What PAX records said: 0.0 and 0.1 carry the map, 1.0 says that the data begins with it.
#[derive(Default)]
pub struct SparseKeys {
    /// The name without GNU's decoration.
    pub name: Option<Vec<u8>>,
    real_size: Option<u64>,
    version_1: bool,
    parts: Vec<(u64, u64)>,
    offset: Option<u64>,
}

impl SparseKeys {
    /// Takes the record `GNU.sparse.KEY` in.
    pub fn take(&mut self, key: &[u8], value: &[u8]) -> io::Result<()> {
        match key {
            b"name" => self.name = Some(value.to_vec()),
            b"size" | b"realsize" => self.real_size = Some(decimal(value)?),
            b"major" => self.version_1 = value == b"1",
            b"offset" => self.offset = Some(decimal(value)?),
            b"numbytes" => {
                let offset =
                    self.offset.take().ok_or_else(|| malformed("a sparse map has a length without an offset"))?;
                self.add(offset, decimal(value)?)?;
            }
            b"map" => {
                let numbers = value.split(|&b| b == b',').map(decimal).collect::<io::Result<Vec<_>>>()?;
                for pair in numbers.chunks(2) {
                    let &[offset, length] = pair else {
                        return Err(malformed("a sparse map has an offset without a length"));
                    };
                    self.add(offset, length)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn add(&mut self, offset: u64, length: u64) -> io::Result<()> {
        if self.parts.len() >= MAX_PARTS {
            return Err(malformed("a sparse file has too many parts"));
        }
        self.parts.push((offset, length));
        Ok(())
    }

    /// Whether the entry is sparse at all.
    #[must_use]
    pub fn is_sparse(&self) -> bool {
        self.real_size.is_some() && (self.version_1 || !self.parts.is_empty())
    }

    /// Whether the map stands at the start of the data.
    #[must_use]
    pub fn map_in_data(&self) -> bool {
        self.version_1
    }

    /// The map as far as the records tell it.
    #[must_use]
    pub fn into_map(self) -> SparseMap {
        SparseMap { real_size: self.real_size.unwrap_or(0), parts: self.parts }
    }
}

/// Reads version 1.0's map: decimal numbers, one a line, the first one their count; padded to whole blocks.
#[derive(Default)]
pub struct MapReader {
    number: Option<u64>,
    wanted: Option<usize>,
    offset: Option<u64>,
}

impl MapReader {
    /// Takes one block in; true when the map is complete.
    pub fn take(&mut self, block: &[u8], map: &mut SparseMap) -> io::Result<bool> {
        for &byte in block {
            if byte != b'\n' {
                let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'));
                let next = digit.and_then(|d| self.number.unwrap_or(0).checked_mul(10)?.checked_add(d));
                self.number = Some(next.ok_or_else(|| malformed("a sparse map is no list of numbers"))?);
                continue;
            }
            let value = self.number.take().ok_or_else(|| malformed("a sparse map has an empty line"))?;
            if self.line(value, map)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn line(&mut self, value: u64, map: &mut SparseMap) -> io::Result<bool> {
        let Some(wanted) = self.wanted else {
            let wanted = usize::try_from(value).ok().filter(|&n| n <= MAX_PARTS);
            self.wanted = Some(wanted.ok_or_else(|| malformed("a sparse file has too many parts"))?);
            return Ok(value == 0);
        };
        match self.offset.take() {
            None => self.offset = Some(value),
            Some(offset) => map.push(offset, value)?,
        }
        Ok(map.parts.len() == wanted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_map_of_version_1_may_cross_blocks() {
        let mut map = SparseMap { real_size: 4096, parts: Vec::new() };
        let mut reader = MapReader::default();
        assert!(!reader.take(b"2\n0\n10\n40", &mut map).unwrap());
        assert!(reader.take(b"00\n96\n\0\0\0", &mut map).unwrap());
        assert_eq!(map.parts, [(0, 10), (4000, 96)]);
        assert!(map.check(106).is_ok());
        assert!(map.check(107).is_err());
    }

    #[test]
    fn parts_beyond_the_file_or_out_of_order_are_refused() {
        for parts in [vec![(0, 10), (5, 10)], vec![(90, 20)], vec![(u64::MAX, 2)]] {
            let sum = parts.iter().fold(0u64, |sum, (_, length)| sum + length);
            assert!(SparseMap { real_size: 100, parts }.check(sum).is_err());
        }
    }
}
