//! The subset of the OCI runtime specification 1.2 (config.json) that we read. Plain data, the specification's names.

mod hook;
mod schedule;
mod unusual;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

pub use self::hook::{OciHook, OciHooks};
pub use self::schedule::{OciCpuAffinity, OciIoPriority, OciScheduler};
pub use self::unusual::{
    OciHugepageLimit, OciIdMapping, OciInterfacePriority, OciNetworkClass, OciPersonality, OciRdma, OciTimeOffset,
};

/// The document.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct OciSpec {
    #[serde(default)]
    pub oci_version: String,
    pub hostname: Option<String>,
    pub domainname: Option<String>,
    #[serde(default)]
    pub process: OciProcess,
    #[serde(default)]
    pub mounts: Vec<OciMount>,
    #[serde(default)]
    pub linux: OciLinux,
    /// Only in a bundle: a monitor's root is made of layers.
    pub root: Option<OciRoot>,
    #[serde(default)]
    pub hooks: OciHooks,
    #[serde(default)]
    pub annotations: BTreeMap<String, String>,
}

/// The directory that a container sees as its root, relative to its bundle.
#[derive(Debug, Clone, Deserialize)]
#[allow(missing_docs)]
pub struct OciRoot {
    pub path: PathBuf,
    #[serde(default)]
    pub readonly: bool,
}

/// The program and what it may do.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[allow(missing_docs)]
pub struct OciProcess {
    pub terminal: bool,
    pub console_size: Option<OciConsoleSize>,
    /// Numbers; a monitor looks words up instead.
    pub user: OciUser,
    pub args: Vec<String>,
    pub env: Vec<String>,
    pub cwd: String,
    pub capabilities: OciCapabilities,
    pub rlimits: Vec<OciRlimit>,
    pub no_new_privileges: bool,
    pub oom_score_adj: Option<i32>,
    pub apparmor_profile: Option<String>,
    pub selinux_label: Option<String>,
    pub scheduler: Option<OciScheduler>,
    pub io_priority: Option<OciIoPriority>,
    #[serde(rename = "execCPUAffinity")]
    pub exec_cpu_affinity: Option<OciCpuAffinity>,
}

/// Characters.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[allow(missing_docs)]
pub struct OciConsoleSize {
    pub height: u16,
    pub width: u16,
}

/// Who the program runs as, in the container's own numbers.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[allow(missing_docs)]
pub struct OciUser {
    pub uid: u32,
    pub gid: u32,
    pub umask: Option<u32>,
    pub additional_gids: Vec<u32>,
}

/// Names such as `CAP_CHOWN`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct OciCapabilities {
    pub bounding: Vec<String>,
    pub effective: Vec<String>,
    pub permitted: Vec<String>,
    pub inheritable: Vec<String>,
    pub ambient: Vec<String>,
}

/// A resource limit; `kind` is a name such as `RLIMIT_NOFILE`.
#[derive(Debug, Clone, Deserialize)]
#[allow(missing_docs)]
pub struct OciRlimit {
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(deserialize_with = "limit_or_infinity")]
    pub soft: u64,
    #[serde(deserialize_with = "limit_or_infinity")]
    pub hard: u64,
}

/// -1 is infinity: the writer is JavaScript, whose numbers can't hold `RLIM_INFINITY`.
fn limit_or_infinity<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    Ok(match Limit::deserialize(deserializer)? {
        Limit::Bounded(limit) => limit,
        Limit::Infinite(limit) => u64::try_from(limit).unwrap_or(u64::MAX),
    })
}

/// No 128 bits, which serde can't read inside of an enum: a request to the monitor is one.
#[derive(Deserialize)]
#[serde(untagged)]
enum Limit {
    Bounded(u64),
    Infinite(i64),
}

/// A mount, made in the order of the list.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct OciMount {
    pub destination: String,
    #[serde(rename = "type", default)]
    pub kind: String,
    #[serde(default)]
    pub source: String,
    #[serde(default)]
    pub options: Vec<String>,
    #[serde(default)]
    pub uid_mappings: Vec<OciIdMapping>,
    #[serde(default)]
    pub gid_mappings: Vec<OciIdMapping>,
}

/// What Linux is asked for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[allow(missing_docs)]
pub struct OciLinux {
    pub namespaces: Vec<OciNamespace>,
    /// `/tscompose/ID`, below the root of each hierarchy.
    pub cgroups_path: String,
    pub masked_paths: Vec<String>,
    pub readonly_paths: Vec<String>,
    pub devices: Vec<OciDevice>,
    pub sysctl: BTreeMap<String, String>,
    pub resources: OciResources,
    pub rootfs_propagation: Option<String>,
    pub seccomp: Option<OciSeccomp>,
    pub uid_mappings: Vec<OciIdMapping>,
    pub gid_mappings: Vec<OciIdMapping>,
    pub time_offsets: BTreeMap<String, OciTimeOffset>,
    pub personality: Option<OciPersonality>,
    pub mount_label: Option<String>,
    /// Refused by name: we have no word for what is in it.
    pub intel_rdt: Option<serde_json::Value>,
}

/// Which system calls a process may make.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct OciSeccomp {
    /// `SCMP_ACT_…`: for calls that no rule speaks of.
    pub default_action: String,
    pub default_errno_ret: Option<u32>,
    /// `SCMP_ARCH_…`: beside the machine's own, which is always meant.
    #[serde(default)]
    pub architectures: Vec<String>,
    pub flags: Option<Vec<String>>,
    #[serde(default)]
    pub syscalls: Vec<OciSyscall>,
    /// A socket whose owner decides on calls that are asked about (`SCMP_ACT_NOTIFY`).
    pub listener_path: Option<PathBuf>,
    #[serde(default)]
    pub listener_metadata: String,
}

/// What happens to calls of these names, if all conditions hold.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct OciSyscall {
    pub names: Vec<String>,
    pub action: String,
    pub errno_ret: Option<u32>,
    #[serde(default)]
    pub args: Vec<OciSyscallArgument>,
}

/// A comparison of one argument. `SCMP_CMP_MASKED_EQ` compares what `value` masks with `value_two`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct OciSyscallArgument {
    pub index: u32,
    pub value: u64,
    #[serde(default)]
    pub value_two: u64,
    pub op: String,
}

/// A namespace to be made, or with a path to be joined.
#[derive(Debug, Clone, Deserialize)]
#[allow(missing_docs)]
pub struct OciNamespace {
    #[serde(rename = "type")]
    pub kind: String,
    pub path: Option<PathBuf>,
}

/// A device node to be made.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct OciDevice {
    pub path: String,
    /// `c` or `b`.
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(default)]
    pub major: u32,
    #[serde(default)]
    pub minor: u32,
    pub file_mode: Option<u32>,
    pub uid: Option<u32>,
    pub gid: Option<u32>,
}

/// Limits for the control group.
#[derive(Debug, Clone, Default, Deserialize)]
#[allow(missing_docs)]
pub struct OciResources {
    #[serde(default)]
    pub devices: Vec<OciDeviceRule>,
    pub memory: Option<OciMemory>,
    pub cpu: Option<OciCpu>,
    pub pids: Option<OciPids>,
    #[serde(rename = "blockIO")]
    pub block_io: Option<OciBlockIo>,
    #[serde(rename = "hugepageLimits", default)]
    pub hugepage_limits: Vec<OciHugepageLimit>,
    pub network: Option<OciNetworkClass>,
    #[serde(default)]
    pub rdma: BTreeMap<String, OciRdma>,
    /// Files of control groups v2 and what is written to them.
    #[serde(default)]
    pub unified: BTreeMap<String, String>,
}

/// A line of the device whitelist; absent numbers mean all.
#[derive(Debug, Clone, Deserialize)]
#[allow(missing_docs)]
pub struct OciDeviceRule {
    pub allow: bool,
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub major: Option<i64>,
    pub minor: Option<i64>,
    /// Empty means all, as an absent one does.
    #[serde(default)]
    pub access: String,
}

/// Bytes; swap is memory plus swap, as in the specification.
#[derive(Debug, Clone, Default, Deserialize)]
#[allow(missing_docs)]
pub struct OciMemory {
    #[serde(rename = "checkBeforeUpdate", default)]
    pub check_before_update: bool,
    #[serde(rename = "kernelTCP")]
    pub kernel_tcp: Option<i64>,
    pub limit: Option<i64>,
    pub reservation: Option<i64>,
    pub swap: Option<i64>,
    pub swappiness: Option<u64>,
    #[serde(rename = "disableOOMKiller", default)]
    pub disable_oom_killer: bool,
}

/// Microseconds for quota and period.
#[derive(Debug, Clone, Default, Deserialize)]
#[allow(missing_docs)]
pub struct OciCpu {
    pub shares: Option<u64>,
    pub quota: Option<i64>,
    pub period: Option<u64>,
    #[serde(rename = "realtimeRuntime")]
    pub realtime_runtime: Option<i64>,
    #[serde(rename = "realtimePeriod")]
    pub realtime_period: Option<u64>,
    pub cpus: Option<String>,
    pub mems: Option<String>,
    pub burst: Option<u64>,
    pub idle: Option<i64>,
}

/// Shares of block devices from 10 to 1000, and limits in bytes or operations each second.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[allow(missing_docs)]
pub struct OciBlockIo {
    pub weight: Option<u16>,
    pub weight_device: Vec<OciWeightDevice>,
    pub throttle_read_bps_device: Vec<OciThrottleDevice>,
    pub throttle_write_bps_device: Vec<OciThrottleDevice>,
    #[serde(rename = "throttleReadIOPSDevice")]
    pub throttle_read_iops_device: Vec<OciThrottleDevice>,
    #[serde(rename = "throttleWriteIOPSDevice")]
    pub throttle_write_iops_device: Vec<OciThrottleDevice>,
}

/// The share of one device.
#[derive(Debug, Clone, Deserialize)]
#[allow(missing_docs)]
pub struct OciWeightDevice {
    pub major: u32,
    pub minor: u32,
    pub weight: u16,
}

/// How fast or how often one device may be used.
#[derive(Debug, Clone, Deserialize)]
#[allow(missing_docs)]
pub struct OciThrottleDevice {
    pub major: u32,
    pub minor: u32,
    pub rate: u64,
}

/// How many tasks; 0 or less is without limit.
#[derive(Debug, Clone, Deserialize)]
#[allow(missing_docs)]
pub struct OciPids {
    #[serde(default)]
    pub limit: i64,
}
