//! What the container writes, as entries of its log.

pub mod file;
pub mod json_line;
pub mod lines;

use kernel::timestamp;
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
}

impl Log {
    /// A log over an open file; without one, output is thrown away.
    pub fn new(file: Option<LogFile>) -> Self {
        Self { file, stdout: Lines::default(), stderr: Lines::default() }
    }

    /// Takes what was read of one stream; complete lines are in the file when it returns, normally by one write.
    pub fn push(&mut self, stream: Stream, bytes: &[u8]) {
        let Some(file) = &mut self.file else { return };
        let time = timestamp::rfc3339(SystemTime::now());
        tell_of_dropped(file, &time);
        let lines = if stream == Stream::Stdout { &mut self.stdout } else { &mut self.stderr };
        lines.push(bytes, |line| file.append(|batch| json_line::append(batch, stream, line, &time)));
        file.flush();
    }

    /// Writes the unfinished lines, when the container has ended.
    pub fn finish(&mut self) {
        let Some(file) = &mut self.file else { return };
        let time = timestamp::rfc3339(SystemTime::now());
        for (stream, lines) in [(Stream::Stdout, &mut self.stdout), (Stream::Stderr, &mut self.stderr)] {
            lines.finish(|line| file.append(|batch| json_line::append(batch, stream, line, &time)));
        }
        file.flush();
    }
}

/// Whoever reads the log learns of its gap, as soon as the disk has room to say so.
fn tell_of_dropped(file: &mut LogFile, time: &str) {
    let dropped = file.dropped();
    if dropped > 0 {
        let text = format!("[tscompose: the disk did not take {dropped} log entries, they are lost]\n");
        file.report_dropped(|batch| json_line::append(batch, Stream::Stderr, text.as_bytes(), time));
    }
}
