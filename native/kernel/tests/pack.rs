//! What is packed comes back when it is unpacked, and nothing is packed that lies elsewhere.
#![allow(missing_docs)]

use std::fs::{self, File, Permissions};
use std::io::Write;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::sync::atomic::AtomicBool;

use kernel::error::Result;
use kernel::tar::pack::{self, pack, pack_content};
use kernel::tar::place::Owners;
use kernel::tar::source::{Input, Limits};
use kernel::tar::unpack::{Form, Options, Unpacked, unpack_over};
use rustix::fs::{CWD, Mode, OFlags, openat};

fn handle(path: &Path) -> OwnedFd {
    openat(CWD, path, OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty()).expect("opens")
}

fn packed(path: &Path, name: &str) -> Vec<u8> {
    let mut out = Vec::new();
    pack(handle(path), name.as_bytes(), &mut out).expect("packs");
    out
}

fn unpacked(archive: &[u8], target: &Path) -> Result<Unpacked> {
    let mut file = tempfile::tempfile().expect("a file");
    file.write_all(archive).expect("written");
    std::io::Seek::rewind(&mut file).expect("rewound");
    let limits = Limits { entries: u64::MAX, bytes: u64::MAX, ratio: u64::MAX };
    let options = Options { form: Form::Plain, owners: Owners::Caller, limits };
    let directory = File::open(target).expect("opens").into();
    unpack_over(directory, Input { file, expected: None, copy: None }, (options, &AtomicBool::new(false)))
}

#[test]
fn a_tree_comes_back_as_it_was() {
    let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let tree = from.path().join("tree");
    let long = "x".repeat(120);
    fs::create_dir_all(tree.join(&long)).unwrap();
    fs::write(tree.join(&long).join("öde"), vec![7; 100_000]).unwrap();
    fs::write(tree.join("setuid"), "s").unwrap();
    fs::set_permissions(tree.join("setuid"), Permissions::from_mode(0o4711)).unwrap();
    fs::hard_link(tree.join("setuid"), tree.join("twin")).unwrap();
    symlink(format!("/{}", "y".repeat(150)), tree.join("link")).unwrap();
    fs::set_permissions(&tree, Permissions::from_mode(0o700)).unwrap();
    unpacked(&packed(&tree, "new"), to.path()).unwrap();
    let new = to.path().join("new");
    assert_eq!(fs::metadata(&new).unwrap().mode() & 0o7777, 0o700);
    assert_eq!(fs::read(new.join(&long).join("öde")).unwrap(), vec![7; 100_000]);
    let [setuid, twin] = ["setuid", "twin"].map(|name| fs::metadata(new.join(name)).unwrap());
    assert_eq!((setuid.mode() & 0o7777, setuid.ino()), (0o4711, twin.ino()));
    assert_eq!(fs::read_link(new.join("link")).unwrap().as_os_str().len(), 151);
    assert_eq!(setuid.mtime(), fs::metadata(tree.join("setuid")).unwrap().mtime());
}

#[test]
fn other_programs_read_the_archive() {
    let from = tempfile::tempdir().unwrap();
    let name = "n".repeat(200);
    fs::write(from.path().join(&name), "text").unwrap();
    let archive = from.path().join("archive.tar");
    fs::write(&archive, packed(&from.path().join(&name), &name)).unwrap();
    let listed = std::process::Command::new("tar").arg("xOf").arg(&archive).output().expect("tar runs");
    assert_eq!((listed.stdout, listed.stderr), (b"text".to_vec(), Vec::new()));
}

#[test]
fn what_is_there_keeps_its_kind_and_the_directory_its_mode() {
    let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fs::create_dir(from.path().join("a")).unwrap();
    fs::write(from.path().join("b"), "new").unwrap();
    fs::set_permissions(from.path(), Permissions::from_mode(0o711)).unwrap();
    fs::set_permissions(to.path(), Permissions::from_mode(0o750)).unwrap();
    let archive = packed(from.path(), ".");
    fs::write(to.path().join("a"), "file").unwrap();
    assert!(unpacked(&archive, to.path()).unwrap_err().to_string().contains("no directory"));
    fs::remove_file(to.path().join("a")).unwrap();
    fs::create_dir_all(to.path().join("b/full")).unwrap();
    assert!(unpacked(&archive, to.path()).unwrap_err().to_string().contains("directory is in its place"));
    assert!(to.path().join("b/full").is_dir());
    fs::remove_dir_all(to.path().join("b")).unwrap();
    fs::write(to.path().join("b"), "old").unwrap();
    unpacked(&archive, to.path()).unwrap();
    assert_eq!(fs::read_to_string(to.path().join("b")).unwrap(), "new");
    assert_eq!(fs::metadata(to.path()).unwrap().mode() & 0o777, 0o750);
}

#[test]
fn links_are_never_followed_and_what_is_no_file_waits_for_nobody() {
    let from = tempfile::tempdir().unwrap();
    fs::write(from.path().join("secret"), "canary").unwrap();
    let tree = from.path().join("tree");
    fs::create_dir(&tree).unwrap();
    symlink("../secret", tree.join("link")).unwrap();
    symlink("..", tree.join("up")).unwrap();
    rustix::fs::mknodat(CWD, tree.join("pipe"), rustix::fs::FileType::Fifo, Mode::RUSR, 0).unwrap();
    drop(std::os::unix::net::UnixListener::bind(tree.join("socket")).unwrap());
    let archive = packed(&tree, "tree");
    assert!(!archive.windows(6).any(|window| window == b"canary"));
    assert!(archive.len() < 10_000);
}

#[test]
fn a_layer_says_by_names_what_it_hides_and_comes_back_as_overlayfs_keeps_it() {
    let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fs::create_dir_all(from.path().join("etc/fresh")).unwrap();
    fs::write(from.path().join("etc/file"), "text").unwrap();
    let hidden = |name: &str| {
        rustix::fs::mknodat(CWD, from.path().join(name), rustix::fs::FileType::CharacterDevice, Mode::empty(), 0)
    };
    if hidden("etc/gone").is_err() {
        eprintln!("skipped: devices are made by root alone");
        return;
    }
    hidden("top").unwrap();
    let opaque = File::open(from.path().join("etc/fresh")).unwrap();
    rustix::fs::fsetxattr(&opaque, "trusted.overlay.opaque", b"y", rustix::fs::XattrFlags::empty()).unwrap();
    let mut archive = Vec::new();
    pack_content(&handle(from.path()), pack::Form::Layer, &mut archive).unwrap();
    let file = to.path().join("layer.tar");
    fs::write(&file, &archive).unwrap();
    let listed = std::process::Command::new("tar").arg("tf").arg(&file).output().expect("tar runs");
    assert_eq!(
        String::from_utf8(listed.stdout).unwrap(),
        "etc/\netc/file\netc/fresh/\netc/fresh/.wh..wh..opq\netc/.wh.gone\n.wh.top\n"
    );
}
