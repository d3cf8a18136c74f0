//! From the start of a container to its end: exit codes, further processes, signals, terminals.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::AsFd;

use kernel::cgroup::Cgroup;
use kernel::oci::OciProcess;
use kernel::sandbox::{EtcFiles, ExecOptions, StartOptions, Stdio, exec, exit_code, start};
use rustix::process::{Signal, pidfd_send_signal};
use serde_json::json;

use crate::Test;
use crate::fixture::{Container, Machine, Running, wait};

pub const TESTS: &[Test] = &[
    ("a program runs as pid 1 and its exit code comes back", first_program),
    ("a program that is missing is 127 and one that can't be run is 126", failures),
    ("what can't be set up is told apart and leaves nothing", refusals),
    ("standard input reaches the program", standard_input),
    ("a further program joins the container", further_program),
    ("a further program that can't be run is told apart", further_failures),
    ("a further program in a container that has ended is refused", too_late),
    ("a terminal has a size, a name and a session of its own", terminal),
    ("a further program can have a terminal", further_terminal),
    ("a killed first process takes all others along", kill_all),
    ("a container ends with its monitor, whoever its user is", bond),
    ("frozen processes go on when they are thawed", freeze),
    ("with init a program is not pid 1, gets signals and leaves no zombies", init),
    ("with init a program that is missing is 127 too", init_failure),
    ("a container can be started again in the same directory", again),
];

fn first_program(machine: &Machine) {
    let ended = machine.shell("echo $$; echo oops >&2; exit 7");
    assert_eq!((ended.code, ended.stdout.as_str(), ended.stderr.as_str()), (7, "1\n", "oops\n"));
    assert_eq!(machine.shell("kill -9 $$; echo immune").stdout, "immune\n");
}

fn failures(machine: &Machine) {
    let fails = |argv: &[&str]| {
        let error = machine.container(argv).run().expect_err("it can't be run");
        (error.code, exit_code(&error), error.to_string())
    };
    let (code, exit, text) = fails(&["nowhere"]);
    assert_eq!((code, exit), ("executable-not-found", 127));
    assert_eq!(text, "execute \"nowhere\": executable file not found in $PATH");
    assert_eq!(fails(&["/bin/nowhere"]).1, 127);
    assert_eq!(fails(&["/bin/broken"]).1, 127, "its interpreter is missing");
    assert_eq!(fails(&["broken"]).1, 127, "its interpreter is missing");
    let (code, exit, _) = fails(&["/etc/plain"]);
    assert_eq!((code, exit), ("executable-denied", 126));
    assert_eq!(fails(&["/etc"]).1, 126);
    assert_eq!(fails(&["/bin/sh/x"]).1, 127);
    assert!(machine.container(&[]).run().is_err());
}

fn refusals(machine: &Machine) {
    let code = |change: fn(&mut Container)| {
        let mut container = machine.container(&["true"]);
        change(&mut container);
        container.run().expect_err("it is refused").code
    };
    assert_eq!(code(|container| container.document["user"] = json!("nobody-here")), "user-unknown");
    assert_eq!(code(|container| container.add_mount("/x", "bind", "/not/there", &["rbind"])), "mount-source-missing");
    assert_eq!(code(|container| container.add_mount("/proc/self", "bind", "/etc", &["rbind"])), "permission-denied");
    assert_eq!(code(|container| container.add_mount("/x", "no-such-kind", "x", &[])), "refused");
    assert_eq!(
        code(|container| container.document["oci"]["linux"]["sysctl"] = json!({ "kernel.core_pattern": "x" })),
        "permission-denied"
    );
    if !may_raise_limits() {
        let limits = json!([{ "type": "RLIMIT_NOFILE", "soft": 9_000_000, "hard": 9_000_000 }]);
        let mut container = machine.container(&["true"]);
        container.process()["rlimits"] = limits;
        assert_eq!(container.run().expect_err("refused").code, "permission-denied");
    }
}

/// CAP_SYS_RESOURCE, which not every root has.
fn may_raise_limits() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").expect("own status");
    let mask = status.lines().find_map(|line| line.strip_prefix("CapEff:")).expect("a mask");
    u64::from_str_radix(mask.trim(), 16).expect("a number") & (1 << 24) != 0
}

fn standard_input(machine: &Machine) {
    let (running, mut pipes) = machine.container(&["cat"]).start().expect("starts");
    pipes.write("to and fro\n");
    assert_eq!(pipes.read().0, "to and fro\n");
    assert_eq!(running.end(), 0);
}

fn process(machine: &Machine, argv: &[&str]) -> OciProcess {
    machine.container(argv).spec().oci.process
}

fn sleeper(machine: &Machine) -> (Container, Running) {
    let container = machine.container(&["sleep", "1000"]);
    let (running, _) = container.start().expect("starts");
    (container, running)
}

fn further_program(machine: &Machine) {
    let (_container, running) = sleeper(machine);
    let line = "test $$ -gt 1 && hostname && cat /proc/1/cmdline | tr '\\0' ' ' && grep CapEff /proc/self/status && \
                id -u && echo $HOME && exit 3";
    let ended = running.exec(&process(machine, &["sh", "-c", line]), "web").expect("runs");
    let capabilities = "CapEff:\t0000000000000000";
    assert_eq!(ended.stdout, format!("inside\nsleep 1000 {capabilities}\n33\n/data\n"));
    assert_eq!((ended.code, ended.stderr.as_str()), (3, ""));
    let namespaces = "for one in mnt pid uts ipc net cgroup; do readlink /proc/1/ns/$one; done";
    let own = "for one in mnt pid uts ipc net cgroup; do readlink /proc/self/ns/$one; done";
    let say = |line: &str| running.exec(&process(machine, &["sh", "-c", line]), "").expect("runs").stdout;
    assert_eq!(say(namespaces), say(own));
    assert_eq!(say("cat /proc/1/cgroup"), say("cat /proc/self/cgroup"));
    assert_eq!(running.kill(), 137);
}

fn further_failures(machine: &Machine) {
    let (_container, running) = sleeper(machine);
    let fails = |argv: &[&str], user: &str| running.exec(&process(machine, argv), user).expect_err("it can't be run");
    assert_eq!(exit_code(&fails(&["nowhere"], "")), 127);
    assert_eq!(exit_code(&fails(&["/etc/plain"], "")), 126);
    assert_eq!(fails(&["true"], "nobody-here").code, "user-unknown");
    let mut elsewhere = process(machine, &["true"]);
    elsewhere.cwd = "/nowhere".into();
    assert_eq!(exit_code(&running.exec(&elsewhere, "").expect_err("no such directory")), 127);
    assert_eq!(running.kill(), 137);
}

fn too_late(machine: &Machine) {
    let (mut running, pipes) = machine.container(&["true"]).start().expect("starts");
    pipes.read();
    running.wait();
    let error = running.exec(&process(machine, &["true"]), "").expect_err("it has ended");
    assert_eq!(error.code, "container-not-running");
}

fn read_all(terminal: std::os::fd::OwnedFd) -> String {
    let mut bytes = Vec::new();
    // A terminal whose other side is gone answers with EIO.
    let _ = File::from(terminal).read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).replace("\r\n", "\n")
}

fn terminal(machine: &Machine) {
    let line = "tty; stty size; test -c /dev/console && echo console; ps -o pid,sid,tty | grep '^ *1 '; \
                echo typed | cat > /dev/console; stat -c %u /dev/pts/0";
    let mut container = machine.container(&["sh", "-c", line]);
    container.process()["terminal"] = json!(true);
    container.document["user"] = json!("web");
    let stdio = Stdio::Terminal { rows: 33, columns: 99 };
    let options = StartOptions { network: None, stdio, etc: EtcFiles::default() };
    let mut running = Running::of(start(&container.spec(), options).expect("starts"));
    let said = read_all(running.started.terminal.take().expect("a terminal"));
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(&lines[..3], ["/dev/pts/0", "33 99", "console"], "{said}");
    assert_eq!(lines[3].split_whitespace().collect::<Vec<_>>(), ["1", "1", "136,0"], "{said}");
    assert_eq!(&lines[4..], ["typed", "33"], "{said}");
    assert_eq!(running.end(), 0);
}

fn further_terminal(machine: &Machine) {
    let (_container, running) = sleeper(machine);
    let process = process(machine, &["sh", "-c", "read line; echo got $line; tty; stty size"]);
    let stdio = Stdio::Terminal { rows: 10, columns: 20 };
    let executed =
        exec(&running.started, ExecOptions { process: &process, user: "", group_add: &[], stdio }).expect("runs");
    let terminal = executed.terminal.expect("a terminal");
    let mut keyboard = File::from(terminal.try_clone().expect("copied"));
    keyboard.write_all(b"keys\n").expect("typed");
    let said = read_all(terminal);
    assert_eq!(said, "keys\ngot keys\n/dev/pts/0\n10 20\n");
    assert_eq!(wait(executed.pid), 0);
    assert_eq!(running.kill(), 137);
}

fn kill_all(machine: &Machine) {
    let container = machine.container(&["sh", "-c", "sleep 1000 & sleep 1000 & echo ready; wait"]);
    let (running, mut pipes) = container.start().expect("starts");
    let mut ready = [0; 6];
    pipes.stdout.read_exact(&mut ready).expect("both are there");
    assert_eq!(running.started.cgroup.pids().len(), 3);
    pidfd_send_signal(running.started.pidfd.as_fd(), Signal::KILL).expect("sent");
    assert_eq!(running.end(), 137);
}

fn bond(machine: &Machine) {
    for user in ["", "web"] {
        let mut container = machine.container(&["sleep", "1000"]);
        container.document["user"] = json!(user);
        let (mut read, write) = std::io::pipe().expect("a pipe");
        // SAFETY: one thread, so that the copy is a whole one; it ends by the signal and runs nothing of this test.
        let monitor = unsafe { libc::fork() };
        if monitor == 0 {
            let (running, _pipes) = container.start().expect("starts");
            (&write).write_all(&running.started.pid.to_ne_bytes()).expect("told");
            loop {
                std::thread::park();
            }
        }
        let mut pid = [0; 4];
        read.read_exact(&mut pid).expect("a number");
        let pid = rustix::process::Pid::from_raw(i32::from_ne_bytes(pid)).expect("a pid");
        let first = rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::empty()).expect("it runs");
        // SAFETY: the child has not been waited for.
        assert_eq!(unsafe { libc::kill(monitor, libc::SIGKILL) }, 0);
        assert_eq!(wait(monitor), 137);
        let mut poll = [rustix::event::PollFd::new(&first, rustix::event::PollFlags::IN)];
        let long = rustix::time::Timespec { tv_sec: 10, tv_nsec: 0 };
        assert_eq!(rustix::event::poll(&mut poll, Some(&long)).expect("polled"), 1, "user \"{user}\"");
        let path = container.spec().oci.linux.cgroups_path;
        Cgroup::open(&path).and_then(|cgroup| cgroup.remove()).expect("removed");
    }
}

fn freeze(machine: &Machine) {
    let (running, mut pipes) = machine.container(&["cat"]).start().expect("starts");
    running.started.cgroup.freeze().expect("frozen");
    pipes.write("late\n");
    let mut poll = [rustix::event::PollFd::new(&pipes.stdout, rustix::event::PollFlags::IN)];
    let moment = rustix::time::Timespec { tv_sec: 0, tv_nsec: 50_000_000 };
    assert_eq!(rustix::event::poll(&mut poll, Some(&moment)).expect("polled"), 0, "it stands still");
    running.started.cgroup.thaw().expect("thawed");
    assert_eq!(pipes.read().0, "late\n");
    assert_eq!(running.end(), 0);
}

fn init(machine: &Machine) {
    let line = "trap 'echo term; exit 5' TERM; (sleep 0.1 &); echo $$ $(id -u); while :; do sleep 0.05; done";
    let mut container = machine.container(&["sh", "-c", line]);
    container.document["init"] = json!(true);
    container.document["user"] = json!("web");
    let (running, mut pipes) = container.start().expect("starts");
    let mut first = [0; 5];
    pipes.stdout.read_exact(&mut first).expect("a line");
    assert_eq!(&first, b"2 33\n");
    let orphans = "sleep 0.3; ps -o stat | grep -c Z";
    assert_eq!(running.exec(&process(machine, &["sh", "-c", orphans]), "").expect("runs").stdout, "0\n");
    pidfd_send_signal(running.started.pidfd.as_fd(), Signal::TERM).expect("sent");
    assert_eq!(pipes.read().0, "term\n");
    assert_eq!(running.end(), 5);
}

fn init_failure(machine: &Machine) {
    let mut container = machine.container(&["nowhere"]);
    container.document["init"] = json!(true);
    assert_eq!(exit_code(&container.run().expect_err("it can't be run")), 127);
}

fn again(machine: &Machine) {
    let mut container = machine.container(&["sh", "-c", "echo kept > /kept"]);
    assert_eq!(container.run().expect("runs").code, 0);
    container.process()["args"] = json!(["cat", "/kept"]);
    assert_eq!(container.run().expect("runs").stdout, "kept\n");
}
