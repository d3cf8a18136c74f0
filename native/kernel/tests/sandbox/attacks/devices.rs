//! A /dev that is the attacker's: what lies at the places of the null device, the console and the terminals.

use std::fs;
use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
use std::path::Path;

use kernel::sandbox::{StartOptions, Stdio, start};
use rustix::fs::{CWD, FileType, Mode, makedev, mknodat};
use serde_json::json;
use tempfile::TempDir;

use super::Attempt::Scene;
use super::outside::{Outside, naive_root};
use super::{Attack, Guard, bind, layered, naive, remount, went_well};
use crate::fixture::{Container, Machine, Running};

pub const ATTACKS: &[Attack] = &[
    Attack { row: "A6", name: "nothing but the null device covers what is hidden", attempt: Scene(false_null) },
    Attack {
        row: "A7",
        name: "the terminal is not mounted where a symlink at /dev/console leads",
        attempt: Scene(false_console),
    },
    Attack {
        row: "A7",
        name: "a terminal is opened in a devpts and in nothing that looks like one",
        attempt: Scene(false_terminals),
    },
    Attack {
        row: "A3",
        name: "the null device that a program has as its input is not the machine's",
        attempt: Scene(null_of_the_machine),
    },
];

/// Whoever may change the mode of the node takes the device away from everybody on the machine. The weakened run has that node in its /dev.
fn null_of_the_machine(machine: &Machine, guard: Guard) -> bool {
    let mut container = machine.container(&["sh", "-c", "chmod 600 /proc/self/fd/0"]);
    let node = container.directory.path().join("null");
    mknodat(CWD, &node, FileType::CharacterDevice, Mode::from_raw_mode(0o666), makedev(1, 3)).expect("made");
    fs::set_permissions(&node, fs::Permissions::from_mode(0o666)).expect("set");
    if guard == Guard::Down {
        bind(&mut container, &node, "/dev/null");
    }
    let null = || fs::File::options().read(true).write(true).open(&node).expect("opened").into();
    let stdio = Stdio::Pipes { stdin: null(), stdout: null(), stderr: null() };
    let options = StartOptions { network: None, stdio, etc: container.etc.clone() };
    let started = start(&container.spec(), options).expect("starts");
    assert_eq!(Running::of(started).end(), 0);
    fs::metadata(&node).expect("there").permissions().mode() & 0o777 == 0o600
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

/// The terminal's other end would be a file that the attacker reads.
fn false_terminals(machine: &Machine, guard: Guard) -> bool {
    let devices = own_devices(machine);
    fs::write(devices.path().join("pts/ptmx"), "").expect("written");
    if guard == Guard::Down {
        return naive::apart(|| {
            rustix::process::chroot(devices.path())?;
            fs::OpenOptions::new().read(true).write(true).open("/pts/ptmx").map(|_| true)
        });
    }
    make_null(&devices.path().join("null")).expect("made");
    let mut container = with_devices(machine, devices.path(), &["true"]);
    remount(&mut container, "/dev/pts", None);
    let told = container.run_in_terminal().err().map(|error| error.to_string()).unwrap_or_default();
    !told.contains("is not a devpts")
}

pub fn make_null(path: &Path) -> std::io::Result<()> {
    let number = rustix::fs::makedev(1, 3);
    Ok(rustix::fs::mknodat(rustix::fs::CWD, path, rustix::fs::FileType::CharacterDevice, 0o666.into(), number)?)
}
