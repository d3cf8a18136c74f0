//! Archives that lead elsewhere, by links or names.

use super::*;

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
