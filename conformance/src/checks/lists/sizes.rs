//! What a list says of its own size.

use serde_json::json;

use super::{LONGEST, size_of};
use crate::history::History;
use crate::verdict::Tally;

const SIZE: &str = "/pagination/page_size";

pub(super) fn told(history: &History) -> Tally {
    let mut tally = Tally::default();
    for family in history.profile.families {
        for list in history.lists(family) {
            let Some(size) = size_of(list).filter(|size| (1..=LONGEST).contains(size)) else { continue };
            tally.saw(list);
            if *list.at(SIZE) != json!(size) {
                let asked = if list.query("page_size").is_some() { "as asked" } else { "unless asked" };
                let expected = format!("{size}, {asked}");
                tally.broke(list, "other-size", expected, list.at(SIZE).to_string()).at(SIZE);
            }
        }
    }
    tally
}
