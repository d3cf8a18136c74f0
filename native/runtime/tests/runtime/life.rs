use super::fixture::bundle;
use serde_json::json;
use std::fs;

#[test]
fn a_created_container_runs_its_program_only_when_it_is_started() {
    let Some(bundle) = bundle(&["sh", "-c", "echo ran >/ran; exec sleep 100"]) else { return };
    let id = bundle.id.as_str();
    bundle.ok(&["create", "--pid-file", "pid", id]);
    let state = bundle.state();
    assert_eq!(state["status"], "created");
    assert_eq!(state["pid"].to_string(), fs::read_to_string(bundle.path("pid")).expect("read"));
    assert!(!bundle.path("rootfs/ran").exists());
    bundle.ok(&["start", id]);
    bundle.wait_for("running");
    assert!(bundle.refused(&["start", id]).contains("cannot start an already running container"));
    assert!(bundle.refused(&["delete", id]).contains("that is not stopped: running"));
    bundle.ok(&["kill", id, "KILL"]);
    bundle.wait_for("stopped");
    assert_eq!(fs::read_to_string(bundle.path("rootfs/ran")).expect("read"), "ran\n");
    assert!(bundle.refused(&["kill", id, "KILL"]).contains("container not running"));
    bundle.ok(&["delete", id]);
    assert!(bundle.refused(&["state", id]).contains("container does not exist"));
    bundle.finish();
}

#[test]
fn run_ends_with_the_programs_exit_code_and_leaves_nothing() {
    let Some(bundle) = bundle(&["sh", "-c", "echo out; echo err >&2; exit 7"]) else { return };
    let output = bundle.runtime(&["run", &bundle.id]);
    assert_eq!(output.status.code(), Some(7));
    assert_eq!((output.stdout, output.stderr), (b"out\n".to_vec(), b"err\n".to_vec()));
    assert_eq!(bundle.ok(&["list", "-q"]), "");
    bundle.finish();
}

#[test]
fn exec_joins_the_container_and_ends_with_its_own_exit_code() {
    let Some(bundle) = bundle(&["sleep", "100"]) else { return };
    let id = bundle.id.as_str();
    bundle.ok(&["run", "-d", id]);
    assert_eq!(
        bundle.ok(&[
            "exec",
            "--user",
            "5:6",
            "--env",
            "A=b",
            id,
            "sh",
            "-c",
            "id -u; id -g; echo $A; echo $$ >/dev/null"
        ]),
        "5\n6\nb\n"
    );
    assert_eq!(bundle.runtime(&["exec", id, "sh", "-c", "exit 9"]).status.code(), Some(9));
    assert!(bundle.refused(&["exec", id, "no-such-program"]).contains("executable file not found in $PATH"));
    let pids: Vec<i32> = serde_json::from_str(&bundle.ok(&["ps", "--format", "json", id])).expect("JSON");
    assert_eq!(pids.len(), 1);
    bundle.ok(&["pause", id]);
    assert_eq!(bundle.state()["status"], "paused");
    assert!(bundle.refused(&["exec", id, "true"]).contains("paused container"));
    bundle.ok(&["resume", id]);
    bundle.finish();
}

#[test]
fn limits_are_changed_while_the_container_runs() {
    let Some(bundle) = bundle(&["sleep", "100"]) else { return };
    bundle.change(|document| document["linux"]["resources"]["pids"] = json!({ "limit": 20 }));
    bundle.ok(&["run", "-d", &bundle.id]);
    let limit = || {
        let stats: serde_json::Value =
            serde_json::from_str(&bundle.ok(&["events", "--stats", &bundle.id])).expect("JSON");
        stats["data"]["pids"]["limit"].clone()
    };
    assert_eq!(limit(), 20);
    bundle.ok(&["update", "--pids-limit", "30", &bundle.id]);
    assert_eq!(limit(), 30);
    bundle.finish();
}
