//! The ways in which programs of this machine call the kernel, and the numbers that calls have in each.

use std::collections::BTreeMap;

/// Numbers by name for every architecture, in the order of `COLUMNS`.
const CALLS: &str = include_str!("calls.tsv");

/// x32 shares the audit number of `x86_64`, and tells itself apart by this bit of the call's number.
pub const X32_BIT: u32 = 0x4000_0000;

const AUDIT_X86_64: u32 = 0xc000_003e;

/// One way of calling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Architecture {
    /// The specification's word.
    pub name: &'static str,
    /// `AUDIT_ARCH_…` of linux/audit.h: what the kernel tells a filter.
    pub audit: u32,
    /// Added to the number of each call.
    pub bit: u32,
    column: usize,
}

const fn architecture(name: &'static str, audit: u32, bit: u32, column: usize) -> Architecture {
    Architecture { name, audit, bit, column }
}

/// What a kernel for this processor can be called by, its own way first.
#[cfg(target_arch = "x86_64")]
pub const OF_THIS_MACHINE: [Architecture; 3] = [
    architecture("SCMP_ARCH_X86_64", AUDIT_X86_64, 0, 0),
    architecture("SCMP_ARCH_X32", AUDIT_X86_64, X32_BIT, 1),
    architecture("SCMP_ARCH_X86", 0x4000_0003, 0, 2),
];

/// What a kernel for this processor can be called by, its own way first.
#[cfg(target_arch = "aarch64")]
pub const OF_THIS_MACHINE: [Architecture; 2] =
    [architecture("SCMP_ARCH_AARCH64", 0xc000_00b7, 0, 3), architecture("SCMP_ARCH_ARM", 0x4000_0028, 0, 4)];

impl Architecture {
    /// Whether calls of x32 would pass for its own if nobody looked at the bit.
    pub fn leaves_out_x32(&self) -> bool {
        self.audit == AUDIT_X86_64 && self.bit == 0
    }

    /// Every call that this one has.
    pub fn numbers(&self) -> BTreeMap<&'static str, u32> {
        CALLS.lines().filter(|line| !line.starts_with('#')).filter_map(|line| self.entry(line)).collect()
    }

    fn entry(&self, line: &'static str) -> Option<(&'static str, u32)> {
        let (name, numbers) = line.split_once('\t')?;
        let number: u32 = numbers.split('\t').nth(self.column)?.parse().ok()?;
        Some((name, number | self.bit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_agrees_with_the_c_library() {
        let numbers = OF_THIS_MACHINE[0].numbers();
        let ours = |name| i64::from(numbers[name]);
        assert_eq!(ours("read"), libc::SYS_read);
        assert_eq!(ours("clone3"), libc::SYS_clone3);
        assert_eq!(ours("execveat"), libc::SYS_execveat);
        assert_eq!(ours("fchmodat2"), libc::SYS_fchmodat2);
        assert_eq!(ours("mseal"), libc::SYS_mseal);
    }

    #[cfg(target_arch = "x86_64")]
    #[test]
    fn x32_has_numbers_of_its_own_and_i386_has_old_calls() {
        let [_, x32, i386] = OF_THIS_MACHINE;
        assert_eq!(x32.numbers()["ioctl"], 514 | X32_BIT);
        assert_eq!(x32.numbers().get("uselib"), None);
        assert_eq!(i386.numbers()["socketcall"], 102);
    }
}
