//! The address of the server under judgement.

use std::net::IpAddr;

use http::Uri;
use thiserror::Error;

/// A base address: scheme, authority and possibly a path prefix, without a slash at its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    base: String,
    origin: String,
    loopback: bool,
}

/// Why an address cannot be a target.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{given}` is not a server's address: {reason}. Give one such as http://127.0.0.1:8080")]
pub struct BadTarget {
    given: String,
    reason: &'static str,
}

impl Target {
    /// Reads an `http` or `https` address.
    ///
    /// # Errors
    ///
    /// When it is no address, or holds what a base address cannot: user, query, fragment.
    pub fn parse(given: &str) -> Result<Self, BadTarget> {
        let bad = |reason| BadTarget { given: given.to_owned(), reason };
        if given.contains('#') {
            return Err(bad("it has a fragment"));
        }
        let uri: Uri = given.trim().parse().map_err(|_| bad("it cannot be read"))?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(bad("it needs a scheme and a host"));
        };
        if !matches!(scheme, "http" | "https") {
            return Err(bad("its scheme is neither http nor https"));
        }
        if authority.as_str().contains('@') {
            return Err(bad("it holds a user name; keys have flags of their own"));
        }
        if uri.query().is_some() {
            return Err(bad("it has a query"));
        }
        let origin = format!("{scheme}://{authority}");
        let base = format!("{origin}{}", uri.path().trim_end_matches('/'));
        Ok(Target { base, origin, loopback: is_loopback(authority.host()) })
    }

    /// Everything before the paths of the API.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The same server without a path prefix.
    #[must_use]
    pub fn root(&self) -> Self {
        Target { base: self.origin.clone(), origin: self.origin.clone(), loopback: self.loopback }
    }

    /// Whether the server is on this machine.
    pub fn is_loopback(&self) -> bool {
        self.loopback
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.base)
    }
}

fn is_loopback(host: &str) -> bool {
    let host = host.trim_matches(['[', ']']);
    let name = host.to_ascii_lowercase();
    name == "localhost"
        || name.ends_with(".localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_address_loses_its_last_slash_and_keeps_its_prefix() {
        assert_eq!(Target::parse("http://127.0.0.1:8080/").unwrap().base(), "http://127.0.0.1:8080");
        assert_eq!(Target::parse("https://h.example/catalog/").unwrap().base(), "https://h.example/catalog");
        assert_eq!(Target::parse("https://h.example/catalog").unwrap().root().base(), "https://h.example");
    }

    #[test]
    fn only_this_machine_is_loopback() {
        for here in ["http://localhost", "http://127.1.2.3:1", "http://[::1]:80", "http://a.localhost"] {
            assert!(Target::parse(here).unwrap().is_loopback(), "{here}");
        }
        for elsewhere in
            ["http://localhost.example", "http://10.0.0.1", "https://api.example", "http://0.0.0.0"]
        {
            assert!(!Target::parse(elsewhere).unwrap().is_loopback(), "{elsewhere}");
        }
    }

    #[test]
    fn what_is_no_base_address_is_refused_with_advice() {
        let addresses =
            ["", "example", "ftp://h", "http://u:p@h", "http://h/?key=1", "http://h/#x", "http://", "::"];
        for given in addresses {
            let error = Target::parse(given).expect_err(given).to_string();
            assert!(error.contains("Give one such as"), "{error}");
        }
    }
}
