//! The wall clock jumps while a container runs: nothing that waits may wait for another time than it was told.

use std::fs;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::fixture::{Container, Running, eventually, lacking};

const HOUR: i64 = 3600;
const TEN_YEARS: i64 = 10 * 365 * 24 * HOUR;

#[test]
fn probes_and_restarts_keep_their_pace_when_the_clock_jumps() {
    if lacking() {
        return;
    }
    let container = Container::shell("trap '' TERM; echo ready; while :; do sleep 0.05; done");
    let (library, offset) = (container.path("clock.so"), container.path("offset"));
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/monitor/clock.c");
    let built = Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&library).arg(source).status();
    if !built.is_ok_and(|status| status.success()) {
        println!("skipped: needs a C compiler");
        return;
    }
    let check = json!({
        "test": ["CMD-SHELL", "echo probe >>/probes"], "intervalMs": 100, "timeoutMs": 5000, "startPeriodMs": 0,
        "startIntervalMs": 100, "retries": 3,
    });
    let running = container
        .with("/healthcheck", check)
        .with("/restart", json!({ "kind": "always", "maxRetries": 0 }))
        .watched_with([("LD_PRELOAD", library), ("CLOCK_OFFSET", offset.clone())])
        .start();
    for jump in [0, HOUR, -HOUR, TEN_YEARS] {
        fs::write(&offset, jump.to_string()).expect("written");
        check_pace(&running, jump);
    }
    let started = running.state()["startedAtMs"].as_i64().expect("a time");
    assert!(started > TEN_YEARS * 1000 + 1_600_000_000_000, "the monitor's clock was set: {started}");
    let since = Instant::now();
    running.ask(&json!({ "op": "stop", "graceMs": 500 }));
    let took = since.elapsed();
    assert!(took > Duration::from_millis(450) && took < Duration::from_secs(3), "{took:?}");
    running.wait();
}

/// About ten probes a second, and a restart as soon as its time has come.
fn check_pace(running: &Running, jump: i64) {
    let probes = || fs::read_to_string(running.container.path("upper/probes")).unwrap_or_default().lines().count();
    let before = probes();
    sleep(Duration::from_secs(1));
    let count = probes() - before;
    assert!((3..=12).contains(&count), "{count} probes in a second after a jump of {jump} s");
    let restarts = running.state()["restartCount"].clone();
    let since = Instant::now();
    running.ask(&json!({ "op": "signal", "signal": 9 }));
    assert!(eventually(|| {
        let state = running.state();
        state["restartCount"] != restarts && state["status"] == "running"
    }));
    assert!(since.elapsed() < Duration::from_secs(3), "{:?}", since.elapsed());
}
