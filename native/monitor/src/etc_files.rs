//! The three files of /etc that tell a container who it is and where names are looked up. Their text is Docker's.

use std::fs::{self, File};
use std::io::Read;
use std::net::Ipv4Addr;
use std::path::Path;

use kernel::error::{Result, Step};
use kernel::root;
use kernel::sandbox::EtcFiles;
use kernel::spec::{DnsSpec, ExtraHost, MonitorSpec, NetworkSpec};
use rustix::fs::{FileType, Mode, OFlags, fstat};

/// Where the monitor answers inside the container.
const RESOLVER: &str = "127.0.0.11";

/// More than any such file has.
const FILE_BYTES: u64 = 1 << 20;

const LOCAL_NAMES: &str = "127.0.0.1\tlocalhost
::1\tlocalhost ip6-localhost ip6-loopback
fe00::\tip6-localnet
ff00::\tip6-mcastprefix
ff02::1\tip6-allnodes
ff02::2\tip6-allrouters
";

/// Writes the files into the container's directory.
pub fn write(spec: &MonitorSpec, addresses: &[Ipv4Addr]) -> Result<EtcFiles> {
    let directory = &spec.paths.container_dir;
    let hostname = spec.oci.hostname.clone().unwrap_or_else(host_name);
    let of_host = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let hosts = match spec.network {
        NetworkSpec::Host => of_host("/etc/hosts") + &extra_lines(&spec.extra_hosts),
        NetworkSpec::Container { pid } => of_container(pid, "/etc/hosts")?,
        _ => hosts(&spec.extra_hosts, addresses, &full_name(&hostname, spec.oci.domainname.as_deref())),
    };
    let resolv_conf = match spec.network {
        NetworkSpec::Networks { .. } => resolv_conf(&of_host("/etc/resolv.conf"), &spec.dns, Some(RESOLVER)),
        NetworkSpec::Container { pid } => of_container(pid, "/etc/resolv.conf")?,
        NetworkSpec::Host | NetworkSpec::None => resolv_conf(&of_host("/etc/resolv.conf"), &spec.dns, None),
    };
    let put = |name: &str, text: &str| {
        let path = directory.join(name);
        fs::write(&path, text).step(|| format!("write `{}`", path.display()))?;
        readable_for_all(&path)?;
        Ok(Some(path))
    };
    Ok(EtcFiles {
        hosts: put("hosts", &hosts)?,
        hostname: put("hostname", &format!("{hostname}\n"))?,
        resolv_conf: put("resolv.conf", &resolv_conf)?,
    })
}

/// Who joins another container's network has its names too. That container may have put anything in the file's place: only
/// what lies inside its root counts, and only a plain file of a plain size.
fn of_container(pid: i32, path: &str) -> Result<String> {
    let root = format!("/proc/{pid}/root");
    let step = || format!("read `{path}` of the container whose network is joined");
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let root = rustix::fs::open(&root, flags, Mode::empty()).step(step)?;
    let Ok(file) = root::open(root, path, OFlags::RDONLY | OFlags::NONBLOCK) else { return Ok(String::new()) };
    let mut bytes = Vec::new();
    if FileType::from_raw_mode(fstat(&file).step(step)?.st_mode) == FileType::RegularFile {
        File::from(file).take(FILE_BYTES).read_to_end(&mut bytes).step(step)?;
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Whatever the user's umask says: the container's users read them.
fn readable_for_all(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o644))
        .step(|| format!("set the mode of `{}`", path.display()))
}

fn host_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// `web.example.org web`, or the bare name without a domain.
fn full_name(hostname: &str, domain: Option<&str>) -> String {
    match domain.filter(|domain| !domain.is_empty()) {
        Some(domain) => format!("{hostname}.{domain} {hostname}"),
        None => hostname.to_owned(),
    }
}

fn hosts(extra: &[ExtraHost], addresses: &[Ipv4Addr], names: &str) -> String {
    let own: String = addresses.iter().map(|address| format!("{address}\t{names}\n")).collect();
    format!("{LOCAL_NAMES}{}{own}", extra_lines(extra))
}

fn extra_lines(extra: &[ExtraHost]) -> String {
    extra.iter().map(|line| format!("{}\t{}\n", line.ip, line.host)).collect()
}

/// What the user asks for replaces what the host has, kind by kind. With a resolver of ours, that one is the only server.
fn resolv_conf(host: &str, asked: &DnsSpec, resolver: Option<&str>) -> String {
    let of_host = |keyword: &str| -> Vec<String> {
        let lines = host.lines().filter_map(|line| line.trim().strip_prefix(keyword));
        lines.filter(|rest| rest.starts_with([' ', '\t'])).flat_map(str::split_whitespace).map(str::to_owned).collect()
    };
    let choose = |asked: &[String], keyword| if asked.is_empty() { of_host(keyword) } else { asked.to_vec() };
    let servers = resolver.map_or_else(|| choose(&asked.servers, "nameserver"), |resolver| vec![resolver.to_owned()]);
    let mut options = choose(&asked.options, "options");
    if resolver.is_some() && !options.iter().any(|option| option.starts_with("ndots:")) {
        options.push("ndots:0".to_owned());
    }
    let mut text: String = servers.iter().map(|server| format!("nameserver {server}\n")).collect();
    // A lone dot is how a user asks for no search list at all.
    let search: Vec<_> = choose(&asked.search, "search").into_iter().filter(|domain| domain != ".").collect();
    for (keyword, words) in [("search", search), ("options", options)] {
        if !words.is_empty() {
            text += &format!("{keyword} {}\n", words.join(" "));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: &str = "# made by hand\nnameserver 192.0.2.1\nnameserver 192.0.2.2\nsearch a.example b.example\noptions edns0 trust-ad\n";

    fn asked(servers: &[&str], search: &[&str], options: &[&str]) -> DnsSpec {
        let own = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
        DnsSpec { servers: own(servers), search: own(search), options: own(options) }
    }

    #[test]
    fn our_resolver_is_the_only_server_and_short_names_are_tried_as_they_are() {
        let text = resolv_conf(HOST, &asked(&["192.0.2.9"], &[], &[]), Some(RESOLVER));
        assert_eq!(text, "nameserver 127.0.0.11\nsearch a.example b.example\noptions edns0 trust-ad ndots:0\n");
        let text = resolv_conf(HOST, &asked(&[], &["."], &["ndots:2"]), Some(RESOLVER));
        assert_eq!(text, "nameserver 127.0.0.11\noptions ndots:2\n");
    }

    #[test]
    fn without_our_resolver_the_hosts_words_count_until_the_user_says_others() {
        let plain = "nameserver 192.0.2.1\nnameserver 192.0.2.2\nsearch a.example b.example\noptions edns0 trust-ad\n";
        assert_eq!(resolv_conf(HOST, &asked(&[], &[], &[]), None), plain);
        let text = resolv_conf(HOST, &asked(&["192.0.2.9"], &["c.example"], &["rotate"]), None);
        assert_eq!(text, "nameserver 192.0.2.9\nsearch c.example\noptions rotate\n");
        assert_eq!(resolv_conf("", &asked(&[], &[], &[]), None), "");
    }

    #[test]
    fn a_container_finds_itself_and_its_extra_hosts() {
        let extra = [ExtraHost { host: "host.docker.internal".into(), ip: "172.17.0.1".into() }];
        let text = hosts(&extra, &[Ipv4Addr::new(172, 18, 0, 2)], &full_name("web", Some("example.org")));
        assert!(text.starts_with("127.0.0.1\tlocalhost\n"));
        assert!(text.ends_with("172.17.0.1\thost.docker.internal\n172.18.0.2\tweb.example.org web\n"));
        assert_eq!(full_name("web", Some("")), "web");
    }
}
