//! Device rules on control groups v2: a small BPF program of type `cgroup/dev`, assembled here and attached to the group.

use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::path::Path;

use crate::error::{Result, Step};
use crate::oci::OciDeviceRule;

/// struct bpf_insn of linux/bpf.h: opcode, registers (source in the high half, destination in the low), offset, immediate.
type Instruction = (u8, u8, i16, i32);

const LOAD_WORD: u8 = 0x61;
const AND_IMMEDIATE: u8 = 0x54;
const SHIFT_RIGHT: u8 = 0x74;
const MOVE_REGISTER: u8 = 0xbc;
const MOVE_IMMEDIATE: u8 = 0xb4;
const JUMP_NOT_EQUAL: u8 = 0x55;
const JUMP_NOT_EQUAL_REGISTER: u8 = 0x5d;
const EXIT: u8 = 0x95;

const PROG_LOAD: libc::c_int = 5;
const PROG_ATTACH: libc::c_int = 8;
const PROG_TYPE_CGROUP_DEVICE: u32 = 15;
const CGROUP_DEVICE: u32 = 6;
const ALLOW_MULTI: u32 = 2;

/// Attaches the rules; the last one that matches an access decides, and without one it is allowed.
pub fn attach(directory: &Path, rules: &[OciDeviceRule]) -> Result<()> {
    if rules.is_empty() {
        return Ok(());
    }
    let program = load(&assemble(rules)).step(|| "load the device rules of the container")?;
    let group = File::open(directory).step(|| format!("open the control group `{}`", directory.display()))?;
    let mut attributes = [0u8; 128];
    for (at, value) in [
        (0, group.as_raw_fd().cast_unsigned()),
        (4, program.as_raw_fd().cast_unsigned()),
        (8, CGROUP_DEVICE),
        (12, ALLOW_MULTI),
    ] {
        attributes[at..at + 4].copy_from_slice(&value.to_ne_bytes());
    }
    bpf(PROG_ATTACH, &attributes).step(|| "attach the device rules of the container").map(|_| ())
}

/// The context has the kind and access of the device in one word, then its major and minor numbers.
fn assemble(rules: &[OciDeviceRule]) -> Vec<Instruction> {
    let mut program = vec![
        (LOAD_WORD, 0x12, 0, 0),
        (AND_IMMEDIATE, 0x02, 0, 0xffff),
        (LOAD_WORD, 0x13, 0, 0),
        (SHIFT_RIGHT, 0x03, 0, 16),
        (LOAD_WORD, 0x14, 4, 0),
        (LOAD_WORD, 0x15, 8, 0),
    ];
    for rule in rules.iter().rev() {
        program.extend(block(rule));
        // The kernel refuses a program with instructions that are never reached.
        if matches_everything(rule) {
            return program;
        }
    }
    program.extend([(MOVE_IMMEDIATE, 0x00, 0, 1), (EXIT, 0, 0, 0)]);
    program
}

fn matches_everything(rule: &OciDeviceRule) -> bool {
    let open = |number: Option<i64>| number.is_none_or(|number| number < 0);
    let any_kind = !matches!(rule.kind.as_deref(), Some("b" | "c"));
    any_kind && access_mask(&rule.access) == 7 && open(rule.major) && open(rule.minor)
}

/// Tests that jump behind the block when the rule does not match, then the verdict.
fn block(rule: &OciDeviceRule) -> Vec<Instruction> {
    let mut tests: Vec<Vec<Instruction>> = Vec::new();
    match rule.kind.as_deref() {
        Some("b") => tests.push(vec![(JUMP_NOT_EQUAL, 0x02, 0, 1)]),
        Some("c") => tests.push(vec![(JUMP_NOT_EQUAL, 0x02, 0, 2)]),
        _ => {}
    }
    let mask = access_mask(&rule.access);
    if mask != 7 {
        tests.push(vec![
            (MOVE_REGISTER, 0x31, 0, 0),
            (AND_IMMEDIATE, 0x01, 0, mask),
            (JUMP_NOT_EQUAL_REGISTER, 0x31, 0, 0),
        ]);
    }
    for (register, number) in [(0x04, rule.major), (0x05, rule.minor)] {
        if let Some(number) = number.filter(|&number| number >= 0) {
            tests.push(vec![(JUMP_NOT_EQUAL, register, 0, i32::try_from(number).unwrap_or(i32::MAX))]);
        }
    }
    let mut instructions: Vec<Instruction> = tests.into_iter().flatten().collect();
    instructions.extend([(MOVE_IMMEDIATE, 0x00, 0, i32::from(rule.allow)), (EXIT, 0, 0, 0)]);
    let length = instructions.len();
    for (at, instruction) in instructions.iter_mut().enumerate() {
        if matches!(instruction.0, JUMP_NOT_EQUAL | JUMP_NOT_EQUAL_REGISTER) {
            instruction.2 = i16::try_from(length - at - 1).unwrap_or(i16::MAX);
        }
    }
    instructions
}

/// BPF_DEVCG_ACC_MKNOD, _READ and _WRITE.
fn access_mask(access: &str) -> i32 {
    access.chars().fold(0, |mask, letter| {
        mask | match letter {
            'm' => 1,
            'r' => 2,
            'w' => 4,
            _ => 0,
        }
    })
}

fn load(program: &[Instruction]) -> io::Result<OwnedFd> {
    let mut code = Vec::with_capacity(program.len() * 8);
    for (opcode, registers, offset, immediate) in program {
        code.extend_from_slice(&[*opcode, *registers]);
        code.extend_from_slice(&offset.to_ne_bytes());
        code.extend_from_slice(&immediate.to_ne_bytes());
    }
    let licence = c"Apache-2.0";
    let mut attributes = [0u8; 128];
    attributes[0..4].copy_from_slice(&PROG_TYPE_CGROUP_DEVICE.to_ne_bytes());
    attributes[4..8].copy_from_slice(&u32::try_from(program.len()).unwrap_or(u32::MAX).to_ne_bytes());
    attributes[8..16].copy_from_slice(&(code.as_ptr() as u64).to_ne_bytes());
    attributes[16..24].copy_from_slice(&(licence.as_ptr() as u64).to_ne_bytes());
    let descriptor = bpf(PROG_LOAD, &attributes)?;
    // SAFETY: the kernel has just given us this descriptor, and nobody else owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(descriptor) })
}

fn bpf(command: libc::c_int, attributes: &[u8; 128]) -> io::Result<libc::c_int> {
    // SAFETY: the attributes are as long as is said and outlive the call, as does what they point to.
    let result = unsafe { libc::syscall(libc::SYS_bpf, command, attributes.as_ptr(), attributes.len()) };
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(libc::c_int::try_from(result).unwrap_or(-1)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(allow: bool, kind: Option<&str>, numbers: Option<(i64, i64)>, access: &str) -> OciDeviceRule {
        let (major, minor) = numbers.unzip();
        OciDeviceRule { allow, kind: kind.map(str::to_owned), major, minor, access: access.into() }
    }

    #[test]
    fn every_instruction_can_be_reached_and_the_kernel_takes_the_program() {
        let rules = [
            rule(false, None, None, "rwm"),
            rule(true, Some("c"), Some((1, 3)), "rwm"),
            rule(true, Some("c"), Some((136, -1)), "rw"),
            rule(true, Some("b"), None, "m"),
        ];
        let program = assemble(&rules);
        assert_eq!(program[program.len() - 2..], [(MOVE_IMMEDIATE, 0, 0, 0), (EXIT, 0, 0, 0)]);
        match load(&program) {
            Ok(_) => {}
            Err(error) if error.raw_os_error() == Some(libc::EPERM) => {
                eprintln!("skipped: loading a program needs root")
            }
            Err(error) => panic!("the kernel refused the program: {error}"),
        }
    }
}
