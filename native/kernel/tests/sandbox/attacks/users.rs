//! Who a program runs as, and what it can become: users, groups, capabilities, set-uid files, and the image's own word on them.

use std::fs;
use std::io::Read;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use kernel::oci::OciProcess;
use serde_json::json;

use super::Attempt::Scene;
use super::{Attack, Guard, layered, naive, share, went_well};
use crate::fixture::Machine;

pub const ATTACKS: &[Attack] = &[
    Attack {
        row: "A10",
        name: "a program with file capabilities gains none that would be inherited",
        attempt: Scene(inherited),
    },
    Attack {
        row: "A10",
        name: "a program with file capabilities gains none where new privileges are forbidden",
        attempt: Scene(file_capabilities),
    },
    Attack {
        row: "A10",
        name: "a set-uid program does not become root where new privileges are forbidden",
        attempt: Scene(set_uid),
    },
    Attack {
        row: "A11",
        name: "permissions that a group is denied hold for its members, also in a set-gid program",
        attempt: Scene(denied_group),
    },
    Attack { row: "A12", name: "a user that is no number and no name is refused", attempt: Scene(odd_users) },
    Attack {
        row: "A13",
        name: "a passwd file that never ends or is no file holds nobody up",
        attempt: Scene(odd_passwd),
    },
    Attack {
        row: "A13",
        name: "a passwd file that is replaced while the container runs holds up no further program",
        attempt: Scene(replaced_passwd),
    },
    Attack {
        row: "A15",
        name: "kernel parameters of the machine are not set by any spelling",
        attempt: Scene(odd_parameters),
    },
    Attack {
        row: "A15",
        name: "a network's parameters are set only in a network of the container's own",
        attempt: Scene(parameters_of_host),
    },
];

/// CVE-2022-29162 and its like.
fn inherited(machine: &Machine, guard: Guard) -> bool {
    gains(machine, (0, 1 << NET_RAW), |process| {
        if guard == Guard::Down {
            process["capabilities"]["inheritable"] = json!(["CAP_NET_RAW"]);
        }
    })
}

fn file_capabilities(machine: &Machine, guard: Guard) -> bool {
    gains(machine, (1 << NET_RAW, 0), |process| process["noNewPrivileges"] = json!(guard == Guard::Up))
}

const NET_RAW: u32 = 13;

/// Whether a user's program has the capability, whose file has these permitted and inheritable ones.
fn gains(machine: &Machine, (permitted, inheritable): (u32, u32), change: impl FnOnce(&mut serde_json::Value)) -> bool {
    let line = "/capable/cat /proc/self/status | grep -q CapPrm:.0000000000002000";
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
    change(container.process());
    went_well(&container.run())
}

fn set_uid(machine: &Machine, guard: Guard) -> bool {
    let mut container = layered(machine, &["/probe", "open-for-writing", "/closed"], |layer| {
        fs::write(layer.join("closed"), "").expect("written");
        fs::set_permissions(layer.join("closed"), fs::Permissions::from_mode(0o600)).expect("set");
        fs::copy(machine.layer().join("bin/probe"), layer.join("probe")).expect("copied");
        fs::set_permissions(layer.join("probe"), fs::Permissions::from_mode(0o4755)).expect("set");
    });
    container.document["user"] = json!("web");
    container.process()["noNewPrivileges"] = json!(guard == Guard::Up);
    went_well(&container.run())
}

/// CVE-2022-36109: the user's group must be among the further ones, or a set-gid program is free of it.
fn denied_group(machine: &Machine, guard: Guard) -> bool {
    let argv = ["/probe", "open-for-writing", "/closed"];
    if guard == Guard::Down {
        let root = tempfile::tempdir_in(machine.directory()).expect("a directory");
        fs::set_permissions(root.path(), fs::Permissions::from_mode(0o755)).expect("set");
        deny(machine, root.path());
        return without_groups(root.path(), &argv);
    }
    let mut container = layered(machine, &argv, |layer| deny(machine, layer));
    container.document["user"] = json!("1000:1000");
    went_well(&container.run())
}

/// A file for everybody but the members of group 1000, and a program that changes the group.
fn deny(machine: &Machine, root: &Path) {
    let (closed, probe) = (root.join("closed"), root.join("probe"));
    fs::write(&closed, "").expect("written");
    chown(&closed, Some(0), Some(1000)).expect("given");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o602)).expect("set");
    fs::copy(machine.layer().join("bin/probe"), &probe).expect("copied");
    chown(&probe, Some(0), Some(4)).expect("given");
    fs::set_permissions(&probe, fs::Permissions::from_mode(0o2755)).expect("set");
}

/// A runtime that sets the user and the group, and clears the further ones.
fn without_groups(root: &Path, argv: &[&str]) -> bool {
    let root = root.to_owned();
    let mut command = Command::new(argv[0]);
    command.args(&argv[1..]).stdout(std::process::Stdio::null());
    let become_user = move || {
        rustix::process::chroot(&root)?;
        // SAFETY: an empty list, and integers.
        let results = unsafe { [libc::setgroups(0, std::ptr::null()), libc::setgid(1000), libc::setuid(1000)] };
        if results == [0; 3] { Ok(()) } else { Err(std::io::Error::last_os_error()) }
    };
    // SAFETY: the closure makes system calls only.
    unsafe { command.pre_exec(become_user) };
    command.status().expect("runs").success()
}

/// CVE-2016-3697, CVE-2024-40635, CVE-2026-30892. The weakened run takes the number that is left when the rest does not fit.
fn odd_users(machine: &Machine, guard: Guard) -> bool {
    let odd = ["4294967296", "4294967295", "2147483648", "-1", "0x0", "1e3", "+0", "99999999999", "0.0", "root,web"];
    let odd =
        odd.into_iter().chain(["../root", "18446744073709551616", " 1", "0 ", "1000:-1", "1000:4294967296", "1\n"]);
    if guard == Guard::Down {
        let mut container = machine.container(&["sh", "-c", "test $(id -u) = 0"]);
        #[allow(clippy::cast_possible_truncation)]
        let wrapped = 4_294_967_296_u64 as u32;
        container.document["user"] = json!(wrapped.to_string());
        return went_well(&container.run());
    }
    for (user, ids) in
        [("", "0:0"), (":0", "0:0"), ("1000:", "1000:0"), ("2147483647", "2147483647:0"), ("web:4", "33:4")]
    {
        let ended = machine.shell_with("echo $(id -u):$(id -g)", |container| container.document["user"] = json!(user));
        assert_eq!(ended.stdout.trim_end(), ids, "{user:?}");
    }
    let mut odd = odd;
    odd.any(|user| {
        let mut container = machine.container(&["true"]);
        container.document["user"] = json!(user);
        !container.run().is_err_and(|error| error.code == "user-unknown")
    })
}

const PATIENCE: Duration = Duration::from_secs(2);

/// CVE-2026-47262, CVE-2024-9676.
fn odd_passwd(machine: &Machine, guard: Guard) -> bool {
    if guard == Guard::Down {
        return hangs_when_simply_read(machine);
    }
    ["fifo", "endless", "huge"].into_iter().any(|kind| {
        let mut container = layered(machine, &["true"], |layer| {
            fs::create_dir(layer.join("etc")).expect("made");
            make_odd(kind, &layer.join("etc/passwd"));
        });
        container.document["user"] = json!("web");
        let begin = Instant::now();
        container.run().is_ok() || begin.elapsed() > PATIENCE
    })
}

fn replaced_passwd(machine: &Machine, guard: Guard) -> bool {
    if guard == Guard::Down {
        return hangs_when_simply_read(machine);
    }
    ["mkfifo", "ln -s /dev/zero", "mkdir"].into_iter().any(|make| {
        let line = format!("rm /etc/passwd; busybox {make} /etc/passwd; echo ready; exec sleep 100");
        let container = machine.container(&["sh", "-c", &line]);
        let (running, mut pipes) = container.start().expect("starts");
        pipes.stdout.read_exact(&mut [0; 6]).expect("it is ready");
        let mut process: OciProcess = container.spec().oci.process;
        process.args = vec!["true".to_owned()];
        let begin = Instant::now();
        let ran = went_well(&running.exec(&process, "web"));
        let held_up = begin.elapsed() > PATIENCE;
        running.kill();
        ran || held_up
    })
}

fn make_odd(kind: &str, passwd: &Path) {
    match kind {
        "fifo" => {
            rustix::fs::mknodat(rustix::fs::CWD, passwd, rustix::fs::FileType::Fifo, 0o644.into(), 0).expect("made")
        }
        "endless" => symlink("/dev/zero", passwd).expect("made"),
        _ => fs::File::create(passwd).and_then(|file| file.set_len(1 << 32)).expect("made"),
    }
}

/// A runtime that reads the file as if it were one: its alarm goes off before that is done.
fn hangs_when_simply_read(machine: &Machine) -> bool {
    let directory = tempfile::tempdir_in(machine.directory()).expect("a directory");
    make_odd("fifo", &directory.path().join("passwd"));
    !naive::apart(|| {
        // SAFETY: ends this process, a child, after a second.
        unsafe { libc::alarm(1) };
        fs::read(directory.path().join("passwd")).map(|_| true)
    })
}

/// CVE-2022-0811. The one parameter that the weakened run really sets is the name of the test's own.
fn odd_parameters(machine: &Machine, guard: Guard) -> bool {
    if guard == Guard::Down {
        let before = fs::read("/proc/sys/kernel/hostname").expect("read");
        fs::write("/proc/sys/kernel/hostname", "set-by-a-container").expect("written");
        return fs::read("/proc/sys/kernel/hostname").expect("read") != before;
    }
    let value = fs::read_to_string("/proc/sys/kernel/core_pattern").expect("read");
    let names = [
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
    names.into_iter().any(|name| {
        let mut container = machine.container(&["true"]);
        container.document["oci"]["linux"]["sysctl"] = json!({ name: value.trim_end() });
        !container.run().is_err_and(|error| error.code == "permission-denied")
    })
}

/// The test's network is its own; the weakened run sets what it has been told to.
fn parameters_of_host(machine: &Machine, guard: Guard) -> bool {
    const TTL: &str = "/proc/sys/net/ipv4/ip_default_ttl";
    let value = || fs::read_to_string(TTL).expect("read").trim_end().to_owned();
    let before = value();
    if guard == Guard::Down {
        fs::write(TTL, "63").expect("written");
    } else {
        for (name, kind) in
            [("net.ipv4.ip_default_ttl", "network"), ("kernel.msgmax", "ipc"), ("kernel.domainname", "uts")]
        {
            let mut container = machine.container(&["true"]);
            container.document["oci"]["linux"]["sysctl"] = json!({ name: "63" });
            share(&mut container, kind);
            if container.run().is_ok() {
                return true;
            }
        }
    }
    let changed = value() != before;
    fs::write(TTL, before).expect("written");
    changed
}
