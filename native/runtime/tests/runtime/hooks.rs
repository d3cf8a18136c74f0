use super::fixture::bundle;
use serde_json::{Value, json};
use std::fs;

#[test]
fn all_six_kinds_of_hooks_run_in_their_order_and_read_the_state() {
    let Some(bundle) = bundle(&["sh", "-c", "echo program >>/log"]) else { return };
    // Those of the container see its own root, the others the host's.
    let log = bundle.path("rootfs/log");
    let outside = |name: &str| {
        let script = format!("grep -o '\"status\":\"[a-z]*\"' | sed 's/^/{name} /' >>{}", log.display());
        json!([{ "path": "/bin/sh", "args": ["sh", "-c", script], "env": ["PATH=/usr/bin:/bin"] }])
    };
    let inside = json!([{ "path": "/bin/sh", "args": ["sh", "-c", "echo startContainer >>/log"] }]);
    bundle.change(|document| {
        document["hooks"] = json!({
            "prestart": outside("prestart"),
            "createRuntime": outside("createRuntime"),
            "createContainer": outside("createContainer"),
            "startContainer": inside,
            "poststart": outside("poststart"),
            "poststop": outside("poststop"),
        });
    });
    bundle.ok(&["create", &bundle.id]);
    let words = |text: String| {
        text.lines().map(|line| line.split(' ').next().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    let read = || fs::read_to_string(&log).expect("read");
    assert_eq!(words(read()), ["prestart", "createRuntime", "createContainer"]);
    bundle.ok(&["start", &bundle.id]);
    bundle.wait_for("stopped");
    bundle.ok(&["delete", &bundle.id]);
    let mut after = words(read())[3..].to_vec();
    // The program and the hook after its start run at the same time.
    after[1..3].sort();
    assert_eq!(after, ["startContainer", "poststart", "program", "poststop"]);
    assert!(read().contains("prestart \"status\":\"created\"") && read().contains("poststop \"status\":\"stopped\""));
    bundle.finish();
}

#[test]
fn a_hook_that_fails_before_the_start_leaves_no_container() {
    let Some(bundle) = bundle(&["true"]) else { return };
    bundle.change(|document: &mut Value| {
        document["hooks"] =
            json!({ "createRuntime": [{ "path": "/bin/sh", "args": ["sh", "-c", "echo no >&2; exit 3"] }] });
    });
    let said = bundle.refused(&["create", &bundle.id]);
    assert!(said.contains("createRuntime hook #0") && said.contains("no"), "{said}");
    assert_eq!(bundle.ok(&["list", "-q"]), "");
    bundle.finish();
}

#[test]
fn a_hook_that_prepares_the_container_is_run_in_its_root() {
    let Some(bundle) = bundle(&["cat", "/made"]) else { return };
    bundle.change(|document| {
        document["hooks"] =
            json!({ "createContainer": [{ "path": "/bin/sh", "args": ["sh", "-c", "echo here >./made"] }] });
    });
    assert_eq!(bundle.ok(&["run", &bundle.id]), "here\n");
    bundle.finish();
}
