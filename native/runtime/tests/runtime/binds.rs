//! What a bind makes of the attributes of its source. The mounts are made in a mount namespace of the test's own.

use super::fixture::{Bundle, PROGRAM, bundle};
use serde_json::json;
use std::process::Command;

/// The attributes in the container of a source with these, bound with those; or what is said when it is refused.
fn bound(bundle: &Bundle, source: &str, options: &[&str]) -> String {
    bundle.change(|document| {
        let mounts = document["mounts"].as_array_mut().expect("a list");
        mounts.retain(|mount| mount["destination"] != "/mnt");
        mounts.push(json!({ "type": "bind", "source": "/mnt", "destination": "/mnt", "options": options }));
    });
    let script = format!("mount -t tmpfs t /mnt && mount --bind -o remount,{source} /mnt && exec \"$@\"");
    let mut command = Command::new("unshare");
    command.args(["-m", "--propagation", "private", "sh", "-c", &script, "sh", PROGRAM]);
    command.arg("--root").arg(bundle.path("state")).args(["run", &bundle.id]).current_dir(bundle.directory.path());
    let output = command.output().expect("ran");
    let said = if output.status.success() { output.stdout } else { output.stderr };
    String::from_utf8_lossy(&said).trim().to_owned()
}

const SHOW: &[&str] =
    &["sh", "-c", "while read a b c d e; do test $b = /mnt && echo $d; done </proc/self/mounts; true"];

#[test]
fn one_attribute_that_is_asked_for_clears_all_others_and_none_keeps_them() {
    let Some(bundle) = bundle(SHOW) else { return };
    assert_eq!(bound(&bundle, "ro,noexec,noatime", &["bind"]), "ro,noexec,noatime");
    assert_eq!(bound(&bundle, "ro,noexec,noatime", &["bind", "nosuid"]), "rw,nosuid,noatime");
    assert_eq!(bound(&bundle, "ro,noexec,noatime", &["bind", "relatime"]), "rw,relatime");
    bundle.finish();
}

#[test]
fn users_of_the_containers_own_keep_what_the_host_has_set_and_are_refused_its_opposite() {
    let Some(bundle) = bundle(SHOW) else { return };
    bundle.change(|document| {
        let mapping = json!([{ "containerID": 0, "hostID": 0, "size": 65_536 }]);
        document["linux"]["uidMappings"] = mapping.clone();
        document["linux"]["gidMappings"] = mapping;
        document["linux"]["namespaces"].as_array_mut().expect("a list").push(json!({ "type": "user" }));
    });
    assert_eq!(bound(&bundle, "ro,noexec,noatime", &["bind", "nosuid"]), "ro,nosuid,noexec,noatime");
    assert!(bound(&bundle, "ro", &["bind", "rw"]).ends_with("operation not permitted\""));
    assert!(bound(&bundle, "noatime", &["bind", "relatime"]).ends_with("operation not permitted\""));
    bundle.finish();
}
