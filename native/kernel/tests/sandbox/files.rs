//! The file tree of a container: its layers, what is bound into it, what a volume gets from the image.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;

use serde_json::json;

use crate::Test;
use crate::fixture::Machine;

pub const TESTS: &[Test] = &[
    ("what a container writes goes to its own directory and never to the image", layers),
    ("a read-only root can't be written to, but what is mounted in it can", read_only_root),
    ("directories and files are bound, read-only where asked", binds),
    ("what is mounted below a bound directory is bound with it", recursive_binds),
    ("what the host mounts later is seen where a bind is a slave, and not otherwise", propagation),
    ("a file is not mounted onto a directory, nor the other way round", other_kinds),
    ("a symlink of the image does not lead a mount out of the container", symlinks),
    ("an image that has a symlink at /proc is refused", symlinked_proc),
    ("a tmpfs has the options that were asked for", tmpfs),
    ("an empty volume is filled from the image, a full one is left alone", volumes),
    ("the host name files of the container lie over the image's", etc_files),
    ("nothing of the host's tree can be reached", escape),
];

fn layers(machine: &Machine) {
    let mut container = machine.container(&["sh", "-c", "cat /data/file; echo new > /data/file; rm /etc/plain"]);
    let upper = fs::canonicalize(container.directory.path()).expect("there").join("upper");
    let above = tempfile::tempdir().expect("a directory");
    fs::create_dir(above.path().join("data")).expect("made");
    fs::write(above.path().join("data/file"), "from the upper layer\n").expect("written");
    container.document["rootfs"]["layers"] = json!([above.path(), machine.layer()]);
    assert_eq!(container.run().expect("runs").stdout, "from the upper layer\n");
    assert_eq!(fs::read_to_string(upper.join("data/file")).expect("written"), "new\n");
    assert_eq!(fs::read_to_string(machine.layer().join("data/file")).expect("kept"), "from the image\n");
    assert!(machine.layer().join("etc/plain").exists());
}

fn read_only_root(machine: &Machine) {
    let volume = tempfile::tempdir().expect("a directory");
    let line = "touch /x; touch /etc/hosts 2>/dev/null || echo hosts; touch /volume/x /dev/shm/x && echo written";
    let ended = machine.shell_with(line, |container| {
        container.document["rootfs"]["readOnly"] = json!(true);
        container.add_mount("/volume", "bind", &volume.path().to_string_lossy(), &["rbind", "rprivate", "rw"]);
        container.etc.hosts = Some(write(container.directory.path(), "hosts", "127.0.0.1 me\n"));
    });
    assert_eq!(ended.stdout, "hosts\nwritten\n");
    assert!(ended.stderr.contains("Read-only file system"), "{}", ended.stderr);
}

fn write(directory: &Path, name: &str, content: &str) -> std::path::PathBuf {
    let file = directory.join(name);
    fs::write(&file, content).expect("written");
    file
}

fn binds(machine: &Machine) {
    let host = tempfile::tempdir().expect("a directory");
    let secret = write(host.path(), "secret", "hush\n");
    let directory = host.path().to_string_lossy().into_owned();
    let line = "cat /run/secrets/one; cat /a/deep/place/secret; touch /a/deep/place/x; touch /locked/y; ls /locked";
    let ended = machine.shell_with(line, |container| {
        container.add_mount("/run/secrets/one", "bind", &secret.to_string_lossy(), &["rbind", "rprivate", "rro"]);
        container.add_mount("/a/deep/place", "bind", &directory, &["rbind", "rprivate", "rw"]);
        container.add_mount("/locked", "bind", &directory, &["rbind", "rprivate", "rro"]);
    });
    assert_eq!(ended.stdout, "hush\nhush\nsecret\nx\n");
    assert_eq!(ended.stderr, "touch: /locked/y: Read-only file system\n");
    assert!(host.path().join("x").exists() && !host.path().join("y").exists());
}

fn recursive_binds(machine: &Machine) {
    let host = tempfile::tempdir().expect("a directory");
    let below = host.path().join("below");
    fs::create_dir(&below).expect("made");
    let data = c"size=64k";
    rustix::mount::mount("tmpfs", &below, "tmpfs", rustix::mount::MountFlags::empty(), data).expect("mounted");
    let directory = host.path().to_string_lossy().into_owned();
    let run = |options: &[&str]| {
        machine.shell_with("touch /bound/below/x && ls /bound/below; true", |container| {
            container.add_mount("/bound", "bind", &directory, options);
        })
    };
    let locked = run(&["rbind", "rprivate", "rro"]);
    let open = run(&["rbind", "rprivate", "ro"]);
    let visible = below.join("x").exists();
    rustix::mount::unmount(&below, rustix::mount::UnmountFlags::empty()).expect("unmounted");
    assert!(locked.stderr.contains("Read-only file system"), "{}", locked.stderr);
    assert_eq!((open.stdout.as_str(), visible), ("x\n", true));
}

fn propagation(machine: &Machine) {
    let host = tempfile::tempdir().expect("a directory");
    let below = host.path().join("below");
    fs::create_dir(&below).expect("made");
    let directory = host.path().to_string_lossy().into_owned();
    let mut container = machine.container(&["sh", "-c", "read go; ls /slave/below /private/below"]);
    container.add_mount("/slave", "bind", &directory, &["rbind", "rslave"]);
    container.add_mount("/private", "bind", &directory, &["rbind", "rprivate"]);
    let (running, mut pipes) = container.start().expect("starts");
    rustix::mount::mount("tmpfs", &below, "tmpfs", rustix::mount::MountFlags::empty(), None).expect("mounted");
    fs::write(below.join("later"), "").expect("written");
    pipes.write("go\n");
    let said = pipes.read().0;
    assert_eq!(running.end(), 0);
    rustix::mount::unmount(&below, rustix::mount::UnmountFlags::empty()).expect("unmounted");
    assert_eq!(said, "/private/below:\n\n/slave/below:\nlater\n");
}

fn other_kinds(machine: &Machine) {
    let hint = |source: &str, destination: &str| {
        let mut container = machine.container(&["true"]);
        container.add_mount(destination, "bind", source, &["rbind"]);
        container.run().expect_err("refused").hint.unwrap_or_default()
    };
    assert!(hint("/etc", "/etc/hosts").contains("directory can't be mounted onto a file"));
    assert!(hint("/etc/passwd", "/etc").contains("nor a file onto a directory"));
}

fn symlinks(machine: &Machine) {
    let layer = tempfile::tempdir().expect("a directory");
    let outside = tempfile::tempdir().expect("a directory");
    symlink(outside.path(), layer.path().join("out")).expect("linked");
    let ended = machine.shell_with("cat /out/made/secret && readlink /out", |container| {
        let secret = write(container.directory.path(), "secret", "hush\n");
        container.document["rootfs"]["layers"] = json!([layer.path(), machine.layer()]);
        container.add_mount("/out/made/secret", "bind", &secret.to_string_lossy(), &["bind", "ro"]);
    });
    assert_eq!(fs::read_dir(outside.path()).expect("there").count(), 0, "nothing was made on the host");
    assert_eq!(ended.code, 0, "{}", ended.stderr);
}

fn symlinked_proc(machine: &Machine) {
    let layer = tempfile::tempdir().expect("a directory");
    symlink("/tmp", layer.path().join("proc")).expect("linked");
    let mut container = machine.container(&["true"]);
    container.document["rootfs"]["layers"] = json!([layer.path(), machine.layer()]);
    let error = container.run().expect_err("refused");
    assert!(error.hint.is_some_and(|hint| hint.contains("symlink")));
}

fn tmpfs(machine: &Machine) {
    let line = "grep ' /scratch ' /proc/mounts; stat -c '%a %u' /scratch";
    let ended = machine.shell_with(line, |container| {
        container.add_mount(
            "/scratch",
            "tmpfs",
            "tmpfs",
            &["noexec", "nosuid", "nodev", "size=1m", "mode=700", "uid=33"],
        );
    });
    assert!(ended.stdout.contains("tmpfs /scratch tmpfs rw,nosuid,nodev,noexec,relatime,size=1024k,mode=700,uid=33"));
    assert!(ended.stdout.ends_with("700 33\n"), "{}", ended.stdout);
}

fn volumes(machine: &Machine) {
    let layer = tempfile::tempdir().expect("a directory");
    let data = layer.path().join("var/lib/data");
    fs::create_dir_all(data.join("sub")).expect("made");
    write(&data, "file", "from the image\n");
    fs::hard_link(data.join("file"), data.join("sub/twin")).expect("linked");
    symlink("file", data.join("link")).expect("linked");
    rustix::fs::chown(&data, Some(rustix::fs::Uid::from_raw(33)), Some(rustix::fs::Gid::from_raw(4))).expect("owned");
    fs::set_permissions(&data, fs::Permissions::from_mode(0o1770)).expect("set");
    let volume = tempfile::tempdir().expect("a directory");
    let run = |line: &str| {
        machine.shell_with(line, |container| {
            container.document["rootfs"]["layers"] = json!([layer.path(), machine.layer()]);
            container.document["copyUp"] = json!(["/var/lib/data"]);
            let source = volume.path().to_string_lossy().into_owned();
            container.add_mount("/var/lib/data", "bind", &source, &["rbind", "rprivate", "ro"]);
        })
    };
    let ended = run("cd /var/lib/data; cat file link; stat -c '%a %u %g' .; stat -c %h sub/twin");
    assert_eq!(ended.stdout, "from the image\nfrom the image\n1770 33 4\n2\n");
    let found = fs::metadata(volume.path()).expect("there");
    assert_eq!((found.mode() & 0o7777, found.uid(), found.gid()), (0o1770, 33, 4));
    fs::remove_file(volume.path().join("link")).expect("removed");
    assert_eq!(run("ls /var/lib/data").stdout, "file\nsub\n");
}

fn etc_files(machine: &Machine) {
    let line = "cat /etc/hosts /etc/hostname /etc/resolv.conf; echo more >> /etc/hosts && echo writable";
    let ended = machine.shell_with(line, |container| {
        let directory = container.directory.path().to_owned();
        container.etc.hosts = Some(write(&directory, "hosts", "127.0.0.1 me\n"));
        container.etc.hostname = Some(write(&directory, "hostname", "me\n"));
        container.etc.resolv_conf = Some(write(&directory, "resolv.conf", "nameserver 127.0.0.11\n"));
    });
    assert_eq!(ended.stdout, "127.0.0.1 me\nme\nnameserver 127.0.0.11\nwritable\n");
}

fn escape(machine: &Machine) {
    let mine = machine.layer();
    assert_eq!(machine.says("cd /; ls -d ../../../../bin/busybox"), "../../../../bin/busybox");
    let ended = machine.shell(&format!("ls {}; ls -A /.. | grep -c var", mine.display()));
    assert_eq!(ended.stdout, "0\n");
    let mounts = machine.says("cat /proc/self/mountinfo");
    assert!(!mounts.contains("/dev/vda"), "no mount of the host is left: {mounts}");
}
