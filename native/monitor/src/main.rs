//! One small process for each container.

mod backoff;
mod frames;
mod log;

fn main() {}
