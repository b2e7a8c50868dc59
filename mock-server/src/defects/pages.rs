//! Defects of pages of results, and of the size of lists.

use serde_json::Value;

use super::Layer;
use super::answer::Answer;
use super::ask::{Ask, What};
use super::lists::items;
use crate::shared::defects::Defect;

/// The largest page.
const SIZE_MAX: u64 = 100;

pub(super) async fn change(layer: &Layer, defect: Defect, ask: &Ask, answer: &mut Answer) -> bool {
    let has_items = answer.is_good() && answer.json()["data"].is_array();
    if !has_items || !matches!(ask.what, What::List { .. } | What::Get { .. }) {
        return false;
    }
    let paged = matches!(ask.what, What::Get { .. });
    let page = ask.number("page").unwrap_or(1);
    let mut data = items(answer);
    match defect {
        Defect::PageOverlap if paged && page > 1 && !data.is_empty() => {
            let before = ask.with_query("page", Some(&(page - 1).to_string()));
            let before = items(&layer.ask(&before).await);
            let Some(last) = before.last() else { return false };
            data[0] = last.clone();
        }
        Defect::PageGap if paged && page > 1 && !data.is_empty() => drop(data.remove(0)),
        Defect::PageSizeOffByOne if page == 1 => {
            let size = ask.number("page_size").or_else(|| answer.json()["pagination"]["page_size"].as_u64());
            let Some(size) = size.filter(|size| *size < SIZE_MAX) else { return false };
            let larger = ask.with_query("page_size", Some(&(size + 1).to_string()));
            data = items(&layer.ask(&larger).await);
        }
        Defect::PageOrderDrifts if paged && data.len() > 1 => {
            let What::Get { id, .. } = &ask.what else { return false };
            let reads = layer.remember(|memory| {
                let run = memory.run(id);
                run.reads_over = run.reads_over.saturating_add(1);
                run.reads_over
            });
            let by = usize::try_from(reads - 1).unwrap_or(0) % data.len();
            data.rotate_left(by);
        }
        _ => return false,
    }
    let mut body = answer.json();
    let data = Value::from(data);
    if body["data"] == data {
        return false;
    }
    body["data"] = data;
    answer.set_json(&body);
    true
}
