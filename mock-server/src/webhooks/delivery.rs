//! A delivery: an event on its way to one address, and what became of it.

use std::sync::Arc;
use std::time::Duration;

use crate::clock::VirtualTime;
use crate::webhooks::endpoint::Registration;

/// How many attempts of a delivery are kept; the oldest go.
pub const ATTEMPTS_KEPT: usize = 20;

/// What came of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The receiver answered with this status.
    Answered(u16),
    /// It did not answer, and why.
    Failed(Box<str>),
    /// Nothing was sent.
    NotSent(Reason),
}

/// Why nothing is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The target is neither this machine nor a host that was allowed.
    NotAllowed,
    /// The target is this server.
    Itself,
    /// The endpoint was disabled before.
    Disabled,
    /// There was nothing to be written about the event.
    Unwritten,
}

impl Reason {
    /// For people.
    pub fn text(self) -> &'static str {
        match self {
            Self::NotAllowed => "outbound not allowed",
            Self::Itself => "the target is this server, of which only an inbox receives webhooks",
            Self::Disabled => "the webhook is disabled",
            Self::Unwritten => "nothing can be said of the event",
        }
    }
}

/// Something that endpoints are told of.
#[derive(Debug, Clone, PartialEq)]
pub struct Event<S> {
    /// The id that receivers see.
    pub id: Arc<str>,
    /// Its type.
    pub kind: &'static str,
    /// When it happened.
    pub at: VirtualTime,
    /// What it is about, as that was then; `None` if it is made to try an endpoint.
    pub subject: Option<S>,
}

/// An event on its way to one endpoint.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery<S> {
    /// Its endpoint.
    pub to: Arc<Registration>,
    /// What is delivered.
    pub event: Arc<Event<S>>,
    /// Where it stands.
    pub standing: Standing,
    /// What was attempted, oldest first; at most [`ATTEMPTS_KEPT`].
    pub attempts: Vec<Attempt>,
    /// When the next attempt is due; `None` unless it is under way.
    pub due: Option<VirtualTime>,
    /// The pauses before the attempts that are left.
    pub(super) retries: &'static [Duration],
    /// Whether its end says something about the endpoint.
    pub(super) counts: bool,
}

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// An attempt is due, or will be.
    Pending,
    /// The receiver has it.
    Delivered,
    /// Every attempt has failed.
    GivenUp,
    /// It is not sent.
    NotSent(Reason),
}

impl Standing {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::GivenUp => "given-up",
            Self::NotSent(_) => "not-sent",
        }
    }
}

/// One attempt to deliver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// When its outcome was known.
    pub at: VirtualTime,
    /// What came of it.
    pub outcome: Outcome,
}
