//! Writes tar archives for the tests, hostile ones included: nothing here is checked.

use std::io::Write;

/// An archive being written.
#[derive(Default)]
pub struct Tar(pub Vec<u8>);

/// The fields of one header.
#[derive(Clone)]
pub struct Fields<'a> {
    pub kind: u8,
    pub name: &'a str,
    pub link: &'a str,
    pub mode: u32,
    pub owner: (u32, u32),
    pub mtime: u64,
    pub device: (u32, u32),
}

impl Default for Fields<'_> {
    fn default() -> Self {
        Self { kind: b'0', name: "", link: "", mode: 0o644, owner: (0, 0), mtime: 1_700_000_000, device: (0, 0) }
    }
}

impl Tar {
    pub fn entry(mut self, fields: &Fields<'_>, data: &[u8]) -> Self {
        let mut block = [0u8; 512];
        let name = fields.name.as_bytes();
        block[..name.len().min(100)].copy_from_slice(&name[..name.len().min(100)]);
        octal(&mut block[100..108], fields.mode.into());
        octal(&mut block[108..116], fields.owner.0.into());
        octal(&mut block[116..124], fields.owner.1.into());
        octal(&mut block[124..136], data.len() as u64);
        octal(&mut block[136..148], fields.mtime);
        block[156] = fields.kind;
        let link = fields.link.as_bytes();
        block[157..157 + link.len()].copy_from_slice(link);
        block[257..265].copy_from_slice(b"ustar\x0000");
        octal(&mut block[329..337], fields.device.0.into());
        octal(&mut block[337..345], fields.device.1.into());
        self.block(block);
        self.data(data);
        self
    }

    /// Adds a block, its checksum set.
    pub fn block(&mut self, mut block: [u8; 512]) {
        block[148..156].fill(b' ');
        let sum: u64 = block.iter().map(|&b| u64::from(b)).sum();
        octal(&mut block[148..156], sum);
        self.0.extend_from_slice(&block);
    }

    pub fn data(&mut self, data: &[u8]) {
        self.0.extend_from_slice(data);
        self.0.resize(self.0.len().next_multiple_of(512), 0);
    }

    pub fn file(self, name: &str, data: &str) -> Self {
        self.entry(&Fields { name, ..Fields::default() }, data.as_bytes())
    }

    pub fn dir(self, name: &str, mode: u32) -> Self {
        self.entry(&Fields { kind: b'5', name, mode, ..Fields::default() }, b"")
    }

    pub fn symlink(self, target: &str, name: &str) -> Self {
        self.entry(&Fields { kind: b'2', name, link: target, mode: 0o777, ..Fields::default() }, b"")
    }

    pub fn link(self, target: &str, name: &str) -> Self {
        self.entry(&Fields { kind: b'1', name, link: target, ..Fields::default() }, b"")
    }

    /// An extended header with these records.
    pub fn pax(self, records: &[(&str, &[u8])]) -> Self {
        let data: Vec<u8> = records.iter().flat_map(|(key, value)| record(key, value)).collect();
        self.entry(&Fields { kind: b'x', name: "PaxHeaders/x", ..Fields::default() }, &data)
    }

    pub fn end(mut self) -> Vec<u8> {
        self.0.extend_from_slice(&[0; 1024]);
        self.0
    }
}

fn octal(field: &mut [u8], value: u64) {
    let digits = field.len() - 1;
    let text = format!("{value:0digits$o}\0");
    field.copy_from_slice(text.as_bytes());
}

/// The length of a record counts its own digits.
fn record(key: &str, value: &[u8]) -> Vec<u8> {
    let rest = key.len() + value.len() + 3;
    let length = (rest..).find(|length| rest + length.to_string().len() == *length).unwrap();
    let mut out = format!("{length} {key}=").into_bytes();
    out.extend_from_slice(value);
    out.push(b'\n');
    out
}

pub fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

pub fn zstd(data: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(data, ruzstd::encoding::CompressionLevel::Fastest)
}
