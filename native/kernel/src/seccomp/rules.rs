//! A profile as ranges of numbers: what happens to each call of one architecture.

use super::action::Action;
use super::architecture::{Architecture, Numbers, X32_BIT, numbers_of};
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

/// A profile with its names looked up: one profile serves many architectures.
pub struct Profile {
    default: Action,
    entries: Vec<Entry>,
}

struct Entry {
    calls: Vec<Numbers>,
    rules: Vec<Rule>,
    action: Action,
}

/// Names that nobody has are passed over.
pub fn read(profile: &OciSeccomp) -> Result<Profile> {
    let default = Action::read(&profile.default_action, profile.default_errno_ret)?;
    let entry = |entry: &OciSyscall| {
        let action = Action::read(&entry.action, entry.errno_ret)?;
        let calls = entry.names.iter().filter_map(|name| numbers_of(name)).collect();
        Ok(Entry { calls, rules: rules(entry, action)?, action })
    };
    let entries = profile.syscalls.iter().map(entry).collect::<Result<_>>()?;
    Ok(Profile { default, entries })
}

impl Profile {
    /// All numbers below one audit number, which `architectures` share; the one with higher numbers comes last.
    pub fn ranges(&self, architectures: &[Architecture]) -> Vec<Range> {
        let mut ranges = Ranges(Vec::new());
        for architecture in architectures {
            ranges.add(architecture.bit, self.verdicts(architecture), self.default);
        }
        if architectures.iter().all(|one| one.leaves_out_x32()) {
            ranges.push(X32_BIT, Verdict::Always(Action::KILL_PROCESS));
            // No call at all: what a tracer sets to skip one.
            ranges.push(u32::MAX, Verdict::Always(Action::NO_SUCH_CALL));
        }
        ranges.0
    }

    /// In the order of the numbers.
    fn verdicts(&self, architecture: &Architecture) -> Vec<(u32, Verdict)> {
        let numbers =
            |entry: &'_ Entry| entry.calls.iter().filter_map(|&call| architecture.number(call)).collect::<Vec<_>>();
        let numbered =
            self.entries.iter().flat_map(|entry| numbers(entry).into_iter().map(move |number| (number, entry)));
        let mut all: Vec<(u32, &Entry)> = numbered.collect();
        // Stable: the entries of one call stay in the profile's order.
        all.sort_by_key(|(number, _)| *number);
        all.chunk_by(|one, next| one.0 == next.0).map(|of_one| (of_one[0].0, self.verdict(of_one))).collect()
    }

    /// A rule without conditions stands for the whole call, wherever it is written; of two such the first counts.
    fn verdict(&self, entries: &[(u32, &Entry)]) -> Verdict {
        match entries.iter().find(|(_, entry)| entry.rules.is_empty()) {
            Some((_, entry)) => Verdict::Always(entry.action),
            None => {
                let rules = entries.iter().flat_map(|(_, entry)| entry.rules.iter().cloned());
                Verdict::ByArguments(rules.collect(), self.default)
            }
        }
    }
}

struct Ranges(Vec<Range>);

impl Ranges {
    /// Numbers that no name of the profile has get the default; above all of them are calls that came after the profile.
    fn add(&mut self, first: u32, verdicts: Vec<(u32, Verdict)>, default: Action) {
        self.push(first, Verdict::Always(default));
        let above = verdicts.last().map_or(first, |(number, _)| number + 1);
        for (number, verdict) in verdicts {
            self.push(number, verdict);
            self.push(number + 1, Verdict::Always(default));
        }
        if !default.is_permissive() {
            self.push(above, Verdict::Always(Action::NO_SUCH_CALL));
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
