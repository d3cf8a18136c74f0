//! A comparison of one argument of a call, as instructions: two words of 32 bits, the high one first.

use super::action::refused;
use super::program::{Instruction, Jump, and, equal, greater, greater_or_equal, load};
use crate::error::Result;
use crate::oci::OciSyscallArgument;

/// struct seccomp_data: the number, the architecture and the instruction pointer come before the six arguments.
const ARGUMENTS: u32 = 16;

/// One comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Condition {
    index: u32,
    comparison: Comparison,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    NotEqual(u64),
    Less(u64),
    LessOrEqual(u64),
    Equal(u64),
    GreaterOrEqual(u64),
    Greater(u64),
    MaskedEqual { mask: u64, value: u64 },
}

impl Condition {
    /// Reads the specification's words.
    pub fn read(argument: &OciSyscallArgument) -> Result<Self> {
        let &OciSyscallArgument { index, value, value_two, ref op } = argument;
        if index > 5 {
            return Err(refused(format!("a system call has no argument {index}")));
        }
        let comparison = match op.as_str() {
            "SCMP_CMP_NE" => Comparison::NotEqual(value),
            "SCMP_CMP_LT" => Comparison::Less(value),
            "SCMP_CMP_LE" => Comparison::LessOrEqual(value),
            "SCMP_CMP_EQ" => Comparison::Equal(value),
            "SCMP_CMP_GE" => Comparison::GreaterOrEqual(value),
            "SCMP_CMP_GT" => Comparison::Greater(value),
            "SCMP_CMP_MASKED_EQ" => Comparison::MaskedEqual { mask: value, value: value_two },
            other => return Err(refused(format!("the comparison \"{other}\" is not known"))),
        };
        Ok(Self { index, comparison })
    }

    /// Which argument it is about.
    pub fn index(self) -> u32 {
        self.index
    }

    /// Goes on behind itself when it holds, and to the end of the rule when not. It leaves nothing in the accumulator that is of use.
    pub fn instructions(self) -> Vec<Instruction> {
        use Jump::{Fail, Next, Pass};
        let low_word = ARGUMENTS + 8 * self.index;
        let (low, high) = (load(low_word), load(low_word + 4));
        match self.comparison {
            Comparison::Equal(value) => {
                let (v_high, v_low) = words(value);
                vec![high, equal(v_high, Next, Fail), low, equal(v_low, Pass, Fail)]
            }
            Comparison::NotEqual(value) => {
                let (v_high, v_low) = words(value);
                vec![high, equal(v_high, Next, Pass), low, equal(v_low, Fail, Pass)]
            }
            Comparison::MaskedEqual { mask, value } => {
                let ((m_high, m_low), (v_high, v_low)) = (words(mask), words(value));
                vec![high, and(m_high), equal(v_high, Next, Fail), low, and(m_low), equal(v_low, Pass, Fail)]
            }
            Comparison::Greater(value) => above(value, (high, low), greater, (Pass, Fail)),
            Comparison::GreaterOrEqual(value) => above(value, (high, low), greater_or_equal, (Pass, Fail)),
            Comparison::LessOrEqual(value) => above(value, (high, low), greater, (Fail, Pass)),
            Comparison::Less(value) => above(value, (high, low), greater_or_equal, (Fail, Pass)),
        }
    }
}

/// The high words decide unless they are equal. `last` compares the low ones.
fn above(
    value: u64,
    (high, low): (Instruction, Instruction),
    last: fn(u32, Jump, Jump) -> Instruction,
    (yes, no): (Jump, Jump),
) -> Vec<Instruction> {
    let (v_high, v_low) = words(value);
    vec![high, greater(v_high, yes, Jump::Next), equal(v_high, Jump::Next, no), low, last(v_low, yes, no)]
}

fn words(value: u64) -> (u32, u32) {
    // Both halves fit by construction.
    ((value >> 32) as u32, (value & 0xffff_ffff) as u32)
}
