//! sha256 digests in the form the image specification writes them.

use sha2::{Digest, Sha256};
use std::fmt::Write;

/// A running sha256.
#[derive(Default)]
pub struct Hasher(Sha256);

impl Hasher {
    /// Takes the next bytes in.
    pub fn update(&mut self, data: &[u8]) {
        self.0.update(data);
    }

    /// `sha256:` and 64 hexadecimal digits.
    #[must_use]
    pub fn finish(self) -> String {
        let mut text = String::with_capacity(71);
        text.push_str("sha256:");
        for byte in self.0.finalize() {
            // Writing to a String can't fail.
            let _ = write!(text, "{byte:02x}");
        }
        text
    }
}

/// The hexadecimal part of a digest, when it is a well-formed sha256: what may become a file name.
#[must_use]
pub fn hex_of(digest: &str) -> Option<&str> {
    let hex = digest.strip_prefix("sha256:")?;
    let well_formed = hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    well_formed.then_some(hex)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_of_nothing_is_the_well_known_one() {
        let digest = Hasher::default().finish();
        assert_eq!(digest, "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(hex_of(&digest).map(str::len), Some(64));
    }

    #[test]
    fn only_lower_case_sha256_becomes_a_file_name() {
        for bad in ["", "sha256:", "sha256:../../etc", "sha512:00", &format!("sha256:{}", "A".repeat(64))] {
            assert_eq!(hex_of(bad), None, "{bad}");
        }
    }
}
