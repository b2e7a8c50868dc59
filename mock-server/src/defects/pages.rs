//! Defects of pages of results, and of the size of lists.

use serde_json::Value;

use super::Layer;
use super::answer::Answer;
use super::ask::{Ask, What};
use super::lists::items;
use crate::shared::defects::Defect;

/// The largest page.
const SIZE_MAX: u64 = 100;

/// An answer with one item more than was asked for. The server behind is asked but once, so that nothing else that it
/// counts is off.
pub(super) async fn instead(layer: &Layer, defect: Defect, ask: &Ask) -> Option<Answer> {
    let is_page =
        matches!(ask.what, What::List { .. } | What::Get { .. }) && ask.number("page").unwrap_or(1) == 1;
    if defect != Defect::PageSizeOffByOne || !is_page {
        return None;
    }
    let size = ask.number("page_size").filter(|size| (1..SIZE_MAX).contains(size))?;
    let mut answer = layer.ask(&ask.with_query("page_size", Some(&(size + 1).to_string()))).await;
    let mut body = answer.json();
    let shown = body["data"].as_array().map(Vec::len).and_then(|shown| u64::try_from(shown).ok());
    let Some(pagination) = body["pagination"].as_object_mut().filter(|_| answer.is_good()) else {
        return Some(answer);
    };
    pagination.insert("page_size".into(), size.into());
    // A list is one page, whatever its size.
    if let (What::Get { .. }, Some(total)) = (&ask.what, pagination["total_items"].as_u64()) {
        let pages = total.div_ceil(size);
        pagination.insert("total_pages".into(), pages.into());
        pagination.insert("has_next".into(), (pages > 1).into());
    }
    answer.set_json(&body);
    if shown > Some(size) {
        layer.shared.defects.fired(defect);
    }
    Some(answer)
}

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
