//! `events`: what a container uses, once or again and again until it ends.

use std::thread::sleep;
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::Value;

use crate::container::Container;
use crate::flags::Parsed;
use crate::global::Global;
use crate::record::Status;
use crate::stats;
use crate::words::{Failure, While, fail};

const TURN: Duration = Duration::from_millis(100);

/// Runs the command.
pub fn run(global: &Global, parsed: &Parsed) -> Result<u8, Failure> {
    let interval = parsed.value("interval").map_or(Ok(Duration::from_secs(5)), read_duration)?;
    let container = Container::load(global, parsed.id())?;
    if container.status() == Status::Stopped {
        return Err(fail(format!("container with id {} is not running", container.record.id)));
    }
    if parsed.has("stats") {
        show(&container)?;
        return Ok(0);
    }
    watch(&container, interval)?;
    Ok(0)
}

fn show(container: &Container) -> Result<(), Failure> {
    tell("stats", container, Some(stats::read(&container.cgroup()?)))
}

/// Engines read the words in this order.
#[derive(Serialize)]
struct Event<'a> {
    r#type: &'a str,
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Value>,
}

fn tell(kind: &str, container: &Container, data: Option<Value>) -> Result<(), Failure> {
    let event = Event { r#type: kind, id: &container.record.id, data };
    println!("{}", serde_json::to_string(&event).while_doing(|| "write an event".to_owned())?);
    Ok(())
}

fn watch(container: &Container, interval: Duration) -> Result<(), Failure> {
    let (mut next, mut kills) = (Instant::now() + interval, container.cgroup()?.oom_kills());
    while container.status() != Status::Stopped {
        let now = container.cgroup()?.oom_kills();
        if now > kills {
            kills = now;
            tell("oom", container, None)?;
        }
        if Instant::now() >= next {
            show(container)?;
            next += interval;
        }
        sleep(TURN);
    }
    Ok(())
}

/// `5s`, `100ms`, `1m30s`.
fn read_duration(text: &str) -> Result<Duration, Failure> {
    let refuse = || fail(format!("duration interval must be greater than 0, such as 5s: \"{text}\""));
    let (mut rest, mut all) = (text, Duration::ZERO);
    while !rest.is_empty() {
        let digits = rest.find(|one: char| !one.is_ascii_digit()).ok_or_else(refuse)?;
        let number: u64 = rest[..digits].parse().map_err(|_| refuse())?;
        let unit = rest[digits..]
            .find(|one: char| one.is_ascii_digit())
            .map_or(&rest[digits..], |end| &rest[digits..digits + end]);
        all += match unit {
            "ms" => Duration::from_millis(number),
            "s" => Duration::from_secs(number),
            "m" => Duration::from_secs(number * 60),
            "h" => Duration::from_secs(number * 3600),
            _ => return Err(refuse()),
        };
        rest = &rest[digits + unit.len()..];
    }
    if all.is_zero() { Err(refuse()) } else { Ok(all) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_numbers_with_units() {
        assert_eq!(read_duration("1m30s").expect("read"), Duration::from_secs(90));
        assert_eq!(read_duration("100ms").expect("read"), Duration::from_millis(100));
        for wrong in ["", "5", "0s", "s", "5x"] {
            assert!(read_duration(wrong).is_err(), "{wrong}");
        }
    }
}
