//! Defects of lists.

use serde_json::Value;

use super::Layer;
use super::answer::Answer;
use super::ask::{Ask, What};
use crate::shared::defects::Defect;

pub(super) async fn change(layer: &Layer, defect: Defect, ask: &Ask, answer: &mut Answer) -> bool {
    let What::List { kind } = &ask.what else { return false };
    if !answer.is_good() {
        return false;
    }
    match defect {
        Defect::ListStale => {
            let mut items = items(answer);
            layer.remember(|memory| {
                for item in &mut items {
                    let id = item["execution_id"].as_str().unwrap_or_default();
                    let first = memory
                        .run(id)
                        .listed
                        .get_or_insert_with(|| item["status"].as_str().unwrap_or_default().to_owned());
                    item["status"] = first.as_str().into();
                }
            });
            set_items(answer, items)
        }
        Defect::ListOrderFlip => {
            let mut items = items(answer);
            items.reverse();
            set_items(answer, items)
        }
        Defect::FilterInverted => {
            if ask.query("status").is_none() {
                return false;
            }
            let wanted: Vec<Value> = items(answer).iter().map(|item| item["execution_id"].clone()).collect();
            let all = items(&layer.ask(&ask.with_query("status", None)).await);
            set_items(
                answer,
                all.into_iter().filter(|item| !wanted.contains(&item["execution_id"])).collect(),
            )
        }
        Defect::FilterTooNarrow => {
            if ask.query("status").as_deref() != Some("processing") {
                return false;
            }
            let mut begun = Vec::new();
            for item in items(answer) {
                let id = item["execution_id"].as_str().unwrap_or_default();
                if layer.ask(&ask.reading(kind, id)).await.state().as_deref() != Some("pending") {
                    begun.push(item);
                }
            }
            set_items(answer, begun)
        }
        _ => false,
    }
}

/// The items of a list or of a page.
pub(super) fn items(answer: &Answer) -> Vec<Value> {
    answer.json()["data"].as_array().cloned().unwrap_or_default()
}

/// Other items, which are counted as if nothing were wrong. Whether they are others.
pub(super) fn set_items(answer: &mut Answer, items: Vec<Value>) -> bool {
    let mut body = answer.json();
    let count = items.len();
    let items = Value::from(items);
    if body["data"] == items {
        return false;
    }
    body["data"] = items;
    if let Some(total) = body.pointer_mut("/pagination/total_items") {
        *total = count.into();
    }
    answer.set_json(&body);
    true
}

/// Only these items. Whether one was left out.
pub(super) fn keep(answer: &mut Answer, which: impl FnMut(&Value) -> bool) -> bool {
    let mut items = items(answer);
    items.retain(which);
    answer.is_good() && answer.json()["data"].is_array() && set_items(answer, items)
}
