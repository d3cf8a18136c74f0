//! `tscompose`: the first program of every command (ADR 21). An `up` that was answered before, and whose world stands as it stood, is answered from
//! the note about it; whatever else is asked goes to Node. Parses nothing.

use std::env;
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use dlmalloc::GlobalDlmalloc;

use crate::question::Question;

mod note;
mod question;
mod run_dir;

/// The C library that the program is linked with asks the kernel for each larger piece of memory, and gives it back at once.
#[global_allocator]
static ALLOCATOR: GlobalDlmalloc = GlobalDlmalloc;

fn main() -> ExitCode {
    let words: Vec<OsString> = env::args_os().skip(1).collect();
    let Some(root) = package_root() else {
        return refuse("tscompose can't find its own files", "it looks for them by /proc/self/exe: mount /proc");
    };
    if words.iter().any(|word| word == "up") && is_answered(&words, &root) {
        return ExitCode::SUCCESS;
    }
    hand_over(&words, &root)
}

/// This program is `bin/tscompose` there.
fn package_root() -> Option<PathBuf> {
    env::current_exe().ok()?.ancestors().nth(2).map(Path::to_owned)
}

fn is_answered(words: &[OsString], root: &Path) -> bool {
    let question = Question::asked_here(words, root);
    let text = question.zip(run_dir::of_this_user()).and_then(|(question, run_dir)| note::find(&run_dir, &question));
    text.is_some_and(|text| note::answer(&text))
}

/// Returns only when there is no Node.
fn hand_over(words: &[OsString], root: &Path) -> ExitCode {
    let error = Command::new("node").arg("--").arg(root.join("bin/tscompose.cjs")).args(words).exec();
    refuse(
        &format!("can't start Node.js: {error}"),
        "tscompose needs Node.js 20.19 or newer as \"node\" in the PATH: https://nodejs.org",
    )
}

fn refuse(what: &str, hint: &str) -> ExitCode {
    eprintln!("error: {what}\n  hint: {hint}");
    ExitCode::from(127)
}
