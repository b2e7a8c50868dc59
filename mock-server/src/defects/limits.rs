//! Defects of the rate limit, and a server that breaks now and then.

use http::{HeaderValue, Method};
use serde_json::{Value, json};

use super::Layer;
use super::answer::Answer;
use super::ask::Ask;
use crate::shared::defects::Defect;

/// One in so many good answers of an operation is lost.
const FLAKY: u64 = 3;

pub(super) async fn change(layer: &Layer, defect: Defect, ask: &Ask, answer: &mut Answer) -> bool {
    match defect {
        Defect::RateLimitNeverRefuses if answer.status() == 429 => {
            let account = ask.at(Method::GET, "/_rehearsal/account");
            let limit = layer.ask(&account).await.json()["apis"]["catalog"]["rate-limit"].clone();
            let patch = |limit: Value| {
                let body = json!({ "apis": { "catalog": { "rate-limit": limit } } });
                ask.at(Method::PATCH, "/_rehearsal/account").with_json(&body)
            };
            // Whoever is answered while it is off begins anew when it is on.
            layer.ask(&patch(json!("off"))).await;
            *answer = layer.ask(ask).await;
            layer.ask(&patch(limit)).await;
            true
        }
        Defect::RetryAfterTooShort if answer.status() == 429 => {
            let told = answer.headers().get("retry-after").and_then(|told| told.to_str().ok()?.parse().ok());
            let short = told.is_some_and(|seconds: u64| seconds > 1);
            if short {
                answer.headers().insert("retry-after", HeaderValue::from_static("1"));
            }
            short
        }
        Defect::FlakyOneInThree if answer.is_good() => {
            let lost = layer.remember(|memory| memory.good(&ask.what)).is_some_and(|good| good % FLAKY == 0);
            if lost {
                answer.fail();
            }
            lost
        }
        _ => false,
    }
}
