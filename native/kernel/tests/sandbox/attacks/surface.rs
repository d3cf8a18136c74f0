//! What the kernel shows of itself in every container: /proc, /sys, control groups, devices, mounts.

use std::path::Path;

use serde_json::json;

use super::Attempt::{Inside, Scene};
use super::{Attack, Guard, bind, grant, layered, remount, share};
use crate::fixture::{Container, Machine};

pub const ATTACKS: &[Attack] = &[
    Attack {
        row: "A14",
        name: "release_agent, the device list, limits and processes of control groups can't be written",
        attempt: Inside(CONTROL_FILES, open_groups),
    },
    Attack {
        row: "A22",
        name: "no control group can be made",
        attempt: Inside(
            "for one in /sys/fs/cgroup /sys/fs/cgroup/*; do mkdir $one/x && exit 0; done; exit 1",
            open_groups,
        ),
    },
    Attack {
        row: "A14",
        name: "where the container's control groups are can't be seen",
        attempt: Inside("grep -q tscompose-test /proc/self/cgroup", |container| share(container, "cgroup")),
    },
    Attack {
        row: "A14",
        name: "a hierarchy of control groups that is somebody else's is not seen",
        attempt: Scene(foreign_hierarchy),
    },
    Attack {
        row: "A14",
        name: "control groups are not mounted once more",
        attempt: Inside("mount -t cgroup2 none /tmp || mount -t cgroup -o pids none /tmp", administer),
    },
    Attack {
        row: "A14",
        name: "control groups are not mounted in a user namespace of the container's own, where capabilities are free",
        attempt: Scene(own_user_namespace),
    },
    Attack {
        row: "A8",
        name: "nothing of /proc that is the machine's opens for writing",
        attempt: Inside(PROC_FILES, |container| container.document["oci"]["linux"]["readonlyPaths"] = json!([])),
    },
    Attack {
        row: "A8",
        name: "nothing of /sys opens for writing",
        attempt: Inside(SYS_FILES, |container| remount(container, "/sys", Some(&["nosuid", "noexec", "nodev"]))),
    },
    Attack {
        row: "A8",
        name: "not even the container's own kernel parameters change once it runs",
        attempt: Inside("echo 63 > /proc/sys/net/ipv4/ip_default_ttl", |container| {
            container.document["oci"]["linux"]["readonlyPaths"] = json!([]);
        }),
    },
    Attack {
        row: "A8",
        name: "read-only parts of /proc are not made writable again",
        attempt: Inside("mount -o remount,bind,rw /proc/sys", administer),
    },
    Attack {
        row: "A6",
        name: "what is hidden can't be uncovered",
        attempt: Inside("busybox umount /proc/keys", administer),
    },
    Attack {
        row: "A6",
        name: "what is hidden is not found in another /proc",
        attempt: Inside("mount -t proc proc /tmp && grep -q . /tmp/interrupts", administer),
    },
    Attack {
        row: "A21",
        name: "interrupts, keys and other timings of the machine are not told",
        attempt: Inside("cat /proc/interrupts /proc/keys /proc/timer_list | grep -q .", |container| {
            container.document["oci"]["linux"]["maskedPaths"] = json!([]);
        }),
    },
    Attack {
        row: "A23",
        name: "a device that was not given is not opened, whoever makes its node",
        attempt: Inside(DEVICES, allow_devices),
    },
    Attack {
        row: "A23",
        name: "a device node that comes with the image or lies in a volume is not opened",
        attempt: Scene(brought_device),
    },
    Attack {
        row: "A23",
        name: "no device node works on what is mounted for a container",
        attempt: Inside("mknod /dev/shm/zero c 1 5 && head -c 1 /dev/shm/zero", |container| {
            remount(container, "/dev/shm", Some(&["mode=1777"]));
        }),
    },
    Attack { row: "A27", name: "the machine's name is not changed", attempt: Scene(host_name) },
];

const CONTROL_FILES: &str = "for one in $(find /sys/fs/cgroup -name release_agent -o -name devices.allow -o -name cgroup.procs \
    -o -name memory.limit_in_bytes -o -name memory.max -o -name pids.max); do (echo 1 > $one) 2>/dev/null && exit 0; done; exit 1";

const PROC_FILES: &str = "probe open-for-writing /proc/sys/kernel/core_pattern /proc/sys/kernel/modprobe /proc/sysrq-trigger \
    /proc/irq/default_smp_affinity /proc/sys/vm/drop_caches /proc/sys/fs/binfmt_misc/register /proc/self/../sys/kernel/hostname";

const SYS_FILES: &str =
    "probe open-for-writing $(find /sys/kernel /sys/module /sys/power /sys/class/net/lo -type f | head -n 300)";

/// The kernel's log, the control of loop devices, FUSE.
const DEVICES: &str =
    "mknod /tmp/a c 1 11; mknod /tmp/b c 10 237; mknod /tmp/c c 10 229; probe open-for-writing /tmp/a /tmp/b /tmp/c";

fn open_groups(container: &mut Container) {
    remount(container, "/sys/fs/cgroup", Some(&["nosuid", "noexec", "nodev"]));
}

fn administer(container: &mut Container) {
    grant(container, "CAP_SYS_ADMIN");
}

/// One without controllers, which is there as long as it is mounted, in a place that is not the machine's for such.
fn foreign_hierarchy(machine: &Machine, guard: Guard) -> bool {
    use rustix::mount::{MountFlags, UnmountFlags, mount, unmount};
    let place = tempfile::tempdir_in(machine.directory()).expect("a directory");
    mount("none", place.path(), "cgroup", MountFlags::empty(), c"none,name=foreign").expect("mounted");
    let line = "test -e /sys/fs/cgroup/foreign || mount -t cgroup -o none,name=foreign none /tmp";
    let mut container = machine.container(&["sh", "-c", line]);
    if guard == Guard::Down {
        administer(&mut container);
    }
    let ended = container.run();
    unmount(place.path(), UnmountFlags::empty()).expect("unmounted");
    ended.expect("runs").code == 0
}

/// The kernel's log, as above.
fn brought_device(machine: &Machine, guard: Guard) -> bool {
    let make = |path: &Path| {
        let (kind, number) = (rustix::fs::FileType::CharacterDevice, rustix::fs::makedev(1, 11));
        rustix::fs::mknodat(rustix::fs::CWD, path, kind, 0o666.into(), number).expect("made");
    };
    let volume = tempfile::tempdir_in(machine.directory()).expect("a directory");
    make(&volume.path().join("log"));
    let argv = ["probe", "open-for-writing", "/log", "/volume/log"];
    let mut container = layered(machine, &argv, |layer| make(&layer.join("log")));
    bind(&mut container, volume.path(), "/volume");
    if guard == Guard::Down {
        allow_devices(&mut container);
    }
    container.run().expect("runs").code == 0
}

fn allow_devices(container: &mut Container) {
    container.document["oci"]["linux"]["resources"]["devices"] = json!([{ "allow": true, "access": "rwm" }]);
}

/// The profile of the project stands in the way; here only its part, as `unshare` is what the attack begins with.
fn own_user_namespace(machine: &Machine, guard: Guard) -> bool {
    let mut container = machine.container(&["probe", "own-groups"]);
    if guard == Guard::Up {
        let calls = [json!({ "names": ["unshare"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1 })];
        let profile = json!({ "defaultAction": "SCMP_ACT_ALLOW", "syscalls": calls });
        container.document["oci"]["linux"]["seccomp"] = profile;
    }
    container.run().expect("runs").code == 0
}

/// The test has a name of its own, so that the weakened run harms nobody.
fn host_name(machine: &Machine, guard: Guard) -> bool {
    let own = || std::fs::read_to_string("/proc/sys/kernel/hostname").expect("read");
    let before = own();
    let mut container = machine.container(&["hostname", "elsewhere"]);
    grant(&mut container, "CAP_SYS_ADMIN");
    if guard == Guard::Down {
        share(&mut container, "uts");
    }
    container.run().expect("runs");
    own() != before
}
