//! Sends one delivery, and says what came of it.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use url::Url;

use crate::apis::dial::{cause, client};
use crate::apis::outgoing::Outgoing;
use crate::webhooks::delivery::Outcome;

/// A delivery that is ready to be sent.
#[derive(Debug)]
pub(super) struct Parcel {
    /// How often its world had begun again.
    pub(super) generation: u64,
    pub(super) delivery: u64,
    pub(super) endpoint: Arc<str>,
    pub(super) url: Url,
    pub(super) patience: Duration,
    pub(super) outgoing: Outgoing,
}

/// The client that sends, made when it is first needed.
#[derive(Debug, Clone, Default)]
pub(super) struct Sender(Arc<OnceLock<Result<reqwest::Client, Box<str>>>>);

impl Sender {
    /// Sends a parcel. A redirect is not followed: nobody has checked where it leads.
    pub(super) async fn send(&self, parcel: &Parcel) -> Outcome {
        let client = match self.0.get_or_init(|| client(true)) {
            Ok(client) => client,
            Err(cause) => return Outcome::Failed(cause.clone()),
        };
        let mut request =
            client.post(parcel.url.clone()).timeout(parcel.patience).body(parcel.outgoing.body.clone());
        for (name, value) in &parcel.outgoing.headers {
            request = request.header(name, value);
        }
        match request.send().await {
            Ok(response) => Outcome::Answered(response.status().as_u16()),
            Err(error) if error.is_timeout() => {
                let patience = parcel.patience.as_secs();
                Outcome::Failed(format!("no answer within {patience} s").into())
            }
            Err(error) => Outcome::Failed(cause(&error)),
        }
    }
}
