//! Which product stands at which address.

use serde_json::Value;

use crate::checks::options::is_flat;
use crate::history::History;
use crate::verdict::Tally;

/// A product tells an address itself. It may differ from the one that was asked for, as where a shop moved it; it is the
/// wrong product where it tells the address of another item.
pub(super) fn judge(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (job, seen) in history.all_reads().filter(|(_, seen)| seen.state() == Some("completed")) {
        let create = history.create(job);
        let Some(given) = create.request().get("urls").and_then(Value::as_array) else { continue };
        for (index, item) in seen.at("/data").as_array().into_iter().flatten().enumerate() {
            let (Some(asked), Some(told)) = (item.get("url"), item.pointer("/product/url")) else { continue };
            if is_flat(item) || given.len() < 2 {
                continue;
            }
            tally.saw(seen);
            if told != asked && given.contains(told) {
                tally
                    .broke(seen, "of-another-address", asked.to_string(), told.to_string())
                    .at(format!("/data/{index}/product/url"))
                    .after(create);
            }
        }
    }
    tally
}

#[cfg(test)]
mod tests;
