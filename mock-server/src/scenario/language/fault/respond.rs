//! `respond` of a fault: another answer.

use http::StatusCode;
use http::header::{HeaderName, HeaderValue};
use serde_json::{Value, json};

use crate::scenario::fault::{Answer, NamedError, Respond, RetryAfter, RetryAfterForm};
use crate::scenario::language::Shape;
use crate::scenario::language::fields::{Fields, free_entries};
use crate::scenario::language::json::Json;
use crate::scenario::language::quantity::{Count, Span};
use crate::scenario::language::reader::{Mistake, Reader, shortened};
use crate::scenario::language::text::Choice;
use crate::scenario::node::{Content, Node};

const ERROR: Choice<NamedError> =
    Choice { what: "an error", all: NamedError::ALL, name: NamedError::name, later: &[] };
const FORM: Choice<RetryAfterForm> = Choice {
    what: "a form of `Retry-After`",
    all: RetryAfterForm::ALL,
    name: RetryAfterForm::name,
    later: &[],
};

pub(super) fn respond(fields: &mut Fields<'_, '_>) -> Option<Respond> {
    let error = fields.optional("error", "An error by name, in the API's own shape.", &ERROR);
    let status = Count { min: 200, max: 599 };
    let status = fields.optional("status", "A status; without a body, in the API's own shape.", &status);
    let body = fields.optional("body", "The body: JSON, or a text that is sent as it is.", &Json);
    let headers = fields.optional("headers", "Headers to set, or to leave out (null).", &Headers);
    let wait = fields.optional("retry-after", "How long the client is told to wait, in virtual time.", &Span);
    let form = fields.optional("retry-after-form", "How it is told: `seconds` or `http-date`.", &FORM);

    if form.is_some() && !fields.has("retry-after") {
        let mistake = Mistake::new("`retry-after-form` needs `retry-after` beside it");
        fields.report("retry-after-form", mistake);
    }
    let status = status.and_then(|status| StatusCode::from_u16(u16::try_from(status).ok()?).ok());
    let answer = match (fields.has("error"), fields.has("status")) {
        (true, true) => {
            let mistake =
                Mistake::new("an error has its own status").help("give `error` or `status`, not both");
            fields.report("status", mistake);
            None
        }
        (true, false) if fields.has("body") => {
            let mistake = Mistake::new("an error has its own body")
                .help("give `status` instead of `error` to send a body of your own");
            fields.report("body", mistake);
            None
        }
        (true, false) => error.map(Answer::Named),
        (false, true) => match (status, body) {
            (Some(status), Some(_)) if matches!(status.as_u16(), 204 | 205 | 304) => {
                let mistake = Mistake::new(format!("an answer with {} has no body", status.as_u16()))
                    .help("choose another status, such as 200");
                fields.report("body", mistake);
                None
            }
            (Some(status), Some(body)) => Some(Answer::Body(status, body)),
            (Some(status), None) if status.as_u16() < 400 && !fields.has("body") => {
                let mistake = Mistake::new(format!("no API has a shape of its own for {}", status.as_u16()))
                    .help("add a `body`; without one only statuses from 400 on can be answered");
                fields.report("status", mistake);
                None
            }
            (status, None) => status.map(Answer::Status),
            (None, Some(_)) => None,
        },
        (false, false) => {
            fields.report_owner(
                Mistake::new("this answer says nothing")
                    .help("give it a `status` or an `error`, as in `respond: { error: unavailable }`"),
            );
            None
        }
    };
    let retry_after = wait.map(|wait| RetryAfter { wait, form: form.unwrap_or_default() });
    Some(Respond { answer: answer?, retry_after, headers: headers.unwrap_or_default() })
}

/// Headers by name, each with its value or null.
struct Headers;

/// Headers that belong to the connection or to us: another value would break the answer, not its meaning.
const OURS: [&str; 8] = [
    "connection",
    "content-length",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-rehearsal-fault",
];

impl Shape for Headers {
    type Value = Vec<(HeaderName, Option<HeaderValue>)>;

    fn read(&self, node: &Node, reader: &mut Reader<'_>) -> Option<Self::Value> {
        let entries = free_entries(node, "a map of headers", "headers: { server: cloudflare }", reader)?;
        let mut headers = Vec::new();
        for (key, value) in entries {
            let Some(text) = key.as_text() else { continue };
            let name = HeaderName::try_from(text).ok();
            let Some(name) = name.filter(|name| !OURS.contains(&name.as_str())) else {
                let mistake = Mistake::new(format!("`{}` cannot be set", shortened(text)))
                    .help("it is no name of a header, or one that belongs to the connection");
                reader.report(&key.span, mistake);
                continue;
            };
            let value = match &value.content {
                Content::Null => None,
                Content::Text(_) | Content::Int(_) | Content::Float(_) | Content::Bool(_) => {
                    let written = match &value.content {
                        Content::Text(text) => text.clone(),
                        _ => reader.written(value),
                    };
                    let Ok(value) = HeaderValue::try_from(written) else {
                        let help = "a value is one line of visible text".to_owned();
                        reader.mismatch(value, "a header's value", Some(help));
                        continue;
                    };
                    Some(value)
                }
                Content::List(_) | Content::Map(_) => {
                    reader.mismatch(value, "a header's value", None);
                    continue;
                }
            };
            headers.push((name, value));
        }
        Some(headers)
    }

    fn schema(&self) -> Value {
        json!({
            "type": "object",
            "additionalProperties": { "type": ["string", "number", "boolean", "null"] },
        })
    }
}
