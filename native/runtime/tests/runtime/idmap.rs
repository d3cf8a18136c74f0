//! Mounts that show files with other owners, in containers with users of their own.

use super::fixture::{Bundle, bundle};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};

/// Of the file on the host, which the container's own users don't know.
const OWNER: u32 = 5;

/// The container's root, on the host.
const ROOT: u32 = 100_000;

/// A container with users of its own and these mounts, that has a file of the host's to show.
fn with_users(script: &str, mounts: &[Value]) -> Option<Bundle> {
    let bundle = bundle(&["sh", "-c", script])?;
    for place in ["rootfs/first", "rootfs/second", "source"] {
        fs::create_dir(bundle.path(place)).expect("made");
    }
    fs::write(bundle.path("source/file"), "here\n").expect("written");
    chown(bundle.path("source/file"), Some(OWNER), Some(OWNER)).expect("given");
    for place in ["rootfs", "rootfs/first", "rootfs/second"] {
        chown(bundle.path(place), Some(ROOT), Some(ROOT)).expect("given");
    }
    fs::set_permissions(bundle.directory.path(), fs::Permissions::from_mode(0o755)).expect("set");
    bundle.change(|document| {
        let mapping = json!([{ "containerID": 0, "hostID": ROOT, "size": 65_536 }]);
        document["linux"]["uidMappings"] = mapping.clone();
        document["linux"]["gidMappings"] = mapping;
        document["linux"]["namespaces"].as_array_mut().expect("a list").push(json!({ "type": "user" }));
        document["mounts"].as_array_mut().expect("a list").extend_from_slice(mounts);
    });
    Some(bundle)
}

fn bind(source: &str, destination: &str, options: &[&str]) -> Value {
    json!({ "type": "bind", "source": source, "destination": destination, "options": options })
}

#[test]
fn what_is_mounted_in_the_container_itself_can_be_shown_with_its_owners_at_another_place() {
    let mounts = [bind("source", "/first", &["rbind"]), bind("rootfs/first", "/second", &["rbind", "idmap", "nosuid"])];
    let script = "ls -n /first /second; grep -c '/second .*nosuid' /proc/self/mounts; cat /second/file";
    let Some(bundle) = with_users(script, &mounts) else { return };
    let said = bundle.ok(&["run", &bundle.id]);
    let owners: Vec<&str> = said.lines().filter(|line| line.ends_with(" file")).filter_map(owner).collect();
    assert_eq!(owners, ["65534", "5"], "{said}");
    assert!(said.ends_with("1\nhere\n"), "{said}");
    bundle.finish();
}

fn owner(line: &str) -> Option<&str> {
    line.split_whitespace().nth(2)
}

#[test]
fn a_mount_that_cannot_show_other_owners_is_told_by_its_name_and_leaves_nothing() {
    // What lies in the container's own /proc has no owners to be shown.
    let Some(bundle) = with_users("true", &[bind("rootfs/proc", "/second", &["rbind", "idmap"])]) else { return };
    let said = bundle.refused(&["run", &bundle.id]);
    assert!(said.contains(r#"show other owners in the mount \"/second\""#), "{said}");
    bundle.finish();
}
