//! Paths that are swapped while they are used. The attacker is a container that shares a volume and exchanges two names without
//! end; `TSCOMPOSE_ROUNDS` says how often its victim is started.

use std::fs;
use std::io::{Seek, Write};
use std::os::unix::fs::{FileTypeExt, symlink};
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use kernel::tar::place::Owners;
use kernel::tar::source::{Input, Limits};
use kernel::tar::unpack::{Form, Options, unpack_into};
use tempfile::TempDir;

use super::Attempt::Scene;
use super::devices::{own_devices, with_devices};
use super::{Attack, Guard, bind, naive, rounds};
use crate::fixture::{Machine, Running};

pub const ATTACKS: &[Attack] = &[
    Attack {
        row: "A4",
        name: "a volume that is mounted in another one stays there while a directory is swapped for a symlink",
        attempt: Scene(mount_place),
    },
    Attack {
        row: "A4",
        name: "a working directory is not made where a directory is swapped for a symlink",
        attempt: Scene(working_directory),
    },
    Attack {
        row: "A6",
        name: "what is hidden stays so while the null device is swapped for a file",
        attempt: Scene(null_device),
    },
    Attack {
        row: "A4",
        name: "a volume is filled from the image and nothing else is while a directory is swapped for a symlink",
        attempt: Scene(filling),
    },
    Attack {
        row: "A4",
        name: "a part of a volume is of that volume while a directory is swapped for a symlink",
        attempt: Scene(part),
    },
    Attack {
        row: "B3",
        name: "an archive that is unpacked into a volume stays there while a directory is swapped for a symlink",
        attempt: Scene(unpacking),
    },
];

/// A control that does not win within this time is no control.
const LONG_ENOUGH: Duration = Duration::from_secs(20);

/// A volume with `dir` and a symlink that leads to an empty directory of the host, and who exchanges the two.
struct Ground {
    volume: TempDir,
    outside: TempDir,
    attacker: Running,
}

impl Ground {
    fn prepare(machine: &Machine) -> Self {
        let volume = tempfile::tempdir_in(machine.directory()).expect("a directory");
        let outside = tempfile::tempdir_in(machine.directory()).expect("a directory");
        fs::create_dir(volume.path().join("dir")).expect("made");
        symlink(outside.path(), volume.path().join("link")).expect("made");
        let attacker = swapping(machine, volume.path(), "dir", "link");
        Self { volume, outside, attacker }
    }

    fn is_hit(&self) -> bool {
        fs::read_dir(self.outside.path()).expect("there").next().is_some()
    }

    fn end(self) -> bool {
        let hit = self.is_hit();
        self.attacker.kill();
        hit
    }
}

fn swapping(machine: &Machine, volume: &Path, one: &str, other: &str) -> Running {
    let mut container = machine.container(&["probe", "swap", &format!("/volume/{one}"), &format!("/volume/{other}")]);
    bind(&mut container, volume, "/volume");
    container.start().expect("starts").0
}

/// Until it is won, in a root of the host's with the volume bound into it.
fn race(
    machine: &Machine,
    volume: &Path,
    place: &str,
    mut attempt: impl FnMut(&Path) -> std::io::Result<bool>,
) -> bool {
    let root = tempfile::tempdir_in(machine.directory()).expect("a directory");
    naive::apart(|| {
        naive::bind_into(volume, root.path(), place)?;
        let begin = Instant::now();
        while begin.elapsed() < LONG_ENOUGH {
            // What fails in the middle of a race is tried again.
            if attempt(root.path()).unwrap_or(false) {
                return Ok(true);
            }
        }
        Ok(false)
    })
}

/// CVE-2021-30465.
fn mount_place(machine: &Machine, guard: Guard) -> bool {
    let ground = Ground::prepare(machine);
    let inner = tempfile::tempdir_in(machine.directory()).expect("a directory");
    fs::write(inner.path().join("marker"), "").expect("written");
    if guard == Guard::Down {
        race(machine, ground.volume.path(), "/volume", |root| {
            if naive::looks_inside(root, "/volume/dir") {
                naive::bind_into(inner.path(), root, "/volume/dir/inner")?;
            }
            Ok(ground.is_hit())
        });
        return ground.end();
    }
    for _ in 0..rounds() {
        let mut victim = machine.container(&["true"]);
        bind(&mut victim, ground.volume.path(), "/volume");
        bind(&mut victim, inner.path(), "/volume/dir/inner");
        // It may be refused, as its place may not be there.
        let _ = victim.run();
    }
    ground.end()
}

fn working_directory(machine: &Machine, guard: Guard) -> bool {
    let ground = Ground::prepare(machine);
    if guard == Guard::Down {
        race(machine, ground.volume.path(), "/volume", |root| {
            if naive::looks_inside(root, "/volume/dir") {
                fs::create_dir_all(root.join("volume/dir/made"))?;
            }
            Ok(ground.is_hit())
        });
        return ground.end();
    }
    for _ in 0..rounds() {
        let mut victim = machine.container(&["true"]);
        victim.process()["cwd"] = serde_json::json!("/volume/dir/made");
        bind(&mut victim, ground.volume.path(), "/volume");
        let _ = victim.run();
        let _ = fs::remove_dir(ground.volume.path().join("dir/made"));
    }
    ground.end()
}

/// What an image has at the place of an empty volume is copied into it, while the attacker is in there already.
fn filling(machine: &Machine, guard: Guard) -> bool {
    let volume = tempfile::tempdir_in(machine.directory()).expect("a directory");
    let outside = tempfile::tempdir_in(machine.directory()).expect("a directory");
    let is_hit = || fs::read_dir(outside.path()).expect("there").next().is_some();
    let mut container = machine.container(&["probe", "plant", "/volume/sub", &outside.path().to_string_lossy()]);
    bind(&mut container, volume.path(), "/volume");
    let attacker = container.start().expect("starts").0;
    if guard == Guard::Down {
        race(machine, volume.path(), "/volume", |root| {
            empty(volume.path());
            fs::create_dir(root.join("volume/sub"))?;
            fs::write(root.join("volume/sub/file"), "copied\n")?;
            Ok(is_hit())
        });
    } else {
        for _ in 0..rounds() {
            empty(volume.path());
            let mut victim = super::layered(machine, &["true"], |layer| {
                fs::create_dir_all(layer.join("filled/sub")).expect("made");
                fs::write(layer.join("filled/sub/file"), "copied\n").expect("written");
            });
            victim.document["copyUp"] = serde_json::json!(["/filled"]);
            // Here too the link leads somewhere.
            bind(&mut victim, outside.path(), &outside.path().to_string_lossy());
            bind(&mut victim, volume.path(), "/filled");
            let _ = victim.run();
        }
    }
    attacker.kill();
    is_hit()
}

/// CVE-2021-25741. Here the container that writes is the victim, and the attacker wins when it writes where the link leads.
fn part(machine: &Machine, guard: Guard) -> bool {
    let ground = Ground::prepare(machine);
    if guard == Guard::Down {
        race(machine, ground.volume.path(), "/volume", |root| {
            if naive::looks_inside(root, "/volume/dir") {
                naive::bind_into(&root.join("volume/dir"), root, "/part")?;
                fs::write(root.join("part/file"), "written\n")?;
                rustix::mount::unmount(root.join("part"), rustix::mount::UnmountFlags::empty())?;
            }
            Ok(ground.is_hit())
        });
        return ground.end();
    }
    let mut began = false;
    for _ in 0..rounds() {
        let mut victim = machine.container(&["touch", "/part/file"]);
        bind(&mut victim, ground.volume.path(), "/part");
        victim.document["subpaths"] = serde_json::json!({ "/part": "dir" });
        // While the link has the name it is refused.
        began |= super::went_well(&victim.run());
    }
    assert!(began, "it never ran");
    ground.end()
}

fn empty(volume: &Path) {
    for entry in fs::read_dir(volume).expect("there").flatten() {
        let _ = fs::remove_dir_all(entry.path()).or_else(|_| fs::remove_file(entry.path()));
    }
}

/// CVE-2025-31133, with a /dev that two containers share.
fn null_device(machine: &Machine, guard: Guard) -> bool {
    let devices = own_devices(machine);
    let null = devices.path().join("null");
    let (kind, number) = (rustix::fs::FileType::CharacterDevice, rustix::fs::makedev(1, 3));
    rustix::fs::mknodat(rustix::fs::CWD, &null, kind, 0o666.into(), number).expect("made");
    fs::write(devices.path().join("leak"), "shown\n").expect("written");
    symlink("leak", devices.path().join("link")).expect("made");
    let attacker = swapping(machine, devices.path(), "null", "link");
    let shown = match guard {
        Guard::Down => race(machine, devices.path(), "/dev", |root| {
            let hidden = root.join("hidden");
            if !fs::metadata(root.join("dev/null"))?.file_type().is_char_device() {
                return Ok(false);
            }
            naive::bind_into(&root.join("dev/null"), root, "/hidden")?;
            let shown = fs::read(&hidden)? == b"shown\n";
            rustix::mount::unmount(&hidden, rustix::mount::UnmountFlags::empty())?;
            Ok(shown)
        }),
        Guard::Up => {
            let sees = || with_devices(machine, devices.path(), &["grep", "-q", ".", "/proc/keys"]).run();
            (0..rounds()).any(|_| super::went_well(&sees()))
        }
    };
    attacker.kill();
    shown
}

/// CVE-2018-15664, CVE-2026-41568: what is copied into a container that changes its paths meanwhile.
fn unpacking(machine: &Machine, guard: Guard) -> bool {
    let ground = Ground::prepare(machine);
    if guard == Guard::Down {
        race(machine, ground.volume.path(), "/volume", |root| {
            if naive::looks_inside(root, "/volume/dir") {
                fs::write(root.join("volume/dir/file"), "copied\n")?;
            }
            Ok(ground.is_hit())
        });
        return ground.end();
    }
    let archive = archive_of("dir/file", b"copied\n");
    for _ in 0..rounds() {
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(&archive).and_then(|()| file.rewind()).expect("written");
        let options = Options { form: Form::Plain, owners: Owners::Archive, limits: Limits::default() };
        let input = Input { file, expected: None, copy: None };
        let _ = unpack_into(ground.volume.path(), input, (options, &AtomicBool::new(false)));
    }
    ground.end()
}

/// One file as tar has it: a header of 512 bytes with its sum, the content, and two empty blocks.
fn archive_of(name: &str, content: &[u8]) -> Vec<u8> {
    let mut header = [0u8; 512];
    let fields: [(usize, &[u8]); 7] = [
        (0, name.as_bytes()),
        (100, b"0000644\0"),
        (108, b"0000000\0"),
        (116, b"0000000\0"),
        (136, b"00000000000\0"),
        (156, b"0"),
        (257, b"ustar\x0000"),
    ];
    for (at, field) in fields {
        header[at..at + field.len()].copy_from_slice(field);
    }
    header[124..136].copy_from_slice(format!("{:011o}\0", content.len()).as_bytes());
    header[148..156].fill(b' ');
    let sum: u32 = header.iter().map(|&byte| u32::from(byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let mut archive = header.to_vec();
    archive.extend_from_slice(content);
    archive.resize(512 * 4, 0);
    archive
}
