//! The names of the containers on this container's networks, read from their endpoint records and kept until one changes.

use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use kernel::identity;
use kernel::net::endpoint::Place;
use kernel::net::record;
use kernel::spec::EndpointRecord;

/// How much of an id answers as a name.
const SHORT_ID: usize = 12;

/// The kernel's clock for files advances with its ticks (4 ms, 10 on some machines): two changes within one leave the same time.
const TICK: Duration = Duration::from_millis(50);

/// The networks, in the container's order.
pub struct Names {
    networks: Vec<Network>,
}

struct Network {
    directory: PathBuf,
    /// In lower case.
    name: String,
    endpoints: Vec<EndpointRecord>,
    /// What the endpoints were read at; `None` when they have to be read anew.
    read_at: Option<SystemTime>,
}

impl Names {
    /// Nothing is read before somebody asks.
    pub fn of(places: &[Place]) -> Self {
        let network = |place: &Place| Network {
            directory: place.network_dir.clone(),
            name: place.network_name.to_ascii_lowercase(),
            endpoints: Vec::new(),
            read_at: None,
        };
        Self { networks: places.iter().map(network).collect() }
    }

    /// The addresses of the living containers that answer to this name, on the first network where there are any; `None`
    /// when nobody has it. `name.network` asks one network only. The name is in lower case.
    pub fn addresses(&mut self, name: &str) -> Option<Vec<Ipv4Addr>> {
        self.networks.iter_mut().find_map(|network| network.addresses(name))
    }

    /// The name of the container with this address, with its network's.
    pub fn name_of(&mut self, address: Ipv4Addr) -> Option<String> {
        self.networks.iter_mut().find_map(|network| {
            let text = address.to_string();
            let name = network.living(|endpoint| endpoint.ipv4_address == text).next()?.container_name.clone();
            Some(format!("{name}.{}", network.name))
        })
    }
}

impl Network {
    fn addresses(&mut self, asked: &str) -> Option<Vec<Ipv4Addr>> {
        let suffix = format!(".{}", self.name);
        let bare = asked.strip_suffix(&suffix).unwrap_or(asked).to_owned();
        let asked = asked.to_owned();
        let named = self.living(|endpoint| answers_to(endpoint, &asked) || answers_to(endpoint, &bare));
        let found: Vec<_> = named.filter_map(|endpoint| endpoint.ipv4_address.parse().ok()).collect();
        (!found.is_empty()).then_some(found)
    }

    /// A killed monitor leaves its record behind, and tells nobody.
    fn living(&mut self, wanted: impl Fn(&EndpointRecord) -> bool) -> impl Iterator<Item = &EndpointRecord> {
        self.read_changed();
        self.endpoints.iter().filter(move |endpoint| wanted(endpoint) && identity::is_alive(&endpoint.monitor))
    }

    /// Records are renamed into their places, whole, which is a change of the directory that they are in. Looking there first, no answer is ever
    /// too old.
    fn read_changed(&mut self) {
        let changed_at = settled(&record::endpoints_dir(&self.directory));
        if changed_at.is_none() || changed_at != self.read_at {
            self.endpoints = record::read_endpoints(&self.directory).unwrap_or_default();
            self.read_at = changed_at;
        }
    }
}

/// When the directory changed last, if that is so long ago that another change could be told from it.
fn settled(directory: &Path) -> Option<SystemTime> {
    let changed_at = fs::metadata(directory).and_then(|found| found.modified()).ok()?;
    let age = SystemTime::now().duration_since(changed_at).ok()?;
    (age > TICK).then_some(changed_at)
}

fn answers_to(endpoint: &EndpointRecord, name: &str) -> bool {
    let short_id = endpoint.container_id.get(..SHORT_ID);
    let own = [Some(endpoint.container_name.as_str()), short_id];
    own.into_iter()
        .flatten()
        .chain(endpoint.aliases.iter().map(String::as_str))
        .any(|one| one.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::spec::MonitorIdentity;
    use std::thread::sleep;

    fn endpoint(id: &str, name: &str, aliases: &[&str], address: &str) -> EndpointRecord {
        EndpointRecord {
            container_id: id.repeat(16),
            container_name: name.to_owned(),
            aliases: aliases.iter().map(ToString::to_string).collect(),
            ipv4_address: address.to_owned(),
            mac_address: String::new(),
            monitor: identity::of(std::process::id() as i32).unwrap(),
        }
    }

    fn place(directory: &Path, name: &str) -> Place {
        std::fs::create_dir_all(record::endpoints_dir(directory)).unwrap();
        Place {
            network_dir: directory.to_owned(),
            network_id: name.to_owned(),
            network_name: name.to_owned(),
            internal: false,
            address: Ipv4Addr::new(10, 0, 0, 9),
            mac: [0; 6],
        }
    }

    fn addresses(names: &mut Names, name: &str) -> Vec<String> {
        let mut found: Vec<_> = names.addresses(name).unwrap_or_default().iter().map(ToString::to_string).collect();
        found.sort();
        found
    }

    #[test]
    fn containers_answer_to_their_names_whatever_the_case() {
        let folder = tempfile::tempdir().unwrap();
        let mut names = Names::of(&[place(folder.path(), "App_default")]);
        record::write_endpoint(folder.path(), &endpoint("abcd", "app-web-1", &["Web"], "10.0.0.2")).unwrap();
        record::write_endpoint(folder.path(), &endpoint("ef01", "app-web-2", &["web"], "10.0.0.3")).unwrap();
        for (name, expected) in [
            ("web", &["10.0.0.2", "10.0.0.3"][..]),
            ("app-web-1", &["10.0.0.2"]),
            ("ef01ef01ef01", &["10.0.0.3"]),
            ("web.app_default", &["10.0.0.2", "10.0.0.3"]),
            ("web.other", &[]),
            ("db", &[]),
            ("", &[]),
        ] {
            assert_eq!(addresses(&mut names, name), expected, "{name}");
        }
        assert_eq!(names.name_of(Ipv4Addr::new(10, 0, 0, 3)).as_deref(), Some("app-web-2.app_default"));
        assert_eq!(names.name_of(Ipv4Addr::new(10, 0, 0, 4)), None);
    }

    #[test]
    fn changes_are_seen_at_the_next_question() {
        see_changes(Duration::ZERO);
    }

    #[test]
    fn changes_are_seen_when_the_records_were_kept_meanwhile() {
        see_changes(TICK * 2);
    }

    #[test]
    fn records_are_kept_while_nothing_changes() {
        let folder = tempfile::tempdir().unwrap();
        let mut names = Names::of(&[place(folder.path(), "app_default")]);
        record::write_endpoint(folder.path(), &endpoint("abcd", "app-db-1", &["db"], "10.0.0.2")).unwrap();
        sleep(TICK * 2);
        assert_eq!(addresses(&mut names, "db"), ["10.0.0.2"]);
        let file = fs::read_dir(record::endpoints_dir(folder.path())).unwrap().next().unwrap().unwrap().path();
        fs::write(file, "damaged where it stands, which no monitor does").unwrap();
        assert_eq!(addresses(&mut names, "db"), ["10.0.0.2"]);
    }

    fn see_changes(pause: Duration) {
        let folder = tempfile::tempdir().unwrap();
        let mut names = Names::of(&[place(folder.path(), "app_default")]);
        sleep(pause);
        assert_eq!(addresses(&mut names, "db"), [""; 0]);
        let db = endpoint("abcd", "app-db-1", &["db"], "10.0.0.2");
        record::write_endpoint(folder.path(), &db).unwrap();
        sleep(pause);
        assert_eq!(addresses(&mut names, "db"), ["10.0.0.2"]);
        record::write_endpoint(folder.path(), &EndpointRecord { ipv4_address: "10.0.0.5".into(), ..db.clone() })
            .unwrap();
        sleep(pause);
        assert_eq!(addresses(&mut names, "db"), ["10.0.0.5"]);
        record::remove_endpoint(folder.path(), &db.container_id).unwrap();
        assert_eq!(addresses(&mut names, "db"), [""; 0]);
    }

    #[test]
    fn the_first_network_that_knows_a_name_answers() {
        let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let places = [place(first.path(), "front"), place(second.path(), "back")];
        let mut names = Names::of(&places);
        record::write_endpoint(second.path(), &endpoint("abcd", "app-db-1", &["db"], "10.1.0.2")).unwrap();
        assert_eq!(addresses(&mut names, "db"), ["10.1.0.2"]);
        record::write_endpoint(first.path(), &endpoint("abcd", "app-db-1", &["db"], "10.0.0.2")).unwrap();
        assert_eq!(addresses(&mut names, "db"), ["10.0.0.2"]);
        assert_eq!(addresses(&mut names, "db.back"), ["10.1.0.2"]);
    }

    #[test]
    fn the_dead_have_no_names() {
        let folder = tempfile::tempdir().unwrap();
        let mut names = Names::of(&[place(folder.path(), "app_default")]);
        let dead = MonitorIdentity { pid: i32::MAX, start_time: 1, boot_id: String::new() };
        let record = EndpointRecord { monitor: dead, ..endpoint("abcd", "app-db-1", &["db"], "10.0.0.2") };
        record::write_endpoint(folder.path(), &record).unwrap();
        assert_eq!(addresses(&mut names, "db"), [""; 0]);
    }
}
