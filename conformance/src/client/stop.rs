//! Why driving a server ends before its end.

use thiserror::Error;

use super::{SILENCE, WEIGHT_MAX};
use crate::transport::TransportError;

/// Why driving a server ended early.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Stop {
    /// Several requests in a row got no answer.
    #[error("the target stopped answering ({0}); the last {SILENCE} requests got no answer")]
    Silent(TransportError),
    /// The answers are larger than the harness can keep.
    #[error(
        "the target's answers are too large together: the harness keeps {} MiB of them, as they are in memory",
        WEIGHT_MAX >> 20
    )]
    TooMuch,
    /// The target turns every request away for being too many.
    #[error("the target answered 429 to the same request {0} times, whatever was waited; try again later")]
    Limited(u32),
    /// The control plane did not do what it was asked.
    #[error("the control plane failed: {0}")]
    Control(String),
}
