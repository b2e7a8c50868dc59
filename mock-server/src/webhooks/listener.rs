//! Listeners: addresses that a run brings along. Each is told of what happens to that run and of nothing else, and is
//! forgotten once the run is over; deliveries that are under way by then are made all the same.

use std::fmt;
use std::sync::Arc;

use http::{HeaderName, HeaderValue};
use thiserror::Error;

use crate::clock::VirtualTime;
use crate::webhooks::endpoint::{Manner, Registration, Secret};
use crate::webhooks::target::{NoTarget, Targets};

/// The most listeners of a run. Our choice.
pub const LISTENERS_MAX: usize = 10;
/// The most headers of its own that a listener may have. Our choice.
pub const HEADERS_MAX: usize = 20;
/// How long those may be, names and values together, in bytes. Our choice.
pub const HEADERS_LENGTH_MAX: usize = 4 * 1024;
/// The longest signing secret, in bytes. Our choice.
pub const SECRET_MAX: usize = 1024;
/// What a listener weighs beside what its client says of it, in bytes: about as much as it takes to keep it.
const WEIGHT: usize = 256;
/// How much of a name that is refused is said again, in characters.
const SHOWN_MAX: usize = 80;

/// Headers that are about a connection or a message as such, and so never a listener's own (RFC 9110, 7.2 and 7.6.1).
const NOT_OWN: [&str; 12] = [
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// What a client says of a listener.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    /// Where deliveries go.
    pub url: &'a str,
    /// The headers that go with them.
    pub headers: &'a [(&'a str, &'a str)],
    /// Which events are delivered; `None` means all, and a word for nothing that is ever told is no mistake.
    pub events: Option<&'a [&'a str]>,
    /// What signs them; an empty one signs nothing.
    pub secret: Option<&'a str>,
}

/// Why there cannot be such a listener. No text has anything of a header's value or of a secret.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NoListener {
    /// Nothing can be sent to its address.
    #[error("{0}")]
    Url(NoTarget),
    /// It has too many headers of its own.
    #[error("at most {HEADERS_MAX} headers go with a webhook")]
    TooManyHeaders,
    /// They are too long.
    #[error(
        "the headers of a webhook are at most {HEADERS_LENGTH_MAX} bytes long, names and values together"
    )]
    HeadersTooLong,
    /// One has a name that no header has.
    #[error("{0:?} is no name of a header")]
    HeaderName(String),
    /// One has a value that no header has.
    #[error("the value of the header {0} has characters that no header can have")]
    HeaderValue(HeaderName),
    /// One is not a client's to say.
    #[error("the header {0} cannot be chosen")]
    NotOwn(HeaderName),
    /// Two have one name.
    #[error("the header {0} is there twice")]
    Twice(HeaderName),
    /// What signs deliveries is too long.
    #[error("the signing secret is longer than {SECRET_MAX} bytes")]
    SecretTooLong,
}

impl fmt::Debug for Wanted<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Neither the headers nor the secret.
        formatter
            .debug_struct("Wanted")
            .field("url", &self.url)
            .field("events", &self.events)
            .finish_non_exhaustive()
    }
}

impl NoListener {
    /// Whether it is about the headers.
    pub fn is_of_headers(&self) -> bool {
        !matches!(self, Self::Url(_) | Self::SecretTooLong)
    }
}

impl Registration {
    /// Number `number` of the listeners of `run`, created now and delivered to in this manner. `told` is every event that
    /// it could be told of.
    ///
    /// # Errors
    ///
    /// [`NoListener`], if it cannot be such a one.
    pub fn of_run(
        run: &Arc<str>,
        number: usize,
        wanted: Wanted<'_>,
        told: &[&'static str],
        targets: &Targets,
        manner: &'static Manner,
        now: VirtualTime,
    ) -> Result<Self, NoListener> {
        targets.accept(wanted.url).map_err(NoListener::Url)?;
        let secret = wanted.secret.filter(|secret| !secret.is_empty());
        if secret.is_some_and(|secret| secret.len() > SECRET_MAX) {
            return Err(NoListener::SecretTooLong);
        }
        let of_events = |events: &[&str]| told.iter().copied().filter(|it| events.contains(it)).collect();
        Ok(Self {
            id: format!("{run}/{number}").into(),
            run: Some(Arc::clone(run)),
            url: wanted.url.into(),
            events: wanted.events.map(of_events),
            description: None,
            headers: headers(wanted.headers)?,
            secret: secret.map(|secret| Secret::new(secret.as_bytes())),
            created: now,
            manner,
        })
    }

    /// What it takes to keep it, in bytes, about.
    pub fn weight(&self) -> usize {
        let headers: usize = self.headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
        WEIGHT + self.url.len() + headers + self.secret.as_ref().map_or(0, |secret| secret.bytes().len())
    }
}

fn headers(wanted: &[(&str, &str)]) -> Result<Box<[(HeaderName, HeaderValue)]>, NoListener> {
    if wanted.len() > HEADERS_MAX {
        return Err(NoListener::TooManyHeaders);
    }
    if wanted.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() > HEADERS_LENGTH_MAX {
        return Err(NoListener::HeadersTooLong);
    }
    let mut headers: Vec<(HeaderName, HeaderValue)> = Vec::with_capacity(wanted.len());
    for (name, value) in wanted {
        let name = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| NoListener::HeaderName(name.chars().take(SHOWN_MAX).collect()))?;
        if NOT_OWN.contains(&name.as_str()) {
            return Err(NoListener::NotOwn(name));
        }
        if headers.iter().any(|(other, _)| *other == name) {
            return Err(NoListener::Twice(name));
        }
        let Ok(mut value) = HeaderValue::from_str(value) else { return Err(NoListener::HeaderValue(name)) };
        // It does not show itself from here on.
        value.set_sensitive(true);
        headers.push((name, value));
    }
    Ok(headers.into())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::clock::MANUAL_START;

    static MANNER: Manner =
        Manner { retries: &[Duration::from_secs(1)], patience: Duration::from_secs(1), disabled_after: None };
    const TOLD: [&str; 2] = ["lamp.lit", "lamp.out"];
    const PLAIN: Wanted<'_> =
        Wanted { url: "http://127.0.0.1:9/a", headers: &[], events: None, secret: None };

    fn listener(wanted: Wanted<'_>) -> Result<Registration, NoListener> {
        Registration::of_run(&"r".into(), 3, wanted, &TOLD, &Targets::default(), &MANNER, MANUAL_START)
    }

    #[test]
    fn a_listener_is_what_its_client_says() {
        let headers = [("X-Lane", "blue"), ("authorization", "Bearer hush-hush")];
        let events = ["lamp.out", "parse.success"];
        let wanted = Wanted { headers: &headers, events: Some(&events), secret: Some("hush-hush"), ..PLAIN };
        let made = listener(wanted).unwrap();
        assert_eq!((&*made.id, made.run.as_deref(), &*made.url), ("r/3", Some("r"), PLAIN.url));
        assert_eq!(made.events.as_deref(), Some(&["lamp.out"][..]));
        assert_eq!(made.headers[1].1, "Bearer hush-hush");
        assert!(made.weight() > listener(PLAIN).unwrap().weight());
        let shown = format!("{made:?}");
        assert!(!shown.contains("hush") && !shown.contains("blue"), "{shown}");
    }

    #[test]
    fn no_events_are_all_and_an_empty_list_is_none() {
        let of = |events| listener(Wanted { events, ..PLAIN }).unwrap().events;
        assert_eq!(of(None), None);
        assert_eq!(of(Some(&[])), Some(Box::default()));
        assert_eq!(listener(Wanted { secret: Some(""), ..PLAIN }).unwrap().secret, None);
    }

    #[test]
    fn what_cannot_be_sent_is_refused_without_saying_what_is_secret() {
        let long = "hush".repeat(HEADERS_LENGTH_MAX / 4);
        let many: Vec<String> = (0..=HEADERS_MAX).map(|number| format!("x-{number}")).collect();
        let many: Vec<(&str, &str)> = many.iter().map(|name| (&**name, "hush")).collect();
        for (headers, refusal) in [
            (&[("Host", "hush")][..], NoListener::NotOwn(http::header::HOST)),
            (&[("transfer-encoding", "hush")], NoListener::NotOwn(http::header::TRANSFER_ENCODING)),
            (&[("Content-Length", "5")], NoListener::NotOwn(http::header::CONTENT_LENGTH)),
            (&[("x a", "hush")], NoListener::HeaderName("x a".to_owned())),
            (&[("", "hush")], NoListener::HeaderName(String::new())),
            (&[("x\r\nhost", "hush")], NoListener::HeaderName("x\r\nhost".to_owned())),
            (&[("accept", "hush\r\nx: y")], NoListener::HeaderValue(http::header::ACCEPT)),
            (&[("accept", "hush"), ("Accept", "b")], NoListener::Twice(http::header::ACCEPT)),
            (&[("accept", &long)], NoListener::HeadersTooLong),
            (&many, NoListener::TooManyHeaders),
        ] {
            let refused = listener(Wanted { headers, ..PLAIN }).unwrap_err();
            assert!(refused.is_of_headers() && !refused.to_string().contains("hush"), "{refused}");
            assert_eq!(refused, refusal);
        }
        let secret = "hush".repeat(SECRET_MAX);
        let refused = listener(Wanted { secret: Some(&secret), ..PLAIN }).unwrap_err();
        assert_eq!((&refused, refused.is_of_headers()), (&NoListener::SecretTooLong, false));
        let refused = listener(Wanted { url: "ftp://a.example", ..PLAIN }).unwrap_err();
        assert_eq!((&refused, refused.is_of_headers()), (&NoListener::Url(NoTarget::NotHttp), false));
    }
}
