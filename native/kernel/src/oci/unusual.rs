//! What few bundles ask for.

use serde::Deserialize;

/// A range of user or group numbers inside a user namespace, and what they are outside of it.
#[derive(Debug, Clone, Copy, Deserialize)]
#[allow(missing_docs)]
pub struct OciIdMapping {
    #[serde(rename = "containerID")]
    pub container_id: u32,
    #[serde(rename = "hostID")]
    pub host_id: u32,
    pub size: u32,
}

/// How far the clock of a time namespace is from the host's.
#[derive(Debug, Clone, Copy, Deserialize)]
#[allow(missing_docs)]
pub struct OciTimeOffset {
    #[serde(default)]
    pub secs: i64,
    #[serde(default)]
    pub nanosecs: u32,
}

/// personality(2): `LINUX` or `LINUX32`.
#[derive(Debug, Clone, Deserialize)]
#[allow(missing_docs)]
pub struct OciPersonality {
    pub domain: String,
    #[serde(default)]
    pub flags: Vec<String>,
}

/// `pageSize` is the kernel's spelling: `2MB`. Documents by programs that mind no case have the key in small letters.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct OciHugepageLimit {
    #[serde(alias = "pagesize")]
    pub page_size: String,
    pub limit: u64,
}

/// Only control groups v1 have it.
#[derive(Debug, Clone, Default, Deserialize)]
#[allow(missing_docs)]
pub struct OciNetworkClass {
    #[serde(rename = "classID")]
    pub class_id: Option<u32>,
    #[serde(default)]
    pub priorities: Vec<OciInterfacePriority>,
}

/// Of what leaves by one interface.
#[derive(Debug, Clone, Deserialize)]
#[allow(missing_docs)]
pub struct OciInterfacePriority {
    pub name: String,
    pub priority: u32,
}

/// Of one RDMA device.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct OciRdma {
    pub hca_handles: Option<u32>,
    pub hca_objects: Option<u32>,
}
