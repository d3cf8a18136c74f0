//! What befalls a container from outside: signals of every kind, programs that come as it goes, processes that can't be killed at
//! once, and a directory that somebody deletes.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use rustix::process::{Pid, kill_process};
use serde_json::{Value, json};

use crate::client::{Connection, exec_request, subscribe};
use crate::fixture::{Container, Running, eventually, lacking, wait_for_end};
use crate::leaks;

const LONG: &str = "trap '' TERM; echo ready; while :; do sleep 0.05; done";

/// How long a container that is ended by force may take.
const FORCED: Duration = Duration::from_secs(2);

/// Its first program is not the first process of a namespace, which the kernel spares from most signals.
fn ordinary(argv: &[&str]) -> Container {
    let namespaces =
        json!([{ "type": "mount" }, { "type": "cgroup" }, { "type": "ipc" }, { "type": "uts" }, { "type": "network" }]);
    Container::of(argv).with("/oci/linux/namespaces", namespaces)
}

fn pid_of(running: &Running) -> Pid {
    let pid = running.answer["pid"].as_i64().expect("a pid");
    Pid::from_raw(i32::try_from(pid).expect("a pid")).expect("a pid")
}

fn signal(number: i32) -> rustix::process::Signal {
    // SAFETY: the C library does not use these signals for itself.
    unsafe { rustix::process::Signal::from_raw_unchecked(number) }
}

fn end_by_force(running: Running) -> Duration {
    let since = Instant::now();
    let answer = running.ask(&json!({ "op": "stop", "signal": 9, "graceMs": 0 }));
    assert_eq!(answer["ok"], true, "{answer}");
    running.wait();
    since.elapsed()
}

#[test]
fn a_first_program_that_is_killed_from_outside_gives_128_and_the_signal_at_once() {
    if lacking() {
        return;
    }
    for number in [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 24, 25, 26, 27, 29, 30, 31, 34, 64] {
        let running = ordinary(&["/bin/sleep", "1000"]).start();
        let mut states = subscribe(&running);
        assert_eq!(states.next().expect("a state")["status"], "running");
        let since = Instant::now();
        kill_process(pid_of(&running), signal(number)).expect("sent");
        let state = states.find(|state| state["status"] == "exited").expect("an end");
        assert!(since.elapsed() < Duration::from_millis(500), "{:?}", since.elapsed());
        assert_eq!((&state["exitCode"], &state["oomKilled"]), (&json!(128 + number), &json!(false)));
        running.wait();
    }
}

#[test]
fn every_signal_that_can_be_caught_is_passed_on_and_no_other_number() {
    if lacking() {
        return;
    }
    let numbers: Vec<i32> = (1..=31).chain(34..=64).filter(|number| ![9, 17, 19].contains(number)).collect();
    let words: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    let traps = format!("for s in {}; do trap \"echo got $s\" $s; done", words.join(" "));
    let running = Container::shell(&format!("{traps}; echo ready; while :; do sleep 0.02; done")).start();
    let has = |line: &str| running.container.log().contains(&format!("stdout: {line}\n"));
    assert!(eventually(|| has("ready")));
    for number in numbers {
        assert_eq!(running.ask(&json!({ "op": "signal", "signal": number })), json!({ "ok": true }), "{number}");
        assert!(eventually(|| has(&format!("got {number}"))), "signal {number}");
    }
    for number in [-1, 32, 33, 65, 1000] {
        assert_eq!(running.ask(&json!({ "op": "signal", "signal": number }))["error"]["code"], "refused", "{number}");
    }
    end_by_force(running);
}

#[test]
fn a_program_that_comes_as_the_container_goes_is_run_or_refused_and_never_left_behind() {
    if lacking() {
        return;
    }
    for round in 0..12 {
        let running = Container::of(&["/bin/sleep", &format!("0.{:02}", 2 + round)]).start();
        let socket = running.container.path("run/socket");
        let clients: Vec<_> = (0..4)
            .map(|_| {
                std::thread::spawn({
                    let socket = socket.clone();
                    move || run_until_gone(&socket)
                })
            })
            .collect();
        let answers: Vec<Value> = clients.into_iter().flat_map(|client| client.join().expect("no panic")).collect();
        for answer in &answers {
            let code = &answer["error"]["code"];
            assert!(answer["ok"] == true || code == "container-not-running" || code == "refused", "{answer}");
        }
        running.wait();
    }
}

/// Runs one program after the other, until nobody answers any more.
fn run_until_gone(socket: &PathBuf) -> Vec<Value> {
    let mut answers = Vec::new();
    while let Some(answer) = try_exec(socket) {
        answers.push(answer);
    }
    answers
}

fn try_exec(socket: &PathBuf) -> Option<Value> {
    use std::io::{BufRead, BufReader, Read, Write};
    let mut stream = std::os::unix::net::UnixStream::connect(socket).ok()?;
    stream.write_all(format!("{}\n", exec_request(&["/bin/true"])).as_bytes()).ok()?;
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|count| *count > 0)?;
    let _ = reader.read_to_end(&mut Vec::new());
    Some(serde_json::from_str(&line).expect("JSON"))
}

#[test]
fn a_hundred_programs_run_at_the_same_time() {
    if lacking() {
        return;
    }
    let running = Container::shell(LONG).start();
    let mut connections: Vec<Connection> = (0..100).map(|_| running.connect()).collect();
    for connection in &mut connections {
        connection.send(format!("{}\n", exec_request(&["/bin/sh", "-c", "sleep 0.2; exit 3"])).as_bytes());
    }
    for mut connection in connections {
        assert_eq!(connection.line().expect("an answer")["ok"], true);
        assert_eq!(connection.hear_all().code, Some(3));
    }
    end_by_force(running);
}

#[test]
fn a_fork_bomb_stays_below_its_limit_and_is_ended_in_two_seconds() {
    if lacking() {
        return;
    }
    let bomb = "f() { f | f & }; f; while :; do :; done 2>/dev/null";
    let limit = json!({ "devices": [], "pids": { "limit": 128 } });
    let container = ordinary(&["/bin/sh", "-c", bomb]).with("/oci/linux/resources", limit);
    let running = container.start();
    std::thread::sleep(Duration::from_millis(500));
    let took = end_by_force(running);
    assert!(took < FORCED, "{took:?}");
}

#[test]
fn processes_that_were_frozen_in_a_group_of_their_own_end_with_the_container() {
    if lacking() {
        return;
    }
    let running = ordinary(&["/bin/sh", "-c", "sleep 1000 & sleep 1000"]).start();
    let root = PathBuf::from("/sys/fs/cgroup/freezer/tscompose-test-monitor").join(running.container.id());
    if !root.exists() {
        println!("skipped: no freezer of its own");
        end_by_force(running);
        return;
    }
    let inner = root.join("inner");
    fs::create_dir(&inner).expect("made");
    let pids = || fs::read_to_string(root.join("cgroup.procs")).expect("pids");
    assert!(eventually(|| pids().lines().count() == 2));
    let first = running.answer["pid"].to_string();
    let child = pids().lines().find(|pid| **pid != first).expect("a child").to_owned();
    fs::write(inner.join("cgroup.procs"), child).expect("moved");
    fs::write(inner.join("freezer.state"), "FROZEN").expect("frozen");
    let took = end_by_force(running);
    assert!(took < FORCED, "{took:?}");
}

#[test]
fn a_container_whose_directory_is_deleted_ends_and_leaves_nothing() {
    if lacking() {
        return;
    }
    let always = json!({ "kind": "always", "maxRetries": 0 });
    let mut running = Container::shell("while :; do sleep 0.05; done")
        .with("/restart", always)
        .with("/stop", json!({ "signal": 9, "graceMs": 100 }))
        .start();
    let directory = running.container.path("");
    fs::remove_dir_all(&directory).expect("removed");
    assert!(wait_for_end(&mut running.monitor));
    leaks::check(&running.container.id(), &directory);
}
