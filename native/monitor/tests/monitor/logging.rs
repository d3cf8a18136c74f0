//! The log under stress: floods, endless lines, rotation, and a monitor that stays small.

use std::fs;

use serde_json::{Value, json};

use crate::fixture::{Container, eventually, lacking};

/// The monitor's resident memory has a limit whatever the container writes; most of it is the unoptimised program itself.
const RESIDENT_KB: u64 = 8 * 1024;

fn resident_kb(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

#[test]
fn a_flood_is_logged_whole_and_in_order() {
    if lacking() {
        return;
    }
    let ended = Container::shell("seq 1 100000").start().wait();
    assert_eq!(ended.log.len(), 100_000);
    assert!(ended.log.iter().enumerate().all(|(at, entry)| *entry == format!("stdout: {}\n", at + 1)));
}

#[test]
fn an_endless_line_is_split_and_costs_no_memory() {
    if lacking() {
        return;
    }
    let line = "yes | tr -d '\\n' | head -c 50000000; echo; echo end >&2; while :; do sleep 0.05; done";
    let running = Container::shell(line).start();
    assert!(eventually(|| fs::read_to_string(running.container.path("log")).is_ok_and(|text| text.contains("end\\n"))));
    let peak = resident_kb(running.monitor.id());
    assert!(peak < RESIDENT_KB, "{peak} kB");
    running.ask(&json!({ "op": "kill", "signal": 9 }));
    let log = running.wait().log;
    let texts: Vec<&str> = log.iter().filter_map(|entry| entry.strip_prefix("stdout: ")).collect();
    assert_eq!(texts.iter().map(|text| text.len()).sum::<usize>(), 50_000_001);
    assert!(texts.iter().all(|text| text.len() <= 16 * 1024));
    assert!(texts.iter().rev().skip(1).all(|text| !text.ends_with('\n')));
}

#[test]
fn files_rotate_and_together_hold_the_latest_lines() {
    if lacking() {
        return;
    }
    let container = Container::shell("seq 1 20000");
    let path = container.path("log");
    let log = json!({ "driver": "json-file", "path": path, "maxSizeBytes": 100_000, "maxFiles": 3 });
    let running = container.with("/log", log).start();
    let numbered = |number: u32| running.container.path(&format!("log.{number}"));
    assert!(eventually(|| running.container.state()["status"] == "exited"));
    let texts = [numbered(2), numbered(1), path.clone()].map(|path| fs::read_to_string(path).expect("a file"));
    assert!(texts.iter().all(|text| text.len() < 100_200), "each is about as large as asked");
    assert!(!numbered(3).exists());
    let all = texts.concat();
    let lines: Vec<u32> = all
        .lines()
        .map(|line| {
            serde_json::from_str::<Value>(line).expect("JSON")["log"]
                .as_str()
                .expect("text")
                .trim()
                .parse()
                .expect("a number")
        })
        .collect();
    assert_eq!(lines.last(), Some(&20_000));
    assert!(lines.windows(2).all(|pair| pair[1] == pair[0] + 1), "nothing is missing in between");
    running.wait();
}

#[test]
fn a_container_without_a_log_runs_as_well() {
    if lacking() {
        return;
    }
    let container = Container::shell("yes | head -c 3000000; exit 4");
    let path = container.path("log");
    let running = container.with("/log", json!({ "driver": "none", "path": path })).start();
    running.wait_for(|state| state["exitCode"] == 4);
    assert!(!path.exists());
    fs::write(&path, "").expect("written");
    running.wait();
}

#[test]
fn a_monitor_is_small() {
    if lacking() {
        return;
    }
    let running = Container::shell("while :; do sleep 0.05; done").start();
    let peak = resident_kb(running.monitor.id());
    println!("a monitor's resident memory: {peak} kB");
    assert!(peak < RESIDENT_KB, "{peak} kB");
    running.ask(&json!({ "op": "kill", "signal": 9 }));
    running.wait();
}
