//! One exchange with what judging needs at hand: its operation, its parameters, its JSON.

use std::collections::HashMap;
use std::sync::OnceLock;

use fixtures::contract::Contract;
use fixtures::exchange::{Exchange, Request, Response};
use http::Method;
use serde_json::Value;

use super::facts::{Facts, Fault};
use super::json;
use crate::profile::Layout;
use crate::profile::field::{STATUS, WAITING_FOR};

/// What stands for a key that every server refuses.
pub const REFUSED_KEY: &str = "$KEY_REFUSED";

/// What stands for a key that a Rehearsal knows and does not let in.
pub const FORBIDDEN_KEY: &str = "$KEY_FORBIDDEN";

/// What stands for the key that the plan brings to its limits: its account can pay for the first job it asks for and for
/// no other.
pub const LIMITED_KEY: &str = "$KEY_C";

/// The status of what a server knows and does not do: to ask again would not help.
const NOT_IMPLEMENTED: u16 = 501;

/// An exchange, read.
#[derive(Debug)]
pub struct Seen {
    exchange: Exchange,
    layout: &'static Layout,
    contract: &'static Contract,
    operation: Option<&'static str>,
    parameters: Vec<(String, String)>,
    query: Vec<(String, String)>,
    credential: Option<String>,
    request: Option<Value>,
    body: Option<Value>,
    /// The places of the items of a list of runs, by their ids.
    places: HashMap<String, usize>,
    facts: OnceLock<Facts>,
    found: OnceLock<bool>,
}

impl Seen {
    /// Reads `exchange` with the eyes of `contract`, whose answers are laid out as `layout` says.
    pub fn new(exchange: Exchange, contract: &'static Contract, layout: &'static Layout) -> Self {
        let request = exchange.request();
        let route = Method::from_bytes(request.method.as_bytes())
            .ok()
            .and_then(|method| contract.route(&method, request.path()));
        let (operation, parameters) =
            route.map_or((None, Vec::new()), |(operation, p)| (Some(operation.id()), p));
        let json = |text: Option<&str>| text.and_then(json::read);
        let body = json(exchange.response().and_then(|response| response.body.text())).map(plainly_numbered);
        Seen {
            contract,
            operation,
            parameters,
            query: pairs(request.query()),
            credential: credential(request, layout),
            request: json(request.body.text()),
            places: body.as_ref().map(|body| places(body, layout)).unwrap_or_default(),
            body,
            layout,
            exchange,
            facts: OnceLock::new(),
            found: OnceLock::new(),
        }
    }

    fn facts(&self) -> &Facts {
        self.facts.get_or_init(|| Facts::of(self, self.contract))
    }

    /// What `find` says of the exchange, found out once. The checks of one API ask one thing of it again and again that is
    /// costly to find out; they all have to ask the same.
    pub(crate) fn found_once(&self, find: fn(&Seen) -> bool) -> bool {
        *self.found.get_or_init(|| find(self))
    }

    /// What is wrong with the request: its path, query and body. A body that is not JSON is not looked into.
    pub fn asked_wrong(&self) -> &[Fault] {
        &self.facts().asked
    }

    /// What is wrong with the answer.
    pub fn shown_wrong(&self) -> &[Fault] {
        &self.facts().shown
    }

    /// Whether the answer puts what a clause says of its shape to the test.
    pub fn meets(&self, clause: &str) -> bool {
        self.facts().met.contains(clause)
    }

    /// Whether the answer, a success, shows this id somewhere.
    pub fn shows_id(&self, id: &str) -> bool {
        self.facts().ids.contains(id)
    }

    /// A field of the request's form: its text, or what its file is called.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.facts().fields.get(name).and_then(Value::as_str)
    }

    /// The parameters of the path, decoded.
    pub(super) fn parameters(&self) -> &[(String, String)] {
        &self.parameters
    }

    /// The pairs of the query, decoded.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.query
    }

    /// What the path names: the value of its last parameter.
    pub fn subject(&self) -> Option<&str> {
        self.parameters.last().map(|(_, value)| value.as_str())
    }

    /// The exchange itself.
    pub fn exchange(&self) -> &Exchange {
        &self.exchange
    }

    /// Gives up the exchange.
    pub fn into_exchange(self) -> Exchange {
        self.exchange
    }

    /// Its number within its run.
    pub fn id(&self) -> u64 {
        self.exchange.id()
    }

    /// The `operationId`, when method and path are documented.
    pub fn operation(&self) -> Option<&'static str> {
        self.operation
    }

    /// Whether it is of this operation.
    pub fn is(&self, operation: &str) -> bool {
        self.operation == Some(operation)
    }

    /// The id of a run in the path.
    pub fn run(&self) -> Option<&str> {
        let run = self.parameters.iter().find(|(name, _)| name == self.layout.run);
        run.map(|(_, id)| id.as_str())
    }

    /// The last value of a query parameter.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The placeholder of the key it was sent with, e.g. `$KEY_A`, in whichever header.
    pub fn credential(&self) -> Option<&str> {
        self.credential.as_deref()
    }

    /// Whether it was sent with a key as a bearer token and in no other header.
    pub fn is_bearer(&self) -> bool {
        self.credential.is_some() && self.exchange.request().header("x-api-key").is_none()
    }

    /// Whether a key was sent where the API does not look for one.
    pub fn has_misplaced_key(&self) -> bool {
        self.credential.is_none() && self.exchange.request().header("x-api-key").is_some()
    }

    /// Whether it was sent with a key that the server may let in.
    pub fn has_good_key(&self) -> bool {
        self.credential().is_some_and(|key| ![REFUSED_KEY, FORBIDDEN_KEY].contains(&key))
    }

    /// Whether it may change something.
    pub fn writes(&self) -> bool {
        self.exchange.request().method != "GET"
    }

    /// The answer, if one arrived.
    pub fn response(&self) -> Option<&Response> {
        self.exchange.response()
    }

    /// The value of a header of the answer.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.response().and_then(|response| response.header(name))
    }

    /// The answer's status.
    pub fn status(&self) -> Option<u16> {
        self.response().map(|response| response.status)
    }

    /// The answer's status for people.
    pub fn status_text(&self) -> String {
        self.status().map_or_else(|| "no answer".into(), |status| status.to_string())
    }

    /// Whether the server failed, other than by saying that it never can. Such a call may be made again (clause
    /// `catalog.errors.retry-500`), so it says nothing of what was asked.
    pub fn is_server_failure(&self) -> bool {
        self.status().is_some_and(|status| status >= 500 && status != NOT_IMPLEMENTED)
    }

    /// Whether the server refused what was asked: the answer's status is 4xx.
    pub fn is_refusal(&self) -> bool {
        self.status().is_some_and(|status| (400..500).contains(&status))
    }

    /// Whether nobody can tell what came of it: the answer was lost, or says that the server is in trouble.
    pub fn is_uncertain(&self) -> bool {
        self.status().is_none_or(|status| status >= 500)
    }

    /// Whether the answer's status is 2xx.
    pub fn is_success(&self) -> bool {
        self.status().is_some_and(|status| (200..300).contains(&status))
    }

    /// The request's body; null when it is not JSON.
    pub fn request(&self) -> &Value {
        self.request.as_ref().unwrap_or(&Value::Null)
    }

    /// Whether the request has a body that is not JSON.
    pub fn is_malformed(&self) -> bool {
        self.request.is_none() && !self.exchange.request().body.is_empty()
    }

    /// The answer's body; null when it is not JSON.
    pub fn body(&self) -> &Value {
        self.body.as_ref().unwrap_or(&Value::Null)
    }

    /// The value at `pointer` in the answer's body; null when there is none.
    pub fn at(&self, pointer: &str) -> &Value {
        self.body().pointer(pointer).unwrap_or(&Value::Null)
    }

    /// The text at `pointer` in the answer's body.
    pub fn text(&self, pointer: &str) -> Option<&str> {
        self.at(pointer).as_str()
    }

    /// What a list of runs shows of the run with this id; of several items of one id the last.
    pub fn item(&self, id: &str) -> Option<&Value> {
        self.places.get(id).and_then(|place| self.at(self.layout.items).get(place))
    }

    /// The items of a list; none if the answer is no list.
    pub fn items(&self) -> &[Value] {
        self.at(self.layout.items).as_array().map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether the answer is a list.
    pub fn is_list(&self) -> bool {
        self.at(self.layout.items).is_array()
    }

    /// The id of the run that the answer is about.
    pub fn own_id(&self) -> Option<&str> {
        self.id_of(self.body())
    }

    /// The id of an item of a list.
    pub fn id_of<'v>(&self, item: &'v Value) -> Option<&'v str> {
        self.layout.id.iter().find_map(|pointer| item.pointer(pointer)?.as_str())
    }

    /// The run's state, where the answer has one.
    pub fn state(&self) -> Option<&str> {
        self.text(STATUS)
    }

    /// Whether the run is pending and names the run it waits for.
    pub fn is_waiting(&self) -> bool {
        self.state() == Some("pending") && self.at(WAITING_FOR).is_string()
    }
}

/// The same with every whole number as an integer: in JSON `5.0` is no other number than `5`, so no check has to think
/// of it.
fn plainly_numbered(value: Value) -> Value {
    /// Above it not every whole number has a float of its own.
    const MOST: f64 = 9_007_199_254_740_992.0;
    match value {
        Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() <= MOST => {
                Value::from(float as i64)
            }
            _ => Value::Number(number),
        },
        Value::Array(items) => items.into_iter().map(plainly_numbered).collect(),
        Value::Object(members) => {
            members.into_iter().map(|(name, value)| (name, plainly_numbered(value))).collect()
        }
        other => other,
    }
}

fn places(body: &Value, layout: &Layout) -> HashMap<String, usize> {
    let items = body.pointer(layout.items).and_then(Value::as_array).into_iter().flatten().enumerate();
    let id = |item: &Value| layout.id.iter().find_map(|at| Some(item.pointer(at)?.as_str()?.to_owned()));
    items.filter_map(|(place, item)| Some((id(item)?, place))).collect()
}

fn credential(request: &Request, layout: &Layout) -> Option<String> {
    if let Some(key) = request.header("x-api-key").filter(|_| !layout.bearer_only) {
        return Some(key.to_owned());
    }
    request.header("authorization").and_then(|value| value.strip_prefix("Bearer ")).map(str::to_owned)
}

/// The pairs of a query, decoded. What cannot be decoded is kept as it stands.
pub fn pairs(query: &str) -> Vec<(String, String)> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        })
        .collect()
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let digits = after.get(..2).filter(|_| first == b'%').and_then(|pair| std::str::from_utf8(pair).ok());
        match digits.and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(if first == b'+' { b' ' } else { first });
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_decoded_and_bad_escapes_are_kept() {
        assert_eq!(pairs("a=b%20c+d&&e"), [("a".into(), "b c d".into()), ("e".into(), String::new())]);
        assert_eq!(pairs("x=%zz%4"), [("x".to_owned(), "%zz%4".to_owned())]);
    }
}
