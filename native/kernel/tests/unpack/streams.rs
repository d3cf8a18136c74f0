//! The archive as a whole: its digests, its end, its limits.

use super::*;

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
