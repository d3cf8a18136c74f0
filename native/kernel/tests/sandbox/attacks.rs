//! Images and specifications that mean harm: ways out of a container that were found in others. The control of each shows
//! that the harm would be seen.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::time::{Duration, Instant};

use kernel::oci::OciProcess;
use serde_json::json;

use crate::Test;
use crate::fixture::{Container, Ended, Machine};

pub const TESTS: &[Test] = &[
    ("the monitor's file can't be opened from within, not even where it is the first process", own_file),
    ("no working directory leads out by a descriptor", leaked_directory),
    ("symlinks at /sys and /dev make nothing outside of the container", symlinked_places),
    ("nothing but the null device covers what is hidden", false_null),
    ("a program with file capabilities gains none that would be inherited", file_capabilities),
    ("permissions that a group is denied hold for its members", denied_group),
    ("a user that is no number and no name is refused", odd_users),
    ("a passwd file that never ends or is no file holds nobody up", odd_passwd),
    ("kernel parameters of the machine are not set by any spelling", odd_parameters),
    ("release_agent, the device list and groups above can't be written to", control_files),
];

/// Puts a layer of the attacker's over the image.
fn layered(machine: &Machine, argv: &[&str], fill: impl FnOnce(&std::path::Path)) -> Container {
    let mut container = machine.container(argv);
    let layer = container.directory.path().join("layer");
    fs::create_dir(&layer).expect("made");
    fill(&layer);
    container.document["rootfs"]["layers"] = json!([layer, machine.layer()]);
    container
}

fn has_failed(ended: &Result<Ended, kernel::error::KernelError>) -> bool {
    !matches!(ended, Ok(Ended { code: 0, .. }))
}

/// CVE-2019-5736: with an init, the first process runs our own file, which could be opened and later overwritten.
fn own_file(machine: &Machine) {
    let line = "for one in /proc/1/exe /proc/self/exe; do head -c 4 $one 2>/dev/null | wc -c; done; \
                readlink /proc/1/cwd /proc/1/root /proc/1/fd/0 2>/dev/null | wc -l; echo x >> /proc/1/exe";
    let ended = machine.shell_with(line, |container| container.document["init"] = json!(true));
    assert_eq!(ended.stdout, "0\n4\n0\n", "its own file is the control");
    // "Text file busy" would mean that only the file's being run protects it.
    assert!(ended.stderr.contains("Permission denied"), "{}", ended.stderr);
}

/// CVE-2024-21626.
fn leaked_directory(machine: &Machine) {
    let mut container = machine.container(&["sleep", "100"]);
    let (running, _pipes) = container.start().expect("starts");
    let mut process: OciProcess = serde_json::from_value(container.process().clone()).expect("a process");
    for number in 3..32 {
        let cwd = format!("/proc/self/fd/{number}");
        let mut other = machine.container(&["pwd"]);
        other.process()["cwd"] = json!(cwd);
        assert!(has_failed(&other.run()), "{cwd}");
        process.args = ["sh", "-c", "pwd; ls"].map(str::to_owned).to_vec();
        process.cwd = cwd;
        assert!(has_failed(&running.exec(&process, "")), "{}", process.cwd);
    }
    process.cwd = "/proc/1/root".to_owned();
    assert!(has_failed(&running.exec(&process, "")), "the root of a process could be another one's");
    process.cwd = "/proc/1/fdinfo".to_owned();
    let control = running.exec(&process, "").expect("runs");
    assert!(
        control.stdout.starts_with("/proc/1/fdinfo\n"),
        "ordinary directories of /proc are entered: {}",
        control.stdout
    );
    running.kill();
}

/// CVE-2019-19921, CVE-2026-41579.
fn symlinked_places(machine: &Machine) {
    let outside = tempfile::tempdir_in("/var/tmp").expect("a directory");
    for place in ["sys", "dev"] {
        for target in
            [outside.path().to_string_lossy().into_owned(), format!("../../../..{}", outside.path().display())]
        {
            let container = layered(machine, &["true"], |layer| symlink(&target, layer.join(place)).expect("made"));
            let error = container.run().expect_err("refused");
            assert!(error.hint.is_some_and(|hint| hint.contains(&format!("symlink in \"/{place}\""))), "{place}");
        }
    }
    assert_eq!(fs::read_dir(outside.path()).expect("there").count(), 0);
    let control = layered(machine, &["true"], |layer| symlink("/tmp", layer.join("elsewhere")).expect("made"));
    assert_eq!(control.run().expect("runs").code, 0);
}

/// CVE-2025-31133: the null device is an own one even where the image has something else in its place.
fn false_null(machine: &Machine) {
    let line = "stat -c %t:%T /dev/null; cat /proc/keys /proc/interrupts | wc -c; (echo x > /proc/keys) 2>/dev/null; \
                cat /proc/keys | wc -c";
    for kind in ["link", "file"] {
        let container = layered(machine, &["sh", "-c", line], |layer| {
            fs::create_dir(layer.join("dev")).expect("made");
            match kind {
                "link" => symlink("/proc/sys/kernel/core_pattern", layer.join("dev/null")).expect("made"),
                _ => fs::write(layer.join("dev/null"), "not null").expect("written"),
            }
        });
        assert_eq!(container.run().expect("runs").stdout, "1:3\n0\n0\n", "{kind}");
    }
    // Where the user puts a /dev of his own over ours, it must hold the null device or the container does not start.
    let directory = tempfile::tempdir_in("/var/tmp").expect("a directory");
    for name in ["pts", "shm", "mqueue"] {
        fs::create_dir(directory.path().join(name)).expect("made");
    }
    symlink("/proc/sys/kernel/core_pattern", directory.path().join("null")).expect("made");
    let mut container = machine.container(&["true"]);
    let mounts = container.document["oci"]["mounts"].as_array_mut().expect("a list");
    mounts.retain(|mount| mount["destination"] != "/dev");
    mounts
        .insert(1, json!({ "destination": "/dev", "type": "bind", "source": directory.path(), "options": ["rbind"] }));
    let error = container.run().expect_err("refused").to_string();
    assert!(error.contains("/dev/null"), "{error}");
}

/// CVE-2022-29162 and its like: nothing is inheritable, so that file capabilities give nothing to a user.
fn file_capabilities(machine: &Machine) {
    let sets = "grep -E 'Cap(Inh|Amb)' /proc/self/status | tr -d '\\t' | tr '\\n' ' '";
    let ended = machine.shell_with(sets, |container| container.document["user"] = json!("web"));
    assert_eq!(ended.stdout, "CapInh:0000000000000000 CapAmb:0000000000000000 ");
    let line = "/capable/cat /proc/self/status | grep CapPrm | tr -d '\\t'";
    let gains = |permitted: u32, inheritable: u32, no_new_privileges: bool| {
        let mut container = layered(machine, &["sh", "-c", line], |layer| {
            let program = layer.join("capable/cat");
            fs::create_dir(layer.join("capable")).expect("made");
            fs::copy("/bin/busybox", &program).expect("copied");
            // struct vfs_ns_cap_data of linux/capability.h: version 2, to be made effective.
            let data = [0x0200_0001, permitted, inheritable, 0, 0].map(u32::to_le_bytes).concat();
            let flags = rustix::fs::XattrFlags::empty();
            rustix::fs::setxattr(&program, "security.capability", &data, flags).expect("set");
        });
        container.document["user"] = json!("web");
        container.process()["noNewPrivileges"] = json!(no_new_privileges);
        container.run().expect("runs").stdout
    };
    const NET_RAW: u32 = 1 << 13;
    assert_eq!(gains(0, 0xa804_25fb, false), "CapPrm:0000000000000000\n", "nothing is inherited");
    assert_eq!(gains(NET_RAW, 0, true), "CapPrm:0000000000000000\n", "new privileges are forbidden");
    assert_eq!(gains(NET_RAW, 0, false), "CapPrm:0000000000002000\n", "the control");
}

/// CVE-2022-36109.
fn denied_group(machine: &Machine) {
    let reads = |user: &str| {
        let mut container = layered(machine, &["cat", "/closed"], |layer| {
            fs::write(layer.join("closed"), "secret").expect("written");
            std::os::unix::fs::chown(layer.join("closed"), Some(0), Some(1000)).expect("given");
            fs::set_permissions(layer.join("closed"), fs::Permissions::from_mode(0o704)).expect("set");
        });
        container.document["user"] = json!(user);
        container.run().expect("runs").code == 0
    };
    assert_eq!([reads("1000:1000"), reads("1000:1001")], [false, true]);
}

/// CVE-2016-3697, CVE-2024-40635, CVE-2026-30892.
fn odd_users(machine: &Machine) {
    let refused =
        "4294967296 4294967295 2147483648 -1 0x0 1e3 +0 1: 99999999999 0.0 root,web ../root 18446744073709551616";
    for user in
        refused.split_whitespace().filter(|user| *user != "1:").chain([" 1", "0 ", "1000:-1", "1000:4294967296", "1\n"])
    {
        let mut container = machine.container(&["true"]);
        container.document["user"] = json!(user);
        assert_eq!(container.run().expect_err("refused").code, "user-unknown", "{user:?}");
    }
    for (user, ids) in
        [("", "0:0"), (":0", "0:0"), ("1000:", "1000:0"), ("2147483647", "2147483647:0"), ("web:4", "33:4")]
    {
        let ended = machine.shell_with("echo $(id -u):$(id -g)", |container| container.document["user"] = json!(user));
        assert_eq!(ended.stdout.trim_end(), ids, "{user:?}");
    }
}

/// CVE-2026-47262, CVE-2024-9676.
fn odd_passwd(machine: &Machine) {
    let begin = Instant::now();
    for kind in ["fifo", "endless", "huge"] {
        let mut container = layered(machine, &["true"], |layer| {
            fs::create_dir(layer.join("etc")).expect("made");
            let passwd = layer.join("etc/passwd");
            match kind {
                "fifo" => rustix::fs::mknodat(rustix::fs::CWD, &passwd, rustix::fs::FileType::Fifo, 0o644.into(), 0)
                    .expect("made"),
                "endless" => symlink("/dev/zero", passwd).expect("made"),
                _ => fs::File::create(passwd).and_then(|file| file.set_len(1 << 32)).expect("made"),
            }
        });
        container.document["user"] = json!("web");
        assert!(container.run().is_err(), "{kind}");
    }
    assert!(begin.elapsed() < Duration::from_secs(2), "{:?}", begin.elapsed());
}

/// CVE-2022-0492.
fn control_files(machine: &Machine) {
    let line = "for one in $(find /sys/fs/cgroup -name release_agent -o -name devices.allow -o -name cgroup.procs \
                -o -name notify_on_release -o -name memory.max -o -name pids.max); do (echo 1 > $one) 2>/dev/null && echo $one; done";
    let ended = machine.shell(line);
    assert_eq!((ended.stdout.as_str(), ended.code), ("", 1), "{}", ended.stderr);
    let control = machine.shell_with(line, |container| {
        for mount in container.document["oci"]["mounts"].as_array_mut().expect("a list") {
            if mount["destination"] == "/sys/fs/cgroup" {
                mount["options"] = json!(["nosuid", "noexec", "nodev"]);
            }
        }
    });
    assert!(control.stdout.contains("cgroup.procs"), "{}", control.stdout);
}

/// CVE-2022-0811.
fn odd_parameters(machine: &Machine) {
    let pattern = || fs::read_to_string("/proc/sys/kernel/core_pattern").expect("read");
    let before = pattern();
    let refused = [
        "kernel.core_pattern",
        "kernel/core_pattern",
        "a+kernel.core_pattern",
        "kernel.core_pattern=x",
        "vm.swappiness",
        "net/../kernel/core_pattern",
        "net...kernel.core_pattern",
        "fs.mqueue/../../kernel.core_pattern",
        "net",
        "fs/mqueue/../../kernel/core_pattern",
        "kernel.msgmax\nkernel.core_pattern",
        "",
        "kernel.hostname",
        "fs.file-max",
    ];
    for name in refused {
        let mut container = machine.container(&["true"]);
        container.document["oci"]["linux"]["sysctl"] = json!({ name: before.trim_end() });
        let error = container.run().expect_err("refused");
        assert_eq!(error.code, "permission-denied", "{name:?}: {error}");
    }
    let own = |namespaces: &[&str]| {
        let mut container = machine.container(&["true"]);
        container.document["oci"]["linux"]["sysctl"] = json!({ "net.ipv4.ip_default_ttl": "63" });
        let list = container.document["oci"]["linux"]["namespaces"].as_array_mut().expect("a list");
        list.retain(|one| namespaces.contains(&one["type"].as_str().expect("a text")));
        container.run().is_ok_and(|ended| ended.code == 0)
    };
    let all = ["mount", "cgroup", "pid", "ipc", "uts", "network"];
    assert_eq!([own(&all), own(&all[..5])], [true, false], "the network's are set only in a network of its own");
    assert_eq!(pattern(), before);
}
