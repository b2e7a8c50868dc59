//! Defects of creates: runs that are not found, too many of them, or with the wrong name.

use http::StatusCode;
use serde_json::{Value, json};

use super::Layer;
use super::answer::{Answer, is_over};
use super::ask::{Ask, What};
use super::lists::keep;
use crate::shared::defects::Defect;

/// How often reads do not find a new run.
const HIDDEN: u32 = 2;

pub(super) async fn change(layer: &Layer, defect: Defect, ask: &Ask, answer: &mut Answer) -> bool {
    match &ask.what {
        What::Create { kind } => create(layer, defect, ask, answer, kind).await,
        What::Get { kind, id } if defect == Defect::LostWrite => {
            if !layer.remember(|memory| take_one(&mut memory.run(id).hidden)) {
                return false;
            }
            *answer = layer.ask(&ask.reading(kind, "lost")).await;
            true
        }
        What::List { .. } if defect == Defect::LostWrite => keep(answer, |item| {
            let id = item["execution_id"].as_str().unwrap_or_default();
            layer.remember(|memory| memory.run(id).hidden == 0)
        }),
        _ => false,
    }
}

fn take_one(count: &mut u32) -> bool {
    let left = *count > 0;
    *count = count.saturating_sub(1);
    left
}

async fn create(layer: &Layer, defect: Defect, ask: &Ask, answer: &mut Answer, kind: &str) -> bool {
    let refused = answer.status() == StatusCode::BAD_REQUEST;
    if refused && matches!(defect, Defect::GhostJob | Defect::AcceptAllCreates) {
        let number = layer.remember(|memory| {
            memory.ghosts += 1;
            memory.ghosts
        });
        let ghost = layer.ask(&ask.creating(kind, &some_job(kind, number))).await;
        let started = ghost.is_good();
        if defect == Defect::AcceptAllCreates && started {
            *answer = ghost;
        }
        return started;
    }
    let body = answer.json();
    let Some((id, key)) = body["execution_id"].as_str().zip(ask.key()).filter(|_| answer.is_good()) else {
        return false;
    };
    let known = layer.remember(|memory| {
        let known = memory.owner(id).is_some();
        let newest = memory.newest(key, kind).map(str::to_owned);
        memory.created(key, kind, id);
        if known { Err(()) } else { Ok(newest) }
    });
    match (defect, known) {
        (Defect::LostWrite, Ok(_)) => {
            layer.remember(|memory| memory.run(id).hidden = HIDDEN);
            true
        }
        // A crawl of a host that is being crawled is that crawl, also for this defect.
        (Defect::DoubleCreate, Ok(_)) if kind != "crawl" => layer.ask(ask).await.is_good(),
        (Defect::IdCollision, Ok(Some(newest))) => {
            let mut body = body.clone();
            body["execution_id"] = newest.into();
            answer.set_json(&body);
            true
        }
        (Defect::DedupeMissing, Err(())) if kind == "crawl" => {
            let host = host(&ask.json());
            another_crawl(layer, ask, answer, id, &host).await
        }
        _ => false,
    }
}

/// A job that nobody asked for.
fn some_job(kind: &str, number: u64) -> Value {
    match kind {
        "crawl" => json!({ "url": format!("ghost-{number}.example") }),
        "extract" => json!({ "urls": [format!("https://ghost-{number}.example/1")] }),
        _ => json!({ "query": format!("ghost {number}") }),
    }
}

fn host(body: &Value) -> String {
    let url = body["url"].as_str().unwrap_or_default();
    let host = url.split("://").last().unwrap_or_default();
    host.split('/').next().unwrap_or_default().trim_start_matches("www.").to_ascii_lowercase()
}

/// Crawls a host a second time, under a name that the server behind takes for another one.
async fn another_crawl(layer: &Layer, ask: &Ask, answer: &mut Answer, id: &str, host: &str) -> bool {
    let active = layer.ask(&ask.reading("crawl", id)).await.state().is_some_and(|state| !is_over(&state));
    let other = format!("again.{host}");
    let again = layer.ask(&ask.creating("crawl", &json!({ "url": other }))).await;
    let real = again.json()["execution_id"].as_str().map(str::to_owned);
    let Some(real) = real.filter(|_| active && again.is_good()) else { return false };
    let shown = real.replacen("crawl-again-", "crawl-", 1);
    layer.remember(|memory| memory.rename([real, other], [shown, host.to_owned()]));
    *answer = again;
    true
}
