//! The ways in which programs of this machine call the kernel, and the numbers that calls have in each.

use std::sync::LazyLock;

/// The numbers of each call for every architecture, by name, in order of the names.
static CALLS: LazyLock<Vec<(&str, &str)>> = LazyLock::new(|| {
    let lines = include_str!("calls.tsv").lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once('\t')).collect()
});

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

/// The numbers of one call, for one architecture after the other; `-` where it has none.
#[derive(Debug, Clone, Copy)]
pub struct Numbers(&'static str);

/// None where no architecture has a call of that name.
pub fn numbers_of(name: &str) -> Option<Numbers> {
    let at = CALLS.binary_search_by_key(&name, |(name, _)| name).ok()?;
    Some(Numbers(CALLS[at].1))
}

impl Architecture {
    /// Whether calls of x32 would pass for its own if nobody looked at the bit.
    pub fn leaves_out_x32(&self) -> bool {
        self.audit == AUDIT_X86_64 && self.bit == 0
    }

    /// The number of a call, where it has one.
    pub fn number(&self, call: Numbers) -> Option<u32> {
        let number: u32 = call.0.split('\t').nth(self.column)?.parse().ok()?;
        Some(number | self.bit)
    }

    /// Every call that this one has.
    #[cfg(test)]
    pub fn numbers(&self) -> impl Iterator<Item = (&'static str, u32)> {
        CALLS.iter().filter_map(|(name, numbers)| Some((*name, self.number(Numbers(numbers))?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_call_is_found_in_the_table() {
        assert!(CALLS.is_sorted());
        assert!(CALLS.len() > 400);
    }

    #[test]
    fn the_table_agrees_with_the_c_library() {
        let ours = |name| i64::from(OF_THIS_MACHINE[0].number(numbers_of(name).unwrap()).unwrap());
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
        let number = |of: Architecture, name| of.number(numbers_of(name).unwrap());
        assert_eq!(number(x32, "ioctl"), Some(514 | X32_BIT));
        assert_eq!(number(x32, "uselib"), None);
        assert_eq!(number(i386, "socketcall"), Some(102));
    }
}
