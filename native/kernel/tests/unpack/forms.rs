//! What files an archive can hold, and in which formats.

use super::*;

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
