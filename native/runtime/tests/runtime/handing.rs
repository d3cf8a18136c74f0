use super::fixture::bundle;
use serde_json::json;
use std::fs::{self, File};
use std::io::{IoSliceMut, Read};
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt;

#[test]
fn the_terminal_is_handed_to_whoever_waits_at_the_console_socket() {
    let Some(bundle) = bundle(&["sh", "-c", "test -t 0 && echo at $(tty)"]) else { return };
    bundle.change(|document| document["process"]["terminal"] = json!(true));
    assert!(bundle.refused(&["create", &bundle.id]).contains("console socket"));
    let listener = UnixListener::bind(bundle.path("console")).expect("bound");
    bundle.ok(&["create", "--console-socket", "console", &bundle.id]);
    let (socket, _) = listener.accept().expect("accepted");
    let mut master = File::from(receive(&socket.into()));
    bundle.ok(&["start", &bundle.id]);
    bundle.wait_for("stopped");
    let mut said = [0u8; 64];
    let length = master.read(&mut said).expect("read");
    assert_eq!(String::from_utf8_lossy(&said[..length]), "at /dev/pts/0\r\n");
    bundle.finish();
}

fn receive(socket: &OwnedFd) -> OwnedFd {
    use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, recvmsg};
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut bytes = [0u8; 4096];
    recvmsg(socket, &mut [IoSliceMut::new(&mut bytes)], &mut control, RecvFlags::CMSG_CLOEXEC).expect("received");
    let rights = control.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut rights) => rights.next(),
        _ => None,
    });
    rights.expect("a descriptor")
}

#[test]
fn only_the_descriptors_that_are_named_reach_the_program() {
    let Some(bundle) = bundle(&["sh", "-c", "cat <&3; test -e /proc/self/fd/4 && echo leaked"]) else { return };
    let (kept, other) = (bundle.path("kept"), bundle.path("other"));
    fs::write(&kept, "kept\n").and_then(|()| fs::write(&other, "")).expect("written");
    let (kept, other) = (File::open(kept).expect("opened"), File::open(other).expect("opened"));
    let mut command = bundle.command(&["run", "--preserve-fds", "1", &bundle.id]);
    let numbers = [kept.as_raw_fd(), other.as_raw_fd()];
    // SAFETY: between fork and exec only these two calls are made.
    unsafe {
        command.pre_exec(move || {
            libc::dup2(numbers[0], 103);
            libc::dup2(numbers[1], 104);
            libc::dup2(103, 3);
            libc::dup2(104, 4);
            Ok(())
        });
    }
    let output = command.output().expect("ran");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "kept\n", "{}", String::from_utf8_lossy(&output.stderr));
    bundle.finish();
}
