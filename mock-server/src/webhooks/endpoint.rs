//! An endpoint: an address that is told of events, and in what manner.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderName, HeaderValue};

use crate::clock::VirtualTime;

/// How an API delivers.
#[derive(Debug, PartialEq, Eq)]
pub struct Manner {
    /// How long after each failed attempt the next one follows, in the world's time. When there is none left, the
    /// delivery is given up.
    pub retries: &'static [Duration],
    /// How long a receiver may take to answer, in real time.
    pub patience: Duration,
    /// After so many deliveries in a row that were given up, the endpoint is disabled; `None` means never.
    pub disabled_after: Option<u32>,
}

/// What signs an endpoint's deliveries. It never shows itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Arc<[u8]>);

impl Secret {
    /// A secret of these bytes.
    pub fn new(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

/// The facts recorded when an endpoint or a listener was created. They never change; the world's log holds this very record.
#[derive(Debug, Clone, PartialEq)]
pub struct Registration {
    /// The id that clients know it by.
    pub id: Arc<str>,
    /// The run that it is told of, by an id of whoever tells; `None` means all that happens in its world.
    pub run: Option<Arc<str>>,
    /// Where deliveries go.
    pub url: Arc<str>,
    /// Which events are delivered; `None` means all.
    pub events: Option<Box<[&'static str]>>,
    /// What its client says about it.
    pub description: Option<Box<str>>,
    /// The headers that its client wants with each delivery. Their values are nobody else's.
    pub headers: Box<[(HeaderName, HeaderValue)]>,
    /// What signs its deliveries, if anything does.
    pub secret: Option<Secret>,
    /// When it was created.
    pub created: VirtualTime,
    /// How it is delivered to.
    pub manner: &'static Manner,
}

/// An endpoint.
#[derive(Debug, Clone, PartialEq)]
pub struct Endpoint {
    /// What was decided.
    pub registration: Arc<Registration>,
    /// Whether events are delivered to it.
    pub enabled: bool,
    /// How many deliveries in a row were given up.
    pub given_up: u32,
}

impl Registration {
    /// Whether events of this type are wanted.
    pub fn wants(&self, kind: &str) -> bool {
        self.events.as_ref().is_none_or(|events| events.contains(&kind))
    }
}

impl Endpoint {
    /// Whether it is told of events of this type.
    pub fn listens_to(&self, kind: &str) -> bool {
        self.enabled && self.registration.wants(kind)
    }
}
