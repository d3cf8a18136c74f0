//! `list`: every container of the root.

use std::fmt::Write;

use super::state::{Shown, describe};
use crate::container::Container;
use crate::flags::Parsed;
use crate::global::Global;
use crate::store;
use crate::words::{Failure, While, fail};

/// Runs the command.
pub fn run(global: &Global, parsed: &Parsed) -> Result<u8, Failure> {
    // What is half made or damaged is none.
    let names = store::names(global)?.into_iter();
    let containers: Vec<Container> = names.filter_map(|id| Container::load(global, &id).ok()).collect();
    let shown: Vec<Shown<'_>> = containers.iter().map(describe).collect();
    if parsed.has("quiet") {
        shown.iter().for_each(|one| println!("{}", one.id));
        return Ok(0);
    }
    match parsed.value("format").unwrap_or("table") {
        "json" if shown.is_empty() => println!("null"),
        "json" => println!("{}", serde_json::to_string(&shown).while_doing(|| "write the list".to_owned())?),
        "table" => print!("{}", table(&shown)),
        _ => return Err(fail("invalid format option")),
    }
    Ok(0)
}

/// Columns are at least twelve wide, with three between, as runc's are.
fn table(shown: &[Shown<'_>]) -> String {
    let heading = ["ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"].map(str::to_owned);
    let rows = shown.iter().map(|one| {
        let bundle = one.bundle.display().to_string();
        [
            one.id.to_owned(),
            one.pid.to_string(),
            one.status.to_owned(),
            bundle,
            one.created.to_owned(),
            one.owner.clone(),
        ]
    });
    let rows: Vec<[String; 6]> = std::iter::once(heading).chain(rows).collect();
    let widest = |column: usize| rows.iter().map(|row| row[column].len() + 3).max().unwrap_or(0).max(12);
    let mut text = String::new();
    for row in &rows {
        for (column, cell) in row.iter().enumerate().take(5) {
            let _ = write!(text, "{cell:<width$}", width = widest(column));
        }
        let _ = writeln!(text, "{}", row[5]);
    }
    text
}
