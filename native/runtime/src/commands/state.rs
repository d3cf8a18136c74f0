//! `state`: what the specification says of a container, and what runc adds.

use serde_json::{Map, Value, json};

use crate::container::Container;
use crate::flags::Parsed;
use crate::global::Global;
use crate::record::Status;
use crate::words::{Failure, While};

/// Runs the command.
pub fn run(global: &Global, parsed: &Parsed) -> Result<u8, Failure> {
    let container = Container::load(global, parsed.id())?;
    let text = serde_json::to_string_pretty(&describe(&container)).while_doing(|| "write the state".to_owned())?;
    println!("{text}");
    Ok(0)
}

/// As `state` and `list` show it.
pub fn describe(container: &Container) -> Value {
    let record = &container.record;
    let status = container.status();
    let pid = if status == Status::Stopped { 0 } else { container.pid().unwrap_or(0) };
    let mut shown = Map::new();
    let mut put = |name: &str, value: Value| drop(shown.insert(name.to_owned(), value));
    put("ociVersion", json!(record.oci_version));
    put("id", json!(record.id));
    put("pid", json!(pid));
    put("status", json!(status.word()));
    put("bundle", json!(record.bundle));
    put("rootfs", json!(record.rootfs));
    put("created", json!(record.created));
    if !record.annotations.is_empty() {
        put("annotations", json!(record.annotations));
    }
    put("owner", json!(if record.owner == 0 { String::new() } else { crate::container::user_name(record.owner) }));
    Value::Object(shown)
}
