//! One line per request on standard error, for people or for programs.

use std::io::Write;

use axum::extract::Request;
use axum::response::Response;
use http::header::AUTHORIZATION;
use http::{HeaderMap, Method};
use serde_json::json;

use super::router::Routed;
use crate::apis::visit::Visited;
use crate::clock::RealClock;
use crate::control::access::{TOKEN_HEADER, Token};
use crate::journal::redaction::{Secret, safe_target};

/// What is written about each request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Nothing.
    Off,
    /// A line for people.
    Line,
    /// A JSON object.
    Json,
}

/// A request whose answer is being made.
#[derive(Debug)]
pub(super) struct Started {
    format: Format,
    method: Method,
    path: String,
    secrets: Vec<String>,
    clock: RealClock,
}

impl Format {
    pub(super) fn start(self, request: &Request, token: Option<&Token>) -> Option<Started> {
        // The query is left out here: it may hold a key. What may be said of it comes with the answer.
        (self != Self::Off).then(|| Started {
            format: self,
            method: request.method().clone(),
            path: request.uri().path().to_owned(),
            secrets: secrets(request.headers(), token),
            clock: RealClock::start(),
        })
    }
}

/// Whatever of a request looks like a credential, also where no emulated API would take it for one.
fn secrets(headers: &HeaderMap, token: Option<&Token>) -> Vec<String> {
    let named = ["x-api-key", TOKEN_HEADER].into_iter().flat_map(|name| headers.get_all(name));
    let keys = named.filter_map(|value| value.to_str().ok()).chain(token.map(Token::secret));
    let authorizations = headers.get_all(AUTHORIZATION).iter().filter_map(|value| value.to_str().ok());
    let tokens = authorizations.map(|value| value.split_once(' ').map_or(value, |(_, token)| token));
    keys.chain(tokens).map(|secret| secret.trim().to_owned()).collect()
}

impl Started {
    /// The line, without a line feed.
    pub(super) fn end(&self, response: &Response) -> String {
        let visited = response.extensions().get::<Visited>();
        let routed = response.extensions().get::<Routed>();
        let (world, target) = match (visited, routed) {
            (Some(visited), _) => (visited.world.id(), &*visited.target),
            (None, Some(Routed(route))) => ("control", &**route),
            (None, None) => ("-", self.path.as_str()),
        };
        let safe = |target: String, secret: &String| safe_target(&target, Secret::of(secret)).into_owned();
        let target = safe(target.to_owned(), &String::new());
        let target = self.secrets.iter().fold(target, safe);
        let status = response.status().as_u16();
        let took = self.clock.now().elapsed();
        if self.format == Format::Json {
            return json!({
                "at": self.clock.wall(self.clock.now()).iso_millis(),
                "world": world,
                "method": self.method.as_str(),
                "target": target,
                "status": status,
                "took_us": u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
            })
            .to_string();
        }
        format!(
            "{status} {:<6} {target}  [{world}] {:.1} ms",
            self.method.as_str(),
            took.as_secs_f64() * 1_000.0
        )
    }
}

/// Writes a line. A log nobody reads any more is no reason to stop serving.
pub(super) fn write(line: &str) {
    drop(writeln!(std::io::stderr().lock(), "{line}"));
}
