use super::*;
use crate::apis::stand::{with, world};
use crate::clock::MANUAL_START;
use crate::webhooks::delivery::Event;
use crate::webhooks::state::{Command, Webhooks};
use crate::webhooks::target::{NoTarget, Targets};

const TOLD: [&str; 2] = ["extract.pending", "extract.success"];

fn named(configurations: &Value) -> Result<Arc<[Arc<Registration>]>, Refusal> {
    let body = json!({ MEMBER: configurations });
    let (world, targets) = (world("test-a"), Targets::default());
    with("jobs", &targets, |call| listeners(call, &world, &body, &"job-1".into(), &TOLD))
}

#[test]
fn a_job_has_the_listeners_that_its_body_names() {
    let made = named(&json!([
        { "webhook_url": "https://hooks.ledger-lane.example/a", "webhook_output_format": "json" },
        { "webhook_url": null },
        { "webhook_url": "http://127.0.0.1:9/b", "webhook_events": ["extract.success", "parse.error"],
          "webhook_headers": { "X-Lane": "blue" }, "webhook_signing_secret": "hush" },
    ]));
    let made = made.unwrap();
    assert_eq!(made.iter().map(|it| &*it.id).collect::<Vec<_>>(), ["job-1/0", "job-1/2"]);
    assert_eq!((made[0].events.as_deref(), &made[0].secret), (None, &None));
    assert_eq!(made[1].events.as_deref(), Some(&["extract.success"][..]));
    assert!(made[1].secret.is_some() && made[1].headers.len() == 1);
    for none in [json!([]), Value::Null] {
        assert!(named(&none).unwrap().is_empty());
    }
}

#[test]
fn a_refusal_says_where_in_the_body_it_is() {
    let url = "http://127.0.0.1:9/";
    for (listener, field) in [
        (json!({ "webhook_url": "hooks" }), "webhook_url"),
        (json!({ "webhook_url": url, "webhook_headers": { "host": "a" } }), "webhook_headers"),
        (
            json!({ "webhook_url": url, "webhook_signing_secret": "x".repeat(2_000) }),
            "webhook_signing_secret",
        ),
    ] {
        let refusal = named(&json!([{ "webhook_url": url }, listener])).unwrap_err();
        assert_eq!(refusal.location(), [json!(MEMBER), json!(1), json!(field)]);
    }
    let many = vec![json!({ "webhook_url": url }); LISTENERS_MAX + 1];
    let refusal = named(&json!(many)).unwrap_err();
    assert_eq!((&refusal, refusal.location()), (&Refusal::TooMany, vec![json!(MEMBER)]));
    let why = NoListener::Url(NoTarget::NotHttp);
    assert_eq!(named(&json!([{ "webhook_url": "hooks" }])), Err(Refusal::Listener { index: 0, why }));
}

#[test]
fn a_delivery_is_written_as_the_vendor_documents_it() {
    let said = |configuration: Value| {
        let mut webhooks = Webhooks::default();
        webhooks.apply(&Command::Listen(named(&json!([configuration])).unwrap()), MANUAL_START);
        let data = json!({ "id": "job-1" });
        let subject = Some(Subject::LlamaExtract(Box::new(data.clone())));
        let event = Event { id: "e-1".into(), kind: "extract.success", at: MANUAL_START, subject };
        webhooks.told("job-1", event);
        let said = outgoing(webhooks.delivery(1).unwrap(), &data).unwrap();
        let headers: Vec<_> =
            said.headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
        (headers, serde_json::from_slice::<Value>(&said.body).unwrap())
    };
    let usual = [
        "content-type: application/json",
        "user-agent: llamaindex-webhook-service/1.0",
        "x-webhook-event-id: e-1",
        "x-webhook-event-type: extract.success",
    ];
    let url = "http://127.0.0.1:9/";
    let (headers, body) = said(json!({ "webhook_url": url }));
    assert_eq!(headers, usual);
    let timestamp = MANUAL_START.as_micros() as f64 / 1e6;
    let expected = json!({
        "event_id": "e-1",
        "event_type": "extract.success",
        "timestamp": timestamp,
        "data": { "id": "job-1" },
    });
    assert_eq!(body, expected);

    let own = json!({ "Authorization": "Bearer hush", "User-Agent": "mine", "LC-Signature": "forged" });
    let (headers, _) =
        said(json!({ "webhook_url": url, "webhook_headers": own, "webhook_signing_secret": "hush" }));
    assert_eq!(headers[..4], usual);
    assert!(headers[4].starts_with("lc-signature: sha256=") && headers[4].len() == 85, "{headers:?}");
    assert_eq!(headers[5..], ["authorization: Bearer hush"]);
}
