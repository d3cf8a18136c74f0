//! What happens to a container whose monitor is killed: somebody ends what is left of it, says so, and starts it again where
//! that is wanted.

use std::fs;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::fixture::{Container, Running, eventually, lacking};
use crate::leaks;

const LONG: &str = "trap '' TERM; echo ready; while :; do sleep 0.05; done";

fn always() -> Value {
    json!({ "kind": "always", "maxRetries": 0 })
}

fn host_pids() -> Value {
    json!([{ "type": "mount" }, { "type": "cgroup" }, { "type": "ipc" }, { "type": "uts" }, { "type": "network" }])
}

/// Kills the monitor, and waits until the state is as wanted. Answers with it, and how long that took.
fn after_kill(running: &mut Running, wanted: impl Fn(&Value) -> bool) -> (Value, Duration) {
    let since = Instant::now();
    running.monitor.kill().expect("killed");
    running.monitor.wait().expect("reaped");
    (wait_for(&running.container, wanted), since.elapsed())
}

fn wait_for(container: &Container, wanted: impl Fn(&Value) -> bool) -> Value {
    assert!(eventually(|| wanted(&container.state())), "{}", container.state());
    container.state()
}

fn is_gone(container: &Container) -> bool {
    eventually(|| std::panic::catch_unwind(|| leaks::check(&container.id(), &container.path(""))).is_ok())
}

fn pid_of(value: &Value) -> Pid {
    Pid::from_raw(i32::try_from(value.as_i64().expect("a number")).expect("a pid")).expect("a pid")
}

/// Ends a container whose monitor is not our child.
fn stop(container: &Container) {
    let answer = crate::client::Connection::open(&container.path("run/socket"))
        .ask(&json!({ "op": "stop", "signal": 9, "graceMs": 0 }));
    assert_eq!(answer["ok"], true, "{answer}");
    assert!(is_gone(container));
}

#[test]
fn a_killed_monitors_container_is_gone_and_said_to_be_within_two_seconds_in_every_round() {
    if lacking() {
        return;
    }
    for _ in 0..10 {
        let mut running = Container::shell(LONG).with("/oci/linux/namespaces", host_pids()).start();
        let (state, took) = after_kill(&mut running, |state| state["status"] != "running");
        assert_eq!((&state["status"], &state["exitCode"]), (&json!("exited"), &json!(137)));
        assert!(state["error"].as_str().is_some_and(|error| error.starts_with("monitor-lost")), "{state}");
        assert!(took < Duration::from_secs(2), "{took:?}");
        assert!(is_gone(&running.container));
    }
}

#[test]
fn the_journal_tells_of_the_end_of_a_killed_monitors_container() {
    if lacking() {
        return;
    }
    let mut container = Container::shell(LONG);
    let journal = container.path("events.log");
    container.document["paths"]["events"] = json!(journal);
    let mut running = container.start();
    after_kill(&mut running, |state| state["status"] == "exited");
    let died = |line: &str| line.contains("\"action\":\"die\"") && line.contains("\"exitCode\":\"137\"");
    assert!(eventually(|| fs::read_to_string(&journal).is_ok_and(|text| text.lines().any(died))));
    assert!(is_gone(&running.container));
}

#[test]
fn the_restart_policy_holds_although_the_monitor_was_killed() {
    if lacking() {
        return;
    }
    let mut running = Container::shell(LONG).with("/restart", always()).start();
    let up_again = |state: &Value| state["status"] == "running" && state["restartCount"] == 1;
    let (state, took) = after_kill(&mut running, up_again);
    assert!(took < Duration::from_secs(2), "{took:?}");
    assert_eq!(state["error"], "");
    kill_process(pid_of(&state["monitor"]["pid"]), Signal::KILL).expect("killed");
    let state = wait_for(&running.container, |state| state["status"] == "running" && state["restartCount"] == 2);
    assert!(fs::exists(format!("/proc/{}", state["pid"])).expect("known"));
    stop(&running.container);
    assert_eq!(running.container.state()["stoppedByUser"], true);
}

#[test]
fn on_failure_counts_a_killed_monitor_as_one() {
    if lacking() {
        return;
    }
    let policy = json!({ "kind": "on-failure", "maxRetries": 1 });
    let mut running = Container::shell(LONG).with("/restart", policy).start();
    let (state, _) = after_kill(&mut running, |state| state["status"] == "running" && state["restartCount"] == 1);
    kill_process(pid_of(&state["monitor"]["pid"]), Signal::KILL).expect("killed");
    wait_for(&running.container, |state| state["status"] == "exited");
    assert!(is_gone(&running.container));
}

#[test]
fn a_container_that_was_being_stopped_is_not_started_again() {
    if lacking() {
        return;
    }
    let mut running = Container::shell(LONG).with("/restart", always()).start();
    let mut connection = running.connect();
    connection.send(b"{\"op\":\"stop\",\"graceMs\":60000}\n");
    wait_for(&running.container, |state| state["stoppedByUser"] == true);
    after_kill(&mut running, |state| state["status"] == "exited");
    assert!(is_gone(&running.container));
}

#[test]
fn nothing_is_started_while_the_host_is_shut_down() {
    if lacking() {
        return;
    }
    let mut running = Container::shell(LONG).with("/restart", always()).start();
    kill_process(running.keeper().expect("a keeper"), Signal::TERM).expect("sent");
    let (state, _) = after_kill(&mut running, |state| state["status"] == "exited");
    assert_eq!(state["stoppedByUser"], false);
    assert!(is_gone(&running.container));
}

#[test]
fn a_keeper_that_is_killed_is_replaced() {
    if lacking() {
        return;
    }
    let mut running = Container::shell(LONG).start();
    let first = running.keeper().expect("a keeper");
    kill_process(first, Signal::KILL).expect("killed");
    assert!(eventually(|| running.keeper().is_some_and(|keeper| keeper != first)));
    after_kill(&mut running, |state| state["status"] == "exited");
    assert!(is_gone(&running.container));
}

#[test]
fn a_container_that_somebody_else_has_started_meanwhile_is_left_alone() {
    if lacking() {
        return;
    }
    let mut running = Container::shell(LONG).with("/restart", always()).start();
    let keeper = running.keeper().expect("a keeper");
    kill_process(keeper, Signal::STOP).expect("stopped");
    running.monitor.kill().expect("killed");
    running.monitor.wait().expect("reaped");
    let (monitor, answer) = running.container.try_start();
    assert_eq!(answer["ok"], true, "{answer}");
    running.monitor = monitor;
    kill_process(keeper, Signal::CONT).expect("continued");
    assert!(eventually(|| !fs::exists(format!("/proc/{}", keeper.as_raw_nonzero())).expect("known")));
    assert_eq!(running.state()["pid"], answer["state"]["pid"]);
    running.monitor.kill().expect("killed");
    running.monitor.wait().expect("reaped");
    wait_for(&running.container, |state| state["restartCount"] == 1 && state["status"] == "running");
    stop(&running.container);
}
