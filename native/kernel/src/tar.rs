//! Layers: a tar stream, compressed or not, becomes a directory in the form overlayfs wants. Everything in the stream
//! is hostile until shown otherwise: no name in it is ever resolved outside the target directory.

pub mod archive;
pub mod digest;
pub mod header;
pub mod layer;
pub mod pack;
pub mod pax;
pub mod place;
pub mod remove;
pub mod source;
pub mod sparse;
pub mod tree;
pub mod unpack;
pub mod whiteout;
pub mod write;
pub mod zstd;
