//! The filter of system calls: in every process of a container, in force before its program, and in nobody's way before that.

use kernel::oci::OciProcess;
use serde_json::{Value, json};

use crate::Test;
use crate::fixture::{Container, Machine};

pub const TESTS: &[Test] = &[
    ("a filter holds for the first program, for root and for a user", first_program),
    ("a filter holds for further programs", further_programs),
    ("a filter is compatible with an init", with_init),
    ("a filter may refuse whatever the program itself does not need", narrow_profile),
    ("a filter that makes the program impossible is told as its failure", impossible),
    ("a profile that is not understood leaves nothing behind", not_understood),
    ("without a profile every call is made", without),
];

const STATE: &str = "grep -E '^(NoNewPrivs|Seccomp):' /proc/self/status | tr -d '\\t' | tr '\\n' ' '; mkdir /tmp/x";

fn refuse(container: &mut Container, names: &[&str]) {
    let calls = [json!({ "names": names, "action": "SCMP_ACT_ERRNO", "errnoRet": 34 })];
    profile(container, json!({ "defaultAction": "SCMP_ACT_ALLOW", "syscalls": calls }));
}

fn profile(container: &mut Container, profile: Value) {
    container.document["oci"]["linux"]["seccomp"] = profile;
}

fn first_program(machine: &Machine) {
    for (user, no_new_privileges) in [("", false), ("web", false), ("", true), ("web", true)] {
        let ended = machine.shell_with(STATE, |container| {
            refuse(container, &["mkdir", "mkdirat"]);
            container.document["user"] = json!(user);
            container.process()["noNewPrivileges"] = json!(no_new_privileges);
        });
        let expected = format!("NoNewPrivs:{} Seccomp:2 ", i32::from(no_new_privileges));
        assert_eq!(ended.stdout, expected, "{user}: {}", ended.stderr);
        assert!(
            ended.stderr.contains("Math result not representable") || ended.stderr.contains("out of range"),
            "{}",
            ended.stderr
        );
    }
}

fn further_programs(machine: &Machine) {
    let mut container = machine.container(&["sleep", "100"]);
    refuse(&mut container, &["mkdir", "mkdirat"]);
    let (running, _pipes) = container.start().expect("starts");
    let mut process: OciProcess = container.spec().oci.process;
    process.args = ["sh", "-c", STATE].map(str::to_owned).to_vec();
    for user in ["", "web"] {
        let ended = running.exec(&process, user).expect("runs");
        assert_eq!(ended.stdout, "NoNewPrivs:0 Seccomp:2 ", "{}", ended.stderr);
        assert_ne!(ended.code, 0);
    }
    running.kill();
}

fn with_init(machine: &Machine) {
    let line = "grep Seccomp: /proc/1/status /proc/self/status | tr -d '\\t'; readlink /proc/1/exe; exit 7";
    let ended = machine.shell_with(line, |container| {
        container.document["init"] = json!(true);
        refuse(container, &["clone3"]);
    });
    assert_eq!((ended.code, ended.stderr.as_str()), (7, ""));
    assert!(ended.stdout.starts_with("/proc/1/status:Seccomp:2\n/proc/self/status:Seccomp:2\n"), "{}", ended.stdout);
}

/// What the sandbox itself does last: capset and a message, then execve.
fn narrow_profile(machine: &Machine) {
    let refused = "setgroups setuid setgid setresuid setresgid chdir getcwd prctl umask rt_sigaction close_range \
                   sendmsg sendto keyctl setsid dup2 clone3";
    let names: Vec<&str> = refused.split_whitespace().collect();
    for user in ["", "web"] {
        let mut container = machine.container(&["/bin/true"]);
        container.document["user"] = json!(user);
        refuse(&mut container, &names);
        let ended = container.run();
        // busybox itself calls prctl for its name and stops at nothing when that is refused.
        assert_eq!(ended.expect("runs").code, 0);
    }
}

fn impossible(machine: &Machine) {
    let mut container = machine.container(&["/bin/true"]);
    refuse(&mut container, &["execve"]);
    let error = container.run().expect_err("can't run");
    assert_eq!((error.step.as_str(), error.cause.raw_os_error()), ("execute \"/bin/true\"", Some(34)));
}

fn not_understood(machine: &Machine) {
    let mut container = machine.container(&["/bin/true"]);
    profile(&mut container, json!({ "defaultAction": "SCMP_ACT_GUESS" }));
    let error = container.run().expect_err("refused");
    assert_eq!(error.code, "unsupported");
    assert!(error.to_string().contains("SCMP_ACT_GUESS"), "{error}");
}

fn without(machine: &Machine) {
    let ended = machine.shell(STATE);
    assert_eq!((ended.stdout.as_str(), ended.code), ("NoNewPrivs:0 Seccomp:0 ", 0));
}
