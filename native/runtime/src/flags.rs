//! A command line by Go's grammar, as runc reads it: `-name value`, `--name=value`, and `--` before what is no flag.

use std::collections::BTreeMap;

use crate::words::{Failure, fail};

/// One flag.
#[derive(Debug)]
pub struct Flag {
    /// The long name, and a letter.
    pub names: &'static [&'static str],
    /// What stands behind it; without one it is a switch.
    pub value: Option<&'static str>,
    /// One line of help; without one, it is not shown.
    pub usage: &'static str,
}

/// Whether flags are still read behind the first word that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// What follows belongs to another program.
    FlagsFirst,
    /// Anywhere.
    Any,
}

/// What was given.
#[derive(Debug, Default)]
pub struct Parsed {
    values: BTreeMap<&'static str, Vec<String>>,
    /// Everything else, in order.
    pub rest: Vec<String>,
}

impl Parsed {
    /// Whether a switch is on or a value was given.
    pub fn has(&self, name: &str) -> bool {
        self.values.get(name).is_some_and(|values| values.last().is_some_and(|value| value != "false"))
    }

    /// The last one given.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values.get(name).and_then(|values| values.last()).map(String::as_str)
    }

    /// All of a flag that may be repeated.
    pub fn all(&self, name: &str) -> &[String] {
        self.values.get(name).map_or(&[], Vec::as_slice)
    }

    /// The value as a number.
    pub fn number<T: std::str::FromStr>(&self, name: &str) -> Result<Option<T>, Failure> {
        let read = |text: &str| {
            text.parse().map_err(|_| fail(format!("invalid value \"{text}\" for flag -{name}: it must be a number")))
        };
        self.value(name).map(read).transpose()
    }

    /// The container's name.
    pub fn id(&self) -> &str {
        self.rest.first().map(String::as_str).unwrap_or_default()
    }
}

/// Reads the arguments.
pub fn parse(flags: &[Flag], arguments: &[String], order: Order) -> Result<Parsed, Failure> {
    let mut parsed = Parsed::default();
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        if word == "--" {
            parsed.rest.extend(words.cloned());
            break;
        }
        let Some(given) = word.strip_prefix('-').filter(|rest| !rest.is_empty()) else {
            parsed.rest.push(word.clone());
            if order == Order::FlagsFirst {
                parsed.rest.extend(words.cloned());
                break;
            }
            continue;
        };
        let given = given.strip_prefix('-').unwrap_or(given);
        let (name, value) = given.split_once('=').map_or((given, None), |(name, value)| (name, Some(value.to_owned())));
        let flag = known(flags, name)?;
        let value = match (flag.value, value) {
            (_, Some(value)) => value,
            (None, None) => "true".to_owned(),
            (Some(_), None) => words.next().cloned().ok_or_else(|| fail(format!("flag needs an argument: -{name}")))?,
        };
        parsed.values.entry(flag.names[0]).or_default().push(value);
    }
    Ok(parsed)
}

const HELP: Flag = Flag { names: &["help", "h"], value: None, usage: "show help" };

fn known<'a>(flags: &'a [Flag], name: &str) -> Result<&'a Flag, Failure> {
    flags
        .iter()
        .chain([&HELP])
        .find(|flag| flag.names.contains(&name))
        .ok_or_else(|| fail(format!("flag provided but not defined: -{name}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLAGS: &[Flag] = &[
        Flag { names: &["bundle", "b"], value: Some("value"), usage: "" },
        Flag { names: &["force", "f"], value: None, usage: "" },
    ];

    fn read(words: &[&str], order: Order) -> Result<Parsed, Failure> {
        parse(FLAGS, &words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>(), order)
    }

    #[test]
    fn one_dash_and_two_and_an_equals_sign_mean_the_same() {
        for words in [["--bundle", "x", "id"], ["-b", "x", "id"], ["-bundle", "x", "id"]] {
            let parsed = read(&words, Order::Any).expect("read");
            assert_eq!((parsed.value("bundle"), parsed.id()), (Some("x"), "id"));
        }
        assert_eq!(read(&["--bundle=x=y"], Order::Any).expect("read").value("bundle"), Some("x=y"));
        assert!(!read(&["--force=false"], Order::Any).expect("read").has("force"));
    }

    #[test]
    fn flags_may_follow_unless_what_follows_is_another_programs() {
        assert!(read(&["id", "--force"], Order::Any).expect("read").has("force"));
        assert_eq!(read(&["id", "--force"], Order::FlagsFirst).expect("read").rest, ["id", "--force"]);
        assert_eq!(read(&["--", "--force"], Order::Any).expect("read").rest, ["--force"]);
    }

    #[test]
    fn a_flag_that_is_not_known_or_lacks_its_value_is_refused() {
        assert!(read(&["--other"], Order::Any).is_err());
        assert!(read(&["--bundle"], Order::Any).is_err());
    }
}
