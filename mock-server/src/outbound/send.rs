//! Sends one delivery, and says what came of it.

use std::error::Error;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Once, OnceLock};
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use url::Url;

use crate::apis::outgoing::Outgoing;
use crate::webhooks::state::Outcome;
use crate::webhooks::target::is_loopback_name;

/// The most characters that are kept of why a receiver did not answer.
const CAUSE_MAX: usize = 200;

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
        let client = match self.0.get_or_init(client) {
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

fn client() -> Result<reqwest::Client, Box<str>> {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        // Fails only when a provider is installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    reqwest::Client::builder()
        .redirect(Policy::none())
        .no_proxy()
        .dns_resolver(Arc::new(Names))
        // Each delivery comes on a connection of its own: a receiver that was started again is found.
        .pool_max_idle_per_host(0)
        .user_agent(concat!("rehearsal/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| cause(&error))
}

/// Finds hosts by name. What always means this machine is not asked of anybody.
struct Names;

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            if is_loopback_name(name.as_str()) {
                let ours: [SocketAddr; 2] =
                    [(Ipv4Addr::LOCALHOST, 0).into(), (Ipv6Addr::LOCALHOST, 0).into()];
                return Ok(Box::new(ours.into_iter()) as Addrs);
            }
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// The innermost cause, which is the one that says something ("connection refused"), and no address.
fn cause(error: &reqwest::Error) -> Box<str> {
    let mut cause: &dyn Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    let text = if error.source().is_none() { error.to_string() } else { cause.to_string() };
    text.chars().filter(|it| !it.is_control()).take(CAUSE_MAX).collect::<String>().into()
}
