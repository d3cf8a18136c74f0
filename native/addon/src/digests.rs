//! What Node's own modules could do as well, seven milliseconds later: they take that long to load.

use std::fmt::Write as _;

use flate2::Crc;
use kernel::error::KernelError;
use napi::Either;
use napi::bindgen_prelude::Uint8Array;
use napi_derive::napi;
use rustix::rand::{GetRandomFlags, getrandom};
use sha2::{Digest, Sha256};

use crate::error::crossing;

/// The SHA-256 of bytes or of a text's UTF-8, in hexadecimal digits.
#[napi]
pub fn sha256(data: Either<String, Uint8Array>) -> String {
    match data {
        Either::A(text) => hex(&Sha256::digest(text.as_bytes())),
        Either::B(bytes) => hex(&Sha256::digest(&*bytes)),
    }
}

/// The CRC-32 of a text's UTF-8, as gzip has it.
#[napi]
pub fn crc32(text: String) -> u32 {
    let mut sum = Crc::new();
    sum.update(text.as_bytes());
    sum.sum()
}

/// So many of the kernel's random bytes, in hexadecimal digits.
#[napi]
pub fn random_hex(bytes: u32) -> napi::Result<String> {
    let mut random = vec![0; bytes as usize];
    let mut filled = 0;
    while filled < random.len() {
        filled += getrandom(&mut random[filled..], GetRandomFlags::empty())
            .map_err(|errno| crossing(&KernelError::new("take random bytes", errno)))?;
    }
    Ok(hex(&random))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
