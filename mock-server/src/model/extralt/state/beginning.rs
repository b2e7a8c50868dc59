//! How a world's state comes to be what it is at its start.

use std::sync::Arc;

use super::{Around, State};
use crate::model::extralt::beginning::Beginning;
use crate::model::extralt::ledger::Ledger;
use crate::scenario::account::ExtraltAccount;

impl State {
    /// The state of an account before its world's start: everything is free until [`Self::open`], and nothing draws one
    /// of these ids.
    pub fn earlier(account: &ExtraltAccount, pinned: impl Iterator<Item = Arc<str>>) -> Self {
        let account = ExtraltAccount { credits: None, ..account.clone() };
        Self { pinned: pinned.collect(), ..Self::new(&account) }
    }

    /// Adds something that was created before the start.
    pub fn begin_with(&mut self, beginning: &Beginning, around: &mut Around<'_>) {
        match beginning {
            Beginning::Run(record) => self.add(record, around),
            Beginning::Schedule(record) => self.add_schedule(record, around),
        }
    }

    /// The account gets its credits. What has begun before was paid before, to its end.
    pub fn open(&mut self, credits: Option<u64>) {
        self.ledger = Ledger::new(credits);
    }
}
