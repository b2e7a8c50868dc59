//! Files that are fetched from an address on somebody's behalf: from this machine and the hosts that are allowed only, and
//! never from this server itself.

use std::sync::OnceLock;
use std::time::Duration;

use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;
use thiserror::Error;
use tokio::sync::Semaphore;
use url::Url;

use crate::apis::dial::{cause, client};
use crate::blobs::{Blob, NotKept, Quota, Writer};
use crate::webhooks::target::{NoSource, Targets, URL_MAX};

/// The largest file, in bytes.
pub const FILE_MAX: u64 = 100 * 1024 * 1024;
/// How long a fetch may take, in real time, with every redirect and all of the file.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// How many redirects are followed.
pub const REDIRECTS_MAX: usize = 10;

/// What is to be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Where it is.
    pub url: String,
    /// The headers of the request. They are for whom it names: a redirect to another host, port or scheme goes without.
    pub headers: Vec<(String, String)>,
    /// Whether the server has to have a certificate that is worth something.
    pub verify_ssl: bool,
    /// Whether redirects are followed, [`REDIRECTS_MAX`] of them; else they are failures.
    pub follow_redirects: bool,
}

/// A file that was fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// Its bytes.
    pub blob: Blob,
    /// What its server takes it for.
    pub content_type: Option<String>,
    /// The last segment of the address that it was found at; `None` if that says nothing.
    pub name: Option<String>,
}

/// Why there is no file.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NotFetched {
    /// The address is none.
    #[error("url must be an absolute http or https address of at most {URL_MAX} bytes")]
    NoUrl,
    /// A header cannot be sent.
    #[error("{0:?} cannot be sent as a header")]
    BadHeader(String),
    /// The address, or one that it redirects to, is not for us to go to.
    #[error("{0}")]
    NoSource(#[from] NoSource),
    /// It redirects without end.
    #[error("the address redirects more than {REDIRECTS_MAX} times")]
    TooManyRedirects,
    /// It redirects to nowhere.
    #[error("the address redirects to what is no http or https address")]
    LostRedirect,
    /// Its server answered with this status.
    #[error("the server of the address answered {0}")]
    Status(u16),
    /// It took longer than [`PATIENCE`].
    #[error("the file did not arrive within {} s", PATIENCE.as_secs())]
    TimedOut,
    /// Its server did not answer, or not to the end.
    #[error("the server of the address could not be asked: {0}")]
    Failed(Box<str>),
    /// The file is too large, or there is no room for it.
    #[error("{0}")]
    NotKept(#[from] NotKept),
}

/// Fetches a file, which counts towards `quota`, in one of `places`.
///
/// It takes as much memory as an upload.
///
/// # Errors
///
/// See [`NotFetched`]; nothing is kept then.
pub(crate) async fn fetch(
    source: &Source,
    targets: &Targets,
    quota: &Quota,
    places: &Semaphore,
) -> Result<Fetched, NotFetched> {
    let fetching = async {
        // The semaphore is never closed.
        let _place = places.acquire().await.ok();
        fetched(source, targets, quota).await
    };
    tokio::time::timeout(PATIENCE, fetching).await.unwrap_or(Err(NotFetched::TimedOut))
}

async fn fetched(source: &Source, targets: &Targets, quota: &Quota) -> Result<Fetched, NotFetched> {
    static VERIFYING: OnceLock<Result<reqwest::Client, Box<str>>> = OnceLock::new();
    static TRUSTING: OnceLock<Result<reqwest::Client, Box<str>>> = OnceLock::new();
    let made = if source.verify_ssl { &VERIFYING } else { &TRUSTING };
    let client = made.get_or_init(|| client(source.verify_ssl)).as_ref();
    let client = client.map_err(|cause| NotFetched::Failed(cause.clone()))?;
    let mut headers = headers(&source.headers)?;
    let mut url = address(&source.url).ok_or(NotFetched::NoUrl)?;
    for _ in 0..=REDIRECTS_MAX {
        targets.fetch(&url)?;
        let answer = client.get(url.clone()).headers(headers.clone()).send().await;
        let answer = answer.map_err(|error| NotFetched::Failed(cause(&error)))?;
        let status = answer.status();
        if status.is_success() {
            return kept(answer, &url, quota).await;
        }
        let location =
            answer.headers().get(LOCATION).filter(|_| matches!(status.as_u16(), 301..=303 | 307 | 308));
        let Some(location) = location.filter(|_| source.follow_redirects) else {
            return Err(NotFetched::Status(status.as_u16()));
        };
        let next = location.to_str().ok().and_then(|location| url.join(location).ok());
        let next = next.and_then(|next| address(next.as_str())).ok_or(NotFetched::LostRedirect)?;
        if next.origin() != url.origin() {
            headers = HeaderMap::new();
        }
        url = next;
    }
    Err(NotFetched::TooManyRedirects)
}

async fn kept(mut answer: reqwest::Response, url: &Url, quota: &Quota) -> Result<Fetched, NotFetched> {
    if answer.content_length().is_some_and(|length| length > FILE_MAX) {
        return Err(NotKept::TooLarge(FILE_MAX).into());
    }
    let content_type = answer.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let content_type = content_type.map(str::to_owned);
    let mut file = Writer::new(quota, FILE_MAX);
    while let Some(chunk) = answer.chunk().await.map_err(|error| NotFetched::Failed(cause(&error)))? {
        file.append(&chunk).await?;
    }
    let last = url.path_segments().and_then(|mut segments| segments.next_back()).unwrap_or_default();
    let name = percent_decode_str(last).decode_utf8_lossy().into_owned();
    Ok(Fetched { blob: file.finish().await?, content_type, name: Some(name).filter(|name| !name.is_empty()) })
}

fn address(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok().filter(|_| text.len() <= URL_MAX)?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
}

/// The headers, but for those that say how the request is sent, which is not theirs to say.
fn headers(given: &[(String, String)]) -> Result<HeaderMap, NotFetched> {
    const OURS: [&str; 7] =
        ["host", "connection", "content-length", "transfer-encoding", "te", "trailer", "upgrade"];
    let mut headers = HeaderMap::new();
    for (name, value) in given {
        let pair = HeaderName::try_from(name).ok().zip(HeaderValue::try_from(value).ok());
        let pair = pair.filter(|(name, _)| !OURS.contains(&name.as_str()));
        let (name, value) = pair.ok_or_else(|| NotFetched::BadHeader(name.chars().take(100).collect()))?;
        headers.append(name, value);
    }
    Ok(headers)
}

#[cfg(test)]
mod tests;
