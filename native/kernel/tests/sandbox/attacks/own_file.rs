//! CVE-2019-5736: the file that a container's parent runs from. Whoever writes to it runs as root on the host the next time.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, ExitCode};
use std::time::Duration;

use kernel::cgroup::Cgroup;
use kernel::reexec::{self, Seal};
use kernel::sandbox::{EtcFiles, StartOptions, start};
use kernel::spec::MonitorSpec;
use serde_json::json;

use super::Attempt::Scene;
use super::{Attack, Guard, grant, layered, share};
use crate::fixture::{Machine, pipes, wait};

pub const ATTACKS: &[Attack] = &[
    Attack {
        row: "A1",
        name: "the file of an init, which is the monitor's, can't be read from within",
        attempt: Scene(file_of_init),
    },
    Attack {
        row: "A1",
        name: "a container that has the monitor execute its own file can't write to that",
        attempt: Scene(|machine, guard| overwriting(machine, guard, "mount")),
    },
    Attack {
        row: "A1",
        name: "nor to that of a runtime, which lies in an overlay",
        attempt: Scene(|machine, guard| overwriting(machine, guard, "overlay")),
    },
];

fn file_of_init(machine: &Machine, guard: Guard) -> bool {
    let mut container = machine.container(&["sh", "-c", "head -c 4 /proc/1/exe | grep -q ELF"]);
    container.document["init"] = json!(true);
    if guard == Guard::Down {
        grant(&mut container, "CAP_SYS_PTRACE");
    }
    container.run().expect("runs").code == 0
}

/// The container's program is a script whose interpreter is whoever executes it, and the loader of that is the attacker's. It shares
/// the host's processes, so that a part of it lives on and writes when nobody runs from the file any more.
fn overwriting(machine: &Machine, guard: Guard, seal: &str) -> bool {
    let mut container = layered(machine, &["/script"], |layer| {
        fs::write(layer.join("script"), "#!/proc/self/exe\n").expect("written");
        fs::set_permissions(layer.join("script"), fs::Permissions::from_mode(0o755)).expect("set");
        for loader in ["lib64/ld-linux-x86-64.so.2", "lib/ld-linux-aarch64.so.1"].map(|name| layer.join(name)) {
            fs::create_dir(loader.parent().expect("a parent")).expect("made");
            fs::copy(machine.loader(), loader).expect("copied");
        }
    });
    share(&mut container, "pid");
    let starter = container.directory.path().join("starter");
    let document = container.directory.path().join("document.json");
    fs::copy("/proc/self/exe", &starter).expect("copied");
    fs::write(&document, container.document.to_string()).expect("written");
    let protect = if guard == Guard::Up { seal } else { "bare" };
    let ended = Command::new(&starter).arg("--start").arg(&document).arg(protect).status().expect("runs");
    assert!(ended.success());
    let group = container.document["oci"]["linux"]["cgroupsPath"].as_str().expect("a path");
    wait_until_left(&Cgroup::open(group).expect("opened"));
    fs::read(&starter).expect("read").starts_with(b"overwritten")
}

fn wait_until_left(group: &Cgroup) {
    for _ in 0..500 {
        if group.pids().is_empty() {
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    group.kill();
    group.remove().expect("removed");
}

/// `--start DOCUMENT mount|overlay|bare`: this program as a monitor, from a read-only copy of itself as the real one, or not.
pub fn start_and_leave(words: &[String]) -> Option<ExitCode> {
    let [flag, document, protection] = words else { return None };
    if flag != "--start" {
        return None;
    }
    let wanted = [("mount", Seal::Mount), ("overlay", Seal::Overlay)].into_iter().find(|(name, _)| name == protection);
    if let Some((_, seal)) = wanted {
        assert_eq!(reexec::protect(seal).expect("protected"), seal);
    }
    let text = fs::read_to_string(document).expect("read");
    let spec: MonitorSpec = serde_json::from_str(&text).expect("a specification");
    let (stdio, pipes) = pipes();
    let started = start(&spec, StartOptions { network: None, stdio, etc: EtcFiles::default() }).expect("starts");
    wait(started.pid);
    drop(pipes);
    Some(ExitCode::SUCCESS)
}
