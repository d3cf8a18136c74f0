//! What a program in a container may do and see: namespaces, user, capabilities, limits, hidden and read-only paths.

use std::fs;

use serde_json::json;

use crate::Test;
use crate::fixture::Machine;

pub const TESTS: &[Test] = &[
    ("all namespaces are the container's own", namespaces),
    ("the host name is the container's", host_name),
    ("root has Docker's fourteen capabilities, a user none, and new ones can be forbidden", capabilities),
    ("users, groups and HOME come from the image's files", users),
    ("limits are set", limits),
    ("hidden paths are empty and read-only ones can't be written to", paths),
    ("/dev has what every container has", devices),
    ("a device that is not allowed can't be opened", device_rules),
    ("the control groups that are seen are the container's own", control_groups),
    ("memory, processors and processes are limited", resources),
    ("a process that needs too much memory is killed and counted", out_of_memory),
    ("kernel parameters are the container's own", parameters),
    ("no descriptor but the standard three reaches the program", descriptors),
    ("signals are neither blocked nor ignored", signals),
    ("a working directory is made when it is missing", working_directory),
];

fn namespaces(machine: &Machine) {
    let said = machine.says("for one in mnt pid uts ipc net cgroup; do readlink /proc/self/ns/$one; done");
    for (name, inside) in ["mnt", "pid", "uts", "ipc", "net", "cgroup"].into_iter().zip(said.lines()) {
        let outside = fs::read_link(format!("/proc/self/ns/{name}")).expect("a namespace");
        assert_ne!(outside.to_string_lossy(), inside);
        assert!(inside.starts_with(name));
    }
    assert_eq!(machine.says("echo /proc/[0-9]*"), "/proc/1");
    assert_eq!(machine.says("grep -c . /proc/net/dev"), "3", "two lines of headings and lo");
}

fn host_name(machine: &Machine) {
    assert_eq!(machine.says("hostname"), "inside");
}

fn capabilities(machine: &Machine) {
    let sets = "grep -E 'Cap|NoNew' /proc/self/status | tr -d '\\t'";
    let expected = "CapInh:0000000000000000\nCapPrm:00000000a80425fb\nCapEff:00000000a80425fb\n\
                    CapBnd:00000000a80425fb\nCapAmb:0000000000000000\nNoNewPrivs:0";
    assert_eq!(machine.says(sets), expected);
    let user = machine.shell_with(sets, |container| {
        container.document["user"] = json!("web");
        container.process()["noNewPrivileges"] = json!(true);
    });
    let expected = "CapInh:0000000000000000\nCapPrm:0000000000000000\nCapEff:0000000000000000\n\
                    CapBnd:00000000a80425fb\nCapAmb:0000000000000000\nNoNewPrivs:1\n";
    assert_eq!(user.stdout, expected);
}

fn users(machine: &Machine) {
    let as_user = |user: &str, group_add: &[&str]| {
        let line = "id -u; id -g; id -G; echo $HOME; umask";
        let ended = machine.shell_with(line, |container| {
            container.document["user"] = json!(user);
            container.document["groupAdd"] = json!(group_add);
        });
        ended.stdout.split_whitespace().map(str::to_owned).collect::<Vec<_>>().join(",")
    };
    assert_eq!(as_user("", &[]), "0,0,0,/root,0022");
    assert_eq!(as_user("web", &[]), "33,33,33,4,/data,0022");
    assert_eq!(as_user("1234:4", &["33"]), "1234,4,4,33,/,0022");
    let given = machine.shell_with("echo $HOME $GREETING", |container| {
        container.process()["env"] = json!(["PATH=/bin", "HOME=/elsewhere", "GREETING=hi there"]);
    });
    assert_eq!(given.stdout, "/elsewhere hi there\n");
    let reopened = machine.shell_with("echo again > /dev/stdout", |container| {
        container.document["user"] = json!("web");
    });
    assert_eq!((reopened.stdout.as_str(), reopened.code), ("again\n", 0), "its output is the user's own");
}

fn limits(machine: &Machine) {
    let ended = machine.shell_with("ulimit -n; ulimit -Hn; ulimit -c; cat /proc/self/oom_score_adj", |container| {
        container.process()["rlimits"] = json!([
            { "type": "RLIMIT_NOFILE", "soft": 123, "hard": 456 },
            { "type": "RLIMIT_CORE", "soft": 0, "hard": -1 },
        ]);
        container.process()["rlimits"].as_array_mut().expect("a list").pop();
        container.process()["oomScoreAdj"] = json!(321);
    });
    assert_eq!(ended.stdout, "123\n456\n0\n321\n");
    let few = machine.shell_with("ulimit -n", |container| {
        container.process()["rlimits"] = json!([{ "type": "RLIMIT_NOFILE", "soft": 3, "hard": 3 }]);
    });
    assert_eq!((few.stdout.as_str(), few.code), ("3\n", 0), "fewer than making the sandbox takes");
}

fn paths(machine: &Machine) {
    assert_eq!(machine.says("cat /proc/keys /proc/interrupts | wc -c; ls -A /sys/firmware | wc -l"), "0\n0");
    for path in ["/proc/sys/kernel/domainname", "/proc/irq/default_smp_affinity", "/sys/kernel/profiling"] {
        let ended = machine.shell(&format!("echo x > {path}"));
        assert_eq!(ended.code, 1, "{path}");
        assert!(ended.stderr.contains("Read-only file system"), "{path}: {}", ended.stderr);
    }
    let ended = machine.shell("touch /sys/firmware/x; mount -o remount,rw /proc/sys");
    assert_ne!(ended.code, 0);
}

fn devices(machine: &Machine) {
    let core = if std::path::Path::new("/proc/kcore").exists() { "core " } else { "" };
    let listed = machine.says("ls -1 /dev | tr '\\n' ' '");
    assert_eq!(listed, format!("{core}fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero"));
    let nodes =
        machine.says("stat -c '%n %t:%T %a' /dev/null /dev/zero /dev/tty; readlink /dev/fd; readlink /dev/ptmx");
    assert_eq!(nodes, "/dev/null 1:3 666\n/dev/zero 1:5 666\n/dev/tty 5:0 666\n/proc/self/fd\npts/ptmx");
    assert_eq!(machine.says("head -c 3 /dev/zero | wc -c; echo x > /dev/null; touch /dev/shm/x"), "3");
    let kinds =
        machine.says("mount | grep -E ' /(proc|dev|sys)[^ ]* ' | awk '{print $3\"=\"$5}' | sort | tr '\\n' ' '");
    for kind in ["/dev=tmpfs", "/dev/pts=devpts", "/dev/mqueue=mqueue", "/dev/shm=tmpfs", "/sys=sysfs", "/proc=proc"] {
        assert!(kinds.contains(kind), "{kind} in {kinds}");
    }
}

fn device_rules(machine: &Machine) {
    let ended = machine.shell("mknod /tmp/kmsg c 1 11 && head -c 1 /tmp/kmsg");
    assert_eq!(ended.stdout, "");
    assert!(ended.stderr.contains("Operation not permitted"), "{}", ended.stderr);
}

fn control_groups(machine: &Machine) {
    let own = machine.says("cat /proc/self/cgroup | sed 's/.*://' | sort -u 2>/dev/null || cat /proc/self/cgroup");
    let paths: Vec<&str> = own.lines().map(|line| line.rsplit(':').next().unwrap_or_default()).collect();
    assert!(paths.iter().all(|path| *path == "/"), "{own}");
    let first = "cd /sys/fs/cgroup; test -d pids && cd pids; head -1 cgroup.procs";
    assert_eq!(machine.says(first), "1");
    let ended = machine.shell("mkdir /sys/fs/cgroup/x $(ls -d /sys/fs/cgroup/*/ | head -1)/x");
    assert!(ended.stderr.contains("Read-only file system"), "{}", ended.stderr);
}

fn resources(machine: &Machine) {
    let line = "cd /sys/fs/cgroup; cat memory/memory.limit_in_bytes memory/memory.soft_limit_in_bytes cpu/cpu.shares \
                cpu/cpu.cfs_quota_us cpu/cpu.cfs_period_us cpuset/cpuset.cpus pids/pids.max";
    let unified = "cd /sys/fs/cgroup; cat memory.max memory.low cpu.weight cpu.max cpuset.cpus pids.max";
    let v1 = std::path::Path::new("/sys/fs/cgroup/memory").is_dir();
    let ended = machine.shell_with(if v1 { line } else { unified }, |container| {
        let resources = &mut container.document["oci"]["linux"]["resources"];
        resources["memory"] = json!({ "limit": 67_108_864, "reservation": 33_554_432, "swap": 134_217_728 });
        resources["cpu"] = json!({ "shares": 512, "quota": 50_000, "period": 100_000, "cpus": "0" });
        resources["pids"] = json!({ "limit": 50 });
    });
    let expected = if v1 {
        "67108864\n33554432\n512\n50000\n100000\n0\n50\n"
    } else {
        "67108864\n33554432\n20\n50000 100000\n0\n50\n"
    };
    assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), (expected, ""));
    let full = machine.shell_with("sleep 5 & sleep 5 & sleep 5 & sleep 5 & sleep 5", |container| {
        container.document["oci"]["linux"]["resources"]["pids"] = json!({ "limit": 3 });
    });
    assert!(full.stderr.contains("fork"), "{}", full.stderr);
}

fn out_of_memory(machine: &Machine) {
    let mut container = machine.container(&["sh", "-c", "x=$(tr '\\0' x < /dev/zero | head -c 200000000); echo ${#x}"]);
    container.document["oci"]["linux"]["resources"]["memory"] = json!({ "limit": 33_554_432, "swap": 33_554_432 });
    let (mut running, pipes) = container.start().expect("starts");
    pipes.read();
    assert_eq!(running.wait(), 137);
    // Where memory is freed slowly the kernel may choose a second one before the first has given its own back.
    assert!(running.started.cgroup.oom_kills() >= 1);
}

fn parameters(machine: &Machine) {
    assert_eq!(machine.says("cat /proc/sys/net/ipv4/ip_unprivileged_port_start"), "0");
    let ended = machine.shell_with("cat /proc/sys/kernel/msgmax", |container| {
        container.document["oci"]["linux"]["sysctl"] = json!({ "kernel.msgmax": "4321" });
    });
    assert_eq!(ended.stdout, "4321\n");
    assert_ne!(fs::read_to_string("/proc/sys/kernel/msgmax").expect("read"), "4321\n");
}

fn descriptors(machine: &Machine) {
    assert_eq!(machine.says("ls /proc/self/fd | tr '\\n' ' '"), "0 1 2 3", "3 is the one that ls reads with");
}

fn signals(machine: &Machine) {
    let said = machine.says("cat /proc/self/status | grep -E 'Sig(Blk|Ign)' | tr -d '\\t'");
    assert_eq!(said, "SigBlk:0000000000000000\nSigIgn:0000000000000000");
}

fn working_directory(machine: &Machine) {
    let ended = machine.shell_with("pwd; stat -c '%a %u' .", |container| {
        container.process()["cwd"] = json!("/srv/app");
        container.document["user"] = json!("web");
    });
    assert_eq!(ended.stdout, "/srv/app\n755 0\n");
}
