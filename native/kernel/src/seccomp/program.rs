//! Classic BPF: the few instructions that a filter of system calls is made of, and how pieces of it are put together.

/// struct sock_filter of linux/filter.h.
pub type Code = libc::sock_filter;

const LOAD_WORD: u16 = 0x20;
const AND: u16 = 0x54;
const RETURN: u16 = 0x06;
const JUMP: u16 = 0x05;
const JUMP_EQUAL: u16 = 0x15;
const JUMP_GREATER: u16 = 0x25;
const JUMP_GREATER_OR_EQUAL: u16 = 0x35;

/// Where a comparison in a piece goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Jump {
    /// With the following instruction.
    Next,
    /// Behind the last instruction of its condition.
    Pass,
    /// Behind the last instruction of its rule.
    Fail,
}

/// An instruction whose jumps are not counted out yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instruction {
    code: u16,
    value: u32,
    jumps: (Jump, Jump),
}

const fn plain(code: u16, value: u32) -> Instruction {
    Instruction { code, value, jumps: (Jump::Next, Jump::Next) }
}

pub const fn load(offset: u32) -> Instruction {
    plain(LOAD_WORD, offset)
}

pub const fn and(mask: u32) -> Instruction {
    plain(AND, mask)
}

pub const fn equal(value: u32, yes: Jump, no: Jump) -> Instruction {
    Instruction { code: JUMP_EQUAL, value, jumps: (yes, no) }
}

pub const fn greater(value: u32, yes: Jump, no: Jump) -> Instruction {
    Instruction { code: JUMP_GREATER, value, jumps: (yes, no) }
}

pub const fn greater_or_equal(value: u32, yes: Jump, no: Jump) -> Instruction {
    Instruction { code: JUMP_GREATER_OR_EQUAL, value, jumps: (yes, no) }
}

/// The last instruction of every way through a filter.
pub const fn answer(action: u32) -> Code {
    Code { code: RETURN, jt: 0, jf: 0, k: action }
}

/// Loads a word of what the filter is told.
pub const fn look_at(offset: u32) -> Code {
    Code { code: LOAD_WORD, jt: 0, jf: 0, k: offset }
}

/// All conditions one after the other, then the verdict; where one does not hold, on behind all that.
/// At most six conditions of six instructions: every jump fits into its eight bits.
pub fn rule(conditions: &[Vec<Instruction>], verdict: Code) -> Vec<Code> {
    let end_of_rule = conditions.iter().map(Vec::len).sum::<usize>() + 1;
    let mut codes = Vec::with_capacity(end_of_rule);
    for condition in conditions {
        let end_of_condition = codes.len() + condition.len();
        for instruction in condition {
            let here = codes.len() + 1;
            let distance = |jump| match jump {
                Jump::Next => 0,
                Jump::Pass => byte(end_of_condition - here),
                Jump::Fail => byte(end_of_rule - here),
            };
            let Instruction { code, value, jumps: (yes, no) } = *instruction;
            codes.push(Code { code, jt: distance(yes), jf: distance(no), k: value });
        }
    }
    codes.push(verdict);
    codes
}

/// Both branches end with an answer, so that nothing has to jump over the other's end.
pub fn branch(code: BranchOn, otherwise: Vec<Code>, then: Vec<Code>) -> Vec<Code> {
    let (operation, value) = match code {
        BranchOn::AtLeast(value) => (JUMP_GREATER_OR_EQUAL, value),
        BranchOn::Equal(value) => (JUMP_EQUAL, value),
    };
    let distance = otherwise.len();
    let head = match u8::try_from(distance) {
        Ok(near) => vec![Code { code: operation, jt: near, jf: 0, k: value }],
        // A comparison jumps 255 instructions at most, a plain jump as far as is needed.
        Err(_) => vec![
            Code { code: operation, jt: 0, jf: 1, k: value },
            Code { code: JUMP, jt: 0, jf: 0, k: u32::try_from(distance).unwrap_or(u32::MAX) },
        ],
    };
    [head, otherwise, then].concat()
}

/// When the second of two branches is taken.
#[derive(Debug, Clone, Copy)]
pub enum BranchOn {
    /// The loaded word is this or more.
    AtLeast(u32),
    /// The loaded word is this.
    Equal(u32),
}

fn byte(distance: usize) -> u8 {
    u8::try_from(distance).expect("a rule is shorter than 256 instructions")
}
