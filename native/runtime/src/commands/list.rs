//! `list`: every container of the root.

use serde_json::Value;

use crate::container::Container;
use crate::flags::Parsed;
use crate::global::Global;
use crate::store;
use crate::words::{Failure, fail};

/// Runs the command.
pub fn run(global: &Global, parsed: &Parsed) -> Result<u8, Failure> {
    // What is half made or damaged is none.
    let containers = store::names(global)?.into_iter().filter_map(|id| Container::load(global, &id).ok());
    let shown: Vec<(u32, Value)> = containers.map(|one| (one.record.owner, super::state::describe(&one))).collect();
    if parsed.has("quiet") {
        shown.iter().for_each(|(_, one)| println!("{}", word(one, "id")));
        return Ok(0);
    }
    match parsed.value("format").unwrap_or("table") {
        "json" if shown.is_empty() => println!("null"),
        "json" => println!("{}", Value::Array(shown.into_iter().map(|(owner, one)| with_owner(one, owner)).collect())),
        "table" => print!("{}", table(&shown)),
        _ => return Err(fail("invalid format option")),
    }
    Ok(0)
}

fn with_owner(mut one: Value, owner: u32) -> Value {
    one["owner"] = crate::container::user_name(owner).into();
    one
}

fn word(one: &Value, name: &str) -> String {
    one[name].as_str().map_or_else(|| one[name].to_string(), str::to_owned)
}

fn table(shown: &[(u32, Value)]) -> String {
    let heading = ["ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"].map(str::to_owned);
    let rows = shown.iter().map(|(owner, one)| {
        let owner = crate::container::user_name(*owner);
        [word(one, "id"), word(one, "pid"), word(one, "status"), word(one, "bundle"), word(one, "created"), owner]
    });
    let rows: Vec<[String; 6]> = std::iter::once(heading).chain(rows).collect();
    // Columns are at least twelve wide, with three between, as runc's are.
    let width = |column: usize| rows.iter().map(|row| row[column].len() + 3).max().unwrap_or(0).max(12);
    rows.iter().fold(String::new(), |mut text, row| {
        for (column, cell) in row.iter().enumerate() {
            text.push_str(&format!("{cell:<width$}", width = if column == 5 { 0 } else { width(column) }));
        }
        text + "\n"
    })
}
