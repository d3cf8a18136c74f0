//! Health checks in a real container. What results mean is proven beside the code that decides it.

use serde_json::{Value, json};

use crate::client::subscribe;
use crate::fixture::{Container, lacking};

fn with_check(line: &str, check: &str, fields: Value) -> Container {
    let mut healthcheck = json!({
        "test": ["CMD-SHELL", check], "intervalMs": 20, "timeoutMs": 20_000, "startPeriodMs": 0, "startIntervalMs": 20, "retries": 2,
    });
    for (key, value) in fields.as_object().expect("fields") {
        healthcheck[key] = value.clone();
    }
    Container::shell(line).with("/healthcheck", healthcheck)
}

const WAITING: &str = "while :; do sleep 0.05; done";

#[test]
fn health_follows_the_probes_and_is_pushed() {
    if lacking() {
        return;
    }
    let running = with_check(WAITING, "echo looking; test -e /tmp/well", json!({})).start();
    assert_eq!(running.answer["health"], json!({ "status": "starting", "failingStreak": 0, "log": [] }));
    let sick = running.wait_for(|state| state["health"]["status"] == "unhealthy");
    assert_eq!(sick["health"]["failingStreak"], 2);
    assert_eq!(
        (&sick["health"]["log"][0]["exitCode"], &sick["health"]["log"][0]["output"]),
        (&json!(1), &json!("looking\n"))
    );
    let states = subscribe(&running);
    std::fs::create_dir_all(running.container.path("upper/tmp")).expect("made");
    crate::client::exec(&running, &["touch", "/tmp/well"]).hear_all();
    let well =
        states.map(|state| state["health"].clone()).find(|health| health["status"] == "healthy").expect("healthy");
    assert_eq!(well["failingStreak"], 0);
    assert!(well["log"].as_array().is_some_and(|log| log.len() <= 5));
    running.ask(&json!({ "op": "kill", "signal": 9 }));
    assert_eq!(running.wait().state["health"]["status"], "unhealthy");
}

#[test]
fn a_probe_that_hangs_is_killed_with_all_its_group() {
    if lacking() {
        return;
    }
    let check = "echo trying; sleep 1000 & sleep 1000";
    let running = with_check(WAITING, check, json!({ "timeoutMs": 100, "retries": 1 })).start();
    let state = running.wait_for(|state| state["health"]["status"] == "unhealthy");
    let probe = &state["health"]["log"][0];
    assert_eq!(probe["exitCode"], -1);
    assert_eq!(probe["output"], "Health check exceeded timeout (100ms): trying\n");
    assert!(probe["endMs"].as_u64() >= probe["startMs"].as_u64().map(|start| start + 100));
    running.ask(&json!({ "op": "kill", "signal": 9 }));
    running.wait();
}

#[test]
fn a_probe_that_can_not_be_run_counts_as_failed() {
    if lacking() {
        return;
    }
    let running = with_check(WAITING, "", json!({ "test": ["CMD", "nowhere"], "retries": 1 })).start();
    let state = running.wait_for(|state| state["health"]["status"] == "unhealthy");
    assert_eq!(state["health"]["log"][0]["exitCode"], -1);
    assert!(state["health"]["log"][0]["output"].as_str().is_some_and(|text| text.contains("nowhere")));
    running.ask(&json!({ "op": "kill", "signal": 9 }));
    running.wait();
}

#[test]
fn a_flood_is_cut() {
    if lacking() {
        return;
    }
    let running = with_check(WAITING, "yes | head -c 300000", json!({})).start();
    let state = running.wait_for(|state| state["health"]["status"] == "healthy");
    let output = state["health"]["log"][0]["output"].as_str().expect("text").to_owned();
    assert_eq!((output.len(), output.ends_with("...")), (4099, true));
    running.ask(&json!({ "op": "kill", "signal": 9 }));
    running.wait();
}

#[test]
fn a_container_that_ends_while_it_is_probed_ends_as_any_other() {
    if lacking() {
        return;
    }
    let ended =
        with_check("sleep 0.2; exit 3", "sleep 1000", json!({ "startIntervalMs": 1, "intervalMs": 1 })).start().wait();
    assert_eq!(ended.state["exitCode"], 3);
}

#[test]
fn health_starts_afresh_with_a_restart() {
    if lacking() {
        return;
    }
    let container = with_check("sleep 0.3; exit 1", "true", json!({}));
    let running = container.with("/restart", json!({ "kind": "on-failure", "maxRetries": 1 })).start();
    let seen: Vec<Value> = subscribe(&running).map(|state| state["health"]["status"].clone()).collect();
    let mut changes = seen;
    changes.dedup();
    assert_eq!(json!(changes), json!(["starting", "healthy", "unhealthy", "starting", "healthy", "unhealthy"]));
    running.wait();
}
