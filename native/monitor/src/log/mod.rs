//! What the container writes, as entries of its log.

pub mod file;
mod forward;
mod journal;
pub mod json_line;
pub mod lines;
mod syslog;

use std::time::SystemTime;

use kernel::error::Result;
use kernel::spec::LogSpec;
use kernel::timestamp;

use file::LogFile;
use forward::Forwarder;
use json_line::Stream;
use lines::Lines;

/// The log with the unfinished lines of both streams. With neither a file nor somebody to tell, output is thrown away.
pub struct Log {
    keeping: Keeping,
    stdout: Lines,
    stderr: Lines,
}

struct Keeping {
    file: Option<LogFile>,
    forwarder: Option<Forwarder>,
}

impl Log {
    /// Opens the file, and connects with whoever else is to be told.
    pub fn open(spec: &LogSpec) -> Result<Self> {
        let forwarder = spec.forward.as_ref().map(Forwarder::connect).transpose()?;
        let keeping = Keeping { file: LogFile::open(spec)?, forwarder };
        Ok(Self { keeping, stdout: Lines::default(), stderr: Lines::default() })
    }

    /// Takes what was read of one stream; complete lines are in the file when it returns, normally by one write.
    pub fn push(&mut self, stream: Stream, bytes: &[u8]) {
        let Self { keeping, stdout, stderr } = self;
        if keeping.is_idle() {
            return;
        }
        if let Some(file) = &mut keeping.file {
            tell_of_dropped(file);
        }
        let moment = Moment::now(stream);
        let lines = if stream == Stream::Stdout { stdout } else { stderr };
        lines.push(bytes, |line| keeping.take(line, &moment));
        keeping.flush();
    }

    /// Writes the unfinished lines, when the container has ended.
    pub fn finish(&mut self) {
        let Self { keeping, stdout, stderr } = self;
        for (stream, lines) in [(Stream::Stdout, stdout), (Stream::Stderr, stderr)] {
            let moment = Moment::now(stream);
            lines.finish(|line| keeping.take(line, &moment));
        }
        keeping.flush();
    }
}

/// When something was read, and of which stream.
struct Moment {
    stream: Stream,
    time: SystemTime,
    /// Of its entries in the file.
    end: String,
}

impl Moment {
    fn now(stream: Stream) -> Self {
        let time = SystemTime::now();
        Self { stream, time, end: json_line::end_of(stream, &timestamp::rfc3339(time)) }
    }
}

impl Keeping {
    fn is_idle(&self) -> bool {
        self.file.is_none() && self.forwarder.is_none()
    }

    fn take(&mut self, line: &[u8], moment: &Moment) {
        if let Some(file) = &mut self.file {
            file.append(|batch| json_line::append(batch, line, &moment.end));
        }
        if let Some(forwarder) = &mut self.forwarder {
            forwarder.tell(moment.stream, line, moment.time);
        }
    }

    fn flush(&mut self) {
        if let Some(file) = &mut self.file {
            file.flush();
        }
    }
}

/// Whoever reads the log learns of its gap, as soon as the disk has room to say so.
fn tell_of_dropped(file: &mut LogFile) {
    let dropped = file.dropped();
    if dropped > 0 {
        let text = format!("[tscompose: the disk did not take {dropped} log entries, they are lost]\n");
        let moment = Moment::now(Stream::Stderr);
        file.report_dropped(|batch| json_line::append(batch, text.as_bytes(), &moment.end));
    }
}
