//! DNS messages as tables: what is read, what is refused, and what is written back.

use super::*;

/// A question for `name` as bytes; `tail` follows it, and `counts` are those of the other three sections.
fn packet(name: &[&[u8]], kind: u16, counts: [u8; 3], tail: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0xAB, 0xCD, 1, 0, 0, 1, 0, counts[0], 0, counts[1], 0, counts[2]];
    for label in name {
        bytes.push(label.len() as u8);
        bytes.extend_from_slice(label);
    }
    bytes.push(0);
    bytes.extend_from_slice(&kind.to_be_bytes());
    bytes.extend_from_slice(&[0, 1]);
    bytes.extend_from_slice(tail);
    bytes
}

fn plain(name: &[&[u8]]) -> Vec<u8> {
    packet(name, A, [0; 3], &[])
}

const EDNS_4096: [u8; 11] = [0, 0, 41, 0x10, 0, 0, 0, 0, 0, 0, 0];

#[test]
fn names_are_read_in_lower_case() {
    let question = parse(&plain(&[b"DB", b"app_Default"])).unwrap();
    assert_eq!(question.name.as_deref(), Some("db.app_default"));
    assert_eq!((question.id, question.kind, question.class), (0xABCD, A, IN));
}

#[test]
fn names_with_other_bytes_are_nobodys() {
    for label in [&b"a b"[..], b"a.b", b"\xff", b"\0"] {
        assert_eq!(parse(&plain(&[label])).unwrap().name, None, "{label:?}");
    }
}

#[test]
fn the_root_is_a_name() {
    assert_eq!(parse(&plain(&[])).unwrap().name.as_deref(), Some(""));
}

#[test]
fn packets_that_are_no_questions_get_no_answer() {
    let mut answer = plain(&[b"db"]);
    answer[2] |= 0x80;
    for bytes in [&[][..], &[0; 11], &answer] {
        assert_eq!(parse(bytes), Err(Malformed::Ignored), "{bytes:?}");
    }
}

#[test]
fn lies_are_format_errors() {
    let question = plain(&[b"db"]);
    let with = |at: usize, byte: u8| {
        let mut bytes = question.clone();
        bytes[at] = byte;
        bytes
    };
    let long_label = [b'a'; 63];
    let edns_in = |tail: &[u8]| packet(&[b"db"], A, [0, 0, 1], tail);
    let table: Vec<(&str, Vec<u8>)> = vec![
        ("no question", with(5, 0)),
        ("two questions", with(5, 2)),
        ("256 questions", with(4, 1)),
        ("a label beyond the end", with(12, 60)),
        ("a pointer to itself", with(12, 0xC0)),
        ("a reserved label type", with(12, 0x40)),
        ("another reserved label type", with(12, 0x80)),
        ("a name of 257 bytes", plain(&[&long_label, &long_label, &long_label, &long_label])),
        ("no type", question[..question.len() - 4].to_vec()),
        ("half a class", question[..question.len() - 1].to_vec()),
        ("no end of the name", question[..15].to_vec()),
        ("a promised record that is missing", edns_in(&[])),
        ("a record cut short", edns_in(&EDNS_4096[..10])),
        ("record data beyond the end", edns_in(&[0, 0, 41, 0x10, 0, 0, 0, 0, 0, 0, 9, 1])),
        ("a record name with a reserved label", edns_in(&[0x40, 0, 41, 0x10, 0, 0, 0, 0, 0, 0, 0])),
        ("65535 promised records", {
            let mut bytes = question.clone();
            bytes[10] = 0xFF;
            bytes[11] = 0xFF;
            bytes
        }),
    ];
    for (what, bytes) in table {
        let expected = Malformed::Rejected { id: 0xABCD, flags: 1, code: FORMAT_ERROR };
        assert_eq!(parse(&bytes), Err(expected), "{what}");
    }
}

#[test]
fn other_operations_are_not_implemented() {
    let mut update = plain(&[b"db"]);
    update[2] = 0x28;
    assert_eq!(parse(&update), Err(Malformed::Rejected { id: 0xABCD, flags: 0x28, code: NOT_IMPLEMENTED }));
    assert_eq!(rejection(0xABCD, 0x29, NOT_IMPLEMENTED)[..4], [0xAB, 0xCD, 0xA9, 0x84]);
}

#[test]
fn every_cut_and_every_changed_byte_is_survived() {
    let whole = packet(&[b"db", b"app"], A, [0, 0, 1], &EDNS_4096);
    for end in 0..whole.len() {
        assert!(parse(&whole[..end]).is_err(), "cut at {end}");
    }
    for at in 0..whole.len() {
        for byte in 0..=u8::MAX {
            let mut changed = whole.clone();
            changed[at] = byte;
            // Whatever it comes to mean, it is read, and answered within its limits.
            if let Ok(question) = parse(&changed) {
                assert!(question.failure(REFUSED).len() <= whole.len());
            }
        }
    }
}

#[test]
fn addresses_are_answered_with_the_question_as_it_came() {
    let asked = plain(&[b"Db"]);
    let records = Records::Addresses(vec![Ipv4Addr::new(172, 18, 0, 2)]);
    let answer = parse(&asked).unwrap().answer(&records, 600, Transport::Udp);
    assert_eq!(answer[..12], [0xAB, 0xCD, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]);
    assert_eq!(answer[12..asked.len()], asked[12..]);
    assert_eq!(answer[asked.len()..], [0xC0, 12, 0, 1, 0, 1, 0, 0, 2, 88, 0, 4, 172, 18, 0, 2]);
}

#[test]
fn a_pointer_is_answered_with_a_name() {
    let asked = packet(&[b"2", b"0", b"18", b"172", b"in-addr", b"arpa"], PTR, [0; 3], &[]);
    let question = parse(&asked).unwrap();
    assert_eq!(reverse_address(question.name.as_deref().unwrap()), Some(Ipv4Addr::new(172, 18, 0, 2)));
    let answer = question.answer(&Records::Name("app-db-1.app_default".into()), 600, Transport::Udp);
    assert!(answer.ends_with(b"\x00\x16\x08app-db-1\x0bapp_default\x00"), "{answer:?}");
}

#[test]
fn only_whole_reverse_names_are_addresses() {
    for name in
        ["18.172.in-addr.arpa", "1.2.3.4.5.in-addr.arpa", "a.2.3.4.in-addr.arpa", "256.2.3.4.in-addr.arpa", "db"]
    {
        assert_eq!(reverse_address(name), None, "{name}");
    }
}

#[test]
fn what_does_not_fit_is_cut_and_said_to_be() {
    let records = Records::Addresses(vec![Ipv4Addr::LOCALHOST; 100]);
    let plain = parse(&plain(&[b"web"])).unwrap();
    let edns = parse(&packet(&[b"web"], A, [0, 0, 1], &EDNS_4096)).unwrap();
    for (question, transport, limit, cut) in [
        (&plain, Transport::Udp, 512, true),
        (&edns, Transport::Udp, 1232, true),
        (&plain, Transport::Tcp, 65535, false),
        (&edns, Transport::Tcp, 65535, false),
    ] {
        let answer = question.answer(&records, 600, transport);
        assert!(answer.len() <= limit);
        assert_eq!(answer[2] & TRUNCATED != 0, cut);
        assert!(answer.len() + 16 > limit || !cut, "room was left: {}", answer.len());
    }
}

#[test]
fn edns_is_answered_with_edns() {
    let asked = packet(&[b"web"], A, [0, 0, 1], &EDNS_4096);
    let answer = parse(&asked).unwrap().failure(SERVER_FAILURE);
    assert_eq!(answer[11], 1);
    assert_eq!(answer[answer.len() - 11..], EDNS);
    assert_eq!(response_code(&answer), Some(SERVER_FAILURE));
}

#[test]
fn only_the_answer_to_the_question_is_taken_for_it() {
    let question = parse(&plain(&[b"db"])).unwrap();
    let answer = question.failure(NO_ERROR);
    assert!(question.is_answered_by(&answer, 0xABCD));
    assert!(!question.is_answered_by(&answer, 0xABCE));
    assert!(!question.is_answered_by(&plain(&[b"db"]), 0xABCD));
    assert!(!question.is_answered_by(&answer[..14], 0xABCD));
    let other = parse(&plain(&[b"dc"])).unwrap();
    assert!(!other.is_answered_by(&answer, 0xABCD));
}
