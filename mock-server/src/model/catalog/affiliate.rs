//! Affiliate links: an address that leads to a vendor's page by way of a network, which pays for the visit.

use url::Url;
use url::form_urlencoded::byte_serialize;

use crate::model::catalog::index::Invented;
use crate::scenario::host::product_host;
use crate::scenario::magic::{self, Magic};

/// Where links lead to; a reserved name, so that none ever reaches a real service.
const NETWORK: &str = "https://wildfire.example/e";

/// Why an address gets no link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoLink {
    /// It is no address.
    NoAddress,
    /// Its vendor takes part in no network.
    NotInNetwork,
    /// A magic host lets it fail.
    Failed,
}

/// The link of the account with this device id to the page at `url`.
pub fn link(invented: &Invented, device_id: &str, url: &str) -> Result<String, NoLink> {
    let url = url.trim();
    let vendor = product_host(url).ok_or(NoLink::NoAddress)?;
    if magic::of_host(&vendor) == Some(Magic::Fails) {
        return Err(NoLink::Failed);
    }
    if !invented.in_affiliate_network(&vendor) {
        return Err(NoLink::NotInNetwork);
    }
    let host = Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or(vendor);
    let target: String = byte_serialize(url.as_bytes()).collect();
    Ok(format!("{NETWORK}?d={device_id}&dc={host}&url={target}"))
}
