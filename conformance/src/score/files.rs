//! The files of entries that the build embedded, and what can be wrong with them.

use std::collections::BTreeSet;
use std::fmt;

use fixtures::contract::Contract;
use serde::de::DeserializeOwned;
use serde_saphyr::Spanned;

use super::edit::Edit;
use crate::{checks, profile};

/// A file of entries.
#[derive(Debug, Clone, Copy)]
pub struct File {
    /// The API it is about: `catalog`, or `extralt-v1` for a version that the name alone does not mean.
    pub api: &'static str,
    /// Where it lies in the repository.
    pub path: &'static str,
    /// What stands in it.
    pub text: &'static str,
}

/// Broken servers.
pub static BROKEN: &[File] = &include!(concat!(env!("OUT_DIR"), "/broken.rs"));

/// Lawful servers.
pub static LAWFUL: &[File] = &include!(concat!(env!("OUT_DIR"), "/lawful.rs"));

/// Checks without a broken server.
pub static UNPROVEN: &[File] = &include!(concat!(env!("OUT_DIR"), "/unproven.rs"));

/// What stands in such files.
pub trait Entry: DeserializeOwned {
    /// Its stable name.
    fn id(&self) -> &str;

    /// What is wrong with it, as far as that can be said without a server.
    fn mistakes(&self, contract: &Contract) -> Vec<String>;
}

/// An entry that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: u64,
    /// The entry's id, where it has one.
    pub entry: Option<String>,
    /// What is wrong, and what to do.
    pub what: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}: ", self.file, self.line)?;
        if let Some(entry) = &self.entry {
            write!(formatter, "entry `{entry}`: ")?;
        }
        formatter.write_str(&self.what)
    }
}

/// What the files about a contract are called: its API, and its version where the API's name alone means another.
fn name_of(contract: &Contract) -> String {
    let (api, version) = (contract.api(), contract.version());
    let usual = profile::find(api).is_some_and(|profile| profile.version == version);
    if usual { api.to_owned() } else { format!("{api}-{version}") }
}

/// Every entry about the API of `contract` in `files`, in their order.
///
/// # Errors
///
/// Every mistake in the files.
pub fn entries<T: Entry>(files: &[File], contract: &Contract) -> Result<Vec<T>, Vec<Mistake>> {
    let name = name_of(contract);
    let texts = files.iter().filter(|file| file.api == name).map(|file| (file.path, file.text));
    read(texts, contract)
}

/// Every entry in texts, each with the name of its file.
///
/// # Errors
///
/// Every mistake in the texts.
pub fn read<'a, T: Entry>(
    texts: impl IntoIterator<Item = (&'a str, &'a str)>,
    contract: &Contract,
) -> Result<Vec<T>, Vec<Mistake>> {
    let (mut all, mut mistakes, mut ids) = (Vec::new(), Vec::new(), BTreeSet::new());
    for (file, text) in texts {
        let entries = match parse::<T>(file, text) {
            Ok(entries) => entries,
            Err(mistake) => {
                mistakes.push(mistake);
                continue;
            }
        };
        for Spanned { value: entry, referenced, .. } in entries {
            let mut wrong = entry.mistakes(contract);
            if !ids.insert(entry.id().to_owned()) {
                wrong.push("another entry has the same id".into());
            }
            mistakes.extend(wrong.into_iter().map(|what| Mistake {
                file: file.to_owned(),
                line: referenced.line(),
                entry: Some(entry.id().to_owned()),
                what,
            }));
            all.push(entry);
        }
    }
    if mistakes.is_empty() { Ok(all) } else { Err(mistakes) }
}

/// Reads a list of entries.
///
/// # Errors
///
/// The first place where the text is no such list.
fn parse<T: DeserializeOwned>(file: &str, text: &str) -> Result<Vec<Spanned<T>>, Mistake> {
    let options = serde_saphyr::options! {
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        with_snippet: false,
    };
    if text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#')) {
        return Ok(Vec::new());
    }
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let line = error.location().map_or(1, |location| location.line());
        Mistake {
            file: file.to_owned(),
            line,
            entry: entry_at(text, line),
            what: error.to_string().lines().next().unwrap_or_default().to_owned(),
        }
    })
}

/// The id of the entry that a line belongs to.
fn entry_at(text: &str, line: u64) -> Option<String> {
    let lines = text.lines().take(usize::try_from(line).unwrap_or(usize::MAX));
    let id = lines.filter_map(|line| line.strip_prefix("- id:")).last()?;
    Some(id.split('#').next().unwrap_or(id).trim().to_owned())
}

/// Whether a text can be the id of an entry.
pub fn is_id(text: &str) -> bool {
    let good = |word: &str| {
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    text.split('-').all(good)
}

/// What is wrong with a list of edits.
pub fn edit_mistakes(edits: &[Edit], contract: &Contract) -> Vec<String> {
    let numbered = edits.iter().enumerate();
    let wrong = numbered.flat_map(|(index, edit)| {
        edit.mistakes(contract).into_iter().map(move |what| format!("edit {}: {what}", index + 1))
    });
    wrong.collect()
}

/// What to say if there is no such check.
pub fn unknown_check(check: &str) -> Option<String> {
    let unknown = checks::find(check).is_none();
    unknown.then(|| format!("there is no check `{check}`; `rehearsal check --list` names them"))
}

#[cfg(test)]
mod tests {
    use super::super::lawful::Lawful;
    use super::super::mutant::Mutant;
    use super::super::unproven::Unproven;
    use super::*;

    fn mistakes<T: Entry>(files: &[File], contract: &Contract) -> Vec<String> {
        let mistakes = entries::<T>(files, contract).err().unwrap_or_default();
        mistakes.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_shipped_entries_have_no_mistake() {
        for contract in Contract::all() {
            let broken = mistakes::<Mutant>(BROKEN, contract);
            let lawful = mistakes::<Lawful>(LAWFUL, contract);
            let unproven = mistakes::<Unproven>(UNPROVEN, contract);
            let all = [broken, lawful, unproven].concat();
            assert!(all.is_empty(), "{}", all.join("\n"));
        }
    }
}
