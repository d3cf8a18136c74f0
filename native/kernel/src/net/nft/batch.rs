//! A transaction of nf_tables: everything in it happens at once, or nothing does.

use rustix::io::Errno;

use crate::error::Result;
use crate::net::attributes::{self, Attributes};
use crate::net::netlink::{Answer, Batch, Netlink, is};

use super::rule::{OURS, Rule};
use super::set::{Element, Set};

const INET: u8 = libc::NFPROTO_INET as u8;
const IPV4: u8 = libc::NFPROTO_IPV4 as u8;

const HOOK_NUMBER: u16 = 1;
const HOOK_PRIORITY: u16 = 2;
const TABLE_NAME: u16 = 1;
const CHAIN_TABLE: u16 = 1;
const CHAIN_NAME: u16 = 3;
const CHAIN_HOOK: u16 = 4;
const CHAIN_POLICY: u16 = 5;
const CHAIN_TYPE: u16 = 7;
const RULE_TABLE: u16 = 1;
const RULE_CHAIN: u16 = 2;
const RULE_HANDLE: u16 = 3;
const RULE_EXPRESSIONS: u16 = 4;
const RULE_USERDATA: u16 = 7;
const BATCH_GENERATION: u16 = 1;
const GENERATION_ID: u16 = 1;

/// A table's name and whether it is for IPv4 alone or for both.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    family: u8,
    name: &'static str,
}

impl Table {
    /// A table of the family `inet`.
    pub const fn inet(name: &'static str) -> Self {
        Self { family: INET, name }
    }

    /// A table of the family `ip`.
    pub const fn ipv4(name: &'static str) -> Self {
        Self { family: IPV4, name }
    }

    /// Whether a table of this family and name is the one.
    pub fn is(self, family: u8, name: &str) -> bool {
        self.family == family && self.name == name
    }
}

/// Where a chain hangs.
pub struct Chain {
    /// Its name.
    pub name: &'static str,
    /// `filter` or `nat`.
    pub kind: &'static str,
    /// `NF_INET_…`.
    pub hook: i32,
    /// Lower comes first.
    pub priority: i32,
    /// What happens to what its rules leave undecided: `NF_ACCEPT` or `NF_DROP`.
    pub policy: i32,
}

/// Changes to one table, to be made together.
pub struct Transaction {
    table: Table,
    batch: Batch,
}

impl Transaction {
    /// No change yet.
    pub fn on(table: Table) -> Self {
        Self::begin(table, &bounds())
    }

    /// Changes that the kernel refuses with `ERESTART` when the rules are not those of `generation` any more.
    pub fn at_generation(table: Table, generation: u32) -> Self {
        let mut bounds = bounds();
        bounds.be32(BATCH_GENERATION, generation);
        Self::begin(table, &bounds)
    }

    fn begin(table: Table, bounds: &Attributes) -> Self {
        Self { table, batch: Batch::of(libc::NFNL_MSG_BATCH_BEGIN as u16, 0, CHANGE, bounds) }
    }

    /// A new table; refused with `EEXIST` when there is one.
    pub fn create_table(&mut self) {
        let mut body = self.body();
        body.text(TABLE_NAME, self.table.name);
        self.push(libc::NFT_MSG_NEWTABLE, CREATE, &body, || "create the nftables table".to_owned());
    }

    /// Deletes the table with all that is in it.
    pub fn delete_table(&mut self) {
        let mut body = self.body();
        body.text(TABLE_NAME, self.table.name);
        self.push(libc::NFT_MSG_DELTABLE, 0, &body, || "delete the nftables table".to_owned());
    }

    /// A new chain on a hook.
    pub fn create_chain(&mut self, chain: &Chain) {
        let mut body = self.body();
        body.text(CHAIN_TABLE, self.table.name).text(CHAIN_NAME, chain.name).text(CHAIN_TYPE, chain.kind);
        body.be32(CHAIN_POLICY, chain.policy as u32);
        body.nest(CHAIN_HOOK, |hook| {
            hook.be32(HOOK_NUMBER, chain.hook as u32).be32(HOOK_PRIORITY, chain.priority as u32);
        });
        self.push(libc::NFT_MSG_NEWCHAIN, CREATE, &body, || format!("create the nftables chain `{}`", chain.name));
    }

    /// A rule at the end of a chain.
    pub fn append_rule(&mut self, chain: &'static str, rule: &Rule) {
        let mut body = self.body();
        body.text(RULE_TABLE, self.table.name).text(RULE_CHAIN, chain);
        body.nest(RULE_EXPRESSIONS, |list| {
            list.raw(rule.expressions());
        });
        if let Some(mark) = rule.mark() {
            body.put(RULE_USERDATA, mark);
        }
        let flags = libc::NLM_F_CREATE | libc::NLM_F_APPEND;
        self.push(libc::NFT_MSG_NEWRULE, flags, &body, || format!("add a rule to the nftables chain `{chain}`"));
    }

    /// Deletes one rule; refused with `ENOENT` when it is not there.
    pub fn delete_rule(&mut self, chain: &'static str, handle: u64) {
        let mut body = self.body();
        body.text(RULE_TABLE, self.table.name).text(RULE_CHAIN, chain).put(RULE_HANDLE, &handle.to_be_bytes());
        self.push(libc::NFT_MSG_DELRULE, 0, &body, || format!("delete a rule of the nftables chain `{chain}`"));
    }

    /// A new set or map. `number` is its place in the transaction.
    pub fn create_set(&mut self, set: &Set, number: u32) {
        let mut body = self.body();
        set.describe(&mut body, self.table.name, number);
        self.push(libc::NFT_MSG_NEWSET, CREATE, &body, || format!("create the nftables set `{}`", set.name));
    }

    /// Adds elements; those that are there with the same value are left as they are.
    pub fn add_elements(&mut self, set: &Set, elements: &[Element]) {
        let body = self.elements(set, elements);
        self.push(libc::NFT_MSG_NEWSETELEM, libc::NLM_F_CREATE, &body, || {
            format!("add to the nftables set `{}`", set.name)
        });
    }

    /// Removes elements; refused with `ENOENT` when one is not there.
    pub fn delete_elements(&mut self, set: &Set, elements: &[Element]) {
        let body = self.elements(set, elements);
        self.push(libc::NFT_MSG_DELSETELEM, 0, &body, || format!("remove from the nftables set `{}`", set.name));
    }

    /// Makes the changes.
    pub fn commit(mut self, netlink: &Netlink) -> Result<()> {
        self.batch.acknowledge_last();
        self.batch.push(libc::NFNL_MSG_BATCH_END as u16, 0, CHANGE, &bounds());
        netlink.send(self.batch)
    }

    fn elements(&self, set: &Set, elements: &[Element]) -> Attributes {
        let mut body = self.body();
        set.list(&mut body, self.table.name, elements);
        body
    }

    fn body(&self) -> Attributes {
        Attributes::after(&header(self.table.family))
    }

    fn push(&mut self, message: i32, flags: i32, body: &Attributes, step: impl FnOnce() -> String) {
        self.batch.push(kind(message), flags, step(), body);
    }
}

const CHANGE: &str = "change the nftables rules";
const CREATE: i32 = libc::NLM_F_CREATE | libc::NLM_F_EXCL;

/// Whether there is such a table.
pub fn has_table(netlink: &Netlink, table: Table) -> Result<bool> {
    let mut body = Attributes::after(&header(table.family));
    body.text(TABLE_NAME, table.name);
    let step = format!("look for the nftables table `{}`", table.name);
    match netlink.ask(Batch::of(kind(libc::NFT_MSG_GETTABLE), 0, step, &body)) {
        Ok(answers) => Ok(!answers.is_empty()),
        Err(error) if is(&error, Errno::NOENT) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether the element is in the set; no, when there is no such table or set.
pub fn has_element(netlink: &Netlink, table: Table, set: &Set, element: &Element) -> Result<bool> {
    let mut body = Attributes::after(&header(table.family));
    set.list(&mut body, table.name, std::slice::from_ref(element));
    let request =
        Batch::of(kind(libc::NFT_MSG_GETSETELEM), 0, format!("look into the nftables set `{}`", set.name), &body);
    match netlink.ask(request) {
        Ok(answers) => Ok(!answers.is_empty()),
        Err(error) if is(&error, Errno::NOENT) => Ok(false),
        Err(error) => Err(error),
    }
}

/// All elements of a set; none, when there is no such table or set.
pub fn elements(netlink: &Netlink, table: Table, set: &Set) -> Result<Vec<Element>> {
    let mut body = Attributes::after(&header(table.family));
    set.list(&mut body, table.name, &[]);
    let request = Batch::of(
        kind(libc::NFT_MSG_GETSETELEM),
        libc::NLM_F_DUMP,
        format!("list the nftables set `{}`", set.name),
        &body,
    );
    match netlink.ask(request) {
        Ok(answers) => Ok(answers.iter().flat_map(|answer| Set::read(payload(answer))).collect()),
        Err(error) if is(&error, Errno::NOENT) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// A rule of a chain of somebody's.
pub struct FoundRule {
    /// By which it can be deleted.
    pub handle: u64,
    /// Whether it has our mark.
    pub is_ours: bool,
}

/// The rules of a chain, in their order; none, when there is no such chain.
pub fn rules(netlink: &Netlink, table: Table, chain: &str) -> Result<Vec<FoundRule>> {
    let mut body = Attributes::after(&header(table.family));
    body.text(RULE_TABLE, table.name).text(RULE_CHAIN, chain);
    let step = format!("list the nftables chain `{chain}`");
    match netlink.ask(Batch::of(kind(libc::NFT_MSG_GETRULE), libc::NLM_F_DUMP, step, &body)) {
        Ok(answers) => Ok(answers.iter().filter_map(|answer| read_rule(payload(answer), chain)).collect()),
        Err(error) if is(&error, Errno::NOENT) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// Kernels before 4.14 list those of other chains too.
fn read_rule(rule: &[u8], chain: &str) -> Option<FoundRule> {
    attributes::find(rule, RULE_CHAIN).map(attributes::text).filter(|found| found == chain)?;
    let handle = u64::from_be_bytes(attributes::find(rule, RULE_HANDLE)?.try_into().ok()?);
    Some(FoundRule { handle, is_ours: attributes::find(rule, RULE_USERDATA) == Some(OURS) })
}

/// The number of the present generation of rules: it changes with each transaction of anybody.
pub fn generation(netlink: &Netlink) -> Result<u32> {
    let body = Attributes::after(&header(libc::AF_UNSPEC as u8));
    let answers = netlink.ask(Batch::of(kind(libc::NFT_MSG_GETGEN), 0, "look at the nftables rules", &body))?;
    let number = answers.first().and_then(|answer| attributes::find(payload(answer), GENERATION_ID));
    Ok(number.and_then(|bytes| bytes.try_into().ok()).map_or(0, u32::from_be_bytes))
}

/// A dump of everything of one kind (`NFT_MSG_GETTABLE`, `NFT_MSG_GETCHAIN`), whosever it is: family and attributes.
pub fn dump(netlink: &Netlink, message: i32) -> Result<Vec<(u8, Vec<u8>)>> {
    let body = Attributes::after(&header(libc::AF_UNSPEC as u8));
    let answers = netlink.ask(Batch::of(kind(message), libc::NLM_F_DUMP, "list the nftables rules", &body))?;
    Ok(answers.iter().map(|answer| (answer.body.first().copied().unwrap_or(0), payload(answer).to_vec())).collect())
}

fn payload(answer: &Answer) -> &[u8] {
    answer.body.get(4..).unwrap_or_default()
}

fn kind(message: i32) -> u16 {
    (libc::NFNL_SUBSYS_NFTABLES as u16) << 8 | message as u16
}

/// `struct nfgenmsg`.
fn header(family: u8) -> [u8; 4] {
    [family, libc::NFNETLINK_V0 as u8, 0, 0]
}

/// The header of a batch's first and last message, which carries the subsystem in network byte order.
fn bounds() -> Attributes {
    let [high, low] = (libc::NFNL_SUBSYS_NFTABLES as u16).to_be_bytes();
    Attributes::after(&[libc::AF_UNSPEC as u8, libc::NFNETLINK_V0 as u8, high, low])
}
