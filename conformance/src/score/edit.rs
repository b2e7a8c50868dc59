//! Edits: what makes a good server a bad one, or another good one. An edit says on which exchanges it is made, what it
//! does to the answer, and possibly what the server is asked instead.

use std::collections::BTreeMap;

use bytes::Bytes;
use fixtures::contract::Contract;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, Response, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Number, Value};
use wildmatch::WildMatch;

use super::pointer::{self, expanded, filled, is_pointer, places};

pub mod ask;
pub mod asked;

use self::ask::Ask;
use self::asked::{Asked, KeyName};

/// Where, and what.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// Which exchanges.
    #[serde(default)]
    pub on: Condition,
    /// What the server is asked instead.
    pub ask: Option<Ask>,
    /// The server never hears of it, and what is answered comes from this edit alone.
    #[serde(default)]
    pub unheard: bool,
    /// The answer is lost on the way.
    #[serde(default)]
    pub lose: bool,
    /// Another status.
    pub status: Option<u16>,
    /// Headers by name; `None` removes one. `$KEY` in a value is the request's key.
    #[serde(default)]
    pub headers: BTreeMap<String, Option<String>>,
    /// Another body.
    pub text: Option<String>,
    /// Texts, with what stands in the body in their place.
    #[serde(default)]
    pub replace: BTreeMap<String, String>,
    /// How many lines of the body stay.
    pub lines: Option<usize>,
    /// Another content type.
    #[serde(rename = "media-type")]
    pub media_type: Option<String>,
    /// Pointers into the body, with what is put there. Parents must exist.
    #[serde(default)]
    pub set: Map<String, Value>,
    /// Pointers into the body, each with the one its value comes from. All are read before any is written.
    #[serde(default)]
    pub copy: BTreeMap<String, String>,
    /// Pointers into the body to what is removed.
    #[serde(default)]
    pub remove: Vec<String>,
    /// Pointers to numbers, with what is added to each.
    #[serde(default)]
    pub increase: BTreeMap<String, Number>,
    /// Pointers to arrays that are turned round.
    #[serde(default)]
    pub reverse: Vec<String>,
    /// Pointers to arrays, with what the items look like that are left out.
    #[serde(default)]
    pub drop: BTreeMap<String, Map<String, Value>>,
    /// Pointers to arrays, with how many items stay.
    #[serde(default)]
    pub cut: BTreeMap<String, usize>,
}

/// Which exchanges an edit is made on: those for which everything holds that is said. It looks at the request as the
/// harness sent it and at the answer as the server gave it, whatever other edits do.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// Ids of operations, or globs of them; without any, every request.
    #[serde(default, deserialize_with = "one_or_more")]
    pub operation: Vec<String>,
    /// The answer's status.
    pub status: Option<u16>,
    /// Whose key.
    pub key: Option<KeyName>,
    /// Query parameters with their values; `None`: it is absent.
    #[serde(default)]
    pub query: BTreeMap<String, Option<String>>,
    /// Headers that the request has, by name in lower case.
    #[serde(default)]
    pub sent: Vec<String>,
    /// Pointers into the request's body, with the values there.
    #[serde(default)]
    pub request: Map<String, Value>,
    /// The request's body as text.
    pub raw: Option<String>,
    /// Pointers into the answer's body, with the values there.
    #[serde(default)]
    pub body: Map<String, Value>,
    /// Pointers to something other than null in the answer's body.
    #[serde(default)]
    pub has: Vec<String>,
    /// Only from this matching exchange on, counted for each run in the path by itself.
    pub from: Option<u32>,
    /// Only up to this matching exchange, counted in the same way.
    pub to: Option<u32>,
    /// Only every so many matching exchanges.
    pub every: Option<u32>,
    /// Only this matching exchange.
    pub only: Option<u32>,
}

impl Edit {
    /// What is wrong with it, as far as that can be said without a server.
    pub fn mistakes(&self, contract: &Contract) -> Vec<String> {
        let mut wrong = Vec::new();
        for glob in &self.on.operation {
            let known = |id: &str| WildMatch::new(glob).matches(id);
            if !contract.operations().iter().any(|operation| known(operation.id())) {
                wrong.push(format!("the contract has no operation `{glob}`"));
            }
        }
        let ask = self.ask.iter().flat_map(|ask| ask.pointers());
        for pointer in self.on.pointers().chain(self.pointers()).chain(ask) {
            if !is_pointer(pointer) {
                wrong.push(format!("`{pointer}` is no JSON pointer: it has to begin with a slash"));
            }
        }
        for status in [self.status, self.on.status].into_iter().flatten() {
            if StatusCode::from_u16(status).is_err() {
                wrong.push(format!("{status} is no HTTP status"));
            }
        }
        for name in self.headers.keys() {
            if HeaderName::from_bytes(name.as_bytes()).is_err() {
                wrong.push(format!("`{name}` is no name of a header"));
            }
        }
        if self.replace.contains_key("") {
            wrong.push("`replace` has to say which text it replaces".into());
        }
        let counts = [self.on.from, self.on.to, self.on.only, self.on.every];
        if counts.contains(&Some(0)) {
            wrong.push("`from`, `to`, `only` and `every` count from 1".into());
        }
        if self.unheard && self.ask.is_some() {
            wrong.push("what is `unheard` cannot `ask` for something else".into());
        }
        wrong.extend(self.ask.iter().flat_map(|ask| ask.mistakes(contract)));
        if (Edit { on: self.on.clone(), ..Edit::default() }) == *self {
            wrong.push("the edit does nothing: give it a status, headers, text, set, … or ask".into());
        }
        wrong
    }

    fn pointers(&self) -> impl Iterator<Item = &str> {
        let of_set = self.set.keys().chain(self.copy.keys()).chain(self.copy.values());
        let of_lists = self.reverse.iter().chain(self.drop.keys()).chain(self.cut.keys());
        let inside = self.drop.values().flat_map(Map::keys);
        let others = self.remove.iter().chain(self.increase.keys());
        of_set.chain(of_lists).chain(inside).chain(others).map(String::as_str)
    }

    /// Changes `answer`; whether anything is different afterwards.
    pub fn apply(&self, asked: &Asked<'_>, answer: &mut Response<Bytes>) -> bool {
        let mut changed = false;
        if let Some(status) = self.status.and_then(|status| StatusCode::from_u16(status).ok()) {
            changed |= answer.status() != status;
            *answer.status_mut() = status;
        }
        for (name, value) in &self.headers {
            changed |= self.header(asked, answer, name, value.as_deref());
        }
        if let Some(text) = &self.text {
            changed |= replace(answer, asked.keyed(text).into_bytes().into());
        }
        changed |= self.rewrite(answer);
        if let Some(media_type) = &self.media_type {
            changed |= self.header(asked, answer, CONTENT_TYPE.as_str(), Some(media_type));
        }
        if self.edits_json()
            && let Ok(before) = serde_json::from_slice::<Value>(answer.body())
        {
            let after = self.json(asked, before.clone());
            if after != before {
                changed |= replace(answer, after.to_string().into());
            }
        }
        changed
    }

    fn header(
        &self,
        asked: &Asked<'_>,
        answer: &mut Response<Bytes>,
        name: &str,
        value: Option<&str>,
    ) -> bool {
        let Ok(name) = HeaderName::from_bytes(name.as_bytes()) else { return false };
        let Some(value) = value else { return answer.headers_mut().remove(name).is_some() };
        let Ok(value) = HeaderValue::from_str(&asked.keyed(value)) else { return false };
        answer.headers_mut().insert(name, value.clone()) != Some(value)
    }

    /// Makes the edits of the body as text; whether it is another afterwards.
    fn rewrite(&self, answer: &mut Response<Bytes>) -> bool {
        let Ok(text) = std::str::from_utf8(answer.body()) else { return false };
        let text = self.replace.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
        let lines = self.lines.unwrap_or(usize::MAX);
        let text: String = text.split_inclusive('\n').take(lines).collect();
        replace(answer, text.into())
    }

    fn edits_json(&self) -> bool {
        self.pointers().next().is_some()
    }

    fn json(&self, asked: &Asked<'_>, mut body: Value) -> Value {
        for (at, value) in &self.set {
            for place in expanded(&body, at) {
                pointer::set(&mut body, &place, asked.keyed_value(value));
            }
        }
        let copies: Vec<_> = self.copy.iter().flat_map(|(to, from)| copies(&body, to, from)).collect();
        for (place, value) in copies {
            pointer::set(&mut body, &place, value);
        }
        for at in &self.remove {
            // The last one first, or the places of the others would change.
            for place in expanded(&body, at).iter().rev() {
                pointer::remove(&mut body, place);
            }
        }
        for (at, by) in &self.increase {
            each(&mut body, at, |value| {
                if let Value::Number(number) = value
                    && let Some(sum) = sum(number, by)
                {
                    *value = Value::Number(sum);
                }
            });
        }
        for at in &self.reverse {
            each(&mut body, at, |value| {
                if let Value::Array(items) = value {
                    items.reverse();
                }
            });
        }
        for (at, like) in &self.drop {
            each(&mut body, at, |value| {
                if let Value::Array(items) = value {
                    items.retain(|item| !holds(item, like));
                }
            });
        }
        for (at, count) in &self.cut {
            each(&mut body, at, |value| {
                if let Value::Array(items) = value {
                    items.truncate(*count);
                }
            });
        }
        body
    }
}

impl Condition {
    fn pointers(&self) -> impl Iterator<Item = &str> {
        self.request.keys().chain(self.body.keys()).chain(&self.has).map(String::as_str)
    }

    /// Whether the request is one of those that are meant. How many there were is for whoever counts.
    pub fn is_asked(&self, asked: &Asked<'_>) -> bool {
        let operation = || {
            asked
                .operation()
                .is_some_and(|id| self.operation.iter().any(|glob| WildMatch::new(glob).matches(id)))
        };
        (self.operation.is_empty() || operation())
            && self.key.is_none_or(|key| asked.key_name() == Some(key))
            && self.query.iter().all(|(name, value)| asked.query(name) == value.as_deref())
            && self.sent.iter().all(|name| asked.has_header(name))
            && self.raw.as_ref().is_none_or(|raw| asked.body() == raw.as_bytes())
            && (self.request.is_empty() || holds(asked.json(), &self.request))
    }

    /// Whether the answer is one of those that are meant.
    pub fn is_answered(&self, answer: &Response<Bytes>) -> bool {
        if self.status.is_some_and(|status| answer.status().as_u16() != status) {
            return false;
        }
        if self.body.is_empty() && self.has.is_empty() {
            return true;
        }
        let Ok(body) = serde_json::from_slice::<Value>(answer.body()) else { return false };
        let is_there = |at: &String| {
            expanded(&body, at).iter().any(|place| body.pointer(place).is_some_and(|value| !value.is_null()))
        };
        holds(&body, &self.body) && self.has.iter().all(is_there)
    }
}

/// Whether `document` has each of these values; behind a `*`, whether any item has.
fn holds(document: &Value, values: &Map<String, Value>) -> bool {
    let equal = |(at, value): (&String, &Value)| {
        expanded(document, at).iter().any(|place| document.pointer(place) == Some(value))
    };
    values.iter().all(equal)
}

fn copies(body: &Value, to: &str, from: &str) -> Vec<(String, Value)> {
    let value =
        |indices: &Vec<usize>| Some((filled(to, indices), body.pointer(&filled(from, indices))?.clone()));
    places(body, to).iter().filter_map(value).collect()
}

fn each(body: &mut Value, at: &str, mut change: impl FnMut(&mut Value)) {
    for place in expanded(body, at) {
        if let Some(value) = body.pointer_mut(&place) {
            change(value);
        }
    }
}

fn sum(number: &Number, by: &Number) -> Option<Number> {
    match (number.as_i64(), by.as_i64()) {
        (Some(number), Some(by)) => number.checked_add(by).map(Number::from),
        _ => Number::from_f64(number.as_f64()? + by.as_f64()?),
    }
}

/// Gives `answer` another body; whether it is another.
pub(super) fn replace(answer: &mut Response<Bytes>, body: Bytes) -> bool {
    if *answer.body() == body {
        return false;
    }
    answer.headers_mut().remove(CONTENT_LENGTH);
    *answer.body_mut() = body;
    true
}

fn one_or_more<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    struct OneOrMore;

    impl<'de> serde::de::Visitor<'de> for OneOrMore {
        type Value = Vec<String>;

        fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            formatter.write_str("the id of an operation, or a list of ids")
        }

        fn visit_str<E>(self, one: &str) -> Result<Self::Value, E> {
            Ok(vec![one.to_owned()])
        }

        fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut more: A) -> Result<Self::Value, A::Error> {
            let mut all = Vec::new();
            while let Some(one) = more.next_element()? {
                all.push(one);
            }
            Ok(all)
        }
    }

    deserializer.deserialize_any(OneOrMore)
}

#[cfg(test)]
mod tests;
