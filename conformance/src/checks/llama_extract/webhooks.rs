//! What is posted of a job, as far as it came to an inbox of the server itself.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use super::files::path_of;
use super::look::{at, hold, text};
use super::rows::{Case, check, clauses};
use crate::checks::Check;
use crate::history::seen::Seen;
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    check!(
        Must,
        Long,
        "llama.webhooks",
        "What happens to a job is posted in the documented form, to whom it was asked for and as it was asked for",
        "a job that is told to an inbox of the server",
        [
            (last, "webhooks.delivered", |case, tally| {
                for told in told(case) {
                    hold(tally, told.inbox, !told.messages.is_empty(), "nothing-came", "a delivery", "none");
                }
            }),
            (last, "webhooks.only-chosen", |case, tally| {
                for told in told(case) {
                    let Some(chosen) = told.asked("/webhook_events").as_array() else { continue };
                    for event in told.messages.iter().map(|it| at(it, "/json/event_type")) {
                        hold(
                            tally,
                            told.inbox,
                            chosen.contains(event),
                            "not-chosen",
                            "a chosen one",
                            &event.to_string(),
                        );
                    }
                }
            }),
            (v2, "webhooks.all-by-default", |case, tally| {
                for told in told(case).iter().filter(|it| it.asked("/webhook_events").is_null()) {
                    for event in ["extract.pending", "extract.success"] {
                        let came = told.messages.iter().any(|it| text(it, "/json/event_type") == Some(event));
                        hold(tally, told.inbox, came, "left-out", event, "deliveries of other events");
                    }
                }
            }),
            (last, "webhooks.own-headers", |case, tally| {
                for told in told(case) {
                    for (name, value) in told.asked("/webhook_headers").as_object().into_iter().flatten() {
                        for message in told.messages {
                            let sent = message.pointer("/headers").and_then(|it| it.get(name.to_lowercase()));
                            hold(
                                tally,
                                told.inbox,
                                sent == Some(value),
                                "no-header",
                                name,
                                "a delivery without it",
                            );
                        }
                    }
                }
            }),
            (last, "webhooks.body", |case, tally| {
                each(case, tally, |message| {
                    ["event_id", "event_type"]
                        .iter()
                        .all(|it| at(message, &format!("/json/{it}")).is_string())
                        && !at(message, "/json/timestamp").is_null()
                        && at(message, "/json/data").is_object()
                });
            }),
            (last, "webhooks.headers", |case, tally| {
                each(case, tally, |message| {
                    let agrees = |header: &str, member: &str| {
                        let sent = at(message, &format!("/headers/{header}"));
                        sent.is_string() && sent == at(message, member)
                    };
                    agrees("x-webhook-event-id", "/json/event_id")
                        && agrees("x-webhook-event-type", "/json/event_type")
                });
            }),
            (v2, "webhooks.signature", |case, tally| {
                for told in told(case) {
                    let Some(secret) = told.asked("/webhook_signing_secret").as_str() else { continue };
                    for message in told.messages {
                        let (sent, body) = (text(message, "/headers/lc-signature"), text(message, "/body"));
                        let right =
                            sent.is_some() && sent == body.and_then(|it| signature(secret, it)).as_deref();
                        hold(
                            tally,
                            told.inbox,
                            right,
                            "other-signature",
                            "that of its body",
                            sent.unwrap_or("none"),
                        );
                    }
                }
            }),
        ]
    ),
    check!(
        Should,
        Long,
        "llama.webhooks-job",
        "A delivery names its job",
        "a job that is told to an inbox of the server",
        [(last, "webhooks.job-in-data", |case, tally| {
            for told in told(case) {
                for message in told.messages {
                    let named = text(message, "/json/data/job_id");
                    let wanted = told.job.own_id();
                    hold(
                        tally,
                        told.inbox,
                        named == wanted,
                        "other-job",
                        wanted.unwrap_or("none"),
                        named.unwrap_or("none"),
                    );
                }
            }
        })]
    ),
    check!(
        Should,
        Long,
        "llama.webhooks-events",
        "The making and the end of a job are told by the events of these names",
        "a job that is told to an inbox of the server, and is over",
        [(last, "webhooks.event-for-state", |case, tally| {
            for told in told(case).iter().filter(|it| it.asked("/webhook_events").is_null()) {
                let events: Vec<&str> =
                    told.messages.iter().filter_map(|it| text(it, "/json/event_type")).collect();
                let right =
                    events.first() == Some(&"extract.pending") && events.last() == Some(&"extract.success");
                let expected = "extract.pending first, and extract.success last";
                hold(tally, told.inbox, right, "other-events", expected, &events.join(", "));
            }
        })]
    ),
];

/// A job that was told to an inbox, and what came there. It is one that succeeded.
struct Told<'h> {
    job: &'h Seen,
    /// What was asked for with it.
    hook: &'h Value,
    inbox: &'h Seen,
    messages: &'h [Value],
}

impl<'h> Told<'h> {
    fn asked(&self, pointer: &str) -> &'h Value {
        at(self.hook, pointer)
    }
}

fn told<'h>(case: &'h Case<'h>) -> Vec<Told<'h>> {
    let mut all = Vec::new();
    for job in ["jobs.create", "extract.create"].into_iter().flat_map(|it| case.good(it)) {
        let hooks = at(job.request(), "/webhook_configurations").as_array();
        for hook in hooks.into_iter().flatten() {
            let Some(path) = text(hook, "/webhook_url").map(path_of) else { continue };
            let inbox = case.history.all().iter().find(|seen| {
                let request = seen.exchange().request();
                seen.id() > job.id() && request.method == "GET" && request.path() == path && seen.is_success()
            });
            let ended = |it: &Seen| it.id() > job.id() && it.own_id() == job.own_id();
            let mut reads = case.good("jobs.get").chain(case.good("extract.get"));
            let succeeded = reads
                .any(|it| ended(it) && ["SUCCESS", "COMPLETED"].contains(&it.state().unwrap_or_default()));
            let Some(inbox) = inbox.filter(|_| succeeded) else { continue };
            let messages = inbox.at("/messages").as_array().map(Vec::as_slice).unwrap_or_default();
            all.push(Told { job, hook, inbox, messages });
        }
    }
    all
}

/// Expects something of every delivery.
fn each(case: &Case<'_>, tally: &mut Tally, holds: impl Fn(&Value) -> bool) {
    for told in told(case) {
        for message in told.messages {
            hold(tally, told.inbox, holds(message), "form", "the documented form", &message.to_string());
        }
    }
}

/// What a delivery is signed with.
fn signature(secret: &str, body: &str) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(body.as_bytes());
    let digits = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    Some(format!("sha256={digits}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::checks::record::Record;
    use crate::verdict::Verdict;

    const JOB: &str = "ext-8f24c6b1-3d59-4e07-a6cb-91e5d7f0423a";

    fn message(event: &str) -> Value {
        let json =
            json!({ "event_id": "e1", "event_type": event, "timestamp": 1, "data": { "job_id": JOB } });
        let body = json.to_string();
        let sent = signature("hush", &body);
        json!({
            "headers": { "x-webhook-event-id": "e1", "x-webhook-event-type": event, "x-a": "b", "lc-signature": sent },
            "body": body,
            "json": json,
        })
    }

    /// A job that was told to two inboxes, with what came to them.
    fn record(every: &[Value], chosen: &[Value]) -> Record {
        let hooks = json!([
            { "webhook_url": "http://here/_rehearsal/inbox/every", "webhook_headers": { "X-A": "b" } },
            { "webhook_url": "http://here/_rehearsal/inbox/chosen", "webhook_events": ["extract.success"],
              "webhook_signing_secret": "hush" },
        ]);
        let body = json!({ "file_input": "f", "configuration": { "data_schema": {} }, "webhook_configurations": hooks });
        let job = |state: &str| json!({ "id": JOB, "status": state });
        Record::of("llama-extract/v2")
            .answered("POST /api/v2/extract", &body.to_string(), 200, &job("PENDING"))
            .answered(&format!("GET /api/v2/extract/{JOB}"), "", 200, &job("COMPLETED"))
            .answered("GET /_rehearsal/inbox/every", "", 200, &json!({ "messages": every }))
            .answered("GET /_rehearsal/inbox/chosen", "", 200, &json!({ "messages": chosen }))
    }

    #[test]
    fn deliveries_as_they_are_documented_pass() {
        let record =
            record(&[message("extract.pending"), message("extract.success")], &[message("extract.success")]);
        for check in ["llama.webhooks", "llama.webhooks-job", "llama.webhooks-events"] {
            assert_eq!(record.judged(check), (Verdict::Pass, Vec::new()), "{check}");
        }
    }

    #[test]
    fn each_way_of_breaking_them_is_noticed() {
        let good = || vec![message("extract.pending"), message("extract.success")];
        let changed = |pointer: &str, value: Value| {
            let mut message = message("extract.success");
            *message.pointer_mut(pointer).expect("it is there") = value;
            message
        };
        let success = || vec![message("extract.success")];
        for (every, chosen, check, reason) in [
            (vec![], success(), "llama.webhooks", "nothing-came"),
            (good(), good(), "llama.webhooks", "not-chosen"),
            (success(), success(), "llama.webhooks", "left-out"),
            (
                vec![message("extract.pending"), changed("/headers/x-a", json!("c"))],
                success(),
                "llama.webhooks",
                "no-header",
            ),
            (
                vec![message("extract.pending"), changed("/json/data", json!(7))],
                success(),
                "llama.webhooks",
                "form",
            ),
            (
                vec![message("extract.pending"), changed("/headers/x-webhook-event-id", json!("e2"))],
                success(),
                "llama.webhooks",
                "form",
            ),
            (
                good(),
                vec![changed("/headers/lc-signature", json!("sha256=00"))],
                "llama.webhooks",
                "other-signature",
            ),
            (good(), vec![changed("/json/data/job_id", json!("other"))], "llama.webhooks-job", "other-job"),
            (success(), success(), "llama.webhooks-events", "other-events"),
        ] {
            let (_, reasons) = record(&every, &chosen).judged(check);
            assert!(reasons.contains(&reason), "{check} does not say {reason}, but {reasons:?}");
        }
    }
}
