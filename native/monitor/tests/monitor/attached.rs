//! A container that is started for somebody: what they hear, and how long they are waited for.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::client::{Heard, JSON, STDIN};
use crate::fixture::{Container, PATIENCE, lacking};

fn heard(stdout: &str, stderr: &str, code: i64) -> Heard {
    Heard { stdout: stdout.to_owned(), stderr: stderr.to_owned(), code: Some(code) }
}

#[test]
fn a_program_that_ends_at_once_is_heard_whole() {
    if lacking() {
        return;
    }
    for _ in 0..20 {
        let wish = json!({ "stdin": false, "rows": 0, "columns": 0 });
        let (running, connection) = Container::shell("echo out; echo err >&2; exit 3").start_for(&wish);
        assert_eq!(connection.hear_all(), heard("out\n", "err\n", 3));
        running.wait();
    }
}

#[test]
fn the_end_of_its_input_is_the_programs() {
    if lacking() {
        return;
    }
    let wish = json!({ "stdin": true, "rows": 0, "columns": 0 });
    let (running, mut connection) = Container::shell("cat; echo over").with("/stdinOpen", json!(true)).start_for(&wish);
    connection.send_frame(STDIN, b"words\n");
    connection.half_close();
    assert_eq!(connection.hear_all(), heard("words\nover\n", "", 0));
    running.wait();
}

#[test]
fn who_sends_no_input_signals_all_the_same() {
    if lacking() {
        return;
    }
    let wish = json!({ "stdin": false, "rows": 0, "columns": 0 });
    let line = "trap 'exit 9' USR1; echo up; while :; do sleep 0.05; done";
    let (running, mut connection) = Container::shell(line).start_for(&wish);
    connection.hear_until("up");
    connection.send_frame(STDIN, b"nobody reads this");
    connection.send_frame(JSON, br#"{"signal":10}"#);
    assert_eq!(connection.hear_all(), heard("", "", 9));
    running.wait();
}

#[test]
fn the_terminal_measures_what_was_wished_for() {
    if lacking() {
        return;
    }
    let container = Container::shell("stty size").with("/oci/process/terminal", json!(true));
    let (running, connection) = container.start_for(&json!({ "stdin": false, "rows": 33, "columns": 101 }));
    assert_eq!(connection.hear_all(), heard("33 101\r\n", "", 0));
    running.wait();
}

#[test]
fn who_reads_late_is_waited_for_and_misses_nothing() {
    if lacking() {
        return;
    }
    let wish = json!({ "stdin": false, "rows": 0, "columns": 0 });
    let (running, mut connection) = Container::shell("yes | head -c 3000000").start_for(&wish);
    std::thread::sleep(Duration::from_secs(2));
    let mut count = 0;
    let code = loop {
        match connection.frame().expect("a frame") {
            (JSON, exit) => break exit,
            (_, payload) => count += payload.len(),
        }
    };
    assert_eq!((count, code.as_slice()), (3_000_000, &br#"{"exit":{"code":0}}"#[..]));
    drop(connection);
    running.wait();
}

#[test]
fn who_writes_while_the_program_ends_still_hears_its_end() {
    if lacking() {
        return;
    }
    for _ in 0..20 {
        let wish = json!({ "stdin": true, "rows": 0, "columns": 0 });
        let (running, mut connection) = Container::shell("echo words").start_for(&wish);
        std::thread::sleep(Duration::from_millis(20));
        connection.send_frame(JSON, br#"{"resize":{"rows":10,"columns":10}}"#);
        assert_eq!(connection.hear_all(), heard("words\n", "", 0));
        running.wait();
    }
}

#[test]
fn one_that_is_gone_keeps_neither_the_container_nor_the_monitor() {
    if lacking() {
        return;
    }
    let wish = json!({ "stdin": false, "rows": 0, "columns": 0 });
    let (running, connection) = Container::shell("while :; do echo more; done & sleep 0.5").start_for(&wish);
    drop(connection);
    let begun = Instant::now();
    running.wait();
    assert!(begun.elapsed() < PATIENCE, "it was waited for");
}
