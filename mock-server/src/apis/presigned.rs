//! Presigned addresses: they name a file and what may be done with it until when, and need no key. Their token names its
//! world by the mark of that; the rest is drawn, so that nobody finds one by trying.
//!
//! What a token is for stands in it, so that giving one away changes nothing in its world.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use fixtures::exchange::redaction::PRESIGNED;
use http::header::HOST;
use http::uri::Authority;
use http::{HeaderMap, Uri};

use crate::clock::VirtualTime;
use crate::seed::{Digest, MARK_LENGTH, Stream};
use crate::shared::public_url::PublicUrl;

/// The path parameter that holds the token.
pub const TOKEN: &str = "token";
/// What is said of a token that belongs to no world.
pub const UNKNOWN_TOKEN: &str = "There is no presigned address with this token";
/// How many bytes of a token say what it is for: purpose, file and instant.
const PAYLOAD: usize = 1 + size_of::<u32>() + size_of::<i64>();
/// How long a token is, in characters: the mark of its world, what it is for, and what was drawn.
pub const TOKEN_LENGTH: usize = 2 * MARK_LENGTH + (PAYLOAD * 8).div_ceil(6);

/// What may be done with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Purpose {
    /// Its bytes may be sent, once.
    Upload,
    /// Its bytes may be read.
    Download,
}

impl Purpose {
    fn name(self) -> &'static str {
        match self {
            Self::Upload => "presigned-upload",
            Self::Download => "presigned-download",
        }
    }
}

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// What its holder may do.
    pub purpose: Purpose,
    /// With the file of this number in its world.
    pub file: u32,
    /// Until then.
    pub expires: VirtualTime,
}

impl Grant {
    fn payload(self) -> [u8; PAYLOAD] {
        let mut bytes = [0; PAYLOAD];
        bytes[0] = self.purpose as u8;
        bytes[1..5].copy_from_slice(&self.file.to_le_bytes());
        bytes[5..].copy_from_slice(&self.expires.as_micros().to_le_bytes());
        bytes
    }

    /// The token that grants this. The same world gives the same one.
    pub fn token(self, stream: &Stream) -> String {
        let payload = self.payload();
        let about = Digest::of_bytes("presigned", "", &payload);
        let drawn = stream.draws(self.purpose.name(), about, 0).bits().to_le_bytes();
        format!("{}{}{}", stream.mark(), URL_SAFE_NO_PAD.encode(payload), URL_SAFE_NO_PAD.encode(drawn))
    }

    /// What this token grants in the world that draws from `stream`; `None` if that has not given it.
    pub fn of(token: &str, stream: &Stream) -> Option<Self> {
        let rest = token.get(MARK_LENGTH..)?;
        let payload = URL_SAFE_NO_PAD.decode(rest.get(..rest.len().checked_sub(MARK_LENGTH)?)?).ok()?;
        let [purpose, rest @ ..] = <[u8; PAYLOAD]>::try_from(payload).ok()?;
        let (file, expires) = rest.split_at(size_of::<u32>());
        let grant = Self {
            purpose: [Purpose::Upload, Purpose::Download].into_iter().find(|it| *it as u8 == purpose)?,
            file: u32::from_le_bytes(file.try_into().ok()?),
            expires: VirtualTime::from_micros(i64::from_le_bytes(expires.try_into().ok()?)),
        };
        (grant.token(stream) == token).then_some(grant)
    }
}

/// The mark of the world that a token belongs to; `None` if it cannot be one.
pub fn mark(token: &str) -> Option<&str> {
    let is_one = token.len() == TOKEN_LENGTH
        && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    token.get(..MARK_LENGTH).filter(|_| is_one)
}

/// The address with this token, below `base`.
pub fn address(base: &str, token: &str) -> String {
    format!("{base}/{PRESIGNED}/{token}")
}

/// What the addresses begin with that are handed out in answer to a request: what the server was told, or else where the
/// request was sent to.
pub(crate) fn base(public: Option<&PublicUrl>, headers: &HeaderMap, uri: &Uri) -> String {
    if let Some(public) = public {
        return public.as_str().to_owned();
    }
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    // HTTP/2 has it in the URI.
    let host = host.or_else(|| uri.authority().map(Authority::as_str));
    let is_host = |host: &&str| !host.contains('@') && host.parse::<Authority>().is_ok();
    format!("http://{}", host.filter(is_host).unwrap_or("localhost"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::Seed;

    #[test]
    fn a_token_names_its_world_and_is_good_for_what_it_was_given_for_alone() {
        let stream = Stream::new(Seed(7), "test-a");
        let grant =
            Grant { purpose: Purpose::Download, file: 1, expires: VirtualTime::from_micros(1_000_000) };
        let first = grant.token(&stream);
        assert_eq!(first.len(), TOKEN_LENGTH);
        assert_eq!(mark(&first), Some(&*stream.mark()));
        assert!(!first.contains("test-a"));
        assert_eq!(Grant::of(&first, &stream), Some(grant));
        let other_seed = Stream::new(Seed(8), "test-a");
        for (other, its) in [
            (Grant { purpose: Purpose::Upload, ..grant }, &stream),
            (Grant { file: 2, ..grant }, &stream),
            (Grant { expires: VirtualTime::from_micros(1_000_001), ..grant }, &stream),
            (grant, &other_seed),
        ] {
            let token = other.token(its);
            assert_ne!(token, first);
            // The seed of a world may change, and it is found all the same.
            assert_eq!(mark(&token), mark(&first));
            assert_eq!(Grant::of(&token, its), Some(other));
        }
        let elsewhere = grant.token(&Stream::new(Seed(7), "test-b"));
        assert_ne!(mark(&elsewhere), mark(&first));
        assert_eq!(Grant::of(&elsewhere, &stream), None);
        for none in ["", "x", &first[1..], &format!("{}%", &first[1..]), &"ä".repeat(TOKEN_LENGTH / 2)] {
            assert_eq!(mark(none), None, "{none}");
            assert_eq!(Grant::of(none, &stream), None, "{none}");
        }
    }

    proptest::proptest! {
        #[test]
        fn an_edited_token_is_none(place in 0..TOKEN_LENGTH, byte in b'a'..=b'z') {
            let stream = Stream::new(Seed(7), "test-a");
            let grant = Grant { purpose: Purpose::Upload, file: 7, expires: VirtualTime::from_micros(5) };
            let token = grant.token(&stream);
            let mut edited = token.clone().into_bytes();
            edited[place] = byte;
            let edited = String::from_utf8(edited).expect("it is ASCII");
            proptest::prop_assert!(edited == token || Grant::of(&edited, &stream).is_none());
        }
    }

    #[test]
    fn an_address_begins_as_the_server_was_told_or_where_it_was_asked() {
        let of = |public: Option<&str>, host: Option<&str>, uri: &str| {
            let public = public.map(|text| text.parse().unwrap());
            let headers = host.map(|host| (HOST, host.parse().unwrap())).into_iter().collect();
            base(public.as_ref(), &headers, &uri.parse().unwrap())
        };
        assert_eq!(of(Some("https://a.example/x/"), Some("b:1"), "/"), "https://a.example/x");
        assert_eq!(of(None, Some("b.example:4010"), "/"), "http://b.example:4010");
        assert_eq!(of(None, None, "http://c.example/x"), "http://c.example");
        for bad in ["u@b.example", "b/../c", ""] {
            assert_eq!(of(None, Some(bad), "/"), "http://localhost", "{bad}");
        }
        assert_eq!(address("http://a", "t"), "http://a/_presigned/t");
    }
}
