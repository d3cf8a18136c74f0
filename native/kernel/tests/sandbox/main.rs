//! Real containers, one after the other, in a process with one thread. Each test must leave the machine as it found it.

#![allow(missing_docs)]

mod attacks;
mod confinement;
mod files;
mod fixture;
mod leaks;
mod life;
mod measure;
mod seccomp;

use std::panic::{AssertUnwindSafe, catch_unwind};

use fixture::Machine;

/// A sentence about behaviour, and the proof of it.
pub type Test = (&'static str, fn(&Machine));

fn main() {
    let filter: Option<String> = std::env::args().skip(1).find(|word| !word.starts_with('-'));
    let machine = match Machine::find() {
        Ok(machine) => machine,
        Err(reason) => {
            println!("skipped: {reason}");
            return;
        }
    };
    if std::env::args().any(|word| word == "--measure") {
        return measure::print(&machine);
    }
    let tests = [life::TESTS, confinement::TESTS, files::TESTS, seccomp::TESTS, attacks::TESTS].concat();
    let chosen = tests.iter().filter(|(name, _)| filter.as_ref().is_none_or(|part| name.contains(part.as_str())));
    let failures = chosen.filter(|test| !passes(&machine, test)).count();
    assert!(failures == 0, "{failures} failed");
}

fn passes(machine: &Machine, (name, test): &Test) -> bool {
    let before = leaks::Snapshot::take();
    let passed = catch_unwind(AssertUnwindSafe(|| test(machine))).is_ok();
    let left = before.what_is_new();
    for line in &left {
        println!("    left behind: {line}");
    }
    println!("test {name} ... {}", if passed && left.is_empty() { "ok" } else { "FAILED" });
    passed && left.is_empty()
}
