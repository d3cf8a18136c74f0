//! `update`: other limits for a container that was created.

use std::io::Read;

use kernel::oci::OciResources;

use crate::complaint::Log;
use crate::container::Container;
use crate::flags::Parsed;
use crate::global::Global;
use crate::record::Status;
use crate::resources;
use crate::words::{Failure, While, fail};

/// Runs the command.
pub fn run(global: &Global, parsed: &Parsed, log: &mut Log) -> Result<u8, Failure> {
    let container = Container::load(global, parsed.id())?;
    if container.status() == Status::Stopped {
        return Err(fail("container not running"));
    }
    for name in ["l3-cache-schema", "mem-bw-schema"] {
        if parsed.has(name) {
            return Err(fail(format!("--{name}: Intel RDT is not supported: leave it out")));
        }
    }
    for name in ["kernel-memory", "kernel-memory-tcp"] {
        if parsed.has(name) {
            log.warning("Kernel memory settings are ignored and will be removed");
        }
    }
    let wanted = match parsed.value("resources") {
        Some(path) => from_file(path)?,
        None => resources::of_flags(parsed)?,
    };
    container.cgroup()?.update(&resources::completed(&wanted, &container)?)?;
    Ok(0)
}

fn from_file(path: &str) -> Result<OciResources, Failure> {
    let mut text = String::new();
    if path == "-" {
        std::io::stdin().read_to_string(&mut text).while_doing(|| "read standard input".to_owned())?;
    } else {
        text = std::fs::read_to_string(path).while_doing(|| format!("read \"{path}\""))?;
    }
    serde_json::from_str(&text).while_doing(|| "read the resources".to_owned())
}
