//! The control socket: who may ask, what is refused, and what attached clients hear.

use std::os::unix::fs::PermissionsExt;

use serde_json::json;

use crate::client::{JSON, STDIN, subscribe};
use crate::fixture::{Container, eventually, lacking};

const WAITING: &str = "echo ready; while :; do sleep 0.05; done";

#[test]
fn the_socket_is_private() {
    if lacking() {
        return;
    }
    let running = Container::shell(WAITING).start();
    let mode =
        |name: &str| std::fs::metadata(running.container.path(name)).expect("there").permissions().mode() & 0o777;
    assert_eq!((mode("run/socket"), mode("run")), (0o600, 0o700));
    running.ask(&json!({ "op": "kill", "signal": 9 }));
    running.wait();
}

#[test]
fn nonsense_is_refused_and_harms_nobody() {
    if lacking() {
        return;
    }
    let running = Container::shell(WAITING).start();
    for request in [
        "\n",
        "hello\n",
        "{\"op\":\"dance\"}\n",
        "{\"op\":\"signal\",\"signal\":0}\n",
        "{\"op\":\"signal\",\"signal\":999}\n",
    ] {
        let mut connection = running.connect();
        connection.send(request.as_bytes());
        let answer = connection.line().expect("an answer");
        assert_eq!((&answer["ok"], &answer["error"]["code"]), (&json!(false), &json!("refused")), "{request}");
        assert_eq!(connection.line(), None);
    }
    let mut endless = running.connect();
    let piece = vec![b'x'; 64 * 1024];
    let mut sent = 0;
    while sent <= 2 << 20 && std::io::Write::write_all(endless.socket.get_mut(), &piece).is_ok() {
        sent += piece.len();
    }
    assert_eq!(endless.line().expect("an answer")["error"]["message"], "the request is too long");
    drop(running.connect());
    assert_eq!(running.state()["status"], "running");
    running.ask(&json!({ "op": "kill", "signal": 9 }));
    running.wait();
}

#[test]
fn signals_reach_the_first_program_and_the_policy_still_counts() {
    if lacking() {
        return;
    }
    let line = "trap 'echo heard' USR1; echo ready; while :; do sleep 0.05; done";
    let running = Container::shell(line).start();
    assert!(eventually(|| running.container.log().contains(&"stdout: ready\n".into())));
    assert_eq!(running.ask(&json!({ "op": "signal", "signal": 10 })), json!({ "ok": true }));
    assert!(eventually(|| running.container.log().contains(&"stdout: heard\n".into())));
    running.ask(&json!({ "op": "kill", "signal": 9 }));
    running.wait();
}

#[test]
fn a_paused_container_stands_still_and_a_stop_wakes_it() {
    if lacking() {
        return;
    }
    let line = "trap 'echo bye; exit 6' TERM; while :; do echo tick; sleep 0.02; done";
    let running = Container::shell(line).start();
    let ticks = || running.container.log().len();
    assert!(eventually(|| ticks() > 2));
    assert_eq!(running.ask(&json!({ "op": "pause" })), json!({ "ok": true }));
    assert_eq!(running.state()["status"], "paused");
    assert_eq!(running.ask(&json!({ "op": "pause" }))["error"]["code"], "refused");
    // What was in the pipe has been read when a later request is answered.
    running.state();
    let standing = ticks();
    std::thread::sleep(std::time::Duration::from_millis(100));
    assert_eq!(ticks(), standing);
    assert_eq!(running.ask(&json!({ "op": "unpause" })), json!({ "ok": true }));
    assert!(eventually(|| ticks() > standing));
    running.ask(&json!({ "op": "pause" }));
    let ended = running.stop();
    assert_eq!(ended.state["exitCode"], 6);
    assert_eq!(ended.log.last().map(String::as_str), Some("stdout: bye\n"));
}

#[test]
fn states_are_pushed_until_the_end_for_good() {
    if lacking() {
        return;
    }
    let running = Container::shell("sleep 0.2; exit 9").start();
    let states: Vec<_> = subscribe(&running).collect();
    assert_eq!(states.first().map(|state| &state["status"]), Some(&json!("running")));
    let last = states.last().expect("a state");
    assert_eq!((&last["status"], &last["exitCode"]), (&json!("exited"), &json!(9)));
    running.wait();
}

#[test]
fn an_attached_client_hears_talks_and_learns_the_exit_code() {
    if lacking() {
        return;
    }
    let line = "while read word; do echo you said $word; echo really >&2; done; exit 8";
    let running = Container::shell(line).with("/stdinOpen", json!(true)).start();
    let mut attached = running.connect();
    assert_eq!(attached.ask(&json!({ "op": "attach", "stdin": true })), json!({ "ok": true, "tty": false }));
    let mut silent = running.connect();
    silent.ask(&json!({ "op": "attach", "stdin": false }));
    attached.send_frame(STDIN, b"yes\nno\n");
    attached.send_frame(STDIN, b"");
    let heard = attached.hear_all();
    assert_eq!((heard.stdout.as_str(), heard.code), ("you said yes\nyou said no\n", Some(8)));
    assert_eq!(heard.stderr, "really\nreally\n");
    assert_eq!(silent.hear_all(), heard);
    assert_eq!(running.wait().log.len(), 4);
}

#[test]
fn an_attached_client_that_leaves_ends_nothing() {
    if lacking() {
        return;
    }
    let line = "read word; echo got $word; while :; do sleep 0.05; done";
    let running = Container::shell(line).with("/stdinOpen", json!(true)).start();
    let mut attached = running.connect();
    attached.ask(&json!({ "op": "attach", "stdin": true }));
    drop(attached);
    let mut attached = running.connect();
    attached.ask(&json!({ "op": "attach", "stdin": true }));
    attached.send_frame(STDIN, b"more\n");
    assert!(attached.hear_until("\n").contains("got more"));
    running.ask(&json!({ "op": "kill", "signal": 9 }));
    running.wait();
}

#[test]
fn a_container_with_a_terminal_is_attached_resized_and_logged() {
    if lacking() {
        return;
    }
    let line = "echo ready; read go; stty size; tty; exit 2";
    let mut container =
        Container::shell(line).with("/oci/process/terminal", json!(true)).with("/stdinOpen", json!(true));
    let journal = container.path("events.log");
    container.document["paths"]["events"] = json!(journal);
    let running = container.start();
    let mut attached = running.connect();
    assert_eq!(attached.ask(&json!({ "op": "attach", "stdin": true })), json!({ "ok": true, "tty": true }));
    attached.send_frame(JSON, br#"{"resize":{"rows":40,"columns":132}}"#);
    attached.send_frame(STDIN, b"go\n");
    let heard = attached.hear_all();
    assert!(heard.stdout.contains("40 132\r\n"), "{heard:?}");
    assert!(heard.stdout.contains("/dev/"), "{heard:?}");
    assert_eq!((heard.stderr.as_str(), heard.code), ("", Some(2)));
    let told = std::fs::read_to_string(&journal).expect("there");
    let events: Vec<serde_json::Value> = told.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert!(events.iter().any(|event| event["action"] == "attach"), "{told}");
    let size = json!({ "height": "40", "width": "132" });
    assert!(events.iter().any(|event| event["action"] == "resize" && event["attributes"] == size), "{told}");
    assert!(running.wait().log.contains(&"stdout: 40 132\r\n".to_owned()));
}

#[test]
fn a_client_that_does_not_read_never_holds_the_container_up() {
    if lacking() {
        return;
    }
    let running = Container::shell("yes | tr -d '\\n' | head -c 20000000; echo; echo done").start();
    let mut deaf = running.connect();
    deaf.ask(&json!({ "op": "attach", "stdin": false }));
    let mut behind = running.connect();
    behind.send(b"{\"op\":\"subscribe\"}\n");
    running.wait_for(|state| state["status"] == "exited");
    let ended = running.wait();
    assert_eq!(ended.log.last().map(String::as_str), Some("stdout: done\n"));
    let length: usize = ended.log.iter().map(|entry| entry.len() - "stdout: ".len()).sum();
    assert_eq!(length, 20_000_001 + "done\n".len());
}
