//! Defects of the walls between keys.

use serde_json::Value;

use super::Layer;
use super::answer::Answer;
use super::ask::{Ask, What};
use super::lists::{items, set_items};
use crate::shared::defects::Defect;

pub(super) async fn change(layer: &Layer, defect: Defect, ask: &Ask, answer: &mut Answer) -> bool {
    let other = match (defect, &ask.what) {
        (Defect::TenantLeakGet, What::Get { id, .. })
        | (Defect::TenantLeakCancel, What::Cancel { id, .. })
            if answer.status() == 404 =>
        {
            let key = ask.key().unwrap_or_default();
            layer.remember(|memory| memory.owner(id).filter(|owner| *owner != key).map(str::to_owned))
        }
        (Defect::KeyNotChecked, _) if answer.status() == 401 && ask.offered().is_some() => {
            layer.remember(|memory| memory.first_key().map(str::to_owned))
        }
        (Defect::TenantLeakList, What::List { .. }) if answer.is_good() => {
            return everybodys(layer, ask, answer).await;
        }
        _ => None,
    };
    let Some(other) = other else { return false };
    *answer = layer.ask(&ask.with_key(&other)).await;
    true
}

/// A list with the runs of every key, the newest first.
async fn everybodys(layer: &Layer, ask: &Ask, answer: &mut Answer) -> bool {
    let key = ask.key().unwrap_or_default();
    let mut all = items(answer);
    for other in layer.remember(|memory| memory.other_keys(key)) {
        all.extend(items(&layer.ask(&ask.with_key(&other)).await));
    }
    // The instants of one list have one form, in which later ones sort behind earlier ones.
    let created = |item: &Value| item["created_at"].as_str().unwrap_or_default().to_owned();
    all.sort_by_key(|item| std::cmp::Reverse(created(item)));
    set_items(answer, all)
}
