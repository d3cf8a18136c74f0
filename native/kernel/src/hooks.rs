//! Programs that a bundle asks to be run at the turns of a container's life. They read its state and get only the environment
//! that they name.

use std::io::{self, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::error::{KernelError, Result, Step};
use crate::oci::OciHook;

/// Runs them in order; the first that fails ends it. `state` is what each finds on its standard input.
pub fn run(kind: &str, hooks: &[OciHook], state: &[u8]) -> Result<()> {
    run_with(kind, hooks, state, &[])
}

/// The same, but a hook that names no environment gets this one.
pub fn run_with(kind: &str, hooks: &[OciHook], state: &[u8], environment: &[String]) -> Result<()> {
    hooks.iter().enumerate().try_for_each(|(at, hook)| {
        run_one(hook, state, environment).map_err(|cause| {
            let step = format!("error running {kind} hook #{at}");
            KernelError::new(step, cause)
                .hint(format!("see what \"{}\" says when it is run by hand", hook.path.display()))
        })
    })
}

fn run_one(hook: &OciHook, state: &[u8], environment: &[String]) -> io::Result<()> {
    let mut command = Command::new(&hook.path);
    if let Some((name, rest)) = hook.args.split_first() {
        command.arg0(name).args(rest);
    }
    let environment = if hook.env.is_empty() { environment } else { &hook.env };
    command.env_clear().envs(environment.iter().filter_map(|one| one.split_once('=')));
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
    // A hook that does not read its state has closed the pipe, and needs no more of it.
    if let Some(mut stdin) = child.stdin.take() {
        let _ = stdin.write_all(state);
    }
    if let Some(seconds) = hook.timeout {
        let until = Instant::now() + Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
        end_after(&mut child, until)?;
    }
    let output = child.wait_with_output()?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).trim_end().to_owned();
    Err(io::Error::other(format!("{}, stderr: {said}", words(output.status))))
}

fn words(status: ExitStatus) -> String {
    match status.signal() {
        Some(libc::SIGSYS) => "signal: bad system call".to_owned(),
        _ => status.to_string(),
    }
}

fn end_after(child: &mut Child, until: Instant) -> io::Result<()> {
    while child.try_wait()?.is_none() {
        if Instant::now() >= until {
            child.kill()?;
            child.wait()?;
            return Err(io::Error::new(io::ErrorKind::TimedOut, "the hook has taken longer than its timeout"));
        }
        sleep(Duration::from_millis(5));
    }
    Ok(())
}

/// Runs all of them whatever comes of each, and answers the first refusal: nothing can be undone by then.
pub fn run_all(kind: &str, hooks: &[OciHook], state: &[u8]) -> Result<()> {
    let outcomes: Vec<Result<()>> = hooks.iter().map(|hook| run(kind, std::slice::from_ref(hook), state)).collect();
    outcomes.into_iter().collect()
}

/// A state as hooks read it, in the specification's words.
pub fn state_json(value: &impl serde::Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec(value).step(|| "write the state for a hook")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, timeout: Option<i64>) -> OciHook {
        let args = ["sh", "-c", script].map(str::to_owned).to_vec();
        OciHook { path: "/bin/sh".into(), args, env: vec!["ONLY=this".into()], timeout }
    }

    #[test]
    fn a_hook_reads_the_state_and_has_only_its_own_environment() {
        run(
            "prestart",
            &[shell("test \"$(cat)\" = state && test \"$ONLY\" = this && test -z \"$HOME\"", None)],
            b"state",
        )
        .expect("succeeds");
    }

    #[test]
    fn the_first_failure_ends_the_list_and_tells_what_was_said() {
        let mark = std::env::temp_dir().join(format!("tscompose-hook-{}", std::process::id()));
        let hooks = [shell("echo no >&2; exit 3", None), shell(&format!("touch {}", mark.display()), None)];
        let error = run("prestart", &hooks, b"").expect_err("fails");
        assert!(error.to_string().contains("prestart hook #0: exit status: 3, stderr: no"), "{error}");
        assert!(!mark.exists());
    }

    #[test]
    fn a_hook_is_ended_at_its_timeout() {
        let began = Instant::now();
        let error = run("poststop", &[shell("exec sleep 30", Some(1))], b"").expect_err("fails");
        assert_eq!(error.cause.kind(), io::ErrorKind::TimedOut);
        assert!(began.elapsed() < Duration::from_secs(10));
    }
}
