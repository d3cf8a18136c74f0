//! A profile as ranges of numbers: what happens to each call of one architecture.

use std::collections::BTreeMap;

use super::action::Action;
use super::architecture::{Architecture, X32_BIT};
use super::condition::Condition;
use crate::error::Result;
use crate::oci::{OciSeccomp, OciSyscall};

/// What happens to a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Whatever its arguments are.
    Always(Action),
    /// The first rule whose conditions all hold decides, and without one the last word.
    ByArguments(Vec<Rule>, Action),
}

/// Conditions that must all hold, and what happens then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// At most one for each argument.
    pub conditions: Vec<Condition>,
    /// The verdict.
    pub action: Action,
}

/// A verdict for all numbers from `start` up to the next range's start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    /// The first number.
    pub start: u32,
    /// What happens to them.
    pub verdict: Verdict,
}

/// All numbers below one audit number, which `architectures` share; the one with higher numbers comes last.
pub fn ranges(profile: &OciSeccomp, architectures: &[Architecture]) -> Result<Vec<Range>> {
    let default = Action::read(&profile.default_action, profile.default_errno_ret)?;
    let mut ranges = Ranges(Vec::new());
    for architecture in architectures {
        ranges.add(architecture.bit, &verdicts(profile, architecture, default)?, default);
    }
    if architectures.iter().all(|one| one.leaves_out_x32()) {
        ranges.push(X32_BIT, Verdict::Always(Action::KILL_PROCESS));
        // No call at all: what a tracer sets to skip one.
        ranges.push(u32::MAX, Verdict::Always(Action::NO_SUCH_CALL));
    }
    Ok(ranges.0)
}

struct Ranges(Vec<Range>);

impl Ranges {
    /// Numbers that no name of the profile has get the default; above all of them are calls that came after the profile.
    fn add(&mut self, first: u32, verdicts: &BTreeMap<u32, Verdict>, default: Action) {
        self.push(first, Verdict::Always(default));
        for (&number, verdict) in verdicts {
            self.push(number, verdict.clone());
            self.push(number + 1, Verdict::Always(default));
        }
        if !default.is_permissive() {
            let last = verdicts.last_key_value().map_or(first, |(number, _)| number + 1);
            self.push(last, Verdict::Always(Action::NO_SUCH_CALL));
        }
    }

    fn push(&mut self, start: u32, verdict: Verdict) {
        if self.0.last().is_some_and(|last| last.start == start) {
            self.0.pop();
        }
        if self.0.last().is_none_or(|last| last.verdict != verdict) {
            self.0.push(Range { start, verdict });
        }
    }
}

/// Names that this architecture does not have are passed over: one profile serves many.
fn verdicts(profile: &OciSeccomp, architecture: &Architecture, default: Action) -> Result<BTreeMap<u32, Verdict>> {
    let mut verdicts: BTreeMap<u32, Verdict> = BTreeMap::new();
    for entry in &profile.syscalls {
        let action = Action::read(&entry.action, entry.errno_ret)?;
        let rules = rules(entry, action)?;
        for number in entry.names.iter().filter_map(|name| architecture.number(name)) {
            combine(
                verdicts.entry(number).or_insert_with(|| Verdict::ByArguments(Vec::new(), default)),
                &rules,
                action,
            );
        }
    }
    Ok(verdicts)
}

/// A rule without conditions stands for the whole call, wherever it is written; of two such the first counts.
fn combine(verdict: &mut Verdict, rules: &[Rule], action: Action) {
    match verdict {
        Verdict::Always(_) => {}
        _ if rules.is_empty() => *verdict = Verdict::Always(action),
        Verdict::ByArguments(all, _) => all.extend_from_slice(rules),
    }
}

/// Two comparisons of one argument are alternatives, as other runtimes have it.
fn rules(entry: &OciSyscall, action: Action) -> Result<Vec<Rule>> {
    let conditions = entry.args.iter().map(Condition::read).collect::<Result<Vec<_>>>()?;
    let mut indices: Vec<u32> = conditions.iter().map(|condition| condition.index()).collect();
    indices.sort_unstable();
    indices.dedup();
    if conditions.is_empty() {
        return Ok(Vec::new());
    }
    if indices.len() == conditions.len() {
        return Ok(vec![Rule { conditions, action }]);
    }
    Ok(conditions.into_iter().map(|condition| Rule { conditions: vec![condition], action }).collect())
}
