//! What faults make of an answer: a deed that was decided is carried out here, in the words of the API.

use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, StatusCode};
use jiff::fmt::rfc2822;
use serde_json::Value;

use crate::apis::answer::{Answer, Leaving};
use crate::apis::dialect::{Allowance, Failure, Staged};
use crate::apis::stream::Collected;
use crate::apis::visit::{Arrival, Visit};
use crate::clock::{Mode, VirtualTime};
use crate::faults::drift::Answered;
use crate::faults::payload::{GATEWAY_PAGE, malformed};
use crate::faults::{Deed, EFFECT};
use crate::scenario::duration::uniform;
use crate::scenario::fault::edit::Edit;
use crate::scenario::fault::{
    self, Drift, Effect, NamedError, Payload, Phase, Respond, RetryAfter, RetryAfterForm, StateEffect,
};

/// The most of a body that is read from its stream to be changed, in bytes. A longer one stays as it is.
pub(super) const COLLECT_MAX: usize = 8 * 1024 * 1024;

/// The answer to a request of which nothing is carried out; `None` if it goes on.
pub(super) fn before(visit: &mut Visit<'_>, deed: &Deed) -> Option<Answer> {
    let fault = &deed.fault;
    let answer = match &fault.effect {
        Effect::Respond(it) => {
            let answer = respond(visit, it);
            visit.fired.add(fault, format!("answered {}", answer.status.as_u16()));
            answer
        }
        Effect::Limit(_) => {
            visit.tell(&deed.standing?);
            let retry_after = visit.allowance.and_then(|it| it.retry_after).unwrap_or(1);
            let answer = failed(visit, &Failure::RateLimited { retry_after });
            visit.fired.add(fault, "turned away with 429");
            answer
        }
        Effect::Payload(Payload::GatewayHtml) => {
            visit.fired.add(fault, "answered 502 with a gateway's page");
            let headers = http::HeaderMap::new();
            page(Answer::whole(StatusCode::BAD_GATEWAY, headers, Bytes::new()))
        }
        Effect::Delay(_) | Effect::Payload(_) | Effect::Drift(_) | Effect::State(_) => return None,
    };
    Some(answer)
}

/// The same answer with its body in memory, if the deed has to see that: JSON of at most [`COLLECT_MAX`].
pub(super) async fn readable(deed: &Deed, answer: Answer) -> Answer {
    let sees = match &deed.fault.effect {
        Effect::Payload(payload) => *payload == Payload::MalformedJson,
        Effect::State(state) => *state == StateEffect::DuplicateListItem,
        Effect::Drift(_) => true,
        Effect::Respond(_) | Effect::Delay(_) | Effect::Limit(_) => false,
    };
    let sees = sees && answer.is_json();
    let Answer { status, headers, body } = answer;
    let body = match body {
        Leaving::Stream(streamed) if sees => match streamed.collect(COLLECT_MAX).await {
            Collected::Whole(bytes) => Leaving::Whole(bytes),
            Collected::Beyond(streamed) => Leaving::Stream(streamed),
        },
        body => body,
    };
    Answer { status, headers, body }
}

/// What becomes of an answer whose request was carried out.
pub(super) fn after(visit: &mut Visit<'_>, deed: &Deed, answer: Answer) -> Answer {
    let fault = &deed.fault;
    match &fault.effect {
        Effect::Respond(it) if fault.phase == Phase::After => {
            let clean = answer.status;
            let answer = respond(visit, it);
            visit.lost = visit.handled;
            visit
                .fired
                .add(fault, format!("answered {} instead of {}", answer.status.as_u16(), clean.as_u16()));
            answer
        }
        Effect::Payload(payload) => unreadable(visit, deed, *payload, answer),
        Effect::Drift(drift) => drifted(visit, deed, drift, answer),
        Effect::State(StateEffect::DuplicateListItem) => duplicated(visit, deed, answer),
        Effect::State(state) => {
            if visit.took_effect {
                visit.fired.add(fault, state.name());
            }
            answer
        }
        Effect::Respond(_) | Effect::Delay(_) | Effect::Limit(_) => answer,
    }
}

fn failed(visit: &mut Visit<'_>, failure: &Failure) -> Answer {
    let request_id = visit.request_id();
    let reply = (visit.dialect.failure)(failure, &request_id);
    visit.dressed(reply, &request_id)
}

fn respond(visit: &mut Visit<'_>, respond: &Respond) -> Answer {
    let seconds = respond.retry_after.map(|retry| seconds(visit.arrival, retry.wait));
    let request_id = visit.request_id();
    let mut answer = match &respond.answer {
        fault::Answer::Named(NamedError::RateLimited) => rate_limited(visit, respond.retry_after),
        fault::Answer::Named(error) => staged(visit, Staged::Named(*error), &request_id),
        fault::Answer::Status(StatusCode::TOO_MANY_REQUESTS) => rate_limited(visit, respond.retry_after),
        fault::Answer::Status(status) => staged(visit, Staged::Status(*status), &request_id),
        fault::Answer::Body(status, body) => {
            let mut headers = visit.headers(*status, &request_id);
            let body = match body {
                Value::String(text) => {
                    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
                    Bytes::from(text.clone())
                }
                json => Bytes::from(json.to_string()),
            };
            Answer::whole(*status, headers, body)
        }
    };
    if let (Some(retry), Some(seconds)) = (respond.retry_after, seconds)
        && let Ok(value) = HeaderValue::try_from(written(visit.arrival, retry.form, seconds))
    {
        answer.headers.insert(RETRY_AFTER, value);
    }
    for (name, value) in &respond.headers {
        match value {
            Some(value) => answer.headers.insert(name, value.clone()),
            None => answer.headers.remove(name),
        };
    }
    answer
}

fn staged(visit: &Visit<'_>, staged: Staged, request_id: &str) -> Answer {
    let reply = (visit.dialect.staged)(&staged, request_id);
    visit.dressed(reply, request_id)
}

/// One request too many, with the headers that say so: a second's wait unless another is asked for.
fn rate_limited(visit: &mut Visit<'_>, retry: Option<RetryAfter>) -> Answer {
    let wait = retry.map_or(Duration::from_secs(1), |retry| retry.wait);
    let retry_after = seconds(visit.arrival, wait);
    let Arrival { wall, now, mode, .. } = visit.arrival;
    // As a limit of the key's own tells it: a manual clock shows its own time.
    let from = if mode == Mode::Manual { now } else { wall };
    visit.allowance = visit.allowance.map(|allowance| Allowance {
        remaining: 0,
        reset: from.after(Duration::from_secs(retry_after)),
        retry_after: Some(retry_after),
        ..allowance
    });
    failed(visit, &Failure::RateLimited { retry_after })
}

/// The whole seconds of real time, at least one, that a client has to wait for so much virtual time.
fn seconds(arrival: Arrival, wait: Duration) -> u64 {
    let wait = arrival.mode.real_time(wait);
    wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0)).max(1)
}

fn written(arrival: Arrival, form: RetryAfterForm, seconds: u64) -> String {
    match form {
        RetryAfterForm::Seconds => seconds.to_string(),
        RetryAfterForm::HttpDate => {
            // The form has whole seconds: rounding up, so that who waits as told waits long enough.
            let now = arrival.wall.as_millis().div_ceil(1_000);
            let micros =
                i64::try_from(now.saturating_add(seconds)).unwrap_or(i64::MAX).saturating_mul(1_000_000);
            let instant = VirtualTime::from_micros(micros).timestamp();
            rfc2822::DateTimePrinter::new()
                .timestamp_to_rfc9110_string(&instant)
                .unwrap_or_else(|_| seconds.to_string())
        }
    }
}

/// An answer that its client cannot read as what it should be. Where nothing would be different, nothing fires.
fn unreadable(visit: &mut Visit<'_>, deed: &Deed, payload: Payload, mut answer: Answer) -> Answer {
    const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
    let fault = &deed.fault;
    let is_there = !matches!(answer.body, Leaving::Nothing);
    match payload {
        Payload::MalformedJson => {
            let Some(json) = answer.json().filter(|body| is_json(body)) else { return answer };
            answer.body = Leaving::Whole(malformed(json));
            visit.fired.add(fault, "the JSON ends half-way");
        }
        Payload::WrongContentType => {
            if !is_there || answer.headers.get(CONTENT_TYPE) == Some(&TEXT) {
                return answer;
            }
            let what = if answer.is_json() { "JSON" } else { "body" };
            answer.headers.insert(CONTENT_TYPE, TEXT);
            visit.fired.add(fault, format!("the {what} is called plain text"));
        }
        Payload::Empty => {
            if !is_there {
                return answer;
            }
            answer.body = Leaving::Whole(Bytes::new());
            visit.fired.add(fault, "the body is empty");
        }
        Payload::GatewayHtml => {
            let clean = answer.status.as_u16();
            answer = page(answer);
            visit.fired.add(fault, format!("answered 502 with a gateway's page instead of {clean}"));
        }
    }
    visit.lost = visit.handled && payload != Payload::WrongContentType;
    answer
}

fn is_json(body: &[u8]) -> bool {
    serde_json::from_slice::<serde::de::IgnoredAny>(body).is_ok()
}

/// A gateway's page; a gateway knows nothing of the API's headers.
fn page(mut answer: Answer) -> Answer {
    answer.status = StatusCode::BAD_GATEWAY;
    answer.headers.clear();
    answer.headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    answer.body = Leaving::Whole(Bytes::from_static(GATEWAY_PAGE.as_bytes()));
    answer
}

/// The body of an answer, if it is JSON and in memory.
fn value(answer: &Answer) -> Option<Value> {
    serde_json::from_slice(answer.json()?).ok()
}

fn drifted(visit: &mut Visit<'_>, deed: &Deed, drift: &Drift, mut answer: Answer) -> Answer {
    let Some(mut body) = value(&answer) else { return answer };
    let fault = &deed.fault;
    match drift {
        Drift::Edits(edits) => {
            let mut done: Vec<&Edit> = Vec::new();
            for edit in edits {
                if edit.apply(&mut body) {
                    done.push(edit);
                }
            }
            let what: Vec<String> = done.iter().map(|edit| described(edit)).collect();
            match done.as_slice() {
                [] => return answer,
                [only] => visit.fired.add_at(fault, described(only), only.pointer()),
                _ => visit.fired.add(fault, what.join(", ")),
            }
        }
        Drift::RandomLegal | Drift::RandomIllegal => {
            let Some(operation) = visit.operation else { return answer };
            let content_type = answer.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
            let answered = Answered {
                operation,
                status: answer.status.as_u16(),
                content_type: content_type.unwrap_or_default(),
                body: &body,
            };
            let rng = &mut deed.draws.part(EFFECT);
            let drawn = match drift {
                Drift::RandomLegal => answered.legal(rng),
                _ => answered.illegal(rng),
            };
            let Some((edit, changed)) = drawn else { return answer };
            visit.fired.add_at(fault, described(&edit), edit.pointer());
            body = changed;
        }
    }
    answer.body = Leaving::Whole(body.to_string().into());
    answer
}

fn described(edit: &Edit) -> String {
    match edit {
        Edit::Rename(at, to) => format!("rename {at} to {to}"),
        Edit::Set(at, value) => format!("set {} to {}", place(at), shortened(&value.to_string())),
        edit => format!("{} {}", edit.name(), place(edit.pointer())),
    }
}

/// A pointer in words: that to the whole document has no letters.
fn place(pointer: &str) -> &str {
    if pointer.is_empty() { "the whole body" } else { pointer }
}

fn shortened(text: &str) -> String {
    text.chars().take(60).collect()
}

/// One item of the answer's list stands there twice, in a row.
fn duplicated(visit: &mut Visit<'_>, deed: &Deed, mut answer: Answer) -> Answer {
    let Some(mut body) = value(&answer) else { return answer };
    // A dialect may have bare lists beside those that stand in an object.
    let at = if body.is_array() { "" } else { visit.dialect.items };
    let items = body.pointer_mut(at).and_then(Value::as_array_mut);
    let Some(items) = items.filter(|items| !items.is_empty()) else { return answer };
    let index = uniform(&mut deed.draws.part(EFFECT), 0, items.len() as u64 - 1);
    let index = usize::try_from(index).unwrap_or(0);
    items.insert(index + 1, items[index].clone());
    visit.fired.add_at(&deed.fault, "an item stands there twice", &format!("{at}/{}", index + 1));
    answer.body = Leaving::Whole(body.to_string().into());
    answer
}
