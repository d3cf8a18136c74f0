//! What is remembered of a container between two commands, and what it is doing now.

use std::collections::BTreeMap;
use std::path::PathBuf;

use kernel::spec::MonitorIdentity;
use serde::{Deserialize, Serialize};

/// `ROOT/ID/state.json`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// Of the document.
    pub oci_version: String,
    /// The container's name.
    pub id: String,
    /// Its first process; none while it is being created.
    pub init: Option<MonitorIdentity>,
    /// Absolute.
    pub bundle: PathBuf,
    /// Absolute.
    pub rootfs: PathBuf,
    /// RFC 3339.
    pub created: String,
    /// The user who created it.
    pub owner: u32,
    /// Below the root of each hierarchy.
    pub cgroup_path: String,
    /// Of the document.
    pub annotations: BTreeMap<String, String>,
    /// Whether it has processes of its own, that end with its first.
    pub own_pids: bool,
}

/// The specification's states, and what the freezer adds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Creating,
    Created,
    Running,
    Paused,
    Stopped,
}

impl Status {
    /// The word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Creating => "creating",
            Self::Created => "created",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Stopped => "stopped",
        }
    }
}
