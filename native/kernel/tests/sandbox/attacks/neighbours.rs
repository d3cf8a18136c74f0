//! Others on the machine: their processes, memory, sockets, keys and open files, seen from within a container.

use std::fs;
use std::net::TcpListener;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::process::Command;

use kernel::oci::OciProcess;
use serde_json::json;

use super::Attempt::Scene;
use super::{Attack, Guard, grant, naive, rounds, share, went_well};
use crate::fixture::Machine;

pub const ATTACKS: &[Attack] = &[
    Attack {
        row: "A3",
        name: "a descriptor that the monitor left open does not reach the program",
        attempt: Scene(left_open),
    },
    Attack {
        row: "A3",
        name: "no working directory leads out by a descriptor",
        attempt: Scene(directory_by_descriptor),
    },
    Attack {
        row: "A3",
        name: "no working directory of a further program leads out by a descriptor",
        attempt: Scene(exec_directory_by_descriptor),
    },
    Attack {
        row: "A2",
        name: "nobody in the container looks into a program that is about to join it",
        attempt: Scene(joining),
    },
    Attack {
        row: "A2",
        name: "nobody looks into a container that is about to share his processes",
        attempt: Scene(being_born),
    },
    Attack { row: "A2", name: "a process of another container is not traced", attempt: Scene(tracing) },
    Attack { row: "A24", name: "a process of the machine is not signalled", attempt: Scene(signalling) },
    Attack { row: "A26", name: "shared memory of the machine is not read", attempt: Scene(shared_memory) },
    Attack { row: "A17", name: "an abstract socket of the machine is not reached", attempt: Scene(abstract_socket) },
    Attack { row: "D7", name: "a server on the machine's loopback address is not reached", attempt: Scene(loopback) },
    Attack { row: "A25", name: "keys of the monitor's session are not read", attempt: Scene(keys) },
    Attack { row: "A3", name: "a second chroot does not lead out of the first root", attempt: Scene(second_chroot) },
];

const SENTINEL: &str = "tscompose-sentinel";

/// A directory of the host with a file in it, held open by a descriptor that outlives execve.
fn open_directory(machine: &Machine) -> (tempfile::TempDir, OwnedFd) {
    let directory = tempfile::tempdir_in(machine.directory()).expect("a directory");
    fs::write(directory.path().join("marker"), "of the host\n").expect("written");
    let opened = OwnedFd::from(fs::File::open(directory.path()).expect("opened"));
    rustix::io::fcntl_setfd(&opened, rustix::io::FdFlags::empty()).expect("set");
    (directory, opened)
}

fn left_open(machine: &Machine, guard: Guard) -> bool {
    let (_directory, opened) = open_directory(machine);
    let number = opened.as_raw_fd().to_string();
    let argv = ["/bin/probe", "by-descriptor", &number, "marker"];
    match guard {
        Guard::Up => went_well(&machine.container(&argv).run()),
        Guard::Down => naive::in_chroot(&machine.layer(), &argv),
    }
}

/// CVE-2024-21626. Any number: whatever is open while the container is made.
fn directory_by_descriptor(machine: &Machine, guard: Guard) -> bool {
    let (directory, opened) = open_directory(machine);
    if guard == Guard::Down {
        return enters_by_descriptor(&directory, &opened);
    }
    (3..32).any(|number| {
        let mut container = machine.container(&["cat", "marker"]);
        container.process()["cwd"] = json!(format!("/proc/self/fd/{number}"));
        went_well(&container.run())
    })
}

fn exec_directory_by_descriptor(machine: &Machine, guard: Guard) -> bool {
    let (directory, opened) = open_directory(machine);
    if guard == Guard::Down {
        return enters_by_descriptor(&directory, &opened);
    }
    let mut container = machine.container(&["sleep", "100"]);
    let (running, _pipes) = container.start().expect("starts");
    let mut process: OciProcess = serde_json::from_value(container.process().clone()).expect("a process");
    process.args = ["cat", "marker"].map(str::to_owned).to_vec();
    process.cwd = "/proc/1/fdinfo".to_owned();
    process.args[1] = "0".to_owned();
    assert!(went_well(&running.exec(&process, "")), "ordinary directories of /proc are entered");
    process.args[1] = "marker".to_owned();
    let others = ["/proc/1/root", "/proc/1/cwd", "/proc/self/root"].map(str::to_owned);
    let got_in = (3..32).map(|number| format!("/proc/self/fd/{number}")).chain(others).any(|cwd| {
        process.cwd = cwd;
        went_well(&running.exec(&process, ""))
    });
    running.kill();
    got_in
}

/// A runtime that changes its root and then goes where it is told, with everything still open.
fn enters_by_descriptor(directory: &tempfile::TempDir, opened: &OwnedFd) -> bool {
    naive::apart(|| {
        let root = directory.path().join("root");
        naive::mount_into("proc", &root, "/proc")?;
        rustix::process::chroot(&root)?;
        std::env::set_current_dir(format!("/proc/self/fd/{}", opened.as_raw_fd()))?;
        Ok(fs::read_to_string("marker")? == "of the host\n")
    })
}

/// CVE-2016-9962: between birth and execve the program is still the monitor, with all that it has open. The weakened run has the
/// one capability that looks into everybody, as its processes can't be made readable from outside.
fn joining(machine: &Machine, guard: Guard) -> bool {
    let mut spy = machine.container(&["probe", "spy", &own_name()]);
    if guard == Guard::Down {
        grant(&mut spy, "CAP_SYS_PTRACE");
    }
    let (running, pipes) = spy.start().expect("starts");
    let mut process: OciProcess = serde_json::from_value(spy.process().clone()).expect("a process");
    process.args = vec!["true".to_owned()];
    for _ in 0..chances(guard) {
        // The spy ends when it has seen enough, and the container with it.
        if running.exec(&process, "").is_err() {
            break;
        }
    }
    running.kill();
    !pipes.read().0.is_empty()
}

/// The control ends with the first time that it wins, and may take as long as a busy machine needs for that.
fn chances(guard: Guard) -> usize {
    if guard == Guard::Up { rounds() } else { 5000 }
}

/// Of this program's file, which no process of a container runs from.
fn own_name() -> String {
    let program = std::env::current_exe().expect("a program");
    program.file_name().expect("a name").to_string_lossy().into_owned()
}

fn being_born(machine: &Machine, guard: Guard) -> bool {
    let mut spy = machine.container(&["probe", "spy", &own_name()]);
    if guard == Guard::Down {
        grant(&mut spy, "CAP_SYS_PTRACE");
    }
    let (running, pipes) = spy.start().expect("starts");
    for _ in 0..chances(guard) {
        let mut other = machine.container(&["true"]);
        join_processes(&mut other, running.started.pid);
        if other.run().is_err() {
            break;
        }
    }
    running.kill();
    !pipes.read().0.is_empty()
}

fn join_processes(container: &mut crate::fixture::Container, pid: i32) {
    share(container, "pid");
    let namespace = json!({ "type": "pid", "path": format!("/proc/{pid}/ns/pid") });
    container.document["oci"]["linux"]["namespaces"].as_array_mut().expect("a list").push(namespace);
}

fn tracing(machine: &Machine, guard: Guard) -> bool {
    let (victim, _pipes) = machine.container(&["sleep", "100"]).start().expect("starts");
    let mut attacker = machine.container(&["probe", "trace", "100"]);
    if guard == Guard::Down {
        join_processes(&mut attacker, victim.started.pid);
    }
    let traced = went_well(&attacker.run());
    victim.kill();
    traced
}

fn signalling(machine: &Machine, guard: Guard) -> bool {
    let mut victim = Command::new("sleep").arg("100").spawn().expect("runs");
    let mut attacker = machine.container(&["kill", "-9", &victim.id().to_string()]);
    if guard == Guard::Down {
        share(&mut attacker, "pid");
    }
    attacker.run().expect("runs");
    std::thread::sleep(std::time::Duration::from_millis(20));
    let ended = victim.try_wait().expect("asked").is_some();
    let _ = victim.kill();
    victim.wait().expect("waited for");
    ended
}

/// Of the test's own namespace, which stands for the machine.
fn shared_memory(machine: &Machine, guard: Guard) -> bool {
    const KEY: i32 = 0x7473;
    // SAFETY: makes a segment, writes to it within its size, and takes it away again below.
    let segment = unsafe {
        let segment = libc::shmget(KEY, 4096, libc::IPC_CREAT | 0o600);
        let place = libc::shmat(segment, std::ptr::null(), 0);
        place.cast::<[u8; 9]>().write(*b"sentinel\0");
        libc::shmdt(place);
        segment
    };
    let mut attacker = machine.container(&["probe", "shared-memory", &KEY.to_string()]);
    if guard == Guard::Down {
        share(&mut attacker, "ipc");
    }
    let read = went_well(&attacker.run());
    // SAFETY: removes the segment that was made above.
    unsafe { libc::shmctl(segment, libc::IPC_RMID, std::ptr::null_mut()) };
    read
}

fn abstract_socket(machine: &Machine, guard: Guard) -> bool {
    let address = SocketAddr::from_abstract_name(SENTINEL).expect("a name");
    let _listener = UnixListener::bind_addr(&address).expect("listens");
    let mut attacker = machine.container(&["probe", "abstract-socket", SENTINEL]);
    if guard == Guard::Down {
        share_network(&mut attacker);
    }
    went_well(&attacker.run())
}

fn loopback(machine: &Machine, guard: Guard) -> bool {
    let listener = TcpListener::bind("127.0.0.1:0").expect("listens");
    let port = listener.local_addr().expect("an address").port().to_string();
    let mut attacker = machine.container(&["probe", "reach-port", "127.0.0.1", &port]);
    if guard == Guard::Down {
        share_network(&mut attacker);
    }
    went_well(&attacker.run())
}

/// A container that has no network of its own can't have parameters of one.
fn share_network(container: &mut crate::fixture::Container) {
    share(container, "network");
    container.document["oci"]["linux"]["sysctl"] = json!({});
}

fn keys(machine: &Machine, guard: Guard) -> bool {
    const JOIN_SESSION_KEYRING: libc::c_long = 1;
    const SESSION: libc::c_long = -3;
    let name = std::ffi::CString::new(SENTINEL).expect("a name");
    // SAFETY: texts that end with a zero byte, and a payload of the length that is said. The new session is the test's own.
    unsafe {
        libc::syscall(libc::SYS_keyctl, JOIN_SESSION_KEYRING, std::ptr::null::<libc::c_char>());
        let key = libc::syscall(libc::SYS_add_key, c"user".as_ptr(), name.as_ptr(), c"secret".as_ptr(), 6, SESSION);
        assert!(key > 0, "{}", std::io::Error::last_os_error());
    }
    match guard {
        Guard::Up => went_well(&machine.container(&["probe", "key", SENTINEL]).run()),
        Guard::Down => naive::in_chroot(&machine.layer(), &["/bin/probe", "key", SENTINEL]),
    }
}

fn second_chroot(machine: &Machine, guard: Guard) -> bool {
    let (directory, _opened) = open_directory(machine);
    let marker = directory.path().join("marker").to_string_lossy().into_owned();
    let argv = ["/bin/probe", "leave-chroot", &marker];
    if guard == Guard::Up {
        return went_well(&machine.container(&argv).run());
    }
    let copy = directory.path().join("root/bin");
    fs::create_dir_all(&copy).expect("made");
    fs::copy(machine.layer().join("bin/probe"), copy.join("probe")).expect("copied");
    naive::in_chroot(&directory.path().join("root"), &argv)
}
