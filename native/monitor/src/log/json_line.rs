//! One log entry as a line of JSON, in the form of Docker's json-file driver.

/// Which of the container's two outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    Stdout,
    Stderr,
}

impl Stream {
    fn name(self) -> &'static str {
        match self {
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
        }
    }
}

/// What the entries of one stream end with that were read at one time: `","stream":…,"time":…}` and a line end.
pub fn end_of(stream: Stream, time: &str) -> String {
    format!("\",\"stream\":\"{}\",\"time\":\"{time}\"}}\n", stream.name())
}

/// Appends `{"log":"`, the text and `end`. Bytes that are not UTF-8 become U+FFFD.
pub fn append(out: &mut Vec<u8>, text: &[u8], end: &str) {
    out.extend_from_slice(b"{\"log\":\"");
    append_escaped(out, text);
    copy(out, end.as_bytes());
}

/// Most lines are plain text and a line end: those are copied as they are.
fn append_escaped(out: &mut Vec<u8>, text: &[u8]) {
    match text.strip_suffix(b"\n") {
        Some(line) if is_plain(line) => {
            copy(out, line);
            out.extend_from_slice(b"\\n");
        }
        None if is_plain(text) => copy(out, text),
        _ => append_chunks(out, text),
    }
}

/// Blocks of one size are copied by a few instructions, and the last one may overlap the one before: musl's `memcpy` takes longer to begin than to
/// copy a line, which was a third of a monitor's work.
fn copy(out: &mut Vec<u8>, text: &[u8]) {
    const BLOCK: usize = 32;
    let Some(last) = text.last_chunk::<BLOCK>() else { return out.extend_from_slice(text) };
    let end = out.len() + text.len();
    out.reserve(text.len() + BLOCK);
    for block in text.as_chunks::<BLOCK>().0 {
        out.extend_from_slice(block);
    }
    out.truncate(end - BLOCK);
    out.extend_from_slice(last);
}

/// Whether every byte is a character that JSON takes unchanged. Looks at all of them without a branch, which the compiler turns into a few wide steps.
fn is_plain(text: &[u8]) -> bool {
    text.iter().fold(true, |plain, &byte| plain & matches!(byte, 0x20..=0x7e) & (byte != b'"') & (byte != b'\\'))
}

fn append_chunks(out: &mut Vec<u8>, text: &[u8]) {
    for chunk in text.utf8_chunks() {
        append_valid(out, chunk.valid().as_bytes());
        if !chunk.invalid().is_empty() {
            out.extend_from_slice("\u{fffd}".as_bytes());
        }
    }
}

/// Runs of harmless bytes are copied at once; only quotes, backslashes and control characters are looked at singly.
fn append_valid(out: &mut Vec<u8>, text: &[u8]) {
    let mut rest = text;
    while let Some(at) = rest.iter().position(|&byte| byte < 0x20 || byte == b'"' || byte == b'\\' || byte == 0x7f) {
        out.extend_from_slice(&rest[..at]);
        append_special(out, rest[at]);
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
}

fn append_special(out: &mut Vec<u8>, byte: u8) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    match byte {
        b'"' => out.extend_from_slice(b"\\\""),
        b'\\' => out.extend_from_slice(b"\\\\"),
        b'\n' => out.extend_from_slice(b"\\n"),
        b'\r' => out.extend_from_slice(b"\\r"),
        b'\t' => out.extend_from_slice(b"\\t"),
        _ => {
            out.extend_from_slice(b"\\u00");
            out.push(HEX[usize::from(byte >> 4)]);
            out.push(HEX[usize::from(byte & 15)]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &[u8]) -> String {
        let mut out = Vec::new();
        append(&mut out, text, &end_of(Stream::Stderr, "T"));
        String::from_utf8(out).expect("a log line is UTF-8")
    }

    #[test]
    fn what_was_written_comes_back_from_any_json_reader() {
        for text in ["plain\n", "quo\"te \\ slash\n", "tab\tbell\u{7}escape\u{1b}[0m\r\n", "ümläut 🙂\u{2028}", ""]
        {
            let value: serde_json::Value = serde_json::from_str(&line(text.as_bytes())).expect("valid JSON");
            assert_eq!(value["log"], *text);
            assert_eq!(value["stream"], "stderr");
            assert_eq!(value["time"], "T");
        }
    }

    #[test]
    fn lines_of_every_length_are_copied_whole() {
        for length in 0..200 {
            let text: String = ('a'..='z').cycle().take(length).collect();
            assert_eq!(line(text.as_bytes()), format!("{{\"log\":\"{text}\",\"stream\":\"stderr\",\"time\":\"T\"}}\n"));
        }
    }

    #[test]
    fn bytes_that_are_no_text_become_replacement_characters() {
        assert!(line(b"a\xff\xfeb\n").contains("a\u{fffd}\u{fffd}b"));
    }
}
