//! Keeps other people's web pages and machines out: browsers can reach localhost too.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request};
use http::header::{HOST, ORIGIN};
use http::uri::Authority;
use http::{HeaderMap, HeaderValue, Method, StatusCode};

use crate::control::access::{Access, TOKEN_HEADER};
use crate::control::error::ControlError;

/// What anybody who gets this far may ask without a token: whether the server is there. Relative to the control plane's
/// own prefix.
const OPEN: (Method, &str) = (Method::GET, "/health");

/// What receives webhooks, relative to the same.
const INBOXES: &str = "/inbox/";

/// Refuses a request for a host that is not the server's, from a page of another origin, without the token, or, where
/// there is none, from another machine.
pub(super) fn check(request: &Request, access: &Access) -> Result<(), ControlError> {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let elsewhere = peer.is_some_and(|ConnectInfo(peer)| !peer.ip().to_canonical().is_loopback());
    if elsewhere && access.token.is_none() {
        return Err(ControlError::forbidden(
            "foreign_peer",
            "the control plane answers this machine only; connect through 127.0.0.1 or localhost",
        ));
    }
    let headers = request.headers();
    let Some(authority) = own(request).filter(|authority| is_ours(authority, access)) else {
        return Err(ControlError::forbidden(
            "foreign_host",
            "the control plane answers to loopback names only (localhost, 127.0.0.1, [::1]), and to those that \
             serve --allow-host NAME gives; send one Host header that is one of them",
        ));
    };
    if is_foreign(headers, &authority, access) {
        return Err(ControlError::forbidden(
            "foreign_origin",
            "the control plane does not answer pages of another origin, unless serve --cors ORIGIN names it",
        ));
    }
    let asked = (request.method(), request.uri().path());
    // Webhooks come from this machine without a token: their sender knows none, and it is this very server at that.
    let delivery = !elsewhere && *asked.0 == Method::POST && asked.1.starts_with(INBOXES);
    let open = delivery || asked == (&OPEN.0, OPEN.1);
    if !open && !access.is_shown_by(headers) {
        return Err(ControlError::new(
            StatusCode::UNAUTHORIZED,
            "control_token",
            format!(
                "this control plane wants its token; send one header {TOKEN_HEADER} with what the server was given by \
                 --control-token or REHEARSAL_CONTROL_TOKEN"
            ),
        ));
    }
    Ok(())
}

/// What the request calls this server; `None` if it does not say so, or says several things.
fn own(request: &Request) -> Option<Authority> {
    let mut hosts = request.headers().get_all(HOST).iter();
    let host = hosts.next().map(|host| host.to_str().ok()?.parse().ok());
    let named = request.uri().authority();
    match (host, named) {
        _ if hosts.next().is_some() => None,
        (None, named) => named.cloned(),
        (Some(host), None) => host,
        (Some(host), Some(named)) => host.filter(|host| host == named),
    }
}

fn is_ours(authority: &Authority, access: &Access) -> bool {
    !authority.as_str().contains('@') && (is_loopback(authority) || access.allows_host(authority.host()))
}

fn is_loopback(authority: &Authority) -> bool {
    let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
    let named = host == "localhost" || host.ends_with(".localhost");
    named || host.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback())
}

fn is_foreign(headers: &HeaderMap, own: &Authority, access: &Access) -> bool {
    // The server speaks plain HTTP only, so a page behind TLS is never its own.
    let is_own = |origin: &HeaderValue| {
        let authority = origin.to_str().ok().and_then(|origin| origin.strip_prefix("http://"));
        authority.is_some_and(|authority| authority.eq_ignore_ascii_case(own.as_str()))
    };
    let foreign_origin =
        headers.get_all(ORIGIN).iter().any(|origin| !is_own(origin) && !access.allows_origin(origin));
    // Requests without CORS carry no Origin, but say where they come from.
    let site = headers.get("sec-fetch-site").and_then(|site| site.to_str().ok());
    let welcome = headers.get(ORIGIN).is_some_and(|origin| access.allows_origin(origin));
    foreign_origin || (matches!(site, Some("cross-site" | "same-site")) && !welcome)
}

#[cfg(test)]
mod tests;
