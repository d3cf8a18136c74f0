//! What the container writes, as entries of its log.

pub mod file;
pub mod json_line;
pub mod lines;
pub mod timestamp;

use std::time::SystemTime;

use file::LogFile;
use json_line::Stream;
use lines::Lines;

/// The log with the unfinished lines of both streams.
#[derive(Debug)]
pub struct Log {
    file: Option<LogFile>,
    stdout: Lines,
    stderr: Lines,
    entries: Vec<u8>,
}

impl Log {
    /// A log over an open file; without one, output is thrown away.
    pub fn new(file: Option<LogFile>) -> Self {
        Self { file, stdout: Lines::default(), stderr: Lines::default(), entries: Vec::new() }
    }

    /// Takes what was read of one stream; complete lines are in the file when it returns, by one write.
    pub fn push(&mut self, stream: Stream, bytes: &[u8]) {
        let Some(file) = &mut self.file else { return };
        let time = timestamp::rfc3339(SystemTime::now());
        let lines = if stream == Stream::Stdout { &mut self.stdout } else { &mut self.stderr };
        let entries = &mut self.entries;
        lines.push(bytes, |line| json_line::append(entries, stream, line, &time));
        if !entries.is_empty() {
            file.write(entries);
            entries.clear();
        }
    }

    /// Writes the unfinished lines, when the container has ended.
    pub fn finish(&mut self) {
        let Some(file) = &mut self.file else { return };
        let time = timestamp::rfc3339(SystemTime::now());
        let entries = &mut self.entries;
        self.stdout.finish(|line| json_line::append(entries, Stream::Stdout, line, &time));
        self.stderr.finish(|line| json_line::append(entries, Stream::Stderr, line, &time));
        if !entries.is_empty() {
            file.write(entries);
            entries.clear();
        }
    }
}
