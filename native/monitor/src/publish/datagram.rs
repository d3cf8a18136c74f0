//! UDP datagrams together with the address of this host that they were sent to, so that the answer comes from there.

use std::io;
use std::mem;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::os::fd::{AsFd, AsRawFd};
use std::ptr;

/// A client, and the address of this host (with the interface it belongs to, where that matters) that it knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Peers {
    pub client: SocketAddr,
    pub local: Option<(IpAddr, u32)>,
}

/// Room for one control message of either family.
#[repr(C, align(8))]
struct Control([u8; 64]);

/// Asks the kernel to tell the destination of each datagram.
pub fn ask_for_destination(socket: impl AsFd, ipv6: bool) -> rustix::io::Result<()> {
    let (level, option) =
        if ipv6 { (libc::IPPROTO_IPV6, libc::IPV6_RECVPKTINFO) } else { (libc::IPPROTO_IP, libc::IP_PKTINFO) };
    let on: libc::c_int = 1;
    // SAFETY: the value is one integer that outlives the call.
    let answer = unsafe {
        libc::setsockopt(
            socket.as_fd().as_raw_fd(),
            level,
            option,
            ptr::from_ref(&on).cast(),
            mem::size_of_val(&on) as libc::socklen_t,
        )
    };
    if answer == 0 { Ok(()) } else { Err(last_errno()) }
}

/// One datagram: how long it is, from whom and to which address.
pub fn receive(socket: impl AsFd, buffer: &mut [u8]) -> rustix::io::Result<(usize, Peers)> {
    // SAFETY: an address of zeros is one without a family.
    let mut name: libc::sockaddr_storage = unsafe { mem::zeroed() };
    let mut control = Control([0; 64]);
    let mut part = libc::iovec { iov_base: buffer.as_mut_ptr().cast(), iov_len: buffer.len() };
    let mut message = message(&mut part, &mut name, &mut control);
    // SAFETY: every pointer in the message leads to a live buffer of the length given.
    let length = unsafe { libc::recvmsg(socket.as_fd().as_raw_fd(), &mut message, 0) };
    let length = usize::try_from(length).map_err(|_| last_errno())?;
    let client = read_name(&name).ok_or(rustix::io::Errno::AFNOSUPPORT)?;
    Ok((length, Peers { client, local: read_destination(&message) }))
}

/// Answers a client from the address that it knows.
pub fn send(socket: impl AsFd, bytes: &[u8], peers: &Peers) -> rustix::io::Result<()> {
    // SAFETY: an address of zeros is one without a family.
    let mut name: libc::sockaddr_storage = unsafe { mem::zeroed() };
    let name_length = write_name(&mut name, peers.client);
    let mut control = Control([0; 64]);
    let mut part = libc::iovec { iov_base: bytes.as_ptr().cast_mut().cast(), iov_len: bytes.len() };
    let mut message = message(&mut part, &mut name, &mut control);
    message.msg_namelen = name_length;
    write_source(&mut message, peers.local);
    // SAFETY: every pointer in the message leads to a live buffer of the length given; sending does not write to them.
    let sent = unsafe { libc::sendmsg(socket.as_fd().as_raw_fd(), &message, libc::MSG_NOSIGNAL) };
    if sent < 0 { Err(last_errno()) } else { Ok(()) }
}

fn message(part: &mut libc::iovec, name: &mut libc::sockaddr_storage, control: &mut Control) -> libc::msghdr {
    // SAFETY: a message header of zeros is an empty one.
    let mut message: libc::msghdr = unsafe { mem::zeroed() };
    message.msg_name = ptr::from_mut(name).cast();
    message.msg_namelen = mem::size_of::<libc::sockaddr_storage>() as libc::socklen_t;
    message.msg_iov = part;
    message.msg_iovlen = 1;
    message.msg_control = control.0.as_mut_ptr().cast();
    message.msg_controllen = control.0.len() as _;
    message
}

fn read_destination(message: &libc::msghdr) -> Option<(IpAddr, u32)> {
    // SAFETY: the kernel has filled the control buffer and set its length; the macros stay within it.
    unsafe {
        let header = libc::CMSG_FIRSTHDR(message).as_ref()?;
        match (header.cmsg_level, header.cmsg_type) {
            (libc::IPPROTO_IP, libc::IP_PKTINFO) => {
                let info: libc::in_pktinfo = ptr::read_unaligned(libc::CMSG_DATA(header).cast());
                Some((Ipv4Addr::from(u32::from_be(info.ipi_spec_dst.s_addr)).into(), 0))
            }
            (libc::IPPROTO_IPV6, libc::IPV6_PKTINFO) => {
                let info: libc::in6_pktinfo = ptr::read_unaligned(libc::CMSG_DATA(header).cast());
                Some((Ipv6Addr::from(info.ipi6_addr.s6_addr).into(), info.ipi6_ifindex))
            }
            _ => None,
        }
    }
}

fn write_source(message: &mut libc::msghdr, local: Option<(IpAddr, u32)>) {
    match local {
        None => message.msg_controllen = 0,
        Some((IpAddr::V4(address), _)) => {
            let source = libc::in_addr { s_addr: u32::from(address).to_be() };
            let info = libc::in_pktinfo { ipi_ifindex: 0, ipi_spec_dst: source, ipi_addr: libc::in_addr { s_addr: 0 } };
            write_control(message, libc::IPPROTO_IP, libc::IP_PKTINFO, info);
        }
        Some((IpAddr::V6(address), interface)) => {
            let ipi6_addr = libc::in6_addr { s6_addr: address.octets() };
            let info = libc::in6_pktinfo { ipi6_addr, ipi6_ifindex: interface };
            write_control(message, libc::IPPROTO_IPV6, libc::IPV6_PKTINFO, info);
        }
    }
}

fn write_control<T>(message: &mut libc::msghdr, level: libc::c_int, kind: libc::c_int, value: T) {
    let size = mem::size_of::<T>() as libc::c_uint;
    // SAFETY: the control buffer has 64 bytes, more than the header and the larger of the two values need.
    unsafe {
        message.msg_controllen = libc::CMSG_SPACE(size) as _;
        let header = libc::CMSG_FIRSTHDR(message);
        (*header).cmsg_level = level;
        (*header).cmsg_type = kind;
        (*header).cmsg_len = libc::CMSG_LEN(size) as _;
        ptr::write_unaligned(libc::CMSG_DATA(header).cast(), value);
    }
}

fn read_name(name: &libc::sockaddr_storage) -> Option<SocketAddr> {
    match i32::from(name.ss_family) {
        libc::AF_INET => {
            // SAFETY: the family says which structure it is, and the storage has room for each.
            let v4: libc::sockaddr_in = unsafe { ptr::read(ptr::from_ref(name).cast()) };
            let address = Ipv4Addr::from(u32::from_be(v4.sin_addr.s_addr));
            Some(SocketAddrV4::new(address, u16::from_be(v4.sin_port)).into())
        }
        libc::AF_INET6 => {
            // SAFETY: as above.
            let v6: libc::sockaddr_in6 = unsafe { ptr::read(ptr::from_ref(name).cast()) };
            let address = Ipv6Addr::from(v6.sin6_addr.s6_addr);
            Some(SocketAddrV6::new(address, u16::from_be(v6.sin6_port), 0, v6.sin6_scope_id).into())
        }
        _ => None,
    }
}

fn write_name(name: &mut libc::sockaddr_storage, address: SocketAddr) -> libc::socklen_t {
    // SAFETY: the storage has room for each of the two structures, and all bytes of both are set (the rest are zeros).
    unsafe {
        match address {
            SocketAddr::V4(v4) => {
                let place: *mut libc::sockaddr_in = ptr::from_mut(name).cast();
                (*place).sin_family = libc::AF_INET as libc::sa_family_t;
                (*place).sin_port = v4.port().to_be();
                (*place).sin_addr.s_addr = u32::from(*v4.ip()).to_be();
                mem::size_of::<libc::sockaddr_in>() as libc::socklen_t
            }
            SocketAddr::V6(v6) => {
                let place: *mut libc::sockaddr_in6 = ptr::from_mut(name).cast();
                (*place).sin6_family = libc::AF_INET6 as libc::sa_family_t;
                (*place).sin6_port = v6.port().to_be();
                (*place).sin6_addr.s6_addr = v6.ip().octets();
                (*place).sin6_scope_id = v6.scope_id();
                mem::size_of::<libc::sockaddr_in6>() as libc::socklen_t
            }
        }
    }
}

fn last_errno() -> rustix::io::Errno {
    rustix::io::Errno::from_io_error(&io::Error::last_os_error()).unwrap_or(rustix::io::Errno::IO)
}
