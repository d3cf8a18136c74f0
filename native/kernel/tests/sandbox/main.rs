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
use std::process::ExitCode;

use fixture::Machine;

/// A sentence about behaviour, and the proof of it.
pub type Test = (&'static str, fn(&Machine));

type Proof = Box<dyn Fn(&Machine)>;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let Some(code) = attacks::start_and_leave(&words) {
        return code;
    }
    let machine = match Machine::find() {
        Ok(machine) => machine,
        Err(reason) => {
            println!("skipped: {reason}");
            return ExitCode::SUCCESS;
        }
    };
    if words.iter().any(|word| word == "--measure") {
        measure::print(&machine);
        return ExitCode::SUCCESS;
    }
    run(&machine, &words.into_iter().filter(|word| !word.starts_with('-')).collect::<Vec<_>>())
}

/// Ends with the line that cargo's own test programs end with.
fn run(machine: &Machine, filters: &[String]) -> ExitCode {
    let chosen = all()
        .into_iter()
        .filter(|(name, _)| filters.is_empty() || filters.iter().any(|part| name.contains(part.as_str())));
    let (passed, failed): (Vec<bool>, Vec<bool>) =
        chosen.map(|(name, proof)| passes(machine, &name, &proof)).partition(|passed| *passed);
    let word = if failed.is_empty() { "ok" } else { "FAILED" };
    println!(
        "test result: {word}. {} passed; {} failed; 0 ignored; 0 measured; 0 filtered out",
        passed.len(),
        failed.len()
    );
    ExitCode::from(u8::from(!failed.is_empty()))
}

fn all() -> Vec<(String, Proof)> {
    let ordinary = [life::TESTS, confinement::TESTS, files::TESTS, seccomp::TESTS].concat().into_iter();
    let ordinary = ordinary.map(|(name, test)| (name.to_owned(), Box::new(test) as Proof));
    let attacks = attacks::all().into_iter().map(|attack| {
        let proof = |machine: &Machine| attack.must_fail(machine);
        (format!("{}: {}", attack.row, attack.name), Box::new(proof) as Proof)
    });
    ordinary.chain(attacks).collect()
}

fn passes(machine: &Machine, name: &str, proof: &Proof) -> bool {
    let before = leaks::Snapshot::take();
    let passed = catch_unwind(AssertUnwindSafe(|| proof(machine))).is_ok();
    let left = before.what_is_new();
    for line in &left {
        println!("    left behind: {line}");
    }
    println!("test {name} ... {}", if passed && left.is_empty() { "ok" } else { "FAILED" });
    passed && left.is_empty()
}
