//! Defects of extracts that wait for a crawl.

use serde_json::{Value, json};

use super::Layer;
use super::answer::Answer;
use super::ask::{Ask, What};
use crate::shared::defects::Defect;

pub(super) async fn change(layer: &Layer, defect: Defect, ask: &Ask, answer: &mut Answer) -> bool {
    let What::Get { kind, id } = &ask.what else { return false };
    if kind != "extract" || !answer.is_good() {
        return false;
    }
    let body = answer.json();
    let crawl = body.pointer("/meta/waiting_for").and_then(Value::as_str).map(str::to_owned);
    let waited = layer.remember(|memory| {
        let run = memory.run(id);
        if crawl.is_some() {
            run.waiting = Some(body.clone());
        }
        run.waiting.clone()
    });
    let other = match defect {
        Defect::WaitingNeverReleased => waited.filter(|_| crawl.is_none()),
        Defect::WaitingStartsEarly => match crawl {
            Some(crawl) => started(layer, ask, body, &crawl).await,
            None => None,
        },
        Defect::CrawlFailureIgnored => match waited {
            Some(waited) if body["status"] == "failed" && body["meta"]["start_date"].is_null() => {
                completed(layer, ask, body, &waited).await
            }
            _ => None,
        },
        _ => None,
    };
    let has_changed = other.is_some();
    if let Some(other) = other {
        answer.set_json(&other);
    }
    has_changed
}

/// The waiting extract as if it had started with its crawl.
async fn started(layer: &Layer, ask: &Ask, mut body: Value, crawl: &str) -> Option<Value> {
    let crawl = layer.ask(&ask.reading("crawl", crawl)).await.json();
    let start = crawl.pointer("/meta/start_date").filter(|start| start.is_string())?.clone();
    body["status"] = json!("running");
    let meta = body["meta"].as_object_mut()?;
    meta.remove("waiting_for");
    meta.insert("start_date".to_owned(), start);
    meta.insert("duration_ms".to_owned(), crawl["meta"]["duration_ms"].clone());
    Some(body)
}

/// The failed extract as if its crawl had found nothing.
async fn completed(layer: &Layer, ask: &Ask, mut body: Value, waited: &Value) -> Option<Value> {
    let crawl = waited.pointer("/meta/waiting_for")?.as_str()?;
    let crawl = layer.ask(&ask.reading("crawl", crawl)).await.json();
    let stop = crawl.pointer("/meta/stop_date").filter(|stop| stop.is_string())?.clone();
    body["status"] = json!("completed");
    body["error"] = Value::Null;
    body["data"] = json!([]);
    body["pagination"] = json!({
        "page": 1, "page_size": 50, "total_items": 0, "total_pages": 0, "has_next": false, "has_prev": false,
    });
    let meta = body["meta"].as_object_mut()?;
    meta.insert("start_date".to_owned(), stop.clone());
    meta.insert("stop_date".to_owned(), stop);
    meta.insert("duration_ms".to_owned(), json!(0));
    let progress = json!({ "products_processed": 0, "products_total": 0, "percent_complete": 100 });
    meta.insert("progress".to_owned(), progress);
    let result = json!({ "products_requested": 0, "products_successful": 0, "products_failed": 0 });
    meta.insert("result".to_owned(), result);
    Some(body)
}
