//! Node-API bindings of the kernel library. Decides nothing.
