//! The probes of our own: they need no program in the image. Each is this program once more, in a process that has the
//! container's network and nothing else of it; whatever the container answers, only its first line is looked at.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode, Stdio};

use kernel::error::{Result, Step};
use kernel::net::namespace;
use rustix::process::{Pid, PidfdFlags, pidfd_open};

/// More of an answer is not read.
const LONGEST_LINE: u64 = 4096;

/// Whether the test is one of these.
pub fn is_ours(test: &[String]) -> bool {
    test.first().is_some_and(|kind| kind == "TCP" || kind == "HTTP")
}

/// Starts the probe in the network namespace of a process, with its output going to these descriptors. The caller waits for it.
pub fn start(test: &[String], pid: i32, (stdout, stderr): (OwnedFd, OwnedFd)) -> Result<(i32, OwnedFd)> {
    let namespace = namespace::of(pid)?;
    let mut command = Command::new("/proc/self/exe");
    command.arg("probe").args(test).env_clear().current_dir("/");
    command.stdin(Stdio::null()).stdout(stdout).stderr(stderr);
    let network = namespace.as_fd().as_raw_fd();
    let prepare = move || {
        // SAFETY: the descriptor is open in the child of a process with one thread; setns and prctl take integers.
        let outcome = unsafe {
            libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
            libc::setns(network, libc::CLONE_NEWNET)
        };
        if outcome == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    };
    // SAFETY: between fork and exec only system calls are made.
    unsafe { command.pre_exec(prepare) };
    let step = || "run the health check";
    let child = command.spawn().step(step)?;
    let pid = i32::try_from(child.id()).map_err(io::Error::other).step(step)?;
    // It is our child and has not been waited for: the number is still its own.
    let pidfd = Pid::from_raw(pid).map(|pid| pidfd_open(pid, PidfdFlags::empty()));
    Ok((pid, pidfd.unwrap_or(Err(rustix::io::Errno::SRCH)).step(step)?))
}

/// What the started process does.
pub fn run(words: &[&str]) -> ExitCode {
    let outcome = match words {
        ["TCP", target] => connect(target, 0).map(|(_, address)| format!("connected to {address}")),
        ["HTTP", url] => ask(url),
        _ => Err(io::Error::other("a probe is TCP with a port, or HTTP with an address")),
    };
    match outcome {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            println!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// `PORT` or `HOST:PORT`.
fn connect(target: &str, usual_port: u16) -> io::Result<(TcpStream, SocketAddr)> {
    let mut outcome = Err(malformed(target));
    for address in addresses(target, usual_port).ok_or_else(|| malformed(target))? {
        outcome = TcpStream::connect(address)
            .map(|stream| (stream, address))
            .map_err(|error| io::Error::new(error.kind(), format!("connect to {address}: {error}")));
        if outcome.is_ok() {
            break;
        }
    }
    outcome
}

/// No name but `localhost` is looked up: what a name means is the container's business, and may take its time.
fn addresses(target: &str, usual_port: u16) -> Option<Vec<SocketAddr>> {
    let (host, port) = match target.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port.parse().ok()?),
        _ if usual_port != 0 => (target, usual_port),
        _ => ("localhost", target.parse().ok()?),
    };
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let hosts: Vec<IpAddr> = match bare {
        "localhost" => vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()],
        other => vec![other.parse().ok()?],
    };
    Some(hosts.into_iter().map(|host| SocketAddr::new(host, port)).collect())
}

fn malformed(target: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, format!("\"{target}\" is no port, nor an address with one"))
}

/// Answers with the status line of a success: below 400, as `curl --fail` sees it.
fn ask(url: &str) -> io::Result<String> {
    let rest = url.strip_prefix("http://").ok_or_else(|| malformed(url))?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (mut stream, _) = connect(host, 80)?;
    write!(
        stream,
        "GET /{path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: tscompose\r\nAccept: */*\r\nConnection: close\r\n\r\n"
    )?;
    let line = first_line(&mut stream)?;
    match status_of(&line) {
        Some(100..=399) => Ok(line),
        Some(_) => Err(io::Error::other(line)),
        None => Err(io::Error::other(format!("the answer is no HTTP: {line:?}"))),
    }
}

fn first_line(stream: &mut TcpStream) -> io::Result<String> {
    let mut bytes = Vec::new();
    BufReader::new(stream).take(LONGEST_LINE).read_until(b'\n', &mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).trim_end().to_owned())
}

/// `HTTP/1.1 204 No Content`
fn status_of(line: &str) -> Option<u16> {
    let mut words = line.split(' ');
    words.next().filter(|version| version.starts_with("HTTP/"))?;
    words.next().filter(|status| status.len() == 3)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(target: &str, usual_port: u16) -> Option<Vec<String>> {
        addresses(target, usual_port).map(|found| found.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_target_is_a_port_here_or_an_address_with_one() {
        let both = |port: u16| Some(vec![format!("127.0.0.1:{port}"), format!("[::1]:{port}")]);
        assert_eq!(told("5432", 0), both(5432));
        assert_eq!(told("localhost:80", 0), both(80));
        assert_eq!(told("localhost", 80), both(80));
        assert_eq!(told("10.0.0.2:81", 0), Some(vec!["10.0.0.2:81".into()]));
        assert_eq!(told("[fe80::1]:81", 0), Some(vec!["[fe80::1]:81".into()]));
        assert_eq!(told("[::1]", 80), Some(vec!["[::1]:80".into()]));
        for wrong in ["", "web:80", "65536", "localhost", "-1", "a"] {
            assert_eq!(told(wrong, 0), None, "{wrong}");
        }
    }

    #[test]
    fn a_status_is_read_from_the_first_line_only() {
        assert_eq!(status_of("HTTP/1.1 204 No Content"), Some(204));
        assert_eq!(status_of("HTTP/1.0 500"), Some(500));
        for wrong in ["", "SSH-2.0-x 200", "HTTP/1.1 2000 x", "HTTP/1.1"] {
            assert_eq!(status_of(wrong), None, "{wrong}");
        }
    }
}
