//! Complaints, in the words and places where engines look for a runtime's.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::time::SystemTime;

use kernel::timestamp;

use crate::global::Global;
use crate::words::{Failure, While};

/// Where they go.
#[derive(Debug, Default)]
pub struct Log {
    file: Option<File>,
    is_json: bool,
    is_debug: bool,
}

impl Log {
    /// Opens the file that was asked for.
    pub fn open(global: &Global) -> Result<Self, Failure> {
        let open = |path: &std::path::PathBuf| {
            OpenOptions::new()
                .append(true)
                .create(true)
                .open(path)
                .while_doing(|| format!("unable to open log file \"{}\"", path.display()))
        };
        let file = global.log.as_ref().map(open).transpose()?;
        Ok(Self { file, is_json: global.is_json, is_debug: global.is_debug })
    }

    /// The last word of a command that failed; a log file never keeps it from the caller.
    pub fn error(&mut self, message: &str) {
        self.write("error", message);
        if self.file.is_some() {
            eprintln!("{message}");
        }
    }

    /// What is noticed and does no harm.
    pub fn warning(&mut self, message: &str) {
        self.write("warning", message);
    }

    /// What is being done, if somebody wants to know.
    pub fn debug(&mut self, message: &str) {
        if self.is_debug {
            self.write("debug", message);
        }
    }

    fn write(&mut self, level: &str, message: &str) {
        let time = whole_seconds(&timestamp::rfc3339(SystemTime::now()));
        let line = if self.is_json {
            serde_json::json!({ "level": level, "msg": message, "time": time }).to_string()
        } else {
            format!("time=\"{time}\" level={level} msg={}", quoted(message))
        };
        let _ = match &mut self.file {
            Some(file) => writeln!(file, "{line}"),
            None => writeln!(std::io::stderr(), "{line}"),
        };
    }
}

fn whole_seconds(time: &str) -> String {
    time.split_once('.').map_or_else(|| time.to_owned(), |(seconds, _)| format!("{seconds}Z"))
}

fn quoted(message: &str) -> String {
    format!("\"{}\"", message.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}
