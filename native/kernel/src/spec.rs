//! The document a monitor is given and the records it writes: the Rust side of src/runtime/container/monitor-spec.ts.
//! Plain data; field names inside `oci` are the OCI runtime specification's (version 1.2).

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::oci::OciSpec;

/// `containers/ID/spec.json`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct MonitorSpec {
    pub version: u32,
    pub container_id: String,
    pub container_name: String,
    pub oci: OciSpec,
    /// As the user or the image wrote it; looked up in the container's own passwd and group.
    pub user: String,
    pub group_add: Vec<String>,
    pub rootfs: Rootfs,
    /// Mount destinations whose empty source directory is filled from the image.
    pub copy_up: Vec<String>,
    /// By destination: what is mounted is not the source of the mount but this path inside of it.
    #[serde(default)]
    pub subpaths: BTreeMap<String, String>,
    pub stdin_open: bool,
    pub log: LogSpec,
    pub restart: RestartSpec,
    pub stop: StopSpec,
    pub healthcheck: Option<HealthcheckSpec>,
    pub network: NetworkSpec,
    pub ports: Vec<PortSpec>,
    pub extra_hosts: Vec<ExtraHost>,
    pub dns: DnsSpec,
    pub init: bool,
    /// The program of another OCI runtime, which makes the sandbox instead of us.
    #[serde(default)]
    pub runtime: Option<PathBuf>,
    pub paths: Paths,
    /// What takes it away when it has ended; absent where it stays.
    #[serde(default)]
    pub removal: Option<RemovalSpec>,
}

/// Where whatever speaks of a container is, and the locks under which it goes.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct RemovalSpec {
    /// Shared by all who take something apart.
    pub half_made_lock: PathBuf,
    /// Held while containers and volumes come and go.
    pub containers_lock: PathBuf,
    pub names_dir: PathBuf,
    pub volumes_dir: PathBuf,
}

/// Absolute paths of unpacked layers, topmost first, and the container's own two directories.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct Rootfs {
    pub layers: Vec<PathBuf>,
    pub upper: PathBuf,
    pub work: PathBuf,
    pub read_only: bool,
}

/// Where the container's output goes.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct LogSpec {
    /// `json-file` or `none`.
    pub driver: String,
    pub path: PathBuf,
    pub max_size_bytes: Option<u64>,
    pub max_files: Option<u32>,
    #[serde(default)]
    pub forward: Option<LogForward>,
}

/// Who is told of each line, besides.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", rename_all_fields = "camelCase")]
#[allow(missing_docs)]
pub enum LogForward {
    /// systemd's journal. The fields go with each entry.
    Journald { socket: PathBuf, fields: BTreeMap<String, String> },
    /// A syslog server. `tag` and `hostname` go with each message; the facility is its number in RFC 5424.
    Syslog { address: SyslogAddress, format: SyslogFormat, facility: u8, tag: String, hostname: String },
}

/// Where a syslog server listens.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "transport", rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum SyslogAddress {
    /// The first of these sockets that there is.
    Unix { paths: Vec<PathBuf> },
    /// `host:port`.
    Udp { server: String },
    /// `host:port`.
    Tcp { server: String },
}

/// How a message is written.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SyslogFormat {
    /// As the C library's syslog(3) writes to the machine's own server.
    Unix,
    /// With the name of the host.
    Rfc3164,
    /// With a year, and seconds.
    Rfc5424,
    /// With microseconds.
    Rfc5424micro,
}

/// When the monitor starts the container again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct RestartSpec {
    pub kind: RestartKind,
    /// Only with `on-failure`; 0 is without limit.
    pub max_retries: u32,
}

/// Compose's and Docker's four policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum RestartKind {
    No,
    Always,
    OnFailure,
    UnlessStopped,
}

/// How the container is asked to end.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct StopSpec {
    pub signal: i32,
    pub grace_ms: u64,
}

/// A probe that the monitor runs inside the container.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct HealthcheckSpec {
    /// `["CMD", …]` or `["CMD-SHELL", line]`.
    pub test: Vec<String>,
    pub interval_ms: u64,
    pub timeout_ms: u64,
    pub start_period_ms: u64,
    pub start_interval_ms: u64,
    pub retries: u32,
}

/// Which network namespace the container lives in.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum NetworkSpec {
    Networks { endpoints: Vec<EndpointSpec> },
    Host,
    None,
    Container { pid: i32 },
}

/// One attachment to a network.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct EndpointSpec {
    /// `…/networks/ID`.
    pub network_dir: PathBuf,
    pub aliases: Vec<String>,
    pub interface_name: String,
    pub ipv4_address: Option<String>,
    pub mac_address: Option<String>,
}

/// A port to publish; `start` 0 is any free one, `end` above `start` is a range to choose from.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct PortSpec {
    pub host_ip: String,
    pub start: u16,
    pub end: u16,
    pub target: u16,
    pub protocol: Protocol,
}

/// A transport protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Protocol {
    Tcp,
    Udp,
}

/// One line of /etc/hosts.
#[derive(Debug, Clone, Deserialize)]
#[allow(missing_docs)]
pub struct ExtraHost {
    pub host: String,
    pub ip: String,
}

/// The resolver's settings.
#[derive(Debug, Clone, Default, Deserialize)]
#[allow(missing_docs)]
pub struct DnsSpec {
    pub servers: Vec<String>,
    pub search: Vec<String>,
    pub options: Vec<String>,
}

/// Where the monitor keeps what.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct Paths {
    pub state: PathBuf,
    pub control_socket: PathBuf,
    pub container_dir: PathBuf,
    /// The journal of events; without one, none is kept.
    #[serde(default)]
    pub events: Option<PathBuf>,
}

/// `networks/ID/network.json`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct NetworkRecord {
    pub version: u32,
    pub network_id: String,
    pub network_name: String,
    pub driver: String,
    /// At most 15 characters; starts with `tsc`.
    pub bridge: String,
    /// `172.18.0.0/16`.
    pub subnet: String,
    pub gateway: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip_range: Option<String>,
    pub internal: bool,
    pub labels: std::collections::BTreeMap<String, String>,
    pub options: std::collections::BTreeMap<String, String>,
    pub created_at_ms: u64,
}

/// `networks/ID/endpoints/CONTAINER_ID.json`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct EndpointRecord {
    pub container_id: String,
    pub container_name: String,
    pub aliases: Vec<String>,
    pub ipv4_address: String,
    pub mac_address: String,
    pub monitor: MonitorIdentity,
}

/// Proves a process: a later one with the same pid has another start time, a later boot another id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct MonitorIdentity {
    pub pid: i32,
    /// Field 22 of /proc/PID/stat, in clock ticks since boot.
    pub start_time: u64,
    pub boot_id: String,
}

/// `containers/ID/state.json`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct ContainerStateRecord {
    pub version: u32,
    pub container_id: String,
    pub status: Status,
    pub pid: i32,
    pub exit_code: i32,
    pub oom_killed: bool,
    pub error: String,
    pub started_at_ms: u64,
    pub finished_at_ms: u64,
    pub restart_count: u32,
    pub stopped_by_user: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health: Option<HealthRecord>,
    pub endpoints: Vec<AttachedEndpoint>,
    pub ports: Vec<PublishedPort>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monitor: Option<MonitorIdentity>,
    /// Of the boot in which this was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boot_id: Option<String>,
}

/// The field's own list of states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Status {
    Created,
    Running,
    Paused,
    Restarting,
    Exited,
    Dead,
}

/// What the probes have found.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct HealthRecord {
    pub status: HealthStatus,
    pub failing_streak: u32,
    pub log: Vec<ProbeRecord>,
}

/// Docker's three health states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum HealthStatus {
    Starting,
    Healthy,
    Unhealthy,
}

/// One run of the probe.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct ProbeRecord {
    pub start_ms: u64,
    pub end_ms: u64,
    pub exit_code: i32,
    pub output: String,
}

/// Where the container is reached on one of its networks.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct AttachedEndpoint {
    pub network_id: String,
    pub network_name: String,
    pub ipv4_address: String,
    pub mac_address: String,
}

/// A port as it is really published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct PublishedPort {
    pub host_ip: String,
    pub published: u16,
    pub target: u16,
    pub protocol: Protocol,
}
