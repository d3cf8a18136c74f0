//! One call of a runtime: by runc's command line, in a mount namespace of its own, and never for longer than our patience lasts.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use kernel::error::{KernelError, Result, Step};
use kernel::mounts::tree;
use kernel::null_device;

/// A runtime that has not answered by then never will. The monitor does nothing else meanwhile.
const PATIENCE: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(1);

/// The three ends of what is started.
pub enum Ends<'a> {
    /// /dev/null.
    Nothing,
    /// Input, output and complaints.
    Three([&'a OwnedFd; 3]),
    /// Those of this process.
    Own,
}

/// A command line.
pub struct Call<'a> {
    program: &'a Path,
    verb: String,
    log: PathBuf,
    command: Command,
    mounts: Vec<(OwnedFd, PathBuf)>,
}

/// crun gives the ends to the container's user, and takes no exception to the null device, which is everybody's.
fn end_of(end: &OwnedFd) -> Result<Stdio> {
    let step = || "duplicate a descriptor";
    let is_null = null_device::is_one(end).step(step)?;
    let own = if is_null { null_device::private()? } else { end.try_clone().step(step)? };
    Ok(Stdio::from(own))
}

impl<'a> Call<'a> {
    /// The runtime keeps its own files and its log in `directory`.
    pub fn new(program: &'a Path, directory: &Path, verb: &str) -> Self {
        let log = directory.join("log.json");
        let mut command = Command::new(program);
        command.arg("--root").arg(directory.join("state")).arg("--log").arg(&log).args(["--log-format", "json", verb]);
        Self { program, verb: verb.to_owned(), log, command, mounts: Vec::new() }
    }

    /// One more word.
    pub fn argument(mut self, word: impl AsRef<OsStr>) -> Self {
        self.command.arg(word);
        self
    }

    /// Detached mounts that the call, and nobody else, sees in these places.
    pub fn mounts(self, mounts: Vec<(OwnedFd, PathBuf)>) -> Self {
        Self { mounts, ..self }
    }

    /// Waits for its end. What the runtime has to say when it fails is in its log.
    pub fn run(mut self, ends: Ends<'_>) -> Result<()> {
        let _ = fs::remove_file(&self.log);
        self.connect(ends)?;
        let mounts = std::mem::take(&mut self.mounts);
        // SAFETY: this process has one thread, so that its copy may use memory and files between fork and exec as before.
        unsafe {
            self.command.pre_exec(move || tree::step_aside(&mounts).map_err(|error| error.cause));
        }
        let mut child = self.command.spawn().step(|| self.step()).map_err(|error| error.hint("is it installed?"))?;
        match wait(&mut child).step(|| self.step())? {
            Some(true) => Ok(()),
            Some(false) => Err(self.failure()),
            None => Err(KernelError::new(self.step(), io::Error::from(io::ErrorKind::TimedOut))
                .hint("the runtime does not come to an end: try it by hand")),
        }
    }

    fn connect(&mut self, ends: Ends<'_>) -> Result<()> {
        let [stdin, stdout, stderr] = match ends {
            Ends::Nothing => [Stdio::null(), Stdio::null(), Stdio::null()],
            Ends::Own => [Stdio::inherit(), Stdio::inherit(), Stdio::inherit()],
            Ends::Three(three) => [end_of(three[0])?, end_of(three[1])?, end_of(three[2])?],
        };
        self.command.stdin(stdin).stdout(stdout).stderr(stderr);
        Ok(())
    }

    fn step(&self) -> String {
        format!("have `{}` {} the container", self.program.display(), self.verb)
    }

    fn failure(&self) -> KernelError {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let words = last_words(&text).unwrap_or_else(|| "it failed without a word in its log".to_owned());
        let code = code_of(&words);
        KernelError::new(self.step(), io::Error::other(words)).code(code)
    }
}

/// Whether it was content; none when it had to be killed.
fn wait(child: &mut Child) -> io::Result<Option<bool>> {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status.success()));
        }
        sleep(POLL);
    }
    child.kill()?;
    child.wait()?;
    Ok(None)
}

fn last_words(log: &str) -> Option<String> {
    let messages = log.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    messages.filter_map(|line| line["msg"].as_str().map(str::to_owned)).next_back()
}

/// Runtimes have no codes: Docker Engine reads their words as well.
fn code_of(words: &str) -> &'static str {
    let words = words.to_lowercase();
    let program = words.contains("exec") || words.contains("executable");
    if program && (words.contains("not found") || words.contains("no such file")) {
        "executable-not-found"
    } else if program && words.contains("permission denied") {
        "executable-denied"
    } else {
        "refused"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_words_of_a_log_say_why() {
        let log =
            "{\"level\":\"warning\",\"msg\":\"first\"}\nnoise\n{\"level\":\"error\",\"msg\":\"then\",\"time\":\"\"}\n";
        assert_eq!(last_words(log).as_deref(), Some("then"));
        assert_eq!(last_words(""), None);
    }

    #[test]
    fn what_is_wrong_with_the_program_is_read_from_the_words() {
        let runc = "runc create failed: unable to start container process: exec: \"nope\": executable file not found in $PATH: unknown";
        assert_eq!(code_of(runc), "executable-not-found");
        assert_eq!(
            code_of("executable file `nope` not found in $PATH: No such file or directory"),
            "executable-not-found"
        );
        assert_eq!(code_of("exec: \"/etc/passwd\": permission denied"), "executable-denied");
        assert_eq!(code_of("open executable: Permission denied"), "executable-denied");
        assert_eq!(code_of("cgroups in hybrid mode not supported"), "refused");
    }
}
