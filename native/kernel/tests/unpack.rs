//! What a layer becomes on disk, and what hostile ones don't: tables of archives. Owners, devices and whiteouts need root.

mod tar_fixture;

use kernel::error::KernelError;
use kernel::tar::layer::{Expected, unpack_layer};
use kernel::tar::place::Owners;
use kernel::tar::source::{Compression, Input, Limits};
use kernel::tar::unpack::{Form, Options, Unpacked, unpack};
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::{FileTypeExt, MetadataExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use tar_fixture::{Fields, Tar, gzip, zstd};
use tempfile::TempDir;

fn is_root() -> bool {
    let root = rustix::process::geteuid().is_root();
    if !root {
        eprintln!("skipped: owners, devices and whiteouts can only be made by root");
    }
    root
}

fn options() -> Options {
    let owners = if rustix::process::geteuid().is_root() { Owners::Archive } else { Owners::Caller };
    Options { form: Form::Overlay, owners, limits: Limits::default() }
}

fn input(archive: &[u8]) -> Input {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(archive).unwrap();
    std::io::Seek::rewind(&mut file).unwrap();
    Input { file, expected: None, copy: None }
}

/// A place to unpack in, with a sentinel beside the target that nothing may touch.
struct Ground {
    dir: TempDir,
}

impl Ground {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("etc")).unwrap();
        fs::write(dir.path().join("etc/passwd"), "outside").unwrap();
        Self { dir }
    }

    fn root(&self) -> PathBuf {
        self.dir.path().join("root")
    }

    fn unpack(&self, archive: &[u8]) -> Result<Unpacked, KernelError> {
        let result = unpack(&self.root(), input(archive), (options(), &AtomicBool::new(false)));
        assert_eq!(fs::read_to_string(self.dir.path().join("etc/passwd")).unwrap(), "outside");
        assert_eq!(
            fs::read_dir(self.dir.path().join("etc")).unwrap().count(),
            1,
            "something came in beside the sentinel"
        );
        let expected_entries = if result.is_ok() { 2 } else { 1 };
        assert_eq!(fs::read_dir(self.dir.path()).unwrap().count(), expected_entries, "a partial tree stayed");
        result
    }
}

fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(path).unwrap()
}

fn inode(path: impl AsRef<Path>) -> u64 {
    fs::symlink_metadata(path).unwrap().ino()
}

/// An etc/passwd inside, to be found instead of the one outside.
fn with_passwd() -> Tar {
    Tar::default().dir("etc", 0o770).file("/etc/passwd", "inside")
}

#[test]
fn links_on_the_way_are_resolved_inside_the_target() {
    let link_then_file = |target: &str| {
        Tar::default().dir("etc", 0o755).dir("dummy", 0o755).symlink(target, "localetc").file("/localetc/unbroken", "x")
    };
    let cases = [
        ("absolute", link_then_file("/etc")),
        ("up and out", link_then_file("/dummy/../etc")),
        ("far up", link_then_file("../../../../../etc")),
        (
            "two absolute",
            Tar::default()
                .dir("etc", 0o755)
                .symlink("/etc", "/dummy/etc")
                .symlink("/dummy/etc", "localetc")
                .file("/localetc/unbroken", "x"),
        ),
        (
            "two relative",
            Tar::default()
                .dir("etc", 0o755)
                .symlink("/etc", "/dummy/etc")
                .symlink("./dummy/etc", "localetc")
                .file("/localetc/unbroken", "x"),
        ),
        ("dangling", Tar::default().symlink("/etc", "localetc").file("/localetc/unbroken", "x")),
        ("dangling relative", Tar::default().symlink("../../etc", "a/localetc").file("a/localetc/unbroken", "x")),
    ];
    for (name, tar) in cases {
        let ground = Ground::new();
        ground.unpack(&tar.end()).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(read(ground.root().join("etc/unbroken")), "x", "{name}");
    }
}

#[test]
fn a_later_file_empties_an_earlier_one_through_a_link() {
    let ground = Ground::new();
    let tar = Tar::default()
        .dir("etc", 0o755)
        .file("etc/emptied", "full")
        .symlink("/etc", "localetc")
        .file("/localetc/emptied", "");
    ground.unpack(&tar.end()).unwrap();
    assert_eq!(read(ground.root().join("etc/emptied")), "");
}

#[test]
fn hard_links_are_made_to_files_of_the_archive_only() {
    let cases = [
        (
            "relative",
            "breakouts/my",
            with_passwd()
                .dir("breakouts", 0o755)
                .symlink("../../etc", "breakouts/d1")
                .link("/breakouts/d1/passwd", "breakouts/my"),
        ),
        (
            "down and out",
            "breakouts/my",
            with_passwd()
                .dir("downandout", 0o755)
                .symlink("../downandout/../../etc", "breakouts/d1")
                .link("/breakouts/d1/passwd", "breakouts/my"),
        ),
        ("absolute", "my", with_passwd().symlink("/etc", "localetc").link("/localetc/passwd", "my")),
        (
            "relative long",
            "my",
            with_passwd().symlink("../../../../../../../etc", "localetc").link("/localetc/passwd", "my"),
        ),
        ("direct absolute", "my", with_passwd().link("/etc/passwd", "my")),
        ("direct", "my", with_passwd().link("etc/passwd", "my")),
        ("slash ended", "localetc/my", with_passwd().dir("localetc/", 0o770).link("/etc/passwd", "/localetc/my")),
        (
            "link over directory",
            "localetc/my",
            with_passwd().dir("localetc", 0o755).symlink("/etc", "localetc").link("/etc/passwd", "/localetc/my"),
        ),
        (
            "relative link over directory",
            "localetc/my",
            with_passwd().dir("localetc", 0o755).symlink("../../etc", "localetc").link("/etc/passwd", "/localetc/my"),
        ),
        (
            "directory over link",
            "localetc/my",
            with_passwd().symlink("/etc", "localetc").dir("localetc/", 0o755).link("/etc/passwd", "/localetc/my"),
        ),
        ("onto itself", "etc/passwd", with_passwd().link("etc/passwd", "etc/passwd")),
    ];
    for (name, linked, tar) in cases {
        let ground = Ground::new();
        ground.unpack(&tar.end()).unwrap_or_else(|error| panic!("{name}: {error}"));
        let root = ground.root();
        let linked = if name.contains("link over") { root.join("etc/my") } else { root.join(linked) };
        assert_eq!(inode(linked), inode(root.join("etc/passwd")), "{name}");
        assert_eq!(read(root.join("etc/passwd")), "inside", "{name}");
    }
}

#[test]
fn a_directory_over_a_link_is_a_directory_of_its_own() {
    let ground = Ground::new();
    let tar = with_passwd()
        .symlink("etc", "localetc")
        .link("/etc/passwd", "/localetc/my")
        .dir("localetc/", 0o755)
        .file("/localetc/my", "different");
    ground.unpack(&tar.end()).unwrap();
    assert_eq!(read(ground.root().join("localetc/my")), "different");
    assert_eq!(read(ground.root().join("etc/passwd")), "inside");
}

#[test]
fn a_hard_link_to_a_link_is_that_link_and_changes_nothing_behind_it() {
    let ground = Ground::new();
    let outside = ground.dir.path().join("etc/passwd");
    let before = fs::metadata(&outside).unwrap().mode();
    let tar =
        Tar::default().symlink(outside.to_str().unwrap(), "out").link("out", "sketchy").file("etc/passwd", "after");
    ground.unpack(&tar.end()).unwrap();
    assert_eq!(inode(ground.root().join("out")), inode(ground.root().join("sketchy")));
    assert_eq!(fs::metadata(&outside).unwrap().mode(), before);
}

#[test]
fn hostile_archives_are_refused_by_the_name_of_the_entry() {
    let pax = |key: &str, value: &str| Tar::default().pax(&[(key, value.as_bytes())]);
    let cases = [
        ("../etc/passwd", "leads out", Tar::default().file("../etc/passwd", "x")),
        ("a/../../etc/passwd", "leads out", Tar::default().file("a/../../etc/passwd", "x")),
        ("..", "leads out", Tar::default().symlink("/etc", "..")),
        ("../etc/evil", "leads out", pax("path", "../etc/evil").file("fine", "x")),
        ("my", "target `../../../etc/passwd` leads out", with_passwd().link("../../../etc/passwd", "my")),
        ("my", "target `../etc/passwd` leads out", pax("linkpath", "../etc/passwd").link("fine", "my")),
        ("my", "is not in the archive", Tar::default().link("etc/missing", "my")),
        ("my", "second name", Tar::default().dir("etc", 0o755).link("etc", "my")),
        ("", "only be a directory", Tar::default().symlink("/etc", "")),
        ("./", "only be a directory", Tar::default().symlink("/etc", "./")),
        (".wh...", "whiteout", Tar::default().file(".wh...", "")),
        (".wh..", "whiteout", Tar::default().file(".wh..", "")),
        ("etc/.wh...", "whiteout", Tar::default().dir("etc", 0o755).file("etc/.wh...", "")),
        ("etc/.wh..", "whiteout", Tar::default().dir("etc", 0o755).file("etc/.wh..", "")),
        ("etc/.wh.", "whiteout", Tar::default().dir("etc", 0o755).file("etc/.wh.", "")),
        ("file/below", "Not a directory", Tar::default().file("file", "x").file("file/below", "x")),
        ("loop/below", "", Tar::default().symlink("loop", "loop").file("loop/below", "x")),
        ("odd", "type `Z`", Tar::default().entry(&Fields { kind: b'Z', name: "odd", ..Fields::default() }, b"")),
        ("big", "", pax("size", "99999999999999999999").file("big", "x")),
    ];
    for (name, why, tar) in cases {
        let error = Ground::new().unpack(&tar.end()).expect_err(name).to_string();
        assert!(error.contains(why), "{name}: {error}");
        assert!(error.contains(name.split('/').next().unwrap()) || name == "big", "{name} is not named in: {error}");
    }
}

#[test]
fn whiteouts_take_the_form_of_overlayfs() {
    if !is_root() {
        return;
    }
    let ground = Ground::new();
    let tar = Tar::default()
        .dir("etc", 0o755)
        .file("etc/.wh.gone", "")
        .dir("opaque", 0o755)
        .file("opaque/.wh..wh..opq", "")
        .file("implicit/.wh..wh..opq", "")
        .file("dne/../.wh.parent", "")
        .symlink("/etc", "localetc")
        .file("localetc/.wh.through", "")
        .file(".wh.etcetera/somefile", "plain")
        .file(".wh..wh.plnk/1.2", "ignored")
        .file("kept", "x")
        .file(".wh.kept", "")
        .file(".wh.replaced", "")
        .dir("replaced", 0o755)
        .dir("full", 0o755)
        .file(".wh.full", "");
    ground.unpack(&tar.end()).unwrap();
    let root = ground.root();
    for hidden in ["etc/gone", "parent", "etc/through"] {
        let meta = fs::symlink_metadata(root.join(hidden)).unwrap();
        assert!(meta.file_type().is_char_device() && meta.rdev() == 0, "{hidden}");
    }
    for opaque in ["opaque", "implicit", "replaced", "full"] {
        let mut value = [0; 8];
        let length = rustix::fs::getxattr(root.join(opaque), "trusted.overlay.opaque", &mut value[..]).unwrap();
        assert_eq!(&value[..length], b"y", "{opaque}");
    }
    assert_eq!(read(root.join("kept")), "x");
    assert_eq!(read(root.join(".wh.etcetera/somefile")), "plain");
    assert!(!root.join(".wh..wh.plnk").exists());
}

#[test]
fn owners_modes_times_and_devices_are_kept() {
    if !is_root() {
        return;
    }
    let capability = b"\x01\x00\x00\x02\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00";
    let owned = Fields { owner: (1000, 33), ..Fields::default() };
    let tar = Tar::default()
        .entry(&Fields { kind: b'5', name: "dir/", mode: 0o2750, mtime: 1_600_000_000, ..owned.clone() }, b"")
        .entry(&Fields { name: "dir/setuid", mode: 0o4755, ..owned.clone() }, b"x")
        .entry(&Fields { kind: b'2', name: "dir/link", link: "setuid", ..owned.clone() }, b"")
        .entry(&Fields { kind: b'3', name: "null", mode: 0o666, device: (1, 3), ..Fields::default() }, b"")
        .entry(&Fields { kind: b'6', name: "fifo", mode: 0o622, ..Fields::default() }, b"")
        .pax(&[
            ("SCHILY.xattr.security.capability", capability),
            ("SCHILY.xattr.user.note", b"a\0b"),
            ("SCHILY.xattr.trusted.overlay.redirect", b"/etc"),
        ])
        .entry(&Fields { name: "capable", mode: 0o755, ..owned.clone() }, b"x")
        .file("dir/inherits-no-group", "x");
    let ground = Ground::new();
    ground.unpack(&tar.end()).unwrap();
    let look = |name: &str| {
        let meta = fs::symlink_metadata(ground.root().join(name)).unwrap();
        (meta.mode() & 0o7777, meta.uid(), meta.gid(), meta.mtime())
    };
    assert_eq!(look("dir"), (0o2750, 1000, 33, 1_600_000_000));
    assert_eq!(look("dir/setuid"), (0o4755, 1000, 33, 1_700_000_000));
    assert_eq!(look("dir/link"), (0o777, 1000, 33, 1_700_000_000));
    assert_eq!(look("null"), (0o666, 0, 0, 1_700_000_000));
    assert_eq!(look("fifo"), (0o622, 0, 0, 1_700_000_000));
    assert_eq!(look("dir/inherits-no-group"), (0o644, 0, 0, 1_700_000_000));
    assert_eq!(fs::metadata(ground.root().join("null")).unwrap().rdev(), rustix::fs::makedev(1, 3));
    let xattr = |name: &str| {
        let mut value = [0; 64];
        rustix::fs::getxattr(ground.root().join("capable"), name, &mut value[..]).map(|length| value[..length].to_vec())
    };
    assert_eq!(xattr("security.capability").unwrap(), capability);
    assert_eq!(xattr("user.note").unwrap(), b"a\0b");
    assert!(xattr("trusted.overlay.redirect").is_err());
}

#[test]
fn long_names_come_from_gnu_and_pax_headers() {
    let long = format!("{}/{}", "d".repeat(150), "f".repeat(150));
    let gnu = Tar::default()
        .entry(&Fields { kind: b'L', name: "././@LongLink", ..Fields::default() }, format!("{long}\0").as_bytes())
        .file("cut", "gnu")
        .entry(&Fields { kind: b'K', name: "././@LongLink", ..Fields::default() }, format!("{long}\0").as_bytes())
        .symlink("cut", "link");
    let pax = Tar::default().pax(&[("path", long.as_bytes()), ("mtime", b"12.5")]).file("cut", "pax");
    for (tar, want) in [(gnu, "gnu"), (pax, "pax")] {
        let ground = Ground::new();
        ground.unpack(&tar.end()).unwrap();
        assert_eq!(read(ground.root().join(&long)), want);
        if want == "gnu" {
            assert_eq!(fs::read_link(ground.root().join("link")).unwrap(), Path::new(&long));
        }
    }
}

#[test]
fn sparse_files_of_every_format_have_their_holes() {
    let mut want = vec![0u8; 1 << 20];
    want[4096..4100].copy_from_slice(b"here");
    want[(1 << 20) - 4..].copy_from_slice(b"last");
    let size = (1 << 20).to_string();
    let last = ((1 << 20) - 4).to_string();
    let map_0_1 = format!("4096,4,{last},4");
    let mut data_1_0 = format!("2\n4096\n4\n{last}\n4\n").into_bytes();
    data_1_0.resize(512, 0);
    data_1_0.extend_from_slice(b"herelast");
    let pax = |records: &[(&str, &str)]| {
        Tar::default().pax(&records.iter().map(|(k, v)| (*k, v.as_bytes())).collect::<Vec<_>>())
    };
    let cases = [
        (
            "0.0",
            pax(&[
                ("GNU.sparse.size", &size),
                ("GNU.sparse.numblocks", "2"),
                ("GNU.sparse.offset", "4096"),
                ("GNU.sparse.numbytes", "4"),
                ("GNU.sparse.offset", &last),
                ("GNU.sparse.numbytes", "4"),
            ])
            .file("sparse", "herelast"),
        ),
        (
            "0.1",
            pax(&[("GNU.sparse.size", &size), ("GNU.sparse.name", "sparse"), ("GNU.sparse.map", &map_0_1)])
                .file("GNUSparseFile.1/sparse", "herelast"),
        ),
        (
            "1.0",
            pax(&[
                ("GNU.sparse.major", "1"),
                ("GNU.sparse.minor", "0"),
                ("GNU.sparse.name", "sparse"),
                ("GNU.sparse.realsize", &size),
            ])
            .entry(&Fields { name: "GNUSparseFile.1/sparse", ..Fields::default() }, &data_1_0),
        ),
        ("old", old_gnu_sparse()),
    ];
    for (name, tar) in cases {
        let ground = Ground::new();
        ground.unpack(&tar.file("after", "next").end()).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(fs::read(ground.root().join("sparse")).unwrap() == want, "{name}");
        assert!(fs::metadata(ground.root().join("sparse")).unwrap().blocks() < 64, "{name} has no holes");
        assert_eq!(read(ground.root().join("after")), "next", "{name}");
    }
}

/// A header with one part in it and an extension block with the other.
fn old_gnu_sparse() -> Tar {
    let mut block = [0u8; 512];
    block[..6].copy_from_slice(b"sparse");
    block[100..108].copy_from_slice(b"0000644\0");
    block[124..136].copy_from_slice(b"00000000010\0");
    block[156] = b'S';
    block[257..265].copy_from_slice(b"ustar  \0");
    for (index, offset) in [4096u64, 8192, 12288, 16384].into_iter().enumerate() {
        let length = if index == 0 { 4 } else { 0 };
        let at = 386 + index * 24;
        block[at..at + 24].copy_from_slice(format!("{offset:011o}\0{length:011o}\0").as_bytes());
    }
    block[482] = 1;
    block[483..495].copy_from_slice(format!("{:011o}\0", 1 << 20).as_bytes());
    let mut more = [0u8; 512];
    more[..24].copy_from_slice(format!("{:011o}\0{:011o}\0", (1 << 20) - 4, 4).as_bytes());
    let mut tar = Tar::default();
    tar.block(block);
    tar.0.extend_from_slice(&more);
    tar.data(b"herelast");
    tar
}

#[test]
fn digests_are_those_of_the_stream_and_of_the_tar_in_it() {
    let tar = Tar::default().file("a", "text").end();
    let plain = Ground::new().unpack(&tar).unwrap().totals;
    assert_eq!(plain.digest, plain.diff_id);
    let mut skippable = vec![0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3];
    skippable.extend_from_slice(&zstd(&tar[..512]));
    skippable.extend_from_slice(&zstd(&tar[512..]));
    let members = [gzip(&tar[..700]), gzip(&tar[700..])].concat();
    for (packed, compression) in [
        (gzip(&tar), Compression::Gzip),
        (members, Compression::Gzip),
        (zstd(&tar), Compression::Zstd),
        (skippable, Compression::Zstd),
    ] {
        let totals = Ground::new().unpack(&packed).unwrap().totals;
        assert_eq!((totals.diff_id.as_str(), totals.compression), (plain.diff_id.as_str(), compression));
        assert_ne!(totals.digest, plain.digest);
        assert_eq!((totals.input_bytes, totals.tar_bytes), (packed.len() as u64, tar.len() as u64));
    }
}

#[test]
fn archives_cut_off_anywhere_are_refused_and_leave_nothing() {
    let tar = Tar::default().dir("d", 0o755).file("d/a", &"text".repeat(500)).end();
    for packed in [gzip(&tar), zstd(&tar)] {
        for cut in (1..packed.len() - 1).step_by(packed.len() / 64 + 1) {
            assert!(Ground::new().unpack(&packed[..cut]).is_err(), "cut at {cut}");
        }
    }
    for cut in [100, 700, 1100, 2000] {
        assert!(Ground::new().unpack(&tar[..cut]).is_err(), "cut at {cut}");
    }
}

#[test]
fn limits_stop_bombs() {
    let run = |archive: &[u8], limits: Limits| {
        let ground = Ground::new();
        unpack(&ground.root(), input(archive), (Options { limits, ..options() }, &AtomicBool::new(false)))
            .map(|_| ())
            .unwrap_err()
            .to_string()
    };
    let many = (0..20).fold(Tar::default(), |tar, n| tar.file(&format!("f{n}"), "")).end();
    assert!(run(&many, Limits { entries: 10, ..Limits::default() }).contains("more than 10 entries"));
    let zeros = gzip(&Tar::default().file("zeros", &"\0".repeat(4 << 20)).end());
    assert!(run(&zeros, Limits { bytes: 1 << 20, ..Limits::default() }).contains("more than 1048576 bytes"));
}

#[test]
fn the_media_type_must_tell_the_truth() {
    let tar = Tar::default().file("a", "x").end();
    let ground = Ground::new();
    let input = Input { expected: Some(Compression::Gzip), ..input(&tar) };
    let error = unpack(&ground.root(), input, (options(), &AtomicBool::new(false))).unwrap_err().to_string();
    assert!(error.contains("compression is gzip, but it is none"), "{error}");
    let xz = Ground::new().unpack(b"\xfd7zXZ\0\0\0").unwrap_err().to_string();
    assert!(xz.contains("xz"), "{xz}");
}

#[test]
fn a_layer_is_named_by_its_diff_id_and_only_when_its_digest_is_right() {
    let dir = tempfile::tempdir().unwrap();
    let tar = Tar::default().file("a", "text").end();
    let none = AtomicBool::new(false);
    let wrong = Expected { diff_id: Some(format!("sha256:{}", "0".repeat(64))), digest: None };
    let error = unpack_layer(dir.path(), input(&gzip(&tar)), (&wrong, options(), &none)).unwrap_err().to_string();
    assert!(error.contains("diff id mismatch"), "{error}");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    // Twice is as good as once.
    for _ in 0..2 {
        let unpacked = unpack_layer(dir.path(), input(&gzip(&tar)), (&Expected::default(), options(), &none)).unwrap();
        let layer = dir.path().join(unpacked.totals.diff_id.strip_prefix("sha256:").unwrap());
        assert_eq!(read(layer.join("fs/a")), "text");
        assert!(read(layer.join("layer.json")).contains("\"sizeBytes\":4"));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}

#[test]
fn a_copy_of_the_stream_is_kept_when_asked() {
    let dir = tempfile::tempdir().unwrap();
    let packed = gzip(&Tar::default().file("a", "text").end());
    let copy = dir.path().join("copy");
    let input = Input { copy: Some(File::create(&copy).unwrap()), ..input(&packed) };
    unpack(&dir.path().join("root"), input, (options(), &AtomicBool::new(false))).unwrap();
    assert!(fs::read(copy).unwrap() == packed);
}

#[test]
fn a_cancelled_unpack_ends_though_the_pipe_is_silent() {
    let dir = tempfile::tempdir().unwrap();
    let (reader, _writer) = std::io::pipe().unwrap();
    let input = Input { file: File::from(std::os::fd::OwnedFd::from(reader)), expected: None, copy: None };
    let cancelled = AtomicBool::new(true);
    assert!(unpack(&dir.path().join("root"), input, (options(), &cancelled)).is_err());
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn what_is_at_the_target_already_is_left_alone() {
    let ground = Ground::new();
    symlink("etc", ground.root()).unwrap();
    let archive = Tar::default().file("a", "x").end();
    assert!(unpack(&ground.root(), input(&archive), (options(), &AtomicBool::new(false))).is_err());
    assert_eq!(fs::read_dir(ground.dir.path().join("etc")).unwrap().count(), 1);
}
