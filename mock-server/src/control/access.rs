//! Who may talk to the control plane beside programs on this machine: whoever knows a token, under further names of the
//! server, and pages of further origins.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use http::{HeaderMap, HeaderValue};
use subtle::ConstantTimeEq;
use thiserror::Error;
use url::Url;

/// The header that carries a [`Token`].
pub const TOKEN_HEADER: &str = "x-rehearsal-token";
/// The fewest characters of a token.
pub const TOKEN_MIN: usize = 8;
/// The most characters of a token.
pub const TOKEN_MAX: usize = 256;

/// What the control plane is told about its callers. The default lets in programs on this machine, under loopback
/// names, and no page but its own.
#[derive(Debug, Clone, Default)]
pub struct Access {
    /// What every request has to show. With it the control plane answers other machines too.
    pub token: Option<Token>,
    /// What the server may be called beside loopback names.
    pub hosts: Vec<Host>,
    /// Whose pages may call the server and read its answers.
    pub origins: Vec<Origin>,
}

impl Access {
    /// Whether the headers show the token, if there is one to be shown.
    pub(super) fn is_shown_by(&self, headers: &HeaderMap) -> bool {
        let Some(token) = &self.token else { return true };
        let mut shown = headers.get_all(TOKEN_HEADER).iter();
        shown.next().is_some_and(|shown| token.is(shown.as_bytes())) && shown.next().is_none()
    }

    /// Whether the server may be called so, beside loopback names.
    pub(super) fn allows_host(&self, host: &str) -> bool {
        let host = Host::of(host);
        self.hosts.contains(&host)
    }

    /// Whether pages of this origin, as a browser writes it, may call the server.
    pub(super) fn allows_origin(&self, origin: &HeaderValue) -> bool {
        self.origins.iter().any(|allowed| allowed.0 == origin)
    }
}

/// What a caller of the control plane has to know. It never shows itself.
#[derive(Clone)]
pub struct Token(String);

/// A text that cannot be a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a control token is {TOKEN_MIN} to {TOKEN_MAX} printable ASCII characters without spaces")]
pub struct NoToken;

impl Token {
    /// The token itself, for what must leave it out.
    pub(crate) fn secret(&self) -> &str {
        &self.0
    }

    /// Whether this is it. How long the answer takes tells nothing but how long the token is.
    fn is(&self, shown: &[u8]) -> bool {
        self.0.as_bytes().ct_eq(shown).into()
    }
}

impl FromStr for Token {
    type Err = NoToken;

    fn from_str(text: &str) -> Result<Self, NoToken> {
        let fits = (TOKEN_MIN..=TOKEN_MAX).contains(&text.len());
        let printable = text.bytes().all(|byte| byte.is_ascii_graphic());
        if fits && printable { Ok(Self(text.to_owned())) } else { Err(NoToken) }
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// What a server is called: a name or an IP address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Host {
    /// A name, in lower case.
    Name(String),
    /// An address; an IPv4 address in IPv6 is the IPv4 address.
    Ip(IpAddr),
}

/// A text that is no bare host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "write a host name or an IP address alone, without scheme, port or path, like dev.example.com or 10.0.0.7"
)]
pub struct NoHost;

impl Host {
    fn of(text: &str) -> Self {
        let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
        bare.parse::<IpAddr>()
            .map_or_else(|_| Self::Name(text.to_ascii_lowercase()), |ip| Self::Ip(ip.to_canonical()))
    }
}

impl FromStr for Host {
    type Err = NoHost;

    fn from_str(text: &str) -> Result<Self, NoHost> {
        let host = Self::of(text);
        let Self::Name(name) = &host else { return Ok(host) };
        let is_label = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        };
        // What ends in a number would be an address, and is none.
        let is_number = |label: &str| label.bytes().all(|byte| byte.is_ascii_digit());
        let named = name.len() <= 253 && name.split('.').all(is_label);
        if named && !name.rsplit('.').next().is_some_and(is_number) { Ok(host) } else { Err(NoHost) }
    }
}

/// Where a page comes from, as browsers write it: `http://localhost:3000`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(HeaderValue);

/// A text that is no origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("write an origin: http:// or https://, a host and perhaps a port, like http://localhost:3000")]
pub struct NoOrigin;

impl Origin {
    /// As it stands in a header.
    pub fn value(&self) -> &HeaderValue {
        &self.0
    }
}

impl FromStr for Origin {
    type Err = NoOrigin;

    fn from_str(text: &str) -> Result<Self, NoOrigin> {
        let (scheme, authority) = text.split_once("://").ok_or(NoOrigin)?;
        let plain = !authority.contains(['/', '\\', '?', '#', '@', '*']) && !authority.ends_with(':');
        let known = ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
        if !known || !plain || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(NoOrigin);
        }
        // Browsers leave out the usual port and write names in lower case.
        let origin = Url::parse(text).map_err(|_| NoOrigin)?.origin().ascii_serialization();
        HeaderValue::from_str(&origin).map(Self).map_err(|_| NoOrigin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_printable_and_of_a_certain_length() {
        for good in ["12345678", "a~!{}$\"'#", &"x".repeat(256)] {
            assert!(good.parse::<Token>().is_ok(), "{good}");
        }
        for bad in ["", "1234567", "with a space", "tab\tinside", "ümlaut-token", &"x".repeat(257)] {
            assert!(bad.parse::<Token>().is_err(), "{bad}");
        }
        let token: Token = "hush-hush".parse().unwrap();
        assert!(!format!("{token:?}").contains("hush"));
    }

    #[test]
    fn a_host_is_a_name_or_an_address_and_nothing_else() {
        for good in ["example.com", "Example.COM", "host_1", "10.0.0.7", "::1", "[fe80::1]", "a-b.internal"] {
            assert!(good.parse::<Host>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "example.com:80",
            "http://example.com",
            "example.com/",
            "*.example.com",
            "a..b",
            "a b",
            "user@host",
            "10.0.0.7:80",
            "10.0.0.777",
            "[::1]:80",
            "[example.com]",
            &"a".repeat(64),
        ] {
            assert!(bad.parse::<Host>().is_err(), "{bad}");
        }
        assert_eq!("Example.COM".parse(), Ok(Host::Name("example.com".into())));
        assert_eq!("[::ffff:10.0.0.7]".parse::<Host>(), "10.0.0.7".parse());
    }

    #[test]
    fn an_origin_is_kept_as_browsers_write_it() {
        for (text, written) in [
            ("http://localhost:3000", "http://localhost:3000"),
            ("HTTP://LocalHost:80", "http://localhost"),
            ("https://app.example.com", "https://app.example.com"),
            ("http://[::1]:5173", "http://[::1]:5173"),
        ] {
            assert_eq!(text.parse::<Origin>().unwrap().value(), written);
        }
        for bad in [
            "",
            "*",
            "null",
            "localhost:3000",
            "http://",
            "http:// a",
            "http://localhost:",
            "http://localhost:3000/",
            "http://localhost/app",
            "http://user@localhost",
            "http://*.example.com",
            "http://localhost:99999",
            "ftp://localhost",
            "http://localhost?x",
        ] {
            assert!(bad.parse::<Origin>().is_err(), "{bad}");
        }
    }
}
