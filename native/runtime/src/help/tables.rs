//! The commands and flags themselves: runc's names, our words.

use super::{Command, Count};
use crate::flags::{Flag, Order};

/// The newest version of the runtime specification that is understood.
pub const SPEC_VERSION: &str = "1.2.1";

const fn switch(names: &'static [&'static str], usage: &'static str) -> Flag {
    Flag { names, value: None, usage }
}

const fn value(names: &'static [&'static str], usage: &'static str) -> Flag {
    Flag { names, value: Some("value"), usage }
}

const BUNDLE: Flag = value(&["bundle", "b"], "the bundle's directory (default: the current one)");
const CONSOLE: Flag = value(&["console-socket"], "socket that is handed the master side of the terminal");
const PIDFD: Flag = value(&["pidfd-socket"], "socket that is handed a descriptor of the process");
const PID_FILE: Flag = value(&["pid-file"], "file that the number of the process is written to");
const NO_PIVOT: Flag =
    switch(&["no-pivot"], "move the root instead of pivoting it, for a host whose root is a ramdisk");
const NO_KEYRING: Flag = switch(&["no-new-keyring"], "keep the caller's session keyring");
const PRESERVE: Flag = value(&["preserve-fds"], "hand so many descriptors after the standard ones on (default: 0)");
const FORMAT: Flag = value(&["format", "f"], "table or json (default: \"table\")");

/// Before the command.
pub const GLOBAL: &[Flag] = &[
    switch(&["debug"], "say what is being done"),
    value(&["log"], "file to write complaints to (default: standard error)"),
    value(&["log-format"], "text or json (default: \"text\")"),
    value(&["root"], "where containers are remembered (default: \"/run/tscompose-runtime\")"),
    switch(&["systemd-cgroup"], "not supported: give \"cgroupsPath\" as a path"),
    value(&["rootless"], "true, false or auto: bear with control groups that can't be made (default: \"auto\")"),
    switch(&["help", "h"], "show help"),
    switch(&["version", "v"], "show the version"),
];

const CREATE: &[Flag] = &[BUNDLE, CONSOLE, PIDFD, PID_FILE, NO_PIVOT, NO_KEYRING, PRESERVE];

const RUN: &[Flag] = &[
    BUNDLE,
    CONSOLE,
    PIDFD,
    switch(&["detach", "d"], "do not wait for the container's end"),
    switch(&["keep"], "do not delete the container at its end"),
    PID_FILE,
    switch(&["no-subreaper"], "do not become the parent of what the container leaves behind"),
    NO_PIVOT,
    NO_KEYRING,
    PRESERVE,
];

const EXEC: &[Flag] = &[
    CONSOLE,
    PIDFD,
    value(&["cwd"], "directory to run in"),
    value(&["env", "e"], "set an environment variable"),
    switch(&["tty", "t"], "give the program a terminal"),
    value(&["user", "u"], "numbers of the user and the group: UID[:GID]"),
    value(&["additional-gids", "g"], "a further group"),
    value(&["process", "p"], "file with the process as the specification writes it"),
    switch(&["detach", "d"], "do not wait for the program's end"),
    PID_FILE,
    value(&["process-label"], "SELinux label of the process"),
    value(&["apparmor"], "AppArmor profile of the process"),
    switch(&["no-new-privs"], "forbid new privileges"),
    value(&["cap", "c"], "give a further capability"),
    PRESERVE,
    value(&["cgroup"], "run in a group below the container's: [CONTROLLER:]GROUP"),
    switch(&["ignore-paused"], "wait in a paused container instead of being refused"),
];

const UPDATE: &[Flag] = &[
    value(&["resources", "r"], "file with the resources as the specification writes them, - for standard input"),
    value(&["blkio-weight"], "share of block devices, from 10 to 1000"),
    value(&["cpu-period"], "period of the processor limit in microseconds"),
    value(&["cpu-quota"], "processor time in each period in microseconds"),
    value(&["cpu-burst"], "processor time that may be saved up in microseconds"),
    value(&["cpu-share"], "share of processor time"),
    value(&["cpu-rt-period"], "period of the realtime limit in microseconds"),
    value(&["cpu-rt-runtime"], "realtime in each period in microseconds"),
    value(&["cpuset-cpus"], "processors to use"),
    value(&["cpuset-mems"], "memory nodes to use"),
    value(&["memory"], "memory limit in bytes"),
    value(&["cpu-idle"], "1 for running only when nobody else does, 0 for not"),
    value(&["memory-reservation"], "memory that is kept under pressure in bytes"),
    value(&["memory-swap"], "memory and swap together in bytes, -1 for any"),
    value(&["pids-limit"], "how many tasks there may be"),
    value(&["l3-cache-schema"], "not supported"),
    value(&["mem-bw-schema"], "not supported"),
    value(&["kernel-memory"], ""),
    value(&["kernel-memory-tcp"], ""),
];

const fn command(name: &'static str, summary: &'static str, flags: &'static [Flag]) -> Command {
    Command { name, summary, arguments: "<container-id>", count: Count::Exactly(1), flags, order: Order::Any }
}

/// After the global options.
pub const COMMANDS: &[Command] = &[
    Command { count: Count::Any, ..command("checkpoint", "not supported: a container can't be saved", &[]) },
    command("create", "create a container", CREATE),
    command(
        "delete",
        "delete what is left of a container",
        &[switch(&["force", "f"], "end it with SIGKILL if it still runs")],
    ),
    command(
        "events",
        "show how much a container uses, and when it runs out of memory",
        &[value(&["interval"], "how often (default: 5s)"), switch(&["stats"], "show it once")],
    ),
    Command {
        arguments: "<container-id> <command> [arguments...]",
        count: Count::AtLeast(1),
        order: Order::FlagsFirst,
        ..command("exec", "run a further program in a container", EXEC)
    },
    Command {
        arguments: "",
        count: Count::Exactly(0),
        ..command("features", "show what this runtime can do, as JSON", &[])
    },
    Command {
        arguments: "<container-id> [signal]",
        count: Count::Between(1, 2),
        ..command(
            "kill",
            "send a signal to a container's first process (default: SIGTERM)",
            &[switch(&["all", "a"], "")],
        )
    },
    Command {
        arguments: "",
        count: Count::Exactly(0),
        ..command(
            "list",
            "list the containers of the root",
            &[FORMAT, switch(&["quiet", "q"], "show only their names")],
        )
    },
    command("pause", "stop all processes of a container until it is resumed", &[]),
    Command {
        arguments: "<container-id> [ps options]",
        count: Count::AtLeast(1),
        order: Order::FlagsFirst,
        ..command("ps", "show the processes of a container", &[FORMAT])
    },
    Command { count: Count::Any, ..command("restore", "not supported: a container can't be saved", &[]) },
    command("resume", "let the processes of a paused container go on", &[]),
    command("run", "create a container and start it", RUN),
    Command {
        arguments: "",
        count: Count::Exactly(0),
        ..command(
            "spec",
            "write a \"config.json\" to begin with",
            &[
                value(&["bundle", "b"], "the bundle's directory"),
                switch(&["rootless"], "write one for a user without privileges"),
            ],
        )
    },
    command("start", "execute the program of a created container", &[]),
    command("state", "show the state of a container as JSON", &[]),
    command("update", "change the limits of a container", UPDATE),
];
