//! Changes that no edit can express and that no document forbids.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use fixtures::contract::Contract;
use http::{HeaderValue, Request, Response, StatusCode, Uri};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use self::late::Late;
use super::ids::Alphabet;
use crate::profile;
use crate::score::edit::asked::Asked;
use crate::score::edit::replace;
use crate::transport::{Answering, Transport};

mod beside;
mod late;
mod readings;

/// A change of every answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rewrite {
    /// Every object has members that nobody documented.
    UnknownFields,
    /// The members of every object are in the other order.
    ReversedKeys,
    /// JSON with line breaks and spaces.
    PrettyPrinted,
    /// The unique part of every id is a UUID.
    UuidIds,
    /// The unique part of every id has capitals and digits.
    UpperCaseIds,
    /// The unique part of every id has digits only.
    DigitIds,
    /// Whole numbers have a point and a zero.
    PointedNumbers,
    /// A text begins with half of a surrogate pair.
    HalfPairs,
    /// UTC is written `+00:00`.
    OffsetTimes,
    /// Seconds have nine digits after the point.
    NanosecondTimes,
    /// Request ids are `req-` and a UUID.
    UuidRequestIds,
    /// The meta of a run repeats the request id.
    RequestIdInMeta,
    /// A 401 has the envelope of every other error.
    EnvelopedUnauthorized,
    /// The items of a search are the products themselves.
    FlatSearchItems,
    /// The items of an extract are the products themselves.
    FlatExtractItems,
    /// What a search finds at once are the products themselves, with the price in two members.
    FlatMiniItems,
    /// What a search finds at once has lists of lists of images.
    NestedImages,
    /// Products of extracts have the members of the older page.
    OlderProducts,
    /// A list takes the newest runs first and filters these.
    PageBeforeFilter,
    /// A list of runs shows what the same list should have shown the last time.
    LaggingLists,
    /// Cursors have another form.
    OtherCursors,
    /// A canceled or stopped run runs on for a moment.
    SlowCancel,
    /// An extract takes fifty addresses at most.
    FiftyAddresses,
    /// A pending search can be canceled.
    PendingSearchCancel,
    /// Shops are listed by their names.
    VendorsByName,
    /// Somebody else at the same address has used up a part of the limit.
    EarlierRequests,
}

/// What the other cursors begin with.
const CURSOR: &str = "page-after-";

/// A transport that makes a [`Rewrite`].
#[derive(Debug)]
pub struct Rewriting {
    inner: Arc<dyn Transport>,
    contract: &'static Contract,
    rewrite: Rewrite,
    /// Where an answer to a create has its id.
    pointers: &'static [&'static str],
    fired: AtomicU64,
    /// Ids as the server knows them, and as the harness does.
    ids: Mutex<Vec<(String, String)>>,
    late: Late,
}

impl Rewriting {
    /// Makes `rewrite` of what passes to and from `inner`.
    pub fn new(inner: Arc<dyn Transport>, contract: &'static Contract, rewrite: Rewrite) -> Self {
        let pointers = profile::of(contract).map_or(&[][..], |profile| profile.layout.id);
        let (fired, ids, late) = (AtomicU64::new(0), Mutex::default(), Late::default());
        Rewriting { inner, contract, rewrite, pointers, fired, ids, late }
    }

    /// How often it made a difference.
    pub fn fired(&self) -> u64 {
        self.fired.load(Ordering::Relaxed)
    }

    fn alphabet(&self) -> Option<Alphabet> {
        match self.rewrite {
            Rewrite::UuidIds => Some(Alphabet::Uuid),
            Rewrite::UpperCaseIds => Some(Alphabet::UpperCase),
            Rewrite::DigitIds => Some(Alphabet::Digits),
            _ => None,
        }
    }

    async fn exchange(&self, request: Request<Bytes>) -> <Answering<'_> as Future>::Output {
        let asked = Asked::new(&request, self.contract);
        let sent = self.sent(&asked, &request);
        let mut answer = self.inner.send(sent).await?;
        let here = !request.uri().path().starts_with("/_rehearsal") && self.answered(&asked, &mut answer);
        if here || self.beside(&asked, &request, &mut answer).await {
            self.fired.fetch_add(1, Ordering::Relaxed);
        }
        Ok(answer)
    }

    /// The request as the server understands it.
    fn sent(&self, asked: &Asked<'_>, request: &Request<Bytes>) -> Request<Bytes> {
        let mut sent = request.clone();
        let mut uri = request.uri().to_string();
        if self.alphabet().is_some() {
            let ids = self.ids.lock().unwrap_or_else(PoisonError::into_inner);
            let mut body = String::from_utf8_lossy(request.body()).into_owned();
            for (theirs, ours) in ids.iter() {
                uri = uri.replace(ours, theirs);
                body = body.replace(ours, theirs);
            }
            *sent.body_mut() = body.into();
        }
        if self.is_beyond_fifty(asked) {
            // Too few addresses are refused as too many are.
            *sent.body_mut() = json!({"urls": []}).to_string().into();
        }
        if self.is_filtered_list(asked) {
            let rest = asked.queries().iter().filter(|(name, _)| name != "status");
            let rest: Vec<String> = rest.map(|(name, value)| format!("{name}={value}")).collect();
            uri = format!("{}?{}", request.uri().path(), rest.join("&"));
        }
        if self.rewrite == Rewrite::OtherCursors {
            uri = uri.replace(&format!("cursor={CURSOR}"), "cursor=");
        }
        if let Ok(uri) = uri.parse::<Uri>() {
            *sent.uri_mut() = uri;
        }
        sent
    }

    fn is_beyond_fifty(&self, asked: &Asked<'_>) -> bool {
        let count = || asked.json()["urls"].as_array().map_or(0, Vec::len);
        let extract = asked.operation() == Some("catalog.extract.create");
        self.rewrite == Rewrite::FiftyAddresses && extract && count() > 50
    }

    fn is_filtered_list(&self, asked: &Asked<'_>) -> bool {
        let list = asked.operation().is_some_and(|operation| operation.ends_with(".list"));
        self.rewrite == Rewrite::PageBeforeFilter && list && asked.query("status").is_some()
    }

    /// Changes the answer; whether it is different.
    fn answered(&self, asked: &Asked<'_>, answer: &mut Response<Bytes>) -> bool {
        if self.rewrite == Rewrite::UuidRequestIds {
            return rename_request(answer);
        }
        if self.rewrite == Rewrite::EnvelopedUnauthorized {
            return envelope(answer);
        }
        match self.rewrite {
            Rewrite::LaggingLists => return self.late.list(asked, answer),
            Rewrite::SlowCancel => return self.late.cancel(asked, answer),
            _ => {}
        }
        if let Some(alphabet) = self.alphabet() {
            return self.rename_runs(asked, answer, alphabet);
        }
        if self.is_beyond_fifty(asked) {
            return true;
        }
        // A file may be a single line of JSON.
        let is_file = asked.operation().is_some_and(|operation| operation.ends_with(".export"));
        let Some(body) = serde_json::from_slice::<Value>(answer.body()).ok().filter(|_| !is_file) else {
            return false;
        };
        let operation = asked.operation();
        let text = match self.rewrite {
            Rewrite::PrettyPrinted => serde_json::to_string_pretty(&body).unwrap_or_default(),
            Rewrite::UnknownFields => deep(body, &unknown_fields).to_string(),
            Rewrite::ReversedKeys => deep(body, &reversed).to_string(),
            Rewrite::HalfPairs => body.to_string().replace(r#""description":""#, r#""description":"\ud83d"#),
            Rewrite::PointedNumbers => deep(body, &pointed).to_string(),
            Rewrite::OffsetTimes => {
                deep(body, &|value| time(value, |text| text.replace('Z', "+00:00"))).to_string()
            }
            Rewrite::NanosecondTimes => {
                deep(body, &|value| time(value, |text| text.replace('Z', "000000Z"))).to_string()
            }
            Rewrite::OtherCursors => with_other_cursor(body).to_string(),
            Rewrite::RequestIdInMeta => with_request_id(body, answer).to_string(),
            Rewrite::FlatSearchItems => readings::flat_search(operation, body).to_string(),
            Rewrite::FlatExtractItems => readings::flat_extract(operation, body).to_string(),
            Rewrite::FlatMiniItems => readings::flat_mini(operation, body).to_string(),
            Rewrite::NestedImages => readings::nested_images(operation, body).to_string(),
            Rewrite::OlderProducts => readings::older_products(operation, body).to_string(),
            Rewrite::PageBeforeFilter if self.is_filtered_list(asked) => filtered(asked, body).to_string(),
            _ => return false,
        };
        replace(answer, text.into())
    }

    fn rename_runs(&self, asked: &Asked<'_>, answer: &mut Response<Bytes>, alphabet: Alphabet) -> bool {
        let Ok(mut text) = String::from_utf8(answer.body().to_vec()) else { return false };
        let mut ids = self.ids.lock().unwrap_or_else(PoisonError::into_inner);
        if asked.operation().is_some_and(|operation| operation.ends_with(".create"))
            && let Ok(body) = serde_json::from_str::<Value>(&text)
            && let Some(theirs) = self.pointers.iter().find_map(|at| body.pointer(at)?.as_str())
            && !ids.iter().any(|(known, _)| known == theirs)
        {
            ids.push((theirs.to_owned(), alphabet.rename(theirs)));
        }
        for (theirs, ours) in ids.iter() {
            text = text.replace(theirs, ours);
        }
        replace(answer, text.into())
    }
}

impl Transport for Rewriting {
    fn send(&self, request: Request<Bytes>) -> Answering<'_> {
        Box::pin(self.exchange(request))
    }
}

/// Applies `change` to every value within `value`, innermost first.
fn deep(value: Value, change: &dyn Fn(Value) -> Value) -> Value {
    let inner = match value {
        Value::Array(items) => items.into_iter().map(|item| deep(item, change)).collect(),
        Value::Object(members) => {
            Value::Object(members.into_iter().map(|(name, value)| (name, deep(value, change))).collect())
        }
        other => other,
    };
    change(inner)
}

fn unknown_fields(value: Value) -> Value {
    match value {
        // An empty object may be documented as empty, and an error tells whatever else it has to tell beside it.
        Value::Object(mut members) if !members.is_empty() && !members.contains_key("request_id") => {
            members.insert("x_shard".into(), json!(7));
            members.insert("x_links".into(), json!({"self": null, "tags": ["a"]}));
            Value::Object(members)
        }
        other => other,
    }
}

fn reversed(value: Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(members.into_iter().rev().collect::<Map<_, _>>()),
        other => other,
    }
}

/// A whole number with a point and a zero.
fn pointed(value: Value) -> Value {
    match value.as_f64() {
        Some(number) if number.fract() == 0.0 => json!(number),
        _ => value,
    }
}

/// Writes a time in another way; what is no time in UTC stays.
fn time(value: Value, write: impl Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) if text.ends_with('Z') && text.parse::<Timestamp>().is_ok() => {
            Value::String(write(&text))
        }
        other => other,
    }
}

/// Keeps of one page what its filter asks for.
fn filtered(asked: &Asked<'_>, mut body: Value) -> Value {
    let wanted = asked.query("status").unwrap_or_default();
    let keeps = |item: &Value| match item["status"].as_str().unwrap_or_default() {
        "pending" | "running" | "processing" => wanted == "processing",
        other => wanted == other,
    };
    if let Some(items) = body.get_mut("data").and_then(Value::as_array_mut) {
        items.retain(keeps);
        let count = items.len();
        let size = asked.query("page_size").and_then(|size| size.parse::<usize>().ok()).unwrap_or(20).max(1);
        if let Some(pagination) = body.get_mut("pagination").and_then(Value::as_object_mut) {
            pagination.insert("total_items".into(), count.into());
            // Two of the lists always say 1.
            if asked.operation() == Some("catalog.extract.list") {
                pagination.insert("total_pages".into(), count.div_ceil(size).into());
            }
        }
    }
    body
}

fn request_id(answer: &Response<Bytes>) -> Option<&str> {
    answer.headers().get("request-id").and_then(|id| id.to_str().ok())
}

fn with_other_cursor(mut body: Value) -> Value {
    if let Some(Value::String(cursor)) = body.get_mut("next_cursor") {
        cursor.insert_str(0, CURSOR);
    }
    body
}

fn with_request_id(mut body: Value, answer: &Response<Bytes>) -> Value {
    let run = body.get("execution_id").is_some();
    if let Some(id) = request_id(answer).filter(|_| run)
        && let Some(meta) = body.get_mut("meta").and_then(Value::as_object_mut)
    {
        meta.insert("request_id".into(), id.into());
    }
    body
}

fn envelope(answer: &mut Response<Bytes>) -> bool {
    if answer.status() != StatusCode::UNAUTHORIZED {
        return false;
    }
    let error =
        json!({"code": "UNAUTHORIZED", "message": "Invalid API key", "request_id": request_id(answer)});
    replace(answer, json!({ "error": error }).to_string().into())
}

fn rename_request(answer: &mut Response<Bytes>) -> bool {
    let names = ["request-id", "x-request-id"].into_iter();
    let mut told =
        names.filter_map(|name| Some((name, answer.headers().get(name)?.to_str().ok()?.to_owned())));
    let Some((name, theirs)) = told.next() else { return false };
    let ours = format!("req-{}", Alphabet::Uuid.unique(&theirs));
    let Ok(header) = HeaderValue::from_str(&ours) else { return false };
    answer.headers_mut().insert(name, header);
    let text = String::from_utf8_lossy(answer.body()).replace(&theirs, &ours);
    replace(answer, text.into());
    true
}

#[cfg(test)]
mod tests;
