//! How the server reaches others: the clients that send webhooks and fetch files. Where they may go is
//! [`crate::webhooks::target`]'s to say.

use std::error::Error;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Once};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;

use crate::webhooks::target::is_loopback_name;

/// The most characters that are kept of why somebody did not answer.
const CAUSE_MAX: usize = 200;

/// A client that follows no redirects, because nobody has checked where they lead, and takes every certificate unless it
/// is to `verify` them. Each request has a connection of its own: a server that was started again is found.
pub(crate) fn client(verify: bool) -> Result<reqwest::Client, Box<str>> {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        // Fails only when a provider is installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    reqwest::Client::builder()
        .redirect(Policy::none())
        .no_proxy()
        .dns_resolver(Arc::new(Names))
        .pool_max_idle_per_host(0)
        .danger_accept_invalid_certs(!verify)
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
pub(crate) fn cause(error: &reqwest::Error) -> Box<str> {
    let mut cause: &dyn Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    let text = if error.source().is_none() { error.to_string() } else { cause.to_string() };
    text.chars().filter(|it| !it.is_control()).take(CAUSE_MAX).collect::<String>().into()
}
