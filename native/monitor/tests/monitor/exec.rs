//! Further programs in a running container, and those who talk to them.

use serde_json::{Value, json};

use crate::client::{Heard, JSON, STDIN, exec, exec_request};
use crate::fixture::{Container, Running, eventually, lacking};

fn waiting() -> Running {
    Container::shell("echo ready; while :; do sleep 0.05; done").start()
}

fn end(running: Running) {
    running.ask(&json!({ "op": "kill", "signal": 9 }));
    running.wait();
}

#[test]
fn pipes_carry_input_and_both_outputs_and_the_exit_code_comes_last() {
    if lacking() {
        return;
    }
    let running = waiting();
    let mut session = exec(&running, &["sh", "-c", "tr a-z A-Z; echo $GREETING >&2; exit 42"]);
    session.send_frame(STDIN, b"some ");
    session.send_frame(STDIN, b"words");
    session.send_frame(STDIN, b"");
    let expected = Heard { stdout: "SOME WORDS".into(), stderr: "hello\n".into(), code: Some(42) };
    assert_eq!(session.hear_all(), expected);
    assert!(exec(&running, &["sh", "-c", "kill -9 $$"]).hear_all().code == Some(137));
    end(running);
}

#[test]
fn much_goes_through_both_ways_at_once() {
    if lacking() {
        return;
    }
    const PIECES: usize = 200;
    let running = waiting();
    let mut session = exec(&running, &["cat"]);
    let socket = session.socket.get_ref().try_clone().expect("a twin");
    let writer = std::thread::spawn(move || {
        let mut talking = crate::client::Connection { socket: std::io::BufReader::new(socket) };
        for number in 0..PIECES {
            talking.send_frame(STDIN, &vec![b'a' + (number % 26) as u8; 50_000]);
        }
        talking.send_frame(STDIN, b"");
    });
    let mut received = Vec::new();
    while let Some((kind, payload)) = session.frame() {
        if kind != JSON {
            received.extend_from_slice(&payload);
        }
    }
    writer.join().expect("all was sent");
    assert_eq!(received.len(), PIECES * 50_000);
    assert!(
        received
            .chunks(50_000)
            .enumerate()
            .all(|(number, piece)| piece.iter().all(|byte| *byte == b'a' + (number % 26) as u8))
    );
    end(running);
}

#[test]
fn a_reader_that_is_slow_holds_only_its_own_program_up() {
    if lacking() {
        return;
    }
    let running = waiting();
    let slow = exec(&running, &["sh", "-c", "head -c 5000000 /dev/null; yes | head -c 5000000"]);
    assert_eq!(exec(&running, &["echo", "quick"]).hear_all().stdout, "quick\n");
    let heard = slow.hear_all();
    assert_eq!((heard.stdout.len(), heard.code), (5_000_000, Some(0)));
    end(running);
}

#[test]
fn a_terminal_has_its_size_and_can_be_resized() {
    if lacking() {
        return;
    }
    let running = waiting();
    let mut request = exec_request(&["sh", "-c", "stty size; read go; stty size; exit 3"]);
    request["process"]["terminal"] = json!(true);
    let mut session = running.connect();
    assert_eq!(session.ask(&request)["ok"], true);
    session.hear_until("24 80\r\n");
    session.send_frame(JSON, br#"{"resize":{"rows":50,"columns":200}}"#);
    session.send_frame(STDIN, b"\r");
    let heard = session.hear_all();
    assert!(heard.stdout.contains("50 200\r\n"), "{heard:?}");
    assert_eq!(heard.code, Some(3));
    end(running);
}

#[test]
fn a_program_runs_on_when_its_client_leaves_at_a_terminal_too() {
    if lacking() {
        return;
    }
    let running = waiting();
    let line = "trap 'touch /tmp/hung-up; exit' HUP; echo on; sleep 0.2; yes | head -c 1000000; touch /tmp/drawn";
    let mut request = exec_request(&["sh", "-c", line]);
    request["process"]["terminal"] = json!(true);
    let mut terminal = running.connect();
    terminal.ask(&request);
    terminal.hear_until("on\r\n");
    drop(terminal);
    let mut pipe = exec(&running, &["sh", "-c", "echo on; cat; sleep 0.2; echo still here; touch /tmp/done"]);
    pipe.hear_until("on\n");
    drop(pipe);
    let made = |name: &str| running.container.path("upper/tmp").join(name).exists();
    assert!(eventually(|| made("drawn") && made("done")));
    assert!(!made("hung-up"));
    end(running);
}

#[test]
fn input_that_ends_with_the_connections_sending_side_ends_the_programs_input() {
    if lacking() {
        return;
    }
    let running = waiting();
    let mut session = exec(&running, &["cat"]);
    session.send_frame(STDIN, b"all of it");
    session.half_close();
    assert_eq!(session.hear_all().stdout, "all of it");
    end(running);
}

#[test]
fn frames_can_be_sent_with_the_request_and_in_any_pieces() {
    if lacking() {
        return;
    }
    let running = waiting();
    let mut bytes = format!("{}\n", exec_request(&["cat"])).into_bytes();
    bytes.extend_from_slice(b"\0\0\0\0\0\0\0\x05early\0\0\0\0\0\0\0\0");
    let mut session = running.connect();
    for byte in bytes {
        session.send(&[byte]);
    }
    assert_eq!(session.line().expect("an answer")["ok"], true);
    assert_eq!(session.hear_all().stdout, "early");
    end(running);
}

#[test]
fn a_detached_program_runs_alone() {
    if lacking() {
        return;
    }
    let running = waiting();
    let mut request = exec_request(&["sh", "-c", "cat; echo nobody hears; touch /tmp/done"]);
    request["detach"] = json!(true);
    let mut session = running.connect();
    assert_eq!(session.ask(&request)["ok"], true);
    assert_eq!(session.line(), None);
    assert!(eventually(|| running.container.path("upper/tmp/done").exists()));
    end(running);
}

#[test]
fn output_of_children_that_go_on_does_not_keep_the_client_waiting_for_ever() {
    if lacking() {
        return;
    }
    let running = waiting();
    let heard = exec(&running, &["sh", "-c", "sleep 1000 & echo over"]).hear_all();
    assert_eq!((heard.stdout.as_str(), heard.code), ("over\n", Some(0)));
    end(running);
}

#[test]
fn an_exec_ends_with_the_container() {
    if lacking() {
        return;
    }
    let running = waiting();
    let session = exec(&running, &["sleep", "1000"]);
    running.ask(&json!({ "op": "kill", "signal": 9 }));
    assert_eq!(session.hear_all().code, Some(137));
    running.wait();
}

#[test]
fn what_can_not_be_run_is_refused_with_the_shells_codes() {
    if lacking() {
        return;
    }
    let running = waiting();
    let refused = |argv: &[&str]| {
        let answer = running.ask(&exec_request(argv));
        assert_eq!(answer["ok"], false, "{answer}");
        answer["error"].clone()
    };
    let code = |error: &Value| (error["code"].as_str().unwrap_or_default().to_owned(), error["exitCode"].as_i64());
    assert_eq!(code(&refused(&["nowhere"])), ("executable-not-found".into(), Some(127)));
    assert_eq!(code(&refused(&["/etc/plain"])), ("executable-denied".into(), Some(126)));
    running.ask(&json!({ "op": "pause" }));
    assert_eq!(refused(&["true"])["message"], "the container is paused");
    end(running);
}

#[test]
fn a_program_that_closes_its_input_does_not_keep_the_monitor_busy() {
    if lacking() {
        return;
    }
    let running = waiting();
    let ticks = || {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", running.monitor.id())).expect("a process");
        let fields: Vec<u64> = stat.split(' ').skip(13).take(2).map(|field| field.parse().expect("a number")).collect();
        fields[0] + fields[1]
    };
    let mut session = exec(&running, &["sh", "-c", "exec 0<&-; echo closed; read -t 1 never <>/dev/null; sleep 1"]);
    session.hear_until("closed\n");
    let before = ticks();
    assert_eq!(session.hear_all().code, Some(0));
    let spent = ticks() - before;
    assert!(spent < 20, "{spent} hundredths of a second");
    end(running);
}

#[test]
fn a_program_has_the_limit_of_open_files_that_the_monitor_was_given() {
    if lacking() {
        return;
    }
    let running = Container::shell("ulimit -n; while :; do sleep 0.05; done").start();
    let soft = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    let expected = soft.map_or("unlimited\n".to_owned(), |soft| format!("{soft}\n"));
    assert_eq!(exec(&running, &["sh", "-c", "ulimit -n"]).hear_all().stdout, expected);
    assert!(eventually(|| running.container.log() == [format!("stdout: {expected}")]));
    end(running);
}

#[test]
fn a_program_runs_as_the_user_who_is_asked_for() {
    if lacking() {
        return;
    }
    let running = waiting();
    let mut request = exec_request(&["sh", "-c", "touch /tmp/x 2>/dev/null || echo may not; ps -o user | head -1"]);
    request["user"] = json!("web");
    let mut session = running.connect();
    assert_eq!(session.ask(&request)["ok"], true);
    assert!(session.hear_all().stdout.starts_with("may not\n"));
    request["user"] = json!("nobody-knows");
    assert_eq!(running.ask(&request)["error"]["code"], "user-unknown");
    end(running);
}
