//! Sends requests and records what becomes of them.

mod again;
mod answer;
mod ask;
mod keys;
mod stop;
mod under_way;
mod weight;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use fixtures::exchange::body::Body;
use fixtures::exchange::redaction::Redactor;
use fixtures::exchange::{Exchange, Request};
use http::Method;

pub use self::ask::Ask;
use self::ask::JSON;
pub(crate) use self::ask::encoded;
pub use self::keys::{Credential, Keys};
pub use self::stop::Stop;
use self::under_way::UnderWay;
use self::weight::Scale;
pub use self::weight::WEIGHT_MAX;
use crate::clock::Stopwatch;
use crate::history::History;
use crate::history::seen::Seen;
use crate::profile::Family;
use crate::progress::Progress;
use crate::session::Mover;
use crate::transport::Transport;

/// This many requests in a row without an answer end the run.
const SILENCE: u32 = 3;

/// Sends requests, and records each.
#[derive(Debug)]
pub struct Client {
    transport: Arc<dyn Transport>,
    keys: Keys,
    redactor: Redactor,
    watch: Stopwatch,
    /// The least time between two requests, so that a rented server is not hammered.
    spacing: Duration,
    silent: u32,
    /// How long may still be waited in all for failures to pass.
    patience: Duration,
    /// Whether the connection of the last request broke.
    broke: bool,
    scale: Scale,
    history: History,
    progress: Progress,
    mover: Option<Mover>,
    /// The body of the last answer, as it came: what is recorded has no presigned address in it.
    raw: Bytes,
    /// Numbers of exchanges that never reached the server.
    unheard: HashSet<u64>,
    /// What was sent and not recorded yet. It stands here so that it outlives whoever sent it.
    under_way: Option<UnderWay>,
}

impl Client {
    /// Sends over `transport`, at least `spacing` apart.
    pub fn new(transport: Arc<dyn Transport>, keys: Keys, history: History, spacing: Duration) -> Self {
        let redactor = Redactor::new().with("KEY_A", &keys.a).with("KEY_REFUSED", &keys.refused);
        let optional = [("KEY_B", &keys.b), ("KEY_C", &keys.c), ("KEY_FORBIDDEN", &keys.forbidden)];
        let redactor = optional.into_iter().fold(redactor, |redactor, (name, key)| match key {
            Some(key) => redactor.with(name, key),
            None => redactor,
        });
        let (watch, progress) = (Stopwatch::start(), Progress::default());
        let scale = Scale::default();
        Client {
            transport,
            keys,
            redactor,
            watch,
            spacing,
            silent: 0,
            patience: Duration::ZERO,
            broke: false,
            scale,
            history,
            progress,
            mover: None,
            raw: Bytes::new(),
            unheard: HashSet::new(),
            under_way: None,
        }
    }

    /// Makes room for the answers to taking back what was made: it has to be tried when the record is full, too.
    pub(crate) fn make_room(&mut self) {
        self.scale.make_room();
    }

    /// The same, telling `progress` of every request.
    #[must_use]
    pub fn watched(self, progress: Progress) -> Self {
        Client { progress, ..self }
    }

    /// The same, waiting so long in all for failures of the server to pass.
    #[must_use]
    pub fn patient(self, patience: Duration) -> Self {
        Client { patience, ..self }
    }

    /// The same, letting time pass with `mover` where the server asks for a pause.
    #[must_use]
    pub fn waiting(self, mover: Option<Mover>) -> Self {
        Client { mover, ..self }
    }

    /// Where to tell what the run is doing.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// Gives up the record: every exchange, in order.
    pub fn into_transcript(self) -> Vec<Exchange> {
        self.history.into_exchanges()
    }

    /// What was recorded so far.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// Where the server is, if it has a socket.
    pub(crate) fn address(&self) -> Option<&str> {
        self.transport.address()
    }

    /// The keys it sends.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Hides the keys in a text that is going to be shown.
    pub fn redacted(&self, text: &str) -> String {
        self.redactor.text(text)
    }

    /// Milliseconds since the run began.
    pub fn elapsed_ms(&self) -> u64 {
        self.watch.elapsed_ms()
    }

    /// Whether the last request got no answer.
    pub fn is_silent(&self) -> bool {
        self.silent > 0
    }

    /// Reads a run; `query` without its question mark.
    ///
    /// # Errors
    ///
    /// When the target has stopped answering.
    pub async fn get(
        &mut self,
        family: &Family,
        who: Credential,
        id: &str,
        query: &str,
    ) -> Result<&Seen, Stop> {
        self.call(family.get, id, query, who, None).await
    }

    /// Lists runs; `query` without its question mark.
    ///
    /// # Errors
    ///
    /// When the target has stopped answering.
    pub async fn list(&mut self, family: &Family, who: Credential, query: &str) -> Result<&Seen, Stop> {
        self.call(family.list, "", query, who, None).await
    }

    /// Lists runs, and takes "too many requests" for an answer like any other.
    ///
    /// # Errors
    ///
    /// When the target has stopped answering.
    pub async fn list_once(&mut self, family: &Family, who: Credential) -> Result<&Seen, Stop> {
        let request = self.request(family.list, &[], "", who, None)?;
        self.send_together(&[request]).await?;
        Ok(self.last())
    }

    /// Cancels a run.
    ///
    /// # Errors
    ///
    /// When the target has stopped answering.
    pub async fn cancel(&mut self, family: &Family, who: Credential, id: &str) -> Result<&Seen, Stop> {
        self.call(family.cancel, id, "", who, None).await
    }

    /// Whether a request may have reached the server: there was a connection.
    pub(crate) fn was_heard(&self, seen: &Seen) -> bool {
        !self.unheard.contains(&seen.id())
    }

    /// Asks any operation, by its `operationId`; `path` has its path parameters, `query` comes without its question
    /// mark.
    ///
    /// # Errors
    ///
    /// When the target has stopped answering, or the contract has no such operation.
    pub async fn ask(
        &mut self,
        operation: &str,
        path: &[(&str, &str)],
        query: &str,
        who: Credential,
        body: Option<&str>,
    ) -> Result<&Seen, Stop> {
        let request = self.request(operation, path, query, who, body)?;
        self.send(request).await
    }

    /// Asks an operation about something: its id stands wherever the path has a parameter. `query` comes without its
    /// question mark.
    ///
    /// # Errors
    ///
    /// When the target has stopped answering, or the contract has no such operation.
    pub(crate) async fn ask_about(
        &mut self,
        operation: &str,
        id: &str,
        query: &str,
        who: Credential,
        body: Option<&str>,
    ) -> Result<&Seen, Stop> {
        let known = self.history.contract.operation(operation);
        let names: Vec<&str> = known.map(|it| parameters(it.path()).collect()).unwrap_or_default();
        let path: Vec<_> = names.into_iter().map(|name| (name, id)).collect();
        self.ask(operation, &path, query, who, body).await
    }

    /// A documented request, ready to be sent; `path` has its path parameters, `query` comes without its question mark.
    ///
    /// # Errors
    ///
    /// When the contract has no such operation.
    pub fn request(
        &self,
        operation: &str,
        path: &[(&str, &str)],
        query: &str,
        who: Credential,
        body: Option<&str>,
    ) -> Result<Ask, Stop> {
        let Some(operation) = self.history.contract.operation(operation) else {
            return Err(Stop::Control(format!("the contract has no operation {operation}")));
        };
        let fill = |target: String, (name, value): &(&str, &str)| {
            target.replace(&format!("{{{name}}}"), &encoded(value))
        };
        let mut target = path.iter().fold(operation.path().to_owned(), fill);
        if !query.is_empty() {
            target = format!("{target}?{query}");
        }
        let body = body.map(|text| (JSON, text));
        Ok(Ask {
            operation: Some(operation.id().to_owned()),
            ..self.undocumented(operation.method(), &target, who, body)
        })
    }

    /// A documented request with further headers, ready to be sent.
    ///
    /// # Errors
    ///
    /// When the contract has no such operation.
    pub(crate) fn request_with(
        &self,
        operation: &str,
        path: &[(&str, &str)],
        headers: &[(&str, &str)],
        body: Option<&str>,
        who: Credential,
    ) -> Result<Ask, Stop> {
        let mut ask = self.request(operation, path, "", who, body)?;
        for (name, value) in headers {
            ask.request.headers.retain(|(known, _)| known != name);
            ask.request.headers.push(((*name).to_owned(), (*value).to_owned()));
        }
        Ok(ask)
    }

    /// A documented request without a body about one run, ready to be sent.
    ///
    /// # Errors
    ///
    /// When the contract has no such operation.
    pub fn request_run(&self, operation: &str, id: &str, who: Credential) -> Result<Ask, Stop> {
        self.request(operation, &[(self.history.profile.layout.run, id)], "", who, None)
    }

    /// A request that was made before, in the same words, for somebody else.
    pub(crate) fn again(&self, seen: &Seen, who: Credential) -> Ask {
        let request = seen.exchange().request();
        let method = Method::from_bytes(request.method.as_bytes()).unwrap_or_default();
        let media = request.header("content-type").unwrap_or_default();
        let text = request.body.text().filter(|text| !text.is_empty());
        let ask = self.undocumented(&method, &request.target, who, text.map(|text| (media, text)));
        Ask { operation: seen.operation().map(str::to_owned), ..ask }
    }

    /// A request that no page describes: any method, any target, a body of any media type.
    pub fn undocumented(
        &self,
        method: &Method,
        target: &str,
        who: Credential,
        body: Option<(&str, &str)>,
    ) -> Ask {
        let mut headers = Vec::new();
        let key = self.keys.of(who).cloned().unwrap_or_default();
        match who {
            Credential::None => {}
            Credential::BearerA | Credential::BearerRefused => {
                headers.push(("authorization", format!("Bearer {key}")));
            }
            Credential::A | Credential::B | Credential::C | Credential::Refused | Credential::Forbidden
                if self.history.profile.layout.bearer_only =>
            {
                headers.push(("authorization", format!("Bearer {key}")));
            }
            Credential::A
            | Credential::B
            | Credential::C
            | Credential::Refused
            | Credential::Forbidden
            | Credential::Misplaced => {
                headers.push(("x-api-key", key));
            }
        }
        if let Some((media, _)) = body {
            headers.push(("content-type", media.to_owned()));
        }
        let request = Request {
            method: method.to_string(),
            target: target.to_owned(),
            headers: headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            body: Body::of(body.map_or("", |(_, text)| text).as_bytes()),
        };
        Ask { operation: None, request, via: None }
    }

    /// Sends several requests at once and records each with its own times, in the order in which they left. None of
    /// them is sent again.
    ///
    /// # Errors
    ///
    /// When the target has stopped answering.
    pub async fn send_together(&mut self, asks: &[Ask]) -> Result<(), Stop> {
        self.send_all(asks).await.map(|_| ())
    }

    async fn call(
        &mut self,
        operation: &str,
        id: &str,
        query: &str,
        who: Credential,
        body: Option<&str>,
    ) -> Result<&Seen, Stop> {
        self.ask(operation, &[(self.history.profile.layout.run, id)], query, who, body).await
    }

    /// The body of the last answer, as it came. It may hold what lets anybody in, and is not recorded.
    pub(crate) fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// What was recorded last; there is something.
    pub(crate) fn last(&self) -> &Seen {
        let all = self.history.all();
        &all[all.len() - 1]
    }

    /// The id in an accepted create.
    pub fn created(seen: &Seen) -> Option<String> {
        let id = seen.is_success().then(|| seen.own_id()).flatten();
        id.filter(|id| !id.is_empty()).map(str::to_owned)
    }
}

/// The names of the parameters of a path.
fn parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
}
