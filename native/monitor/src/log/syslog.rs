//! Messages of syslog: as the C library writes them, RFC 3164 and RFC 5424.

use std::time::SystemTime;

use kernel::spec::SyslogFormat;
use kernel::timestamp::{self, unix_ms};

use super::json_line::Stream;

/// Severities of RFC 5424: what is said, and what is complained of.
const INFORMATIONAL: u8 = 6;
const ERROR: u8 = 3;

/// One message with a line end, which separates it from the next one on a stream.
pub fn message(
    (format, facility): (SyslogFormat, u8),
    (tag, hostname): (&str, &str),
    stream: Stream,
    (line, time): (&[u8], SystemTime),
) -> Vec<u8> {
    let priority = facility * 8 + if stream == Stream::Stderr { ERROR } else { INFORMATIONAL };
    let pid = std::process::id();
    let start = match format {
        SyslogFormat::Unix => format!("<{priority}>{} {tag}[{pid}]: ", local_stamp(time)),
        SyslogFormat::Rfc3164 => format!("<{priority}>{} {hostname} {tag}[{pid}]: ", local_stamp(time)),
        SyslogFormat::Rfc5424 => rfc5424(priority, &utc(time, 0), (hostname, tag, pid)),
        SyslogFormat::Rfc5424micro => rfc5424(priority, &utc(time, 7), (hostname, tag, pid)),
    };
    let mut message = start.into_bytes();
    message.extend_from_slice(line.strip_suffix(b"\n").unwrap_or(line));
    message.push(b'\n');
    message
}

/// Version 1, without structured data.
fn rfc5424(priority: u8, time: &str, (hostname, tag, pid): (&str, &str, u32)) -> String {
    format!("<{priority}>1 {time} {hostname} {tag} {pid} {tag} - ")
}

/// `2026-11-21T10:00:00Z`, with so many characters of its fraction, the point included.
fn utc(time: SystemTime, fraction: usize) -> String {
    let text = timestamp::rfc3339(time);
    format!("{}Z", &text[..text.len().min("2026-11-21T10:00:00".len() + fraction)])
}

/// `Nov  1 10:00:00`, in the host's own time, as RFC 3164 wants it.
fn local_stamp(time: SystemTime) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let seconds = (unix_ms(time) / 1000).try_into().unwrap_or_default();
    // SAFETY: all zeros is a value of that structure, which the call fills and both outlive.
    let local = unsafe {
        let mut local: libc::tm = std::mem::zeroed();
        libc::localtime_r(&raw const seconds, &raw mut local);
        local
    };
    let month = usize::try_from(local.tm_mon).ok().and_then(|month| MONTHS.get(month)).unwrap_or(&"Jan");
    format!("{month} {:2} {:02}:{:02}:{:02}", local.tm_mday, local.tm_hour, local.tm_min, local.tm_sec)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn written(format: SyslogFormat, stream: Stream) -> String {
        let time = SystemTime::UNIX_EPOCH + Duration::new(1_795_255_323, 120_000_000);
        String::from_utf8(message((format, 3), ("web", "host"), stream, (b"hello\n", time))).unwrap()
    }

    #[test]
    fn rfc_5424_has_a_version_a_year_and_a_message_id() {
        let pid = std::process::id();
        assert_eq!(
            written(SyslogFormat::Rfc5424, Stream::Stdout),
            format!("<30>1 2026-11-21T10:02:03Z host web {pid} web - hello\n")
        );
        assert_eq!(
            written(SyslogFormat::Rfc5424micro, Stream::Stderr),
            format!("<27>1 2026-11-21T10:02:03.120000Z host web {pid} web - hello\n")
        );
    }

    #[test]
    fn the_older_forms_have_the_hosts_own_time_with_or_without_its_name() {
        let pid = std::process::id();
        let unix = written(SyslogFormat::Unix, Stream::Stdout);
        assert!(unix.starts_with("<30>Nov 21 ") && unix.ends_with(&format!(" web[{pid}]: hello\n")), "{unix}");
        let rfc3164 = written(SyslogFormat::Rfc3164, Stream::Stdout);
        assert!(rfc3164.ends_with(&format!(" host web[{pid}]: hello\n")), "{rfc3164}");
    }
}
