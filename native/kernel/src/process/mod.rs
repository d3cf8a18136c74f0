//! What a process of a container is: its user, capabilities and limits.

pub mod capabilities;
pub mod personality;
pub mod rlimits;
pub mod schedule;
pub mod spawn;
pub mod user;
