//! Scenarios by name or path: the only place of the language that reads files.

use std::fs::File;
use std::io::{self, Read};

use super::diagnostic::Diagnostics;
use super::library::{find, nearest_name, shipped};
use super::suggest::listed;
use super::yaml::MAX_BYTES;
use super::{Scenario, parse};

/// Why there is no scenario.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// It is neither the name of a shipped scenario nor a path.
    #[error("there is no scenario `{name}`{}", advice(name))]
    Unknown {
        /// What was given.
        name: String,
    },
    /// The file cannot be read.
    #[error("cannot read {path}: {source}")]
    Unreadable {
        /// The file.
        path: String,
        /// What stood in the way.
        source: io::Error,
    },
    /// The scenario has mistakes.
    #[error("{0}")]
    Mistakes(Diagnostics),
}

/// Loads and checks a scenario: the shipped one of this name, or else the file at this path.
///
/// What has a `/` in it or ends in `.yaml`, `.yml` or `.json` is a path; anything else is a name, so that a mistyped
/// name is not mistaken for a missing file.
///
/// # Errors
///
/// If there is no such scenario, or it has mistakes.
pub fn load(name_or_path: &str) -> Result<Scenario, LoadError> {
    let text = text(name_or_path)?;
    parse(name_or_path, &text).map_err(LoadError::Mistakes)
}

fn text(name_or_path: &str) -> Result<String, LoadError> {
    if let Some(shipped) = find(name_or_path) {
        return Ok(shipped.text.to_owned());
    }
    read_file(name_or_path)
}

/// The text of a scenario file, at most 1 MiB of it.
///
/// # Errors
///
/// If it is no path, cannot be read, or is no UTF-8 text of that size.
pub fn read_file(path: &str) -> Result<String, LoadError> {
    if !is_path(path) {
        return Err(LoadError::Unknown { name: path.to_owned() });
    }
    read(path).map_err(|source| LoadError::Unreadable { path: path.to_owned(), source })
}

fn is_path(name_or_path: &str) -> bool {
    name_or_path.contains(std::path::is_separator)
        || [".yaml", ".yml", ".json"].iter().any(|ending| name_or_path.ends_with(ending))
}

/// Reads a file, but no more of it than tells that it is too large.
fn read(path: &str) -> io::Result<String> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > MAX_BYTES {
        return Err(io::Error::other(format!("it is larger than {MAX_BYTES} bytes")));
    }
    String::from_utf8(bytes).map_err(|_| io::Error::other("it is not UTF-8 text"))
}

fn advice(name: &str) -> String {
    let meant = match nearest_name(name) {
        Some(meant) => format!("; did you mean `{meant}`?"),
        None => format!("; the shipped ones are {}.", listed(shipped().iter().map(|shipped| shipped.name))),
    };
    format!("{meant} A file is given by a path with a `/` in it or with the ending `.yaml`, as in `./{name}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shipped_name_is_loaded() {
        assert_eq!(load("happy").expect("it is shipped").name, "happy");
    }

    #[test]
    fn a_mistyped_name_is_answered_with_the_nearest_one() {
        let error = load("slow-craw").expect_err("there is none of that name");
        insta::assert_snapshot!(error, @"there is no scenario `slow-craw`; did you mean `slow-crawl`? A file is given by a path with a `/` in it or with the ending `.yaml`, as in `./slow-craw`");
        let error = load("production").expect_err("there is none of that name");
        insta::assert_snapshot!(error);
    }

    #[test]
    fn a_path_is_read() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios/happy.yaml");
        assert_eq!(load(path).expect("it is there").name, path);
        assert!(matches!(load("./no-such.yaml"), Err(LoadError::Unreadable { .. })));
        assert!(matches!(load("no-such.yml"), Err(LoadError::Unreadable { .. })));
        assert!(matches!(load("./"), Err(LoadError::Unreadable { .. })));
    }

    #[cfg(unix)]
    #[test]
    fn an_endless_file_is_refused() {
        let error = load("/dev/zero").expect_err("it never ends");
        assert!(error.to_string().contains("larger than"), "{error}");
    }
}
