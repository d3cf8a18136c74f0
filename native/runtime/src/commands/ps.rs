//! `ps`: the processes of a container, as ps(1) shows them or as numbers alone.

use std::process::Command;

use crate::container::Container;
use crate::flags::Parsed;
use crate::global::Global;
use crate::words::{Failure, While, fail};

/// Runs the command.
pub fn run(global: &Global, parsed: &Parsed) -> Result<u8, Failure> {
    let container = Container::load(global, parsed.id())?;
    let pids = container.cgroup()?.pids();
    match parsed.value("format").unwrap_or("table") {
        "json" => println!("{}", serde_json::json!(pids)),
        "table" => print!("{}", table(&pids, &parsed.rest[1..])?),
        _ => return Err(fail("invalid format option")),
    }
    Ok(0)
}

/// The heading and those lines whose column `PID` is one of the container's.
fn table(pids: &[i32], options: &[String]) -> Result<String, Failure> {
    let default = ["-ef".to_owned()];
    let options = if options.is_empty() { &default[..] } else { options };
    let output = Command::new("ps").args(options).output().while_doing(|| "run ps".to_owned())?;
    if !output.status.success() {
        return Err(fail(format!("{}: {}", output.status, String::from_utf8_lossy(&output.stderr).trim_end())));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let mut lines = text.lines();
    let heading = lines.next().unwrap_or_default();
    let column = heading.split_whitespace().position(|title| title == "PID");
    let column = column.ok_or_else(|| fail("couldn't find PID field in ps output"))?;
    let is_ours = |line: &&str| {
        line.split_whitespace().nth(column).and_then(|pid| pid.parse().ok()).is_some_and(|pid| pids.contains(&pid))
    };
    Ok(std::iter::once(heading).chain(lines.filter(is_ours)).fold(String::new(), |text, line| text + line + "\n"))
}
