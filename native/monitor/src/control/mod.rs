//! The control socket and those who talk to it.

pub mod client;
pub mod failure;
pub mod listener;
pub mod request;
mod serve;
