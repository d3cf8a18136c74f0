//! nf_tables over netlink: one table of ours on the host, one small table in each container's namespace.

pub mod batch;
pub mod rule;
pub mod set;
pub mod table;
