//! Images and volumes whose names lead elsewhere: symlinks at every place where a runtime makes or mounts something.

use std::fs;
use std::os::unix::fs::{FileTypeExt, symlink};
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::Attempt::Scene;
use super::{Attack, Guard, bind, layered, naive, remount, went_well};
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
    Attack { row: "A6", name: "nothing but the null device covers what is hidden", attempt: Scene(false_null) },
    Attack {
        row: "A7",
        name: "the terminal is not mounted where a symlink at /dev/console leads",
        attempt: Scene(false_console),
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

/// A directory of the host that no container was given, with a file in it.
struct Outside(TempDir);

impl Outside {
    fn new(machine: &Machine) -> Self {
        let directory = tempfile::tempdir_in(machine.directory()).expect("a directory");
        fs::write(directory.path().join("marker"), "of the host\n").expect("written");
        Self(directory)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn is_untouched(&self) -> bool {
        fs::read_dir(self.path()).expect("there").count() == 1
            && fs::read(self.path().join("marker")).expect("read") == b"of the host\n"
    }

    /// The two ways in which a link can be told to lead there.
    fn targets(&self) -> [String; 2] {
        let path = self.path().display();
        [path.to_string(), format!("{}{path}", "../".repeat(16))]
    }
}

/// A root as a directory of the host, for runtimes that resolve paths as text.
fn naive_root(machine: &Machine, fill: impl FnOnce(&Path)) -> TempDir {
    let root = tempfile::tempdir_in(machine.directory()).expect("a directory");
    fill(root.path());
    root
}

/// CVE-2019-19921, CVE-2026-41579.
fn symlinked(machine: &Machine, guard: Guard, place: &str) -> bool {
    let outside = Outside::new(machine);
    outside.targets().iter().any(|target| {
        if guard == Guard::Up {
            let started = layered(machine, &["true"], |layer| symlink(target, layer.join(place)).expect("made")).run();
            let told = started.as_ref().err().and_then(|error| error.hint.clone()).unwrap_or_default();
            return !told.contains(&format!("symlink in \"/{place}\"")) || !outside.is_untouched();
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

fn make_null(path: &Path) -> std::io::Result<()> {
    let number = rustix::fs::makedev(1, 3);
    Ok(rustix::fs::mknodat(rustix::fs::CWD, path, rustix::fs::FileType::CharacterDevice, 0o666.into(), number)?)
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

/// CVE-2025-31133. Where the user puts a /dev of his own over ours, it must hold the null device or the container does not start.
fn false_null(machine: &Machine, guard: Guard) -> bool {
    let devices = own_devices(machine);
    fs::write(devices.path().join("leak"), "shown\n").expect("written");
    symlink("leak", devices.path().join("null")).expect("made");
    if guard == Guard::Down {
        let root = naive_root(machine, |root| fs::write(root.join("hidden"), "").expect("written"));
        return naive::apart(|| {
            naive::bind_into(devices.path(), root.path(), "/dev")?;
            naive::bind_into(&root.path().join("dev/null"), root.path(), "/hidden")?;
            Ok(fs::read(root.path().join("hidden"))? == b"shown\n")
        });
    }
    let of_user = with_devices(machine, devices.path(), &["grep", "-q", ".", "/proc/keys"]).run();
    let of_image = ["link", "file", "directory"].map(|kind| {
        layered(machine, &["sh", "-c", "grep -q . /proc/keys || ! test -c /dev/null"], |layer| {
            let null = layer.join("dev/null");
            fs::create_dir(layer.join("dev")).expect("made");
            match kind {
                "link" => symlink("/etc/passwd", null).expect("made"),
                "file" => fs::write(null, "not null").expect("written"),
                _ => fs::create_dir(null).expect("made"),
            }
        })
        .run()
    });
    of_user.is_ok() || of_image.iter().any(|ended| ended.is_err() || went_well(ended))
}

/// A /dev as a volume, with what is mounted in it.
pub fn own_devices(machine: &Machine) -> TempDir {
    let devices = tempfile::tempdir_in(machine.directory()).expect("a directory");
    for name in ["pts", "shm", "mqueue"] {
        fs::create_dir(devices.path().join(name)).expect("made");
    }
    devices
}

pub fn with_devices(machine: &Machine, devices: &Path, argv: &[&str]) -> Container {
    let mut container = machine.container(argv);
    let mounts = container.document["oci"]["mounts"].as_array_mut().expect("a list");
    mounts.retain(|mount| mount["destination"] != "/dev");
    mounts.insert(1, json!({ "destination": "/dev", "type": "bind", "source": devices, "options": ["rbind"] }));
    container
}

/// CVE-2025-52565.
fn false_console(machine: &Machine, guard: Guard) -> bool {
    let devices = own_devices(machine);
    let outside = Outside::new(machine);
    make_null(&devices.path().join("null")).expect("made");
    let is_device =
        || fs::metadata(outside.path().join("marker")).is_ok_and(|found| found.file_type().is_char_device());
    if guard == Guard::Down {
        symlink(outside.path().join("marker"), devices.path().join("console")).expect("made");
        let root = naive_root(machine, |_| {});
        return naive::apart(|| {
            naive::bind_into(devices.path(), root.path(), "/dev")?;
            naive::bind_into(Path::new("/dev/null"), root.path(), "/dev/console")?;
            Ok(is_device())
        });
    }
    symlink("/given/marker", devices.path().join("console")).expect("made");
    let mut container = with_devices(machine, devices.path(), &["test", "-c", "/given/marker"]);
    bind(&mut container, outside.path(), "/given");
    container.run_in_terminal().is_ok() || !outside.is_untouched()
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
