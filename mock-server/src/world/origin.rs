//! What a world begins as, and begins as again after a reset.

use std::sync::Arc;

use crate::clock::{Mode, VirtualTime};
use crate::scenario::Scenario;
use crate::scenario::account::Account;
use crate::seed::{Seed, Stream};

/// The start of a world.
#[derive(Debug, Clone, PartialEq)]
pub struct Origin {
    /// The world's draws.
    pub stream: Stream,
    /// How new runs behave.
    pub scenario: Arc<Scenario>,
    /// What its key may do.
    pub account: Account,
    /// How its time passes.
    pub mode: Mode,
    /// When its time begins.
    pub start: VirtualTime,
}

impl Origin {
    /// The seed of its draws.
    pub fn seed(&self) -> Seed {
        self.stream.seed()
    }
}
