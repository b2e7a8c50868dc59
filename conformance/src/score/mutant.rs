//! Broken servers as they are written down: what is wrong with each, and which check has to find it.

use fixtures::contract::Contract;
use serde::Deserialize;

use super::edit::Edit;
use super::files::{self, Entry, Mistake};
use super::trial::Difference;

/// One broken server.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mutant {
    /// Stable name.
    pub id: String,
    /// What is wrong with it, as a sentence.
    #[serde(rename = "is")]
    pub what: String,
    /// The check that has to fail.
    pub kills: Kill,
    /// What is changed on the way.
    #[serde(default)]
    pub edits: Vec<Edit>,
    /// Switches of the stand-in that are turned on.
    #[serde(default)]
    pub defects: Vec<String>,
    /// The scenario the stand-in follows.
    pub scenario: Option<String>,
    /// Why no harness could tell it from a right server. It does not count then.
    pub equivalent: Option<String>,
    /// Why this suite does not find it, though one could. It counts as survived.
    pub survives: Option<String>,
}

/// What counts as finding a broken server.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kill {
    /// The check that has to fail.
    pub check: String,
    /// The reasons it may give.
    pub reasons: Vec<String>,
}

/// Every broken server of an API, in the order of the files and within them.
///
/// # Errors
///
/// Every mistake in the files.
pub fn shipped(contract: &Contract) -> Result<Vec<Mutant>, Vec<Mistake>> {
    files::entries(files::BROKEN, contract)
}

impl Entry for Mutant {
    fn id(&self) -> &str {
        &self.id
    }

    fn mistakes(&self, contract: &Contract) -> Vec<String> {
        let mut wrong = Vec::new();
        if !files::is_id(&self.id) {
            wrong.push("its id has to be in kebab case".into());
        }
        if self.what.trim().is_empty() {
            wrong.push("`is` has to say what is wrong with the server".into());
        }
        wrong.extend(files::unknown_check(&self.kills.check));
        if self.kills.reasons.is_empty() {
            wrong.push("`reasons` has to name the reasons the check may give".into());
        }
        if self.edits.is_empty() && self.defects.is_empty() {
            wrong.push("nothing is wrong with it: it needs `edits` or `defects`".into());
        }
        if self.equivalent.is_some() && self.survives.is_some() {
            wrong.push("it is either `equivalent` or `survives`, not both".into());
        }
        for (index, edit) in self.edits.iter().enumerate() {
            wrong.extend(
                edit.mistakes(contract).into_iter().map(|what| format!("edit {}: {what}", index + 1)),
            );
        }
        wrong
    }
}

impl Mutant {
    /// How its server differs from ours.
    pub fn difference(&self) -> Difference {
        Difference {
            edits: self.edits.clone(),
            defects: self.defects.clone(),
            scenario: self.scenario.clone(),
            rewrite: None,
        }
    }
}

#[cfg(test)]
mod tests;
