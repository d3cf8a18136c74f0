//! Cuts a byte stream into log lines, holding back what is not yet complete. Its memory is bounded whatever is written.

/// The longest text of one entry, as Docker's: longer lines are split.
pub const LONGEST: usize = 16 * 1024;

/// The unfinished line of one stream.
#[derive(Debug, Default)]
pub struct Lines {
    partial: Vec<u8>,
}

impl Lines {
    /// Calls `emit` for every line that `bytes` completes (with its line end) and every full part of a long one (without).
    pub fn push(&mut self, bytes: &[u8], mut emit: impl FnMut(&[u8])) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let room = LONGEST - self.partial.len();
            let window = &rest[..rest.len().min(room)];
            let taken = memchr::memchr(b'\n', window).map_or(window.len(), |at| at + 1);
            let ended = window[taken - 1] == b'\n';
            if ended && self.partial.is_empty() {
                emit(&window[..taken]);
            } else {
                self.partial.extend_from_slice(&window[..taken]);
                self.emit_if(ended, &mut emit);
            }
            rest = &rest[taken..];
        }
    }

    /// Calls `emit` for what is left when the stream has ended.
    pub fn finish(&mut self, mut emit: impl FnMut(&[u8])) {
        if !self.partial.is_empty() {
            emit(&self.partial);
            self.partial.clear();
        }
    }

    fn emit_if(&mut self, ended: bool, emit: &mut impl FnMut(&[u8])) {
        if ended {
            emit(&self.partial);
            self.partial.clear();
        } else if self.partial.len() == LONGEST {
            let cut = character_boundary(&self.partial);
            emit(&self.partial[..cut]);
            self.partial.drain(..cut);
        }
    }
}

/// The length without a character that has only begun, so that a split leaves both parts valid text.
fn character_boundary(text: &[u8]) -> usize {
    let from = text.len().saturating_sub(4);
    match text[from..].utf8_chunks().last() {
        Some(chunk) if !chunk.invalid().is_empty() && chunk.invalid()[0] >= 0xc0 => text.len() - chunk.invalid().len(),
        _ => text.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(pieces: &[&[u8]]) -> Vec<String> {
        let mut lines = Lines::default();
        let mut out = Vec::new();
        for piece in pieces {
            lines.push(piece, |line| out.push(String::from_utf8(line.to_vec()).expect("text stays text")));
        }
        lines.finish(|line| out.push(String::from_utf8(line.to_vec()).expect("text stays text")));
        out
    }

    #[test]
    fn lines_come_out_whole_however_they_were_written() {
        assert_eq!(cut(&[b"one\ntwo\n"]), ["one\n", "two\n"]);
        assert_eq!(cut(&[b"o", b"ne", b"\ntw", b"o"]), ["one\n", "two"]);
        assert_eq!(cut(&[b"\n\n"]), ["\n", "\n"]);
        assert_eq!(cut(&[]), Vec::<String>::new());
    }

    #[test]
    fn a_long_line_is_split_and_never_held_whole() {
        let long = vec![b'x'; 3 * LONGEST + 5];
        let parts = cut(&[&long, b"\n"]);
        assert_eq!(parts.iter().map(String::len).collect::<Vec<_>>(), [LONGEST, LONGEST, LONGEST, 6]);
    }

    #[test]
    fn a_split_does_not_cut_a_character() {
        let long = format!("x{}", "ü".repeat(LONGEST));
        let parts = cut(&[long.as_bytes()]);
        assert_eq!(parts.concat(), long);
        assert_eq!(parts[0].len(), LONGEST - 1);
    }
}
