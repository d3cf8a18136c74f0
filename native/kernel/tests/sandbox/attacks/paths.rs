//! Images and volumes whose names lead elsewhere: symlinks at every place where a runtime makes or mounts something.

use std::fs;
use std::io::Read;
use std::os::unix::fs::symlink;
use std::path::Path;

use serde_json::{Value, json};

use super::Attempt::Scene;
use super::devices::make_null;
use super::outside::{Outside, naive_root};
use super::{Attack, Guard, bind, grant, layered, naive, remount, went_well};
use crate::fixture::{Container, Machine};

pub const ATTACKS: &[Attack] = &[
    Attack {
        row: "A5",
        name: "an image with a symlink at /proc does not start",
        attempt: Scene(|machine, guard| symlinked(machine, guard, "proc")),
    },
    Attack {
        row: "A5",
        name: "an image with a symlink at /sys does not start",
        attempt: Scene(|machine, guard| symlinked(machine, guard, "sys")),
    },
    Attack {
        row: "A9",
        name: "an image with a symlink at /dev does not start, and no device is made where it leads",
        attempt: Scene(|machine, guard| symlinked(machine, guard, "dev")),
    },
    Attack { row: "A5", name: "nothing is mounted over /proc or in it", attempt: Scene(false_proc) },
    Attack {
        row: "A8",
        name: "kernel parameters are written to the kernel, whatever lies at /proc",
        attempt: Scene(false_parameter),
    },
    Attack {
        row: "A4",
        name: "shared memory of another container is taken from its mounts, not from where a symlink of its leads",
        attempt: Scene(false_shared_memory),
    },
    Attack {
        row: "A4",
        name: "a mount behind a symlink of the image is made inside of the container",
        attempt: Scene(mount_place),
    },
    Attack {
        row: "A4",
        name: "a working directory behind a symlink is made inside of the container",
        attempt: Scene(working_directory),
    },
    Attack {
        row: "A4",
        name: "the host name files are not mounted where a symlink of the image leads",
        attempt: Scene(etc_file),
    },
    Attack {
        row: "A4",
        name: "a volume is not filled from where a symlink of the image leads",
        attempt: Scene(copied_up),
    },
    Attack {
        row: "A4",
        name: "a part of a volume is not where a symlink in the volume leads out",
        attempt: Scene(part_elsewhere),
    },
    Attack {
        row: "A22",
        name: "a control group is not made outside of its hierarchy",
        attempt: Scene(group_elsewhere),
    },
    Attack {
        row: "A20",
        name: "documents that make no sense are refused before anything is made",
        attempt: Scene(senseless),
    },
];

/// CVE-2019-19921, CVE-2026-41579.
fn symlinked(machine: &Machine, guard: Guard, place: &str) -> bool {
    let outside = Outside::new(machine);
    outside.targets().iter().any(|target| {
        if guard == Guard::Up {
            let started = layered(machine, &["true"], |layer| symlink(target, layer.join(place)).expect("made")).run();
            let told = started.as_ref().err().and_then(|error| error.hint.clone()).unwrap_or_default();
            let names_it = told.contains("symlink") && told.contains(&format!("\"/{place}\""));
            return !names_it || !outside.is_untouched();
        }
        let root = naive_root(machine, |root| symlink(target, root.join(place)).expect("made"));
        naive::apart(|| {
            match place {
                "dev" => make_null(&root.path().join("dev/null"))?,
                "sys" => naive::mount_into("sysfs", root.path(), "/sys")?,
                _ => naive::mount_into("proc", root.path(), "/proc")?,
            }
            Ok(!outside.is_untouched())
        })
    })
}

/// CVE-2023-27561 and its like. Where the kernel's own is not mounted, the weakened run, anything is taken for it.
fn false_proc(machine: &Machine, guard: Guard) -> bool {
    let volume = tempfile::tempdir_in(machine.directory()).expect("a directory");
    fs::create_dir_all(volume.path().join("self/attr")).expect("made");
    let tried = ["/proc", "/proc/sys", "/proc/sys/net", "/proc/self/attr", "/proc/1"].into_iter().flat_map(|place| {
        ["bind", "tmpfs"].map(|kind| {
            let mut container = machine.container(&["true"]);
            if guard == Guard::Down {
                without_proc(&mut container);
            }
            container.add_mount(
                place,
                kind,
                &volume.path().to_string_lossy(),
                if kind == "bind" { &["rbind"] } else { &[] },
            );
            went_well(&container.run())
        })
    });
    let got_through: Vec<bool> = tried.collect();
    if guard == Guard::Up { got_through.contains(&true) } else { !got_through.contains(&false) }
}

fn without_proc(container: &mut Container) {
    remount(container, "/proc", None);
    remount(container, "/sys/fs/cgroup", None);
    container.document["oci"]["linux"]["sysctl"] = json!({});
}

/// CVE-2025-52881.
fn false_parameter(machine: &Machine, guard: Guard) -> bool {
    let volume = tempfile::tempdir_in(machine.directory()).expect("a directory");
    let place = volume.path().join("proc/sys/net");
    fs::create_dir_all(&place).expect("made");
    fs::create_dir(volume.path().join("elsewhere")).expect("made");
    fs::write(volume.path().join("elsewhere/ip_default_ttl"), "64\n").expect("written");
    symlink("/elsewhere", place.join("ipv4")).expect("made");
    let changed = || fs::read(volume.path().join("elsewhere/ip_default_ttl")).expect("read") != b"64\n";
    if guard == Guard::Down {
        naive::apart(|| {
            rustix::process::chroot(volume.path())?;
            Ok(fs::write("/proc/sys/net/ipv4/ip_default_ttl", "63").is_ok())
        });
        return changed();
    }
    let mut container = machine.container(&["true"]);
    without_proc(&mut container);
    bind(&mut container, &volume.path().join("proc"), "/proc");
    bind(&mut container, &volume.path().join("elsewhere"), "/elsewhere");
    container.document["oci"]["linux"]["sysctl"] = json!({ "net.ipv4.ip_default_ttl": "63" });
    went_well(&container.run()) || changed()
}

/// By way of `/proc/PID/root`, an absolute symlink of the container is one of the host.
fn false_shared_memory(machine: &Machine, guard: Guard) -> bool {
    let outside = Outside::new(machine);
    let line = format!(
        "busybox umount /dev/shm; busybox rmdir /dev/shm; busybox ln -s {} /dev/shm; echo; exec sleep 100",
        outside.path().display()
    );
    let mut attacker = machine.container(&["sh", "-c", &line]);
    grant(&mut attacker, "CAP_SYS_ADMIN");
    let (running, mut pipes) = attacker.start().expect("starts");
    pipes.stdout.read_exact(&mut [0]).expect("it is ready");
    let pid = running.started.pid;
    let shown = if guard == Guard::Down {
        let root = naive_root(machine, |_| {});
        naive::apart(|| {
            naive::bind_into(Path::new(&format!("/proc/{pid}/root/dev/shm")), root.path(), "/shm")?;
            Ok(root.path().join("shm/marker").exists())
        })
    } else {
        let mut victim = machine.container(&["test", "-e", "/shared/marker"]);
        victim.add_mount("/shared", "shared-memory", &format!("/proc/{pid}/ns/mnt"), &[]);
        victim.run().is_ok()
    };
    running.kill();
    shown
}

fn mount_place(machine: &Machine, guard: Guard) -> bool {
    let outside = Outside::new(machine);
    let given = tempfile::tempdir_in(machine.directory()).expect("a directory");
    outside.targets().iter().any(|target| {
        if guard == Guard::Up {
            let mut container = layered(machine, &["true"], |layer| symlink(target, layer.join("out")).expect("made"));
            bind(&mut container, given.path(), "/out/made");
            return !went_well(&container.run()) || !outside.is_untouched();
        }
        let root = naive_root(machine, |root| symlink(target, root.join("out")).expect("made"));
        naive::apart(|| naive::bind_into(given.path(), root.path(), "/out/made").map(|()| !outside.is_untouched()))
    })
}

fn working_directory(machine: &Machine, guard: Guard) -> bool {
    let outside = Outside::new(machine);
    outside.targets().iter().any(|target| {
        if guard == Guard::Up {
            let mut container = layered(machine, &["true"], |layer| symlink(target, layer.join("out")).expect("made"));
            container.process()["cwd"] = json!("/out/made");
            return !went_well(&container.run()) || !outside.is_untouched();
        }
        let root = naive_root(machine, |root| symlink(target, root.join("out")).expect("made"));
        fs::create_dir_all(root.path().join("out/made")).expect("made");
        !outside.is_untouched()
    })
}

fn etc_file(machine: &Machine, guard: Guard) -> bool {
    let outside = Outside::new(machine);
    let target = outside.path().join("marker");
    let hosts = outside.path().with_extension("hosts");
    fs::write(&hosts, "127.0.0.1 me\n").expect("written");
    if guard == Guard::Down {
        let root = naive_root(machine, |root| symlink(&target, root.join("hosts")).expect("made"));
        return naive::apart(|| naive::bind_into(&hosts, root.path(), "/hosts").map(|()| !outside.is_untouched()));
    }
    let mut container = layered(machine, &["sh", "-c", "echo more >> /etc/hosts"], |layer| {
        fs::create_dir(layer.join("etc")).expect("made");
        symlink(&target, layer.join("etc/hosts")).expect("made");
    });
    container.etc.hosts = Some(hosts.clone());
    let ended = container.run();
    let written = fs::read_to_string(&hosts).expect("read").ends_with("more\n");
    fs::remove_file(&hosts).expect("removed");
    !went_well(&ended) || !written || !outside.is_untouched()
}

/// CVE-2022-23648.
fn copied_up(machine: &Machine, guard: Guard) -> bool {
    let outside = Outside::new(machine);
    let volume = tempfile::tempdir_in(machine.directory()).expect("a directory");
    let leaked = || volume.path().join("marker").exists();
    outside.targets().iter().any(|target| {
        if guard == Guard::Up {
            let mut container =
                layered(machine, &["true"], |layer| symlink(target, layer.join("filled")).expect("made"));
            container.document["copyUp"] = json!(["/filled"]);
            bind(&mut container, volume.path(), "/filled");
            return !went_well(&container.run()) || leaked();
        }
        let root = naive_root(machine, |root| symlink(target, root.join("filled")).expect("made"));
        for entry in fs::read_dir(root.path().join("filled")).expect("followed").flatten() {
            fs::copy(entry.path(), volume.path().join(entry.file_name())).expect("copied");
        }
        leaked()
    })
}

/// CVE-2017-1002101.
fn part_elsewhere(machine: &Machine, guard: Guard) -> bool {
    let outside = Outside::new(machine);
    let volume = tempfile::tempdir_in(machine.directory()).expect("a directory");
    let part = volume.path().join("part");
    outside.targets().iter().any(|target| {
        let _ = fs::remove_file(&part);
        symlink(target, &part).expect("made");
        let mut container = machine.container(&["grep", "-q", "of the host", "/part/marker"]);
        if guard == Guard::Up {
            bind(&mut container, volume.path(), "/part");
            container.document["subpaths"] = json!({ "/part": "part" });
        } else {
            bind(&mut container, &part, "/part");
        }
        went_well(&container.run())
    })
}

fn group_elsewhere(machine: &Machine, guard: Guard) -> bool {
    let outside = Outside::new(machine);
    let path = format!("{}{}/group", "/..".repeat(16), outside.path().display());
    if guard == Guard::Down {
        fs::create_dir_all(format!("/sys/fs/cgroup{path}")).expect("made");
        return !outside.is_untouched();
    }
    let mut container = machine.container(&["true"]);
    container.document["oci"]["linux"]["cgroupsPath"] = json!(path);
    let told = container.run().err().map(|error| error.to_string()).unwrap_or_default();
    !told.contains("it has \"..\" in it") || !outside.is_untouched()
}

/// In the weakened run each says the same with sense.
fn senseless(machine: &Machine, guard: Guard) -> bool {
    let documents: [(&str, Value, Value); 12] = [
        ("/oci/process/args", json!(["tr\u{0}ue"]), json!(["true"])),
        ("/oci/process/args", json!([]), json!(["true", ""])),
        ("/oci/process/env", json!(["A=\u{0}"]), json!(["PATH=/bin", "A="])),
        ("/oci/process/cwd", json!("/tmp/\u{0}"), json!("/tmp")),
        ("/oci/process/rlimits", json!([{ "type": "RLIMIT_ALL", "soft": 1, "hard": 1 }]), json!([])),
        ("/oci/process/capabilities/effective", json!(["CAP_EVERYTHING"]), json!([])),
        ("/oci/hostname", json!("x".repeat(65)), json!("x".repeat(64))),
        ("/oci/mounts/0/type", json!("../proc"), json!("proc")),
        ("/oci/mounts/6/destination", json!("/\u{0}"), json!("/dev/shm")),
        ("/oci/mounts/6/options", json!(["size=lots"]), json!(["size=64k"])),
        ("/oci/linux/namespaces/1", json!({ "type": "thread" }), json!({ "type": "cgroup" })),
        ("/oci/linux/namespaces/3", json!({ "type": "ipc", "path": "/proc/self/ns/uts" }), json!({ "type": "ipc" })),
    ];
    let accepted = |(at, bad, good): &(&str, Value, Value)| {
        let mut container = machine.container(&["true"]);
        *container.document.pointer_mut(at).expect("there") = if guard == Guard::Up { bad } else { good }.clone();
        let ended = container.run();
        assert!(guard == Guard::Up || went_well(&ended), "{at}: {ended:?}");
        ended.is_ok()
    };
    documents.iter().any(accepted)
}
