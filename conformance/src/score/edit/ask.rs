//! Asking a server something other than what the harness asked.

use std::collections::BTreeMap;

use bytes::Bytes;
use fixtures::contract::Contract;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Uri};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::asked::{Asked, KEY_HEADER, KeyName};
use crate::client::encoded;
use crate::score::pointer::{self, expanded};

/// What is different in the request that the server sees.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// Query parameters; `None` removes one.
    #[serde(default)]
    pub query: BTreeMap<String, Option<String>>,
    /// Changes of the JSON body.
    pub body: Option<BodyChange>,
    /// Another body.
    pub text: Option<String>,
    /// Another key of the run.
    pub key: Option<KeyName>,
    /// Another operation, about the same run.
    pub operation: Option<String>,
}

/// Changes of a JSON body.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BodyChange {
    /// Pointers with what is put there. Parents must exist.
    #[serde(default)]
    pub set: Map<String, Value>,
    /// Pointers to what is removed.
    #[serde(default)]
    pub remove: Vec<String>,
    /// Another body altogether.
    pub text: Option<String>,
}

impl Ask {
    pub(super) fn pointers(&self) -> impl Iterator<Item = &str> {
        self.body.iter().flat_map(|body| body.set.keys().chain(&body.remove)).map(String::as_str)
    }

    pub(super) fn mistakes(&self, contract: &Contract) -> Vec<String> {
        let mut wrong = Vec::new();
        if let Some(id) = self.operation.as_ref().filter(|id| contract.operation(id).is_none()) {
            wrong.push(format!("the contract has no operation `{id}`"));
        }
        if *self == Ask::default() {
            wrong.push("`ask` changes nothing: give it a query, body, text, key or operation".into());
        }
        wrong
    }

    /// The request that is sent instead of `request`; `None` where it would be the same, or cannot be made.
    pub fn instead(
        &self,
        asked: &Asked<'_>,
        request: &Request<Bytes>,
        contract: &'static Contract,
        nonce: Option<&str>,
    ) -> Option<Request<Bytes>> {
        let mut sent = request.clone();
        self.change_uri(asked, &mut sent, contract)?;
        self.change_key(&mut sent, nonce)?;
        self.change_body(asked, &mut sent);
        let same = sent.method() == request.method()
            && sent.uri() == request.uri()
            && sent.headers() == request.headers()
            && sent.body() == request.body();
        (!same).then_some(sent)
    }

    fn change_uri(
        &self,
        asked: &Asked<'_>,
        sent: &mut Request<Bytes>,
        contract: &'static Contract,
    ) -> Option<()> {
        let mut path = sent.uri().path().to_owned();
        if let Some(operation) = &self.operation {
            let operation = contract.operation(operation)?;
            path = operation.path().to_owned();
            if let Some((before, rest)) = operation.path().split_once('{') {
                let (_, after) = rest.split_once('}')?;
                path = format!("{before}{}{after}", encoded(asked.run()?));
            }
            *sent.method_mut() = operation.method().clone();
            if [Method::GET, Method::DELETE].contains(operation.method()) {
                *sent.body_mut() = Bytes::new();
                sent.headers_mut().remove(CONTENT_TYPE);
                sent.headers_mut().remove(CONTENT_LENGTH);
            }
        }
        let mut query: Vec<(String, String)> = asked.queries().to_vec();
        for (name, value) in &self.query {
            let at = query.iter().position(|(known, _)| known == name);
            query.retain(|(known, _)| known != name);
            if let Some(value) = value {
                let at = at.unwrap_or(query.len()).min(query.len());
                query.insert(at, (name.clone(), value.clone()));
            }
        }
        if query != asked.queries() {
            let pairs: Vec<String> =
                query.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
            path = if pairs.is_empty() { path } else { format!("{path}?{}", pairs.join("&")) };
        } else if let Some(query) = sent.uri().query() {
            path = format!("{path}?{query}");
        }
        *sent.uri_mut() = path.parse::<Uri>().ok()?;
        Some(())
    }

    fn change_key(&self, sent: &mut Request<Bytes>, nonce: Option<&str>) -> Option<()> {
        let Some(name) = self.key else { return Some(()) };
        let bearer = sent.headers_mut().remove(AUTHORIZATION).is_some();
        sent.headers_mut().remove(KEY_HEADER);
        if name == KeyName::None {
            return Some(());
        }
        let key = name.key(nonce?)?;
        if bearer {
            sent.headers_mut().insert(AUTHORIZATION, HeaderValue::from_str(&format!("Bearer {key}")).ok()?);
        } else {
            sent.headers_mut().insert(KEY_HEADER, HeaderValue::from_str(&key).ok()?);
        }
        Some(())
    }

    fn change_body(&self, asked: &Asked<'_>, sent: &mut Request<Bytes>) {
        let change = self.body.as_ref();
        let text = self.text.as_ref().or(change.and_then(|change| change.text.as_ref()));
        let body = match (text, change) {
            (Some(text), _) => asked.keyed(text).into(),
            (None, Some(change)) => match serde_json::from_slice::<Value>(sent.body()) {
                Ok(before) => {
                    let after = change.applied(asked, before.clone());
                    if after == before {
                        return;
                    }
                    Bytes::from(after.to_string())
                }
                Err(_) => return,
            },
            (None, None) => return,
        };
        sent.headers_mut().remove(CONTENT_LENGTH);
        *sent.body_mut() = body;
    }
}

impl BodyChange {
    fn applied(&self, asked: &Asked<'_>, mut body: Value) -> Value {
        for (at, value) in &self.set {
            for place in expanded(&body, at) {
                pointer::set(&mut body, &place, asked.keyed_value(value));
            }
        }
        for at in &self.remove {
            for place in expanded(&body, at).iter().rev() {
                pointer::remove(&mut body, place);
            }
        }
        body
    }
}
