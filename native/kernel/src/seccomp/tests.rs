//! What filters answer, asked of a small interpreter of classic BPF: the kernel would only show it by ending a process.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::filter::Filter;
use super::program::Code;
use crate::oci::OciSeccomp;

const ALLOW: u32 = 0x7fff_0000;
const EPERM: u32 = 0x0005_0001;
const ENOSYS: u32 = 0x0005_0026;
const KILL: u32 = 0x8000_0000;

#[cfg(target_arch = "x86_64")]
const OWN: u32 = 0xc000_003e;
#[cfg(target_arch = "aarch64")]
const OWN: u32 = 0xc000_00b7;

fn compile(document: Value) -> Filter {
    let profile: OciSeccomp = serde_json::from_value(document).expect("a profile");
    Filter::compile(&profile).expect("a filter")
}

/// The answer to a call, by the machine's own way of calling or another.
fn ask(filter: &Filter, audit: u32, number: u32, arguments: &[u64]) -> u32 {
    let mut data = [0u32; 16];
    (data[0], data[1]) = (number, audit);
    for (at, argument) in arguments.iter().enumerate() {
        data[4 + 2 * at] = (argument & 0xffff_ffff) as u32;
        data[5 + 2 * at] = (argument >> 32) as u32;
    }
    interpret(filter.codes(), &data)
}

fn interpret(codes: &[Code], data: &[u32; 16]) -> u32 {
    let (mut at, mut accumulator) = (0, 0u32);
    loop {
        let Code { code, jt, jf, k } = codes[at];
        at += 1;
        let holds = match code {
            0x20 => {
                accumulator = data[usize::try_from(k).expect("an offset") / 4];
                continue;
            }
            0x54 => {
                accumulator &= k;
                continue;
            }
            0x05 => {
                at += usize::try_from(k).expect("a distance");
                continue;
            }
            0x06 => return k,
            0x15 => accumulator == k,
            0x25 => accumulator > k,
            0x35 => accumulator >= k,
            other => panic!("instruction {other:#x}"),
        };
        at += usize::from(if holds { jt } else { jf });
    }
}

fn number(name: i64) -> u32 {
    u32::try_from(name).expect("a number")
}

#[test]
fn calls_are_allowed_refused_or_unknown_by_their_number() {
    let filter = compile(json!({
        "defaultAction": "SCMP_ACT_ERRNO",
        "syscalls": [
            { "names": ["read", "write", "no_such_call", "statx"], "action": "SCMP_ACT_ALLOW" },
            { "names": ["getpid"], "action": "SCMP_ACT_ERRNO", "errnoRet": 13 },
            { "names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38 },
        ],
    }));
    let said = |call| ask(&filter, OWN, number(call), &[]);
    assert_eq!([libc::SYS_read, libc::SYS_write, libc::SYS_statx].map(said), [ALLOW; 3]);
    assert_eq!([libc::SYS_ptrace, libc::SYS_openat, libc::SYS_getpid].map(said), [EPERM, EPERM, 0x0005_000d]);
    assert_eq!(said(libc::SYS_clone3), ENOSYS);
    assert_eq!(said(libc::SYS_clone3 + 1), ENOSYS, "the profile is older than this call");
    assert_eq!(ask(&filter, OWN, u32::MAX, &[]), ENOSYS);
}

#[test]
fn what_is_allowed_by_default_stays_allowed_for_later_calls() {
    let refused = json!([{ "names": ["chmod", "fchmodat"], "action": "SCMP_ACT_ERRNO" }]);
    let filter = compile(json!({ "defaultAction": "SCMP_ACT_ALLOW", "syscalls": refused }));
    assert_eq!(ask(&filter, OWN, number(libc::SYS_fchmodat), &[]), EPERM);
    assert_eq!(ask(&filter, OWN, 4000, &[]), ALLOW);
}

#[test]
fn a_way_of_calling_that_the_profile_leaves_out_ends_the_process() {
    let all = json!([{ "names": ["read"], "action": "SCMP_ACT_ALLOW" }]);
    let filter = compile(json!({ "defaultAction": "SCMP_ACT_ALLOW", "syscalls": all }));
    assert_eq!(ask(&filter, 0x1234, 0, &[]), KILL);
    if cfg!(target_arch = "x86_64") {
        assert_eq!(ask(&filter, 0x4000_0003, 3, &[]), KILL, "i386");
        assert_eq!(ask(&filter, OWN, 0x4000_0000, &[]), KILL, "x32");
    }
}

#[cfg(target_arch = "x86_64")]
#[test]
fn each_way_of_calling_has_its_own_numbers() {
    let filter = compile(json!({
        "defaultAction": "SCMP_ACT_ERRNO",
        "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32", "SCMP_ARCH_MIPS"],
        "syscalls": [{ "names": ["ioctl", "socketcall", "clone3"], "action": "SCMP_ACT_ALLOW" }],
    }));
    assert_eq!(ask(&filter, OWN, 16, &[]), ALLOW);
    assert_eq!(ask(&filter, OWN, 102, &[]), EPERM);
    assert_eq!(ask(&filter, 0x4000_0003, 102, &[]), ALLOW);
    assert_eq!(ask(&filter, 0x4000_0003, 54, &[]), ALLOW);
    assert_eq!(ask(&filter, OWN, 0x4000_0000 | 514, &[]), ALLOW);
    assert_eq!(ask(&filter, OWN, 0x4000_0000 | 16, &[]), EPERM);
}

#[test]
fn arguments_are_compared_in_all_their_64_bits() {
    const BIG: u64 = 0x1_0000_0005;
    let cases: [(&str, &[u64], &[u64]); 7] = [
        ("SCMP_CMP_EQ", &[BIG], &[5, BIG + 1, 0x2_0000_0005]),
        ("SCMP_CMP_NE", &[5, BIG + 1, 0x2_0000_0005], &[BIG]),
        ("SCMP_CMP_LT", &[0, 7, BIG - 1, u64::from(u32::MAX)], &[BIG, BIG + 1, u64::MAX, 0x2_0000_0000]),
        ("SCMP_CMP_LE", &[0, 7, BIG], &[BIG + 1, 0x2_0000_0000]),
        ("SCMP_CMP_GT", &[BIG + 1, 0x2_0000_0000], &[0, 7, BIG]),
        ("SCMP_CMP_GE", &[BIG, BIG + 1, 0x2_0000_0000], &[0, 7, BIG - 1]),
        ("SCMP_CMP_MASKED_EQ", &[0, 2, 0x10, 0x6_0000_0002], &[1, 4, 0x1_0000_0000, BIG]),
    ];
    for (op, pass, fail) in cases {
        let argument = json!({ "index": 2, "op": op, "value": BIG });
        let filter = compile(json!({
            "defaultAction": "SCMP_ACT_ERRNO",
            "syscalls": [{ "names": ["prctl"], "action": "SCMP_ACT_ALLOW", "args": [argument] }],
        }));
        let said = |value: &u64| ask(&filter, OWN, number(libc::SYS_prctl), &[1, 1, *value]);
        assert!(pass.iter().all(|value| said(value) == ALLOW), "{op} holds");
        assert!(fail.iter().all(|value| said(value) == EPERM), "{op} does not hold");
    }
}

#[test]
fn conditions_of_one_rule_hold_together_and_rules_are_alternatives() {
    let equals = |index: u32, value: u64| json!({ "index": index, "op": "SCMP_CMP_EQ", "value": value });
    let rule = |args: Value| json!({ "names": ["prctl"], "action": "SCMP_ACT_ALLOW", "args": args });
    let filter = compile(json!({
        "defaultAction": "SCMP_ACT_ERRNO",
        "syscalls": [
            rule(json!([equals(0, 1), equals(1, 2)])),
            rule(json!([equals(0, 7), equals(0, 8)])),
        ],
    }));
    let said = |arguments: &[u64]| ask(&filter, OWN, number(libc::SYS_prctl), arguments);
    assert_eq!([said(&[1, 2]), said(&[7, 0]), said(&[8, 0])], [ALLOW; 3]);
    assert_eq!([said(&[1, 3]), said(&[2, 2]), said(&[9, 2])], [EPERM; 3]);
}

#[test]
fn a_rule_without_conditions_stands_for_the_whole_call() {
    let argument = json!([{ "index": 0, "op": "SCMP_CMP_EQ", "value": 0 }]);
    let filter = compile(json!({
        "defaultAction": "SCMP_ACT_ERRNO",
        "syscalls": [
            { "names": ["prctl"], "action": "SCMP_ACT_ALLOW", "args": argument },
            { "names": ["prctl"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38 },
            { "names": ["prctl"], "action": "SCMP_ACT_ALLOW" },
        ],
    }));
    assert_eq!(ask(&filter, OWN, number(libc::SYS_prctl), &[0]), ENOSYS);
}

#[test]
fn long_profiles_are_searched_across_far_jumps() {
    let numbers: BTreeMap<&str, u32> = super::architecture::OF_THIS_MACHINE[0].numbers().collect();
    let names: Vec<&str> = numbers.iter().filter(|(_, number)| **number % 2 == 0).map(|(name, _)| *name).collect();
    let argument =
        json!([{ "index": 0, "op": "SCMP_CMP_GT", "value": 9 }, { "index": 1, "op": "SCMP_CMP_LT", "value": 9 }]);
    let filter = compile(json!({
        "defaultAction": "SCMP_ACT_ERRNO",
        "syscalls": [{ "names": names, "action": "SCMP_ACT_ALLOW", "args": argument }],
    }));
    for &number in numbers.values() {
        let expected = if number % 2 == 0 { ALLOW } else { EPERM };
        let last = numbers.values().filter(|one| **one % 2 == 0).max();
        if Some(&number) <= last {
            assert_eq!(ask(&filter, OWN, number, &[10, 8]), expected, "{number}");
            assert_eq!(ask(&filter, OWN, number, &[10, 9]), EPERM, "{number}");
        }
    }
}

#[test]
fn what_is_not_understood_is_refused_by_name() {
    let refusal = |document: Value| {
        let profile: OciSeccomp = serde_json::from_value(document).expect("a profile");
        Filter::compile(&profile).expect_err("refused").to_string()
    };
    let rule = |rule: Value| refusal(json!({ "defaultAction": "SCMP_ACT_ERRNO", "syscalls": [rule] }));
    assert!(
        refusal(json!({ "defaultAction": "SCMP_ACT_NOTIFY" })).contains("SCMP_ACT_NOTIFY cannot be used as default")
    );
    let asked = rule(json!({ "names": ["mkdir"], "action": "SCMP_ACT_NOTIFY" }));
    assert!(asked.contains("needs a listenerPath"), "{asked}");
    assert!(rule(json!({ "names": ["read"], "action": "ALLOW" })).contains("\"ALLOW\" is not known"));
    let argument = |index: u32, op: &str| {
        let args = [json!({ "index": index, "op": op, "value": 1 })];
        rule(json!({ "names": ["read"], "action": "SCMP_ACT_ALLOW", "args": args }))
    };
    assert!(argument(6, "SCMP_CMP_EQ").contains("no argument 6"));
    assert!(argument(0, "SCMP_CMP_IS").contains("\"SCMP_CMP_IS\" is not known"));
    let flags = json!({ "defaultAction": "SCMP_ACT_ERRNO", "flags": ["SECCOMP_FILTER_FLAG_NEW"] });
    assert!(refusal(flags).contains("SECCOMP_FILTER_FLAG_NEW"));
}
