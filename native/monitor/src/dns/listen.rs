//! The server's sockets inside a container's namespace, and the rules that lead port 53 to them.

use std::net::SocketAddr;
use std::os::fd::{BorrowedFd, OwnedFd};

use kernel::error::{Result, Step};
use kernel::net::namespace::in_netns;
use kernel::net::resolver::{RESOLVER, ResolverPorts, redirect};
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketFlags, SocketType};

/// Numbers that IANA keeps for nobody, so that no program of the container wants them; any other if all are taken.
const PORTS: [u16; 11] = [1011, 1012, 1013, 1014, 1015, 1016, 1017, 1018, 1019, 1020, 0];

const BACKLOG: i32 = 64;

/// Both bound to 127.0.0.11, the second one listening.
pub struct Sockets {
    pub udp: OwnedFd,
    pub tcp: OwnedFd,
}

/// Opens the sockets in the namespace; a program there that binds port 53 of every address is not in their way.
pub fn open(netns: BorrowedFd<'_>) -> Result<Sockets> {
    in_netns(netns, || {
        let (udp, udp_port) = bind(SocketType::DGRAM).step(|| "listen for DNS questions by UDP")?;
        let (tcp, tcp_port) = bind(SocketType::STREAM).step(|| "listen for DNS questions by TCP")?;
        rustix::net::listen(&tcp, BACKLOG).step(|| "listen for DNS questions by TCP")?;
        redirect(ResolverPorts { udp: udp_port, tcp: tcp_port })?;
        Ok(Sockets { udp, tcp })
    })
}

fn bind(kind: SocketType) -> rustix::io::Result<(OwnedFd, u16)> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = rustix::net::socket_with(AddressFamily::INET, kind, flags, None)?;
    let mut outcome = Err(Errno::ADDRINUSE);
    for port in PORTS {
        outcome = rustix::net::bind(&socket, &SocketAddr::new(RESOLVER.into(), port));
        if outcome != Err(Errno::ADDRINUSE) {
            break;
        }
    }
    outcome?;
    let port = SocketAddr::try_from(rustix::net::getsockname(&socket)?)?.port();
    Ok((socket, port))
}
