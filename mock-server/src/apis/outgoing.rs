//! What APIs send by themselves: the deliveries of webhooks, each written in its API's own way.

use bytes::Bytes;
use http::{HeaderName, HeaderValue};

use crate::apis::extralt;
use crate::webhooks::delivery::Delivery;
use crate::world::state::WorldState;
use crate::world::subject::Subject;

pub mod llama_extract;

/// A POST request on its way to an endpoint.
#[derive(Debug)]
pub struct Outgoing {
    /// Its headers, but for those of every request. No name is there twice.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// Its body.
    pub body: Bytes,
}

/// What a delivery says that is sent at this instant of real time, in whole seconds since the Unix epoch; `None` if nothing
/// can be said of its event.
pub fn outgoing(world: &WorldState, delivery: &Delivery<Subject>, seconds: u64) -> Option<Outgoing> {
    match &delivery.event.subject {
        Some(Subject::LlamaExtract(data)) => llama_extract::outgoing(delivery, data),
        // One API lets its endpoints be tried.
        Some(Subject::Extralt(_)) | None => extralt::v1::outgoing(world, delivery, seconds),
    }
}
