//! `state`: what the specification says of a container, and what runc adds.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use crate::container::{Container, user_name};
use crate::flags::Parsed;
use crate::global::Global;
use crate::record::Status;
use crate::words::{Failure, While};

/// A state in the order in which runc shows it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Shown<'a> {
    oci_version: &'a str,
    /// The container's name.
    pub id: &'a str,
    /// 0 when it has ended.
    pub pid: i32,
    /// The word.
    pub status: &'static str,
    /// Absolute.
    pub bundle: &'a Path,
    rootfs: &'a Path,
    /// RFC 3339.
    pub created: &'a str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    annotations: &'a BTreeMap<String, String>,
    /// Who created it.
    pub owner: String,
}

/// Runs the command.
pub fn run(global: &Global, parsed: &Parsed) -> Result<u8, Failure> {
    let container = Container::load(global, parsed.id())?;
    let owner = if container.record.owner == 0 { String::new() } else { user_name(container.record.owner) };
    let shown = Shown { owner, ..describe(&container) };
    println!("{}", serde_json::to_string_pretty(&shown).while_doing(|| "write the state".to_owned())?);
    Ok(0)
}

/// With the owner's name.
pub fn describe(container: &Container) -> Shown<'_> {
    let record = &container.record;
    let status = container.status();
    Shown {
        oci_version: &record.oci_version,
        id: &record.id,
        pid: if status == Status::Stopped { 0 } else { container.pid().unwrap_or(0) },
        status: status.word(),
        bundle: &record.bundle,
        rootfs: &record.rootfs,
        created: &record.created,
        annotations: &record.annotations,
        owner: user_name(record.owner),
    }
}
