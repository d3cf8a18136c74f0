//! `cargo test --release --test sandbox -- --measure`: what a container costs, from the call to its end.

use std::time::{Duration, Instant};

use crate::fixture::Machine;

const ROUNDS: usize = 200;

pub fn print(machine: &Machine) {
    let mut starts = Vec::new();
    let mut wholes = Vec::new();
    for _ in 0..ROUNDS {
        let container = machine.container(&["true"]);
        let begin = Instant::now();
        let (running, pipes) = container.start().expect("starts");
        starts.push(begin.elapsed());
        pipes.read();
        running.end();
        wholes.push(begin.elapsed());
    }
    for (name, mut times) in [("to the program", starts), ("to the removed groups", wholes)] {
        times.sort();
        let ms = |time: Duration| time.as_secs_f64() * 1000.0;
        println!("{name}: min {:.2} ms, median {:.2} ms", ms(times[0]), ms(times[times.len() / 2]));
    }
}
