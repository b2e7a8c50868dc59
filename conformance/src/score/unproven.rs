//! Checks that kill no broken server, and why that is so.

use fixtures::contract::Contract;
use serde::Deserialize;

use super::files::{self, Entry, Mistake};

/// One such check.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unproven {
    /// The check.
    pub check: String,
    /// Why nothing fails it.
    pub because: String,
}

impl Entry for Unproven {
    fn id(&self) -> &str {
        &self.check
    }

    fn mistakes(&self, _: &Contract) -> Vec<String> {
        files::unknown_check(&self.check).into_iter().collect()
    }
}

/// Every such check of an API.
///
/// # Errors
///
/// Every mistake in the file.
pub fn shipped(contract: &Contract) -> Result<Vec<Unproven>, Vec<Mistake>> {
    files::entries(files::UNPROVEN, contract)
}
