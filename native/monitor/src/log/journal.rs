//! Entries of systemd's journal as its socket takes them: one datagram each, a field a line.
//! https://systemd.io/JOURNAL_NATIVE_PROTOCOL/

use std::collections::BTreeMap;

use super::json_line::Stream;

/// Of syslog(3): what is said, and what is complained of.
const INFO: &str = "6";
const ERROR: &str = "3";

/// One entry. A part of a long line says that it is one.
pub fn entry(fields: &BTreeMap<String, String>, stream: Stream, line: &[u8]) -> Vec<u8> {
    let mut entry = Vec::with_capacity(line.len() + 512);
    let whole = line.strip_suffix(b"\n");
    append(&mut entry, "MESSAGE", whole.unwrap_or(line));
    append(&mut entry, "PRIORITY", if stream == Stream::Stderr { ERROR } else { INFO }.as_bytes());
    for (name, value) in fields {
        append(&mut entry, name, value.as_bytes());
    }
    if whole.is_none() {
        append(&mut entry, "CONTAINER_PARTIAL_MESSAGE", b"true");
    }
    entry
}

/// A value with a line end in it has its length before it, in eight bytes.
fn append(entry: &mut Vec<u8>, name: &str, value: &[u8]) {
    entry.extend_from_slice(name.as_bytes());
    if value.contains(&b'\n') {
        entry.push(b'\n');
        entry.extend_from_slice(&(value.len() as u64).to_le_bytes());
    } else {
        entry.push(b'=');
    }
    entry.extend_from_slice(value);
    entry.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_has_its_line_its_priority_and_the_fields() {
        let fields = BTreeMap::from([("CONTAINER_NAME".to_owned(), "app-web-1".to_owned())]);
        let said = entry(&fields, Stream::Stderr, b"no = sign of it\n");
        assert_eq!(said, b"MESSAGE=no = sign of it\nPRIORITY=3\nCONTAINER_NAME=app-web-1\n");
    }

    #[test]
    fn what_has_a_line_end_is_counted_and_a_part_is_called_one() {
        let said = entry(&BTreeMap::from([("X".to_owned(), "a\nb".to_owned())]), Stream::Stdout, b"part");
        assert_eq!(said, b"MESSAGE=part\nPRIORITY=6\nX\n\x03\0\0\0\0\0\0\0a\nb\nCONTAINER_PARTIAL_MESSAGE=true\n");
    }
}
