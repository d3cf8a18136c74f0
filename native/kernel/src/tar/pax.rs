//! The records of a PAX extended header: `LENGTH KEY=VALUE\n`. Only the keys that matter for unpacking are kept.

use super::header::malformed;
use super::sparse::SparseKeys;
use std::io;

/// Larger extended headers are refused: real ones hold a few names and attributes.
pub const MAX_EXTENDED_HEADER: u64 = 1 << 20;

/// What an extended header says about the entry after it. Reused from entry to entry.
#[derive(Default)]
pub struct Pax {
    /// Overrides the name.
    pub path: Option<Vec<u8>>,
    /// Overrides the link target.
    pub linkpath: Option<Vec<u8>>,
    /// Overrides the size of the data in the archive.
    pub size: Option<u64>,
    /// Overrides the owner.
    pub uid: Option<i64>,
    /// Overrides the group.
    pub gid: Option<i64>,
    /// Overrides the time of the last change: seconds and nanoseconds.
    pub mtime: Option<(i64, u32)>,
    /// Extended attributes in the order given.
    pub xattrs: Vec<(Vec<u8>, Vec<u8>)>,
    /// GNU's sparse formats 0.0, 0.1 and 1.0.
    pub sparse: SparseKeys,
}

impl Pax {
    /// Takes the records of one extended header in; a later record wins.
    pub fn read(&mut self, data: &[u8]) -> io::Result<()> {
        let mut rest = data;
        while !rest.is_empty() {
            let (record, after) = split_record(rest)?;
            let equals = record.iter().position(|&b| b == b'=').ok_or_else(|| malformed("a PAX record has no `=`"))?;
            self.take(&record[..equals], &record[equals + 1..])?;
            rest = after;
        }
        Ok(())
    }

    fn take(&mut self, key: &[u8], value: &[u8]) -> io::Result<()> {
        match key {
            b"path" => self.path = Some(value.to_vec()),
            b"linkpath" => self.linkpath = Some(value.to_vec()),
            b"size" => self.size = Some(decimal(value)?),
            b"uid" => self.uid = Some(signed(decimal(value)?)?),
            b"gid" => self.gid = Some(signed(decimal(value)?)?),
            b"mtime" => self.mtime = Some(time(value)?),
            _ => {
                if let Some(name) = key.strip_prefix(b"SCHILY.xattr.") {
                    self.xattrs.retain(|(kept, _)| kept != name);
                    self.xattrs.push((name.to_vec(), value.to_vec()));
                } else if let Some(name) = key.strip_prefix(b"GNU.sparse.") {
                    self.sparse.take(name, value)?;
                }
            }
        }
        Ok(())
    }
}

/// The first record without its length and line end, and what comes after it.
fn split_record(data: &[u8]) -> io::Result<(&[u8], &[u8])> {
    let broken = || malformed("a PAX record has a wrong length");
    let space = data.iter().take(20).position(|&b| b == b' ').ok_or_else(broken)?;
    let length = usize::try_from(decimal(&data[..space])?).map_err(|_| broken())?;
    if length <= space + 1 || length > data.len() || data[length - 1] != b'\n' {
        return Err(broken());
    }
    Ok((&data[space + 1..length - 1], &data[length..]))
}

pub(crate) fn decimal(text: &[u8]) -> io::Result<u64> {
    let wrong = || malformed(format!("`{}` in a PAX record is no number", String::from_utf8_lossy(text)));
    if text.is_empty() {
        return Err(wrong());
    }
    text.iter().try_fold(0u64, |value, &digit| {
        let digit = digit.is_ascii_digit().then(|| u64::from(digit - b'0')).ok_or_else(wrong)?;
        value.checked_mul(10).and_then(|v| v.checked_add(digit)).ok_or_else(wrong)
    })
}

fn signed(value: u64) -> io::Result<i64> {
    i64::try_from(value).map_err(|_| malformed("a number in a PAX record is out of range"))
}

/// `-1.25` is a quarter of a second before -1: the fraction counts downwards there.
fn time(text: &[u8]) -> io::Result<(i64, u32)> {
    let negative = text.first() == Some(&b'-');
    let text = if negative { &text[1..] } else { text };
    let (whole, fraction) = match text.iter().position(|&b| b == b'.') {
        Some(dot) => (&text[..dot], &text[dot + 1..]),
        None => (text, &[][..]),
    };
    let seconds = signed(decimal(whole)?)?;
    let nanoseconds = fraction.iter().chain(std::iter::repeat(&b'0')).take(9).try_fold(0u32, |value, &digit| {
        digit
            .is_ascii_digit()
            .then(|| value * 10 + u32::from(digit - b'0'))
            .ok_or_else(|| malformed("a time in a PAX record is no number"))
    })?;
    Ok(match (negative, nanoseconds) {
        (false, _) => (seconds, nanoseconds),
        (true, 0) => (-seconds, 0),
        (true, _) => (-seconds - 1, 1_000_000_000 - nanoseconds),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_override_the_header() {
        let mut pax = Pax::default();
        pax.read(b"12 path=a/b\n12 size=123\n23 mtime=1700000000.25\n26 SCHILY.xattr.user.a=\x00\n\n").unwrap();
        assert_eq!(pax.path.as_deref(), Some(&b"a/b"[..]));
        assert_eq!(pax.size, Some(123));
        assert_eq!(pax.mtime, Some((1_700_000_000, 250_000_000)));
        assert_eq!(pax.xattrs, [(b"user.a".to_vec(), b"\x00\n".to_vec())]);
    }

    #[test]
    fn records_with_wrong_lengths_are_refused() {
        for bad in
            [&b"999 path=a\n"[..], b"3 \n", b"0 path=a\n", b"path=a\n", b"11 path=ab", b"99999999999999999999 a=b\n"]
        {
            assert!(Pax::default().read(bad).is_err(), "{}", String::from_utf8_lossy(bad));
        }
    }

    #[test]
    fn times_before_1970_count_their_fraction_downwards() {
        assert_eq!(time(b"-1.25").unwrap(), (-2, 750_000_000));
        assert_eq!(time(b"5").unwrap(), (5, 0));
    }
}
