//! DNS messages (RFC 1035, RFC 6891): questions read from hostile bytes, answers written. Pure.

use std::net::Ipv4Addr;

/// Record types.
pub const A: u16 = 1;
pub const PTR: u16 = 12;
pub const AAAA: u16 = 28;
const OPT: u16 = 41;

/// The class of the internet.
pub const IN: u16 = 1;

/// Response codes.
pub const NO_ERROR: u8 = 0;
pub const FORMAT_ERROR: u8 = 1;
pub const SERVER_FAILURE: u8 = 2;
pub const NOT_IMPLEMENTED: u8 = 4;
pub const REFUSED: u8 = 5;

/// The largest answer over UDP that every client takes.
const PLAIN_UDP_BYTES: usize = 512;
/// The largest answer over UDP that we send, however much the client takes: it fits into any path's packets.
const UDP_BYTES: usize = 1232;
const TCP_BYTES: usize = 65535;

const HEADER: usize = 12;
const LONGEST_NAME: usize = 255;
const LONGEST_LABEL: usize = 63;
/// The two bits that make a length byte a pointer.
const POINTER: u8 = 0xC0;
/// The name of the question, where it always stands.
const QUESTION_NAME: [u8; 2] = [POINTER, HEADER as u8];

const RESPONSE: u8 = 0x80;
const TRUNCATED: u8 = 0x02;
const RECURSION_DESIRED: u8 = 0x01;
const RECURSION_AVAILABLE: u8 = 0x80;
const OPCODE: u8 = 0x78;

/// One question, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    pub id: u16,
    /// In lower case, without the closing dot. `None` when it has bytes that no name of ours has.
    pub name: Option<String>,
    pub kind: u16,
    pub class: u16,
    /// As it came, to be sent back with the answer.
    raw: Vec<u8>,
    recursion_desired: bool,
    /// What the client takes over UDP, when it told (EDNS).
    udp_bytes: Option<u16>,
}

/// Why a packet is not a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// Not worth an answer: too short to have a sender's number, or an answer itself.
    Ignored,
    /// To be answered with this response code, and nothing else.
    Rejected { id: u16, flags: u8, code: u8 },
}

/// How a message travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    Udp,
    Tcp,
}

/// The records of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Records {
    None,
    Addresses(Vec<Ipv4Addr>),
    Name(String),
}

/// Reads a packet that should be one question.
pub fn parse(packet: &[u8]) -> Result<Question, Malformed> {
    let header = packet.get(..HEADER).ok_or(Malformed::Ignored)?;
    let [id_high, id_low, flags, _, questions @ ..] = header else { return Err(Malformed::Ignored) };
    let (id, flags) = (u16::from_be_bytes([*id_high, *id_low]), *flags);
    if flags & RESPONSE != 0 {
        return Err(Malformed::Ignored);
    }
    let rejected = |code| Malformed::Rejected { id, flags, code };
    if flags & OPCODE != 0 {
        return Err(rejected(NOT_IMPLEMENTED));
    }
    if questions[..2] != [0, 1] {
        return Err(rejected(FORMAT_ERROR));
    }
    let wrong = || rejected(FORMAT_ERROR);
    let (name, end) = read_question_name(packet).ok_or_else(wrong)?;
    let kind = read_u16(packet, end).ok_or_else(wrong)?;
    let class = read_u16(packet, end + 2).ok_or_else(wrong)?;
    let udp_bytes = read_udp_bytes(packet, end + 4).ok_or_else(wrong)?;
    let raw = packet[HEADER..end + 4].to_vec();
    Ok(Question { id, name, kind, class, raw, recursion_desired: flags & RECURSION_DESIRED != 0, udp_bytes })
}

/// The name of the only question, and where it ends. A pointer there could only lead into the header or to itself.
fn read_question_name(packet: &[u8]) -> Option<(Option<String>, usize)> {
    let mut labels = Vec::new();
    let mut at = HEADER;
    loop {
        let length = usize::from(*packet.get(at)?);
        at += 1;
        if length == 0 {
            break;
        }
        if length > LONGEST_LABEL {
            return None;
        }
        labels.push(packet.get(at..at + length)?);
        at += length;
        if at - HEADER >= LONGEST_NAME {
            return None;
        }
    }
    let readable = labels.iter().all(|label| label.iter().all(|byte| byte.is_ascii_graphic() && *byte != b'.'));
    let name = readable.then(|| {
        let labels: Vec<_> = labels.iter().map(|label| String::from_utf8_lossy(label).to_ascii_lowercase()).collect();
        labels.join(".")
    });
    Some((name, at))
}

/// What the client takes over UDP, from the EDNS record among what follows the question; `None` when lengths lie.
fn read_udp_bytes(packet: &[u8], mut at: usize) -> Option<Option<u16>> {
    let records: u32 = [6, 8, 10].iter().map(|at| read_u16(packet, *at).map_or(0, u32::from)).sum();
    let mut found = None;
    for _ in 0..records {
        let fixed = skip_name(packet, at)?;
        if read_u16(packet, fixed)? == OPT {
            found = Some(read_u16(packet, fixed + 2)?);
        }
        at = fixed + 10 + usize::from(read_u16(packet, fixed + 8)?);
        if at > packet.len() {
            return None;
        }
    }
    Some(found)
}

/// Where the name at `at` ends. Pointers are not followed, so they can't lead in circles.
fn skip_name(packet: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let length = *packet.get(at)?;
        match length & POINTER {
            POINTER => return Some(at + 2),
            0 if length == 0 => return Some(at + 1),
            0 => at += 1 + usize::from(length),
            _ => return None,
        }
    }
}

fn read_u16(packet: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(packet.get(at..at + 2)?.try_into().ok()?))
}

impl Question {
    /// An answer of ours. What does not fit is left out, and the client told so that it asks again over TCP.
    pub fn answer(&self, records: &Records, time_to_live: u32, transport: Transport) -> Vec<u8> {
        let mut message = self.head(NO_ERROR);
        let room = self.room(transport);
        let encoded: Vec<Vec<u8>> = match records {
            Records::None => Vec::new(),
            Records::Addresses(addresses) => {
                addresses.iter().map(|address| record(A, time_to_live, &address.octets())).collect()
            }
            Records::Name(name) => encode_name(name).map(|name| record(PTR, time_to_live, &name)).into_iter().collect(),
        };
        let mut count: u16 = 0;
        for record in &encoded {
            if message.len() + record.len() > room {
                message[2] |= TRUNCATED;
                break;
            }
            message.extend_from_slice(record);
            count += 1;
        }
        message[6..8].copy_from_slice(&count.to_be_bytes());
        self.close(message)
    }

    /// An answer without records.
    pub fn failure(&self, code: u8) -> Vec<u8> {
        let message = self.head(code);
        self.close(message)
    }

    /// Whether `packet` is an answer to this very question, asked under the number `id`.
    pub fn is_answered_by(&self, packet: &[u8], id: u16) -> bool {
        read_u16(packet, 0) == Some(id)
            && packet.get(2).is_some_and(|flags| flags & RESPONSE != 0)
            && packet.get(HEADER..HEADER + self.raw.len()).is_some_and(|raw| raw.eq_ignore_ascii_case(&self.raw))
    }

    fn room(&self, transport: Transport) -> usize {
        let size = match (transport, self.udp_bytes) {
            (Transport::Tcp, _) => TCP_BYTES,
            (Transport::Udp, None) => PLAIN_UDP_BYTES,
            (Transport::Udp, Some(bytes)) => usize::from(bytes).clamp(PLAIN_UDP_BYTES, UDP_BYTES),
        };
        size - if self.udp_bytes.is_some() { EDNS.len() } else { 0 }
    }

    fn head(&self, code: u8) -> Vec<u8> {
        let mut message = head(self.id, if self.recursion_desired { RECURSION_DESIRED } else { 0 }, code).to_vec();
        message[5] = 1;
        message.extend_from_slice(&self.raw);
        message
    }

    fn close(&self, mut message: Vec<u8>) -> Vec<u8> {
        if self.udp_bytes.is_some() {
            message[11] = 1;
            message.extend_from_slice(&EDNS);
        }
        message
    }
}

/// The root's name, OPT, the size we take, and zeros: no extended code, version 0, no options.
const EDNS: [u8; 11] = [0, 0, OPT as u8, (UDP_BYTES >> 8) as u8, UDP_BYTES as u8, 0, 0, 0, 0, 0, 0];

/// The answer to a packet that could not be understood; it has no question to repeat.
pub fn rejection(id: u16, flags: u8, code: u8) -> [u8; HEADER] {
    head(id, flags & (OPCODE | RECURSION_DESIRED), code)
}

/// The response code of an answer.
pub fn response_code(packet: &[u8]) -> Option<u8> {
    packet.get(3).map(|byte| byte & 0x0F)
}

/// Gives a message another number.
pub fn set_id(packet: &mut [u8], id: u16) {
    if let Some(place) = packet.get_mut(..2) {
        place.copy_from_slice(&id.to_be_bytes());
    }
}

/// The address that a name below `in-addr.arpa` stands for.
pub fn reverse_address(name: &str) -> Option<Ipv4Addr> {
    let mut octets: Vec<u8> =
        name.strip_suffix(".in-addr.arpa")?.split('.').map(str::parse).collect::<Result<_, _>>().ok()?;
    octets.reverse();
    Some(<[u8; 4]>::try_from(octets).ok()?.into())
}

fn head(id: u16, flags: u8, code: u8) -> [u8; HEADER] {
    let [high, low] = id.to_be_bytes();
    [high, low, RESPONSE | flags, RECURSION_AVAILABLE | code, 0, 0, 0, 0, 0, 0, 0, 0]
}

fn record(kind: u16, time_to_live: u32, data: &[u8]) -> Vec<u8> {
    let mut bytes = QUESTION_NAME.to_vec();
    bytes.extend_from_slice(&kind.to_be_bytes());
    bytes.extend_from_slice(&IN.to_be_bytes());
    bytes.extend_from_slice(&time_to_live.to_be_bytes());
    bytes.extend_from_slice(&(data.len() as u16).to_be_bytes());
    bytes.extend_from_slice(data);
    bytes
}

/// `None` when it is too long for a name.
fn encode_name(name: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for label in name.split('.').filter(|label| !label.is_empty()) {
        if label.len() > LONGEST_LABEL {
            return None;
        }
        bytes.push(label.len() as u8);
        bytes.extend_from_slice(label.as_bytes());
    }
    bytes.push(0);
    (bytes.len() <= LONGEST_NAME).then_some(bytes)
}

#[cfg(test)]
#[path = "message_tests.rs"]
mod tests;
