//! One small process for each container.

mod backoff;
mod dns;
mod frames;
mod log;
mod publish;
mod readiness;

fn main() {}
