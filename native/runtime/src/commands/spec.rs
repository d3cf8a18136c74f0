//! `spec`: a document to begin with.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use kernel::cgroup;
use serde_json::{Value, json};

use crate::flags::Parsed;
use crate::help::SPEC_VERSION;
use crate::words::{Failure, While, fail};

/// Runs the command.
pub fn run(parsed: &Parsed) -> Result<u8, Failure> {
    let file = Path::new(parsed.value("bundle").unwrap_or(".")).join("config.json");
    if file.exists() {
        return Err(fail(format!("File {} exists. Remove it first", file.display())));
    }
    let mut document = document();
    if parsed.has("rootless") {
        make_rootless(&mut document);
    }
    let text = serde_json::to_string_pretty(&document).while_doing(|| "write the document".to_owned())?;
    let mut opened = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&file)
        .while_doing(|| format!("create \"{}\"", file.display()))?;
    opened.write_all(text.replace("  ", "\t").as_bytes()).while_doing(|| format!("write \"{}\"", file.display()))?;
    Ok(0)
}

fn document() -> Value {
    json!({
        "ociVersion": SPEC_VERSION,
        "process": {
            "terminal": true,
            "user": { "uid": 0, "gid": 0 },
            "args": ["sh"],
            "env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm"],
            "cwd": "/",
            "capabilities": capabilities(),
            "rlimits": [{ "type": "RLIMIT_NOFILE", "hard": 1024, "soft": 1024 }],
            "noNewPrivileges": true,
        },
        "root": { "path": "rootfs", "readonly": true },
        "hostname": "runc",
        "mounts": mounts(),
        "linux": {
            "resources": { "devices": [{ "allow": false, "access": "rwm" }] },
            "namespaces": namespaces(),
            "maskedPaths": [
                "/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
                "/proc/timer_stats", "/proc/sched_debug", "/sys/firmware", "/proc/scsi"
            ],
            "readonlyPaths": ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
        },
    })
}

fn capabilities() -> Value {
    let three = ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"];
    json!({ "bounding": three, "effective": three, "permitted": three })
}

fn namespaces() -> Value {
    // Programs of today look for their limits where v1 without a namespace shows them.
    let unified = cgroup::is_unified_here().unwrap_or(false);
    let kinds = ["pid", "network", "ipc", "uts", "mount"].into_iter().chain(unified.then_some("cgroup"));
    let kinds: Vec<Value> = kinds.map(|kind| json!({ "type": kind })).collect();
    Value::Array(kinds)
}

fn mounts() -> Value {
    let quiet = ["nosuid", "noexec", "nodev"];
    json!([
        { "destination": "/proc", "type": "proc", "source": "proc" },
        { "destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "strictatime", "mode=755", "size=65536k"] },
        {
            "destination": "/dev/pts", "type": "devpts", "source": "devpts",
            "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]
        },
        { "destination": "/dev/shm", "type": "tmpfs", "source": "shm", "options": ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"] },
        { "destination": "/dev/mqueue", "type": "mqueue", "source": "mqueue", "options": quiet },
        { "destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["nosuid", "noexec", "nodev", "ro"] },
        {
            "destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup",
            "options": ["nosuid", "noexec", "nodev", "relatime", "ro"]
        },
    ])
}

/// For the user who calls: his numbers become root inside, and what needs more is left out.
fn make_rootless(document: &mut Value) {
    let (uid, gid) = (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw());
    let linux = &mut document["linux"];
    linux["resources"] = Value::Null;
    linux["uidMappings"] = json!([{ "containerID": 0, "hostID": uid, "size": 1 }]);
    linux["gidMappings"] = json!([{ "containerID": 0, "hostID": gid, "size": 1 }]);
    if let Some(namespaces) = linux["namespaces"].as_array_mut() {
        namespaces.retain(|one| one["type"] != "network");
        namespaces.push(json!({ "type": "user" }));
    }
    if let Some(fields) = linux.as_object_mut() {
        fields.remove("resources");
    }
    if let Some(mounts) = document["mounts"].as_array_mut() {
        mounts.iter_mut().for_each(adapt_mount);
    }
}

fn adapt_mount(mount: &mut Value) {
    if mount["destination"] == "/sys" {
        *mount = json!({
            "destination": "/sys", "type": "none", "source": "/sys",
            "options": ["rbind", "nosuid", "noexec", "nodev", "ro"]
        });
    }
    if let Some(options) = mount["options"].as_array_mut() {
        options.retain(|option| option != "gid=5");
    }
}
