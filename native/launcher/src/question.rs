//! Whatever decides about a command's answer besides files: src/cli/settled/question.ts asks the same.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use rustix::stdio::{stderr, stdout};
use rustix::termios::{isatty, tcgetwinsize};
use sha2::{Digest, Sha256};

/// Set anew by shells for each command, or in each directory: they say nothing about a project that does not name them.
const SHELL_VARIABLES: [&str; 3] = ["_", "OLDPWD", "SHLVL"];

/// A command line, and where it was typed.
pub struct Question {
    root: PathBuf,
    cwd: PathBuf,
    outputs: String,
    words: Vec<OsString>,
    environment: Vec<(OsString, OsString)>,
}

impl Question {
    /// None in a directory that is gone.
    pub fn asked_here(words: &[OsString], root: &Path) -> Option<Self> {
        Some(Self {
            root: root.to_owned(),
            cwd: env::current_dir().ok()?,
            outputs: outputs(),
            words: words.to_owned(),
            environment: env::vars_os().collect(),
        })
    }

    /// In 64 hexadecimal digits. One question has one, and no two have the same.
    pub fn digest(&self) -> String {
        let mut sum = Sha256::new();
        for part in self.parts() {
            sum.update(&part);
            sum.update([0]);
        }
        sum.finalize().iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    /// None of them holds a NUL, and how many words there are tells where these end.
    fn parts(&self) -> Vec<Vec<u8>> {
        let count = self.words.len().to_string();
        let before = [self.root.as_os_str(), self.cwd.as_os_str(), OsStr::new(&self.outputs), OsStr::new(&count)];
        let said = before.into_iter().chain(self.words.iter().map(OsString::as_os_str));
        let variables = self.environment.iter().filter(|(name, _)| !SHELL_VARIABLES.iter().any(|own| name == own));
        let mut settings: Vec<Vec<u8>> = variables.map(|(name, value)| assignment(name, value)).collect();
        settings.sort_unstable();
        said.map(|part| part.as_bytes().to_owned()).chain(settings).collect()
    }
}

fn assignment(name: &OsStr, value: &OsStr) -> Vec<u8> {
    let mut text = name.to_owned();
    text.push("=");
    text.push(value);
    text.into_vec()
}

/// What the outputs are, as that decides how an answer looks: a letter each for standard output and standard error, and the size of a terminal.
fn outputs() -> String {
    let letter = |is_terminal| if is_terminal { 't' } else { 'f' };
    let kinds = format!("{}{}", letter(isatty(stdout())), letter(isatty(stderr())));
    if !isatty(stderr()) {
        return kinds;
    }
    let (columns, lines) = tcgetwinsize(stderr()).map_or((0, 0), |size| (size.ws_col, size.ws_row));
    format!("{kinds} {columns}x{lines}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(words: &[&str], environment: &[(&str, &str)]) -> Question {
        Question {
            root: "/opt/tscompose".into(),
            cwd: "/app".into(),
            outputs: "ff".into(),
            words: words.iter().map(Into::into).collect(),
            environment: environment.iter().map(|(name, value)| (name.into(), value.into())).collect(),
        }
    }

    /// test/cli/settled/question.test.ts has the same question and digest.
    #[test]
    fn a_digest_is_the_same_in_both_languages() {
        let asked = question(&["up", "-d"], &[("TAG", "1"), ("SHLVL", "1"), ("A.B", "ü")]);
        assert_eq!(asked.digest(), "553ddb01bdad98b8de912f647d86ca6d7eaabf40a6898b19c350405a024e1f64");
    }

    #[test]
    fn the_shell_s_own_variables_and_their_order_do_not_count() {
        let asked = question(&["up"], &[("A", "1"), ("B", "2")]).digest();
        assert_eq!(question(&["up"], &[("B", "2"), ("_", "/bin/x"), ("A", "1"), ("OLDPWD", "/")]).digest(), asked);
    }

    #[test]
    fn whatever_else_is_another_question() {
        let asked = || question(&["up", "-d"], &[("A", "1")]);
        let others = [
            question(&["up"], &[("A", "1")]),
            question(&["up", "-d", "A=1"], &[]),
            question(&["up", "-d"], &[("A", "2")]),
            question(&["up", "-d"], &[("A", "1"), ("B", "")]),
            question(&["up", "-d"], &[]),
            Question { root: "/opt".into(), ..asked() },
            Question { cwd: "/app/below".into(), ..asked() },
            Question { outputs: "tt 80x24".into(), ..asked() },
        ];
        for other in others {
            assert_ne!(other.digest(), asked().digest());
        }
    }
}
