//! A request as edits look at it.

use std::sync::OnceLock;

use bytes::Bytes;
use fixtures::contract::Contract;
use http::Request;
use http::header::AUTHORIZATION;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::history::seen::pairs;

/// The header that carries a key.
pub(super) const KEY_HEADER: &str = "x-api-key";

/// Which of a run's keys a request shows, told by its form: `check-<nonce>-a`, `-b` and `-c`, `invalid-<nonce>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyName {
    /// The first key.
    A,
    /// The second key.
    B,
    /// A key whose account is changed.
    C,
    /// No key at all.
    None,
    /// The key that every server refuses.
    Refused,
}

/// What the harness asked.
#[derive(Debug)]
pub struct Asked<'a> {
    request: &'a Request<Bytes>,
    operation: Option<&'static str>,
    run: Option<String>,
    query: Vec<(String, String)>,
    key: Option<String>,
    json: OnceLock<Value>,
}

impl<'a> Asked<'a> {
    /// Reads `request` with the eyes of `contract`.
    pub fn new(request: &'a Request<Bytes>, contract: &'static Contract) -> Self {
        let route = contract.route(request.method(), request.uri().path());
        let (operation, parameters) =
            route.map_or((None, Vec::new()), |(operation, parameters)| (Some(operation.id()), parameters));
        let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
        let bearer = || header(AUTHORIZATION.as_str()).and_then(|value| value.strip_prefix("Bearer "));
        Asked {
            operation,
            run: parameters.into_iter().find(|(name, _)| name.ends_with("id")).map(|(_, id)| id),
            query: pairs(request.uri().query().unwrap_or_default()),
            key: header(KEY_HEADER).or_else(bearer).map(str::to_owned),
            json: OnceLock::new(),
            request,
        }
    }

    /// The id of its operation.
    pub fn operation(&self) -> Option<&'static str> {
        self.operation
    }

    /// Path and query.
    pub fn target(&self) -> String {
        self.request.uri().to_string()
    }

    /// The id of the run, or whatever else, in its path.
    pub fn run(&self) -> Option<&str> {
        self.run.as_deref()
    }

    /// The last value of a query parameter.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Every query parameter, decoded.
    pub fn queries(&self) -> &[(String, String)] {
        &self.query
    }

    /// Whether it has a header of this name.
    pub fn has_header(&self, name: &str) -> bool {
        self.request.headers().contains_key(name)
    }

    /// The body as it was sent.
    pub fn body(&self) -> &[u8] {
        self.request.body()
    }

    /// The body as JSON; null if it is none.
    pub fn json(&self) -> &Value {
        self.json.get_or_init(|| serde_json::from_slice(self.body()).unwrap_or_default())
    }

    /// The key it shows.
    pub fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// Which key that is; `None` for one that is not the harness's own.
    pub fn key_name(&self) -> Option<KeyName> {
        match &self.key {
            None => Some(KeyName::None),
            Some(key) => named(key).map(|(name, _)| name),
        }
    }

    /// What tells the run's keys from those of other runs.
    pub fn nonce(&self) -> Option<&str> {
        self.key().and_then(named).map(|(_, nonce)| nonce)
    }

    /// `text` with the key it shows in place of `$KEY`.
    pub fn keyed(&self, text: &str) -> String {
        text.replace("$KEY", self.key().unwrap_or_default())
    }

    /// `value` with the key it shows in place of each `$KEY`.
    pub fn keyed_value(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.keyed(text)),
            Value::Array(items) => items.iter().map(|item| self.keyed_value(item)).collect(),
            Value::Object(members) => {
                let members = members.iter().map(|(name, value)| (name.clone(), self.keyed_value(value)));
                Value::Object(members.collect::<Map<_, _>>())
            }
            other => other.clone(),
        }
    }
}

fn named(key: &str) -> Option<(KeyName, &str)> {
    if let Some(nonce) = key.strip_prefix("invalid-") {
        return Some((KeyName::Refused, nonce));
    }
    let rest = key.strip_prefix("check-")?;
    match rest.rsplit_once('-')? {
        (nonce, "a") => Some((KeyName::A, nonce)),
        (nonce, "b") => Some((KeyName::B, nonce)),
        (nonce, "c") => Some((KeyName::C, nonce)),
        _ => None,
    }
}

impl KeyName {
    /// The key of that name in the run with this nonce.
    pub fn key(self, nonce: &str) -> Option<String> {
        match self {
            KeyName::A => Some(format!("check-{nonce}-a")),
            KeyName::B => Some(format!("check-{nonce}-b")),
            KeyName::C => Some(format!("check-{nonce}-c")),
            KeyName::Refused => Some(format!("invalid-{nonce}")),
            KeyName::None => None,
        }
    }
}
