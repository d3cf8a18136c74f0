//! One small process for each container.

fn main() {}
