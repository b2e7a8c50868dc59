//! What APIs send by themselves: the deliveries of webhooks, each written in its API's own way.

use bytes::Bytes;
use http::{HeaderName, HeaderValue};

use crate::apis::extralt;
use crate::webhooks::state::Delivery;
use crate::world::state::WorldState;
use crate::world::subject::Subject;

/// A POST request on its way to an endpoint.
#[derive(Debug)]
pub struct Outgoing {
    /// Its headers, but for those of every request.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// Its body.
    pub body: Bytes,
}

/// What a delivery says that is sent at this instant of real time, in whole seconds since the Unix epoch; `None` if nothing
/// can be said of its event.
pub fn outgoing(world: &WorldState, delivery: &Delivery<Subject>, seconds: u64) -> Option<Outgoing> {
    // One API has webhooks.
    extralt::v1::outgoing(world, delivery, seconds)
}
