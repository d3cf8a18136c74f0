//! One small process for each container.

mod backoff;
mod frames;
mod log;
mod publish;
mod readiness;

fn main() {}
