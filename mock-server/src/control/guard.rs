//! Keeps other people's web pages and machines out: browsers can reach localhost too.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request};
use http::HeaderMap;
use http::header::{HOST, ORIGIN};
use http::uri::Authority;

use crate::control::error::ControlError;

/// Refuses a request from another machine, for a host that is not loopback, or from a page of another origin.
pub(super) fn check(request: &Request) -> Result<(), ControlError> {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    if peer.is_some_and(|ConnectInfo(peer)| !peer.ip().to_canonical().is_loopback()) {
        return Err(ControlError::forbidden(
            "foreign_peer",
            "the control plane answers this machine only; connect through 127.0.0.1 or localhost",
        ));
    }
    let headers = request.headers();
    let Some(authority) = own(request).filter(is_loopback) else {
        return Err(ControlError::forbidden(
            "foreign_host",
            "the control plane answers to loopback names only (localhost, 127.0.0.1, [::1]); send one Host header that is one of them",
        ));
    };
    if is_foreign(headers, &authority) {
        return Err(ControlError::forbidden(
            "foreign_origin",
            "the control plane does not answer pages of another origin",
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

fn is_loopback(authority: &Authority) -> bool {
    let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
    let named = host == "localhost" || host.ends_with(".localhost");
    let loopback = named || host.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback());
    loopback && !authority.as_str().contains('@')
}

fn is_foreign(headers: &HeaderMap, own: &Authority) -> bool {
    // The server speaks plain HTTP only, so a page behind TLS is never its own.
    let foreign_origin = headers.get_all(ORIGIN).iter().any(|origin| {
        let authority = origin.to_str().ok().and_then(|origin| origin.strip_prefix("http://"));
        authority.is_none_or(|authority| !authority.eq_ignore_ascii_case(own.as_str()))
    });
    // Requests without CORS carry no Origin, but say where they come from.
    let site = headers.get("sec-fetch-site").and_then(|site| site.to_str().ok());
    foreign_origin || matches!(site, Some("cross-site" | "same-site"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(headers: &[(&str, &str)]) -> Result<(), ControlError> {
        let mut request = Request::builder().uri("/health");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        check(&request.body(axum::body::Body::empty()).unwrap())
    }

    #[test]
    fn loopback_names_are_let_in() {
        for host in [
            "127.0.0.1:4010",
            "localhost:4010",
            "LOCALHOST",
            "[::1]:4010",
            "127.9.9.9",
            "a.localhost",
            "[::ffff:127.0.0.1]",
        ] {
            assert_eq!(verdict(&[("host", host)]), Ok(()), "{host}");
        }
        assert_eq!(verdict(&[("host", "localhost:4010"), ("origin", "http://localhost:4010")]), Ok(()));
    }

    #[test]
    fn foreign_hosts_and_origins_are_kept_out() {
        for host in ["example.com", "127.0.0.1.example.com", "localhost.example.com", "10.0.0.1", "0.0.0.0"] {
            assert!(verdict(&[("host", host)]).is_err(), "{host}");
        }
        assert!(verdict(&[]).is_err());
        for origin in
            ["http://example.com", "http://localhost:3000", "null", "http://127.0.0.1:4010.example.com"]
        {
            assert!(verdict(&[("host", "127.0.0.1:4010"), ("origin", origin)]).is_err(), "{origin}");
        }
        assert!(verdict(&[("host", "127.0.0.1:4010"), ("sec-fetch-site", "cross-site")]).is_err());
    }

    #[test]
    fn a_host_that_says_more_than_a_name_is_kept_out() {
        assert!(verdict(&[("host", "user@localhost")]).is_err());
        assert!(verdict(&[("host", "example.com@localhost:4010")]).is_err());
        assert!(verdict(&[("host", "localhost"), ("host", "localhost")]).is_err());
        assert!(verdict(&[("host", "localhost"), ("host", "example.com")]).is_err());
        let target = |target, host| {
            let request = Request::get(target).header("host", host);
            check(&request.body(axum::body::Body::empty()).unwrap())
        };
        assert_eq!(target("http://localhost:4010/health", "localhost:4010"), Ok(()));
        assert!(target("http://localhost:4010/health", "example.com").is_err());
        assert!(target("http://example.com/health", "localhost:4010").is_err());
    }

    #[test]
    fn an_origin_behind_tls_is_foreign() {
        let host = ("host", "localhost:4010");
        assert!(verdict(&[host, ("origin", "https://localhost:4010")]).is_err());
        let own = ("origin", "http://localhost:4010");
        assert!(verdict(&[host, own, ("origin", "http://example.com")]).is_err());
    }

    #[test]
    fn another_machine_is_kept_out_whatever_it_says() {
        let mut request = Request::builder()
            .uri("/health")
            .header("host", "localhost")
            .body(axum::body::Body::empty())
            .unwrap();
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([10, 0, 0, 7], 5000))));
        assert!(check(&request).is_err());
    }
}
