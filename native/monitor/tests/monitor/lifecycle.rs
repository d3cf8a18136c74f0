//! From start to end: what is said, what is written down, restarts, stops, and what a failure leaves.

use std::fs;

use serde_json::{Value, json};

use crate::client::subscribe;
use crate::fixture::{Container, Running, eventually, lacking, wait_for_end};
use crate::leaks;

const LONG: &str = "trap 'exit 5' TERM; echo ready; while :; do sleep 0.05; done";
const DEAF: &str = "trap '' TERM; echo ready; while :; do sleep 0.05; done";

/// A container whose line of shell has said `ready`.
fn ready(container: Container) -> Running {
    let running = container.start();
    assert!(eventually(|| running.container.log().contains(&"stdout: ready\n".to_owned())));
    assert_eq!(running.answer, running.container.state());
    running
}

#[test]
fn a_container_runs_is_logged_and_leaves_its_exit_code() {
    if lacking() {
        return;
    }
    let running = Container::shell("echo out; echo err >&2; cat /etc/hostname; exit 7").start();
    assert_eq!(running.answer["status"], "running");
    assert!(running.answer["startedAtMs"].as_u64() > Some(0));
    let id = running.monitor.id();
    assert_eq!(running.answer["monitor"]["pid"], id);
    let ended = running.wait();
    let fields = ["status", "exitCode", "pid", "error", "restartCount", "stoppedByUser", "oomKilled"];
    let found: Vec<&Value> = fields.iter().map(|field| &ended.state[*field]).collect();
    assert_eq!(json!(found), json!(["exited", 7, 0, "", 0, false, false]));
    assert!(ended.state["finishedAtMs"].as_u64() >= ended.state["startedAtMs"].as_u64());
    assert_eq!(ended.state.get("monitor"), None);
    let mut log = ended.log;
    log.sort();
    assert_eq!(log, ["stderr: err\n", "stdout: inside\n", "stdout: out\n"]);
}

#[test]
fn a_stop_sends_the_signal_and_is_answered_when_all_is_gone() {
    if lacking() {
        return;
    }
    let ended = ready(Container::shell(LONG).with("/restart", json!({ "kind": "always", "maxRetries": 0 }))).stop();
    assert_eq!(ended.state["exitCode"], 5);
    assert_eq!(ended.state["stoppedByUser"], true);
    assert_eq!(ended.state["restartCount"], 0);
}

#[test]
fn the_monitor_can_be_started_again_the_moment_a_stop_is_answered() {
    if lacking() {
        return;
    }
    let mut running = ready(Container::shell(LONG));
    for _ in 0..5 {
        assert_eq!(running.ask(&json!({ "op": "stop" }))["state"]["status"], "exited");
        let (monitor, answer) = running.container.try_start();
        assert_eq!(answer["ok"], true, "{answer}");
        assert!(wait_for_end(&mut running.monitor));
        running.monitor = monitor;
        running.wait_for(|state| state["status"] == "running");
    }
    running.stop();
}

#[test]
fn whoever_does_not_hear_the_signal_is_killed_after_the_grace_time() {
    if lacking() {
        return;
    }
    let ended = ready(Container::shell(DEAF).with("/stop/graceMs", json!(50))).stop();
    assert_eq!(ended.state["exitCode"], 137);
}

#[test]
fn a_second_stop_shortens_the_grace_time() {
    if lacking() {
        return;
    }
    let running = ready(Container::shell(DEAF).with("/stop/graceMs", json!(3_600_000)));
    let mut first = running.connect();
    first.send(b"{\"op\":\"stop\"}\n");
    let answer = running.ask(&json!({ "op": "stop", "graceMs": 0 }));
    assert_eq!(answer["state"]["exitCode"], 137);
    assert_eq!(first.line().expect("an answer")["state"], answer["state"]);
    running.wait();
}

#[test]
fn a_killed_container_is_not_restarted_but_one_that_fails_is() {
    if lacking() {
        return;
    }
    let always = json!({ "kind": "always", "maxRetries": 0 });
    let running = ready(Container::shell(LONG).with("/restart", always));
    let first = running.state()["pid"].as_i64().expect("a pid");
    let pid = rustix::process::Pid::from_raw(i32::try_from(first).expect("a pid")).expect("a pid");
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).expect("killed");
    let state = running.wait_for(|state| state["restartCount"] == 1 && state["status"] == "running");
    assert_ne!(state["pid"], first);
    // The answer comes when it is down.
    assert_eq!(running.ask(&json!({ "op": "kill", "signal": 9 }))["state"]["status"], "exited");
    let ended = running.wait();
    assert_eq!((&ended.state["exitCode"], &ended.state["stoppedByUser"]), (&json!(137), &json!(true)));
    assert_eq!(ended.state["restartCount"], 1);
}

#[test]
fn on_failure_gives_up_after_its_retries() {
    if lacking() {
        return;
    }
    let policy = json!({ "kind": "on-failure", "maxRetries": 2 });
    let running = Container::shell("echo try; exit 3").with("/restart", policy.clone()).start();
    let seen: Vec<Value> = subscribe(&running).map(|state| state["status"].clone()).collect();
    assert!(seen.contains(&json!("restarting")));
    assert_eq!(seen.last(), Some(&json!("exited")));
    let ended = running.wait();
    assert_eq!((&ended.state["restartCount"], &ended.state["exitCode"]), (&json!(2), &json!(3)));
    assert_eq!(ended.log, ["stdout: try\n"; 3]);
    let ended = Container::shell("exit 0").with("/restart", policy).start().wait();
    assert_eq!(ended.state["restartCount"], 0);
}

#[test]
fn a_stop_calls_a_waiting_restart_off() {
    if lacking() {
        return;
    }
    let running = Container::shell("exit 1").with("/restart", json!({ "kind": "always", "maxRetries": 0 })).start();
    running.wait_for(|state| state["restartCount"] == 4);
    let ended = running.stop();
    assert_eq!((&ended.state["status"], &ended.state["exitCode"]), (&json!("exited"), &json!(1)));
}

#[test]
fn the_policy_can_be_changed_while_the_container_runs() {
    if lacking() {
        return;
    }
    let running = ready(Container::shell(LONG));
    let update = json!({ "op": "update", "restart": { "kind": "on-failure", "maxRetries": 1 } });
    assert_eq!(running.ask(&update), json!({ "ok": true }));
    running.ask(&json!({ "op": "signal", "signal": 15 }));
    running.wait_for(|state| state["restartCount"] == 1 && state["status"] == "running");
    running.stop();
}

#[test]
fn a_killed_monitor_takes_the_container_with_it_and_the_next_one_clears_up() {
    if lacking() {
        return;
    }
    let mut running = ready(Container::shell(LONG));
    let pid = running.answer["pid"].as_i64().expect("a pid");
    running.kill_with_keeper();
    assert!(eventually(|| !fs::exists(format!("/proc/{pid}")).expect("known")));
    assert_eq!(running.container.state()["status"], "running", "nobody could write another state");
    let (monitor, answer) = running.container.try_start();
    assert_eq!(answer["ok"], true, "{answer}");
    running.monitor = monitor;
    running.stop();
}

#[test]
fn a_signal_to_the_monitor_stops_the_container_but_is_no_wish_of_the_user() {
    if lacking() {
        return;
    }
    let running = ready(Container::shell(LONG).with("/restart", json!({ "kind": "always", "maxRetries": 0 })));
    let pid = rustix::process::Pid::from_child(&running.monitor);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).expect("sent");
    let ended = running.wait();
    assert_eq!((&ended.state["exitCode"], &ended.state["stoppedByUser"]), (&json!(5), &json!(false)));
}

#[test]
fn a_container_that_the_kernel_ends_for_its_memory_says_so() {
    if lacking() {
        return;
    }
    let limit = json!({ "devices": [], "memory": { "limit": 16 << 20, "swap": 16 << 20 } });
    let container = Container::shell("x=xxxx; while :; do x=$x$x; done").with("/oci/linux/resources", limit);
    let ended = container.start().wait();
    assert_eq!((&ended.state["exitCode"], &ended.state["oomKilled"]), (&json!(137), &json!(true)));
}

#[test]
fn two_monitors_never_run_one_container() {
    if lacking() {
        return;
    }
    let running = ready(Container::shell(LONG));
    let (mut second, answer) = running.container.try_start();
    assert_eq!(answer["error"]["code"], "refused");
    assert!(!second.wait().expect("ended").success());
    assert_eq!(running.state()["status"], "running");
    running.stop();
}

#[test]
fn a_program_that_can_not_be_run_leaves_an_error_and_nothing_else() {
    if lacking() {
        return;
    }
    for (program, code, exit_code) in
        [("nowhere", "executable-not-found", 127), ("/etc/plain", "executable-denied", 126)]
    {
        let container = Container::of(&[program]);
        let error = container.refused();
        assert_eq!((&error["code"], &error["exitCode"]), (&json!(code), &json!(exit_code)), "{error}");
        let state = container.state();
        assert_eq!((&state["status"], &state["exitCode"]), (&json!("created"), &json!(exit_code)));
        assert_eq!(state["error"], error["message"]);
    }
}

#[test]
fn a_container_that_ran_before_and_can_not_be_started_is_still_exited() {
    if lacking() {
        return;
    }
    let container = Container::shell("exit 0");
    let (mut monitor, _) = container.try_start();
    assert!(wait_for_end(&mut monitor));
    let container = container.with("/oci/process/args", json!(["nowhere"]));
    container.refused();
    assert_eq!(container.state()["status"], "exited");
}

#[test]
fn broken_documents_and_missing_directories_are_told_apart_from_crashes() {
    if lacking() {
        return;
    }
    let broken = Container::shell("true").with("/restart", json!({ "kind": "sometimes" }));
    assert_eq!(broken.refused()["code"], "state-broken");
    let lost = Container::shell("true").with("/rootfs/layers", json!(["/no/such/layer"]));
    assert!(lost.refused()["message"].as_str().is_some_and(|text| !text.is_empty()));
    let crowded = Container::shell("true").with("/paths/controlSocket", json!(format!("/{}", "x".repeat(200))));
    assert!(crowded.refused()["message"].as_str().is_some_and(|text| text.contains("control socket")));
}

#[test]
fn a_restart_that_fails_ends_the_container_with_the_reason() {
    if lacking() {
        return;
    }
    let line = "echo ready; sleep 0.3; exit 1";
    let running = Container::shell(line).with("/restart", json!({ "kind": "always", "maxRetries": 0 })).start();
    fs::rename(running.container.path("layer"), running.container.path("layer.away")).expect("moved");
    let ended = running.wait();
    assert_eq!(ended.state["status"], "exited");
    assert_ne!(ended.state["error"], "");
}

#[test]
fn processes_that_share_the_hosts_pids_end_with_the_container() {
    if lacking() {
        return;
    }
    let host_pids =
        json!([{ "type": "mount" }, { "type": "cgroup" }, { "type": "ipc" }, { "type": "uts" }, { "type": "network" }]);
    let container = Container::shell("sleep 1000 & echo ready; exit 4").with("/oci/linux/namespaces", host_pids);
    let id = container.id();
    let running = container.start();
    let directory = running.container.path("");
    assert_eq!(running.wait().state["exitCode"], 4);
    leaks::check(&id, &directory);
}
