//! Netlink's type-length-value notation: a buffer to write attributes into, and a reader that checks every length.

const HEADER: usize = 4;
const NESTED: u16 = libc::NLA_F_NESTED as u16;

/// Attributes (and the fixed structures before them) of one message, aligned as the kernel wants them.
#[derive(Clone, Debug, Default)]
pub struct Attributes {
    bytes: Vec<u8>,
}

impl Attributes {
    /// An empty buffer.
    pub fn new() -> Self {
        Self::default()
    }

    /// A buffer that opens with a fixed structure, such as `struct ifinfomsg`.
    pub fn after(structure: &[u8]) -> Self {
        let mut attributes = Self::default();
        attributes.raw(structure);
        attributes
    }

    /// What was written so far.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// A fixed structure, padded.
    pub fn raw(&mut self, structure: &[u8]) {
        self.bytes.extend_from_slice(structure);
        self.pad();
    }

    /// One attribute.
    pub fn put(&mut self, kind: u16, value: &[u8]) -> &mut Self {
        let length = (HEADER + value.len()) as u16;
        self.bytes.extend_from_slice(&length.to_ne_bytes());
        self.bytes.extend_from_slice(&kind.to_ne_bytes());
        self.bytes.extend_from_slice(value);
        self.pad();
        self
    }

    /// A number in the machine's byte order, as NETLINK_ROUTE wants it.
    pub fn u32(&mut self, kind: u16, value: u32) -> &mut Self {
        self.put(kind, &value.to_ne_bytes())
    }

    /// A number in network byte order, as nf_tables wants it.
    pub fn be32(&mut self, kind: u16, value: u32) -> &mut Self {
        self.put(kind, &value.to_be_bytes())
    }

    /// Text with its closing NUL.
    pub fn text(&mut self, kind: u16, value: &str) -> &mut Self {
        let mut bytes = value.as_bytes().to_vec();
        bytes.push(0);
        self.put(kind, &bytes)
    }

    /// An attribute that holds what `fill` writes.
    pub fn nest(&mut self, kind: u16, fill: impl FnOnce(&mut Self)) -> &mut Self {
        let start = self.bytes.len();
        self.put(kind | NESTED, &[]);
        fill(self);
        let length = (self.bytes.len() - start) as u16;
        self.bytes[start..start + 2].copy_from_slice(&length.to_ne_bytes());
        self
    }

    fn pad(&mut self) {
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
    }
}

/// The attributes in `bytes`, in order; ends at the first one whose length lies.
pub fn read(bytes: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let length = usize::from(u16::from_ne_bytes(rest.get(0..2)?.try_into().ok()?));
        let kind = u16::from_ne_bytes(rest.get(2..4)?.try_into().ok()?) & libc::NLA_TYPE_MASK as u16;
        let value = rest.get(HEADER..length)?;
        rest = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
        Some((kind, value))
    })
}

/// The first attribute of this kind.
pub fn find(bytes: &[u8], wanted: u16) -> Option<&[u8]> {
    read(bytes).find(|(kind, _)| *kind == wanted).map(|(_, value)| value)
}

/// The text of an attribute, up to its closing NUL.
pub fn text(value: &[u8]) -> String {
    let end = value.iter().position(|byte| *byte == 0).unwrap_or(value.len());
    String::from_utf8_lossy(&value[..end]).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let mut attributes = Attributes::new();
        attributes.text(3, "eth0").nest(18, |inner| {
            inner.u32(1, 7);
        });
        let found: Vec<_> = read(attributes.bytes()).collect();
        assert_eq!(found[0], (3, &b"eth0\0"[..]));
        assert_eq!(find(found[1].1, 1), Some(&7u32.to_ne_bytes()[..]));
        assert_eq!(text(found[0].1), "eth0");
    }

    #[test]
    fn lengths_that_lie_end_the_reading() {
        for bytes in [&[0u8, 0, 1, 0][..], &[3, 0, 1, 0], &[200, 0, 1, 0, 9], &[8, 0, 1], &[]] {
            assert_eq!(read(bytes).count(), 0, "{bytes:?}");
        }
    }
}
