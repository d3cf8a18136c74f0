//! The built monitor with real containers over a root file system of busybox: from the document to the end for good. After each
//! test nothing may be left of its container.

#![allow(missing_docs)]

mod attached;
mod client;
mod clock;
mod control;
mod exec;
mod faults;
mod fixture;
mod health;
mod keeper;
mod leaks;
mod lifecycle;
mod logging;
mod network;
mod removal;
