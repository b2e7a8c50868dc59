//! Where clients reach the server, if that is not where they have just asked.

use std::str::FromStr;

use thiserror::Error;
use url::Url;

/// What the addresses begin with that the server hands out: scheme, host, and perhaps a port and a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(Box<str>);

/// A text that no address can begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "write an http or https address without a query, like https://rehearsal.example or http://10.0.0.7:4010/stand-in"
)]
pub struct NoPublicUrl;

impl PublicUrl {
    /// It as text, without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PublicUrl {
    type Err = NoPublicUrl;

    fn from_str(text: &str) -> Result<Self, NoPublicUrl> {
        let url = Url::parse(text).map_err(|_| NoPublicUrl)?;
        let is_plain = url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        let is_web = matches!(url.scheme(), "http" | "https") && url.has_host();
        if !(is_plain && is_web) {
            return Err(NoPublicUrl);
        }
        Ok(Self(url.as_str().trim_end_matches('/').into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_beginning_of_an_address_and_nothing_else() {
        for (text, kept) in [
            ("https://Rehearsal.example", "https://rehearsal.example"),
            ("http://10.0.0.7:4010/stand-in//", "http://10.0.0.7:4010/stand-in"),
            ("http://[::1]:80/", "http://[::1]"),
        ] {
            assert_eq!(text.parse::<PublicUrl>().unwrap().as_str(), kept);
        }
        for bad in [
            "",
            "rehearsal.example",
            "ftp://a.example",
            "http://",
            "http://u:p@a/",
            "http://a/?x",
            "http://a/#x",
        ] {
            assert_eq!(bad.parse::<PublicUrl>(), Err(NoPublicUrl), "{bad}");
        }
    }
}
