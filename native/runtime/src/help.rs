//! Every command with its flags: what is read is what is shown.

use std::env;
use std::fmt::Write;
use std::path::Path;

use crate::flags::{Flag, Order, Parsed};
use crate::words::{Failure, fail};

mod tables;

pub use tables::GLOBAL;

/// One command.
#[derive(Debug)]
pub struct Command {
    /// What is typed.
    pub name: &'static str,
    /// One line.
    pub summary: &'static str,
    /// What follows the flags.
    pub arguments: &'static str,
    /// How many words that are.
    pub count: Count,
    /// Its flags.
    pub flags: &'static [Flag],
    /// Where they may stand.
    pub order: Order,
}

/// How many words a command takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    Exactly(usize),
    AtLeast(usize),
    Any,
    Between(usize, usize),
}

impl Command {
    /// Refuses too few or too many words.
    pub fn check(&self, parsed: &Parsed) -> Result<(), Failure> {
        let given = parsed.rest.len();
        let (fits, wanted) = match self.count {
            Count::Exactly(count) => (given == count, format!("exactly {count} argument(s)")),
            Count::AtLeast(count) => (given >= count, format!("a minimum of {count} argument(s)")),
            Count::Any => (true, String::new()),
            Count::Between(least, most) => {
                let word = if given < least { format!("a minimum of {least}") } else { format!("a maximum of {most}") };
                ((least..=most).contains(&given), format!("{word} argument(s)"))
            }
        };
        if fits {
            return Ok(());
        }
        print!("Incorrect Usage.\n\n{}", of_command(self));
        Err(fail(format!("{}: \"{}\" requires {wanted}", program(), self.name)))
    }
}

/// The command of this name.
pub fn command(name: &str) -> Option<&'static Command> {
    tables::COMMANDS.iter().find(|command| command.name == name)
}

/// Help for all.
pub fn of_program() -> String {
    let name = program();
    let mut text = format!(
        "NAME:\n   {name} - Open Container Initiative runtime\n\nUSAGE:\n   {name} [global options] command [command options] [arguments...]\n\nVERSION:\n   {}\n\nCOMMANDS:\n",
        env!("CARGO_PKG_VERSION")
    );
    for command in tables::COMMANDS {
        let _ = writeln!(text, "   {:<10}  {}", command.name, command.summary);
    }
    text.push_str("   help, h     shows all commands, or help for one\n\nGLOBAL OPTIONS:\n");
    text + &options(GLOBAL)
}

/// Help for one.
pub fn of_command(command: &Command) -> String {
    let Command { name, summary, arguments, flags, .. } = command;
    let program = program();
    let mut text = format!(
        "NAME:\n   {program} {name} - {summary}\n\nUSAGE:\n   {program} {name} [command options] {arguments}\n"
    );
    if arguments.contains("<container-id>") {
        text.push_str("\n\"<container-id>\" is the name of the container, unique on this host.\n");
    }
    if !flags.is_empty() {
        let _ = write!(text, "\nOPTIONS:\n{}", options(flags));
    }
    text
}

fn options(flags: &[Flag]) -> String {
    let left = |flag: &Flag| {
        let value = flag.value.map(|value| format!(" {value}")).unwrap_or_default();
        let dashes = |name: &&str| format!("{}{name}{value}", if name.len() == 1 { "-" } else { "--" });
        flag.names.iter().map(dashes).collect::<Vec<_>>().join(", ")
    };
    let shown = || flags.iter().filter(|flag| !flag.usage.is_empty());
    let width = shown().map(|flag| left(flag).len()).max().unwrap_or(0);
    shown().fold(String::new(), |mut text, flag| {
        let _ = writeln!(text, "   {:<width$}  {}", left(flag), flag.usage);
        text
    })
}

/// Engines read the first words.
pub fn version() -> String {
    let version = env!("CARGO_PKG_VERSION");
    format!("{} version {version}\ncommit: {version}\nspec: {}\n", program(), tables::SPEC_VERSION)
}

/// The version of the specification that documents are written for.
pub const SPEC_VERSION: &str = tables::SPEC_VERSION;

/// As it was called.
pub fn program() -> String {
    let called = env::args().next().unwrap_or_default();
    Path::new(&called)
        .file_name()
        .map_or_else(|| "tscompose-runtime".into(), |name| name.to_string_lossy().into_owned())
}
