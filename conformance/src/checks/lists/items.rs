//! What a list says of each run, whoever started it: an id of the family's form, once, and the same creation time as
//! every other list.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use serde_json::Value;

use crate::history::History;
use crate::history::seen::Seen;
use crate::profile::{Family, field};
use crate::verdict::Tally;

/// The items of a list that have an id, with their places.
fn items(list: &Seen) -> impl Iterator<Item = (usize, &str, &Value)> {
    let items = list.at("/data").as_array().into_iter().flatten().enumerate();
    items.filter_map(|(place, item)| Some((place, item.pointer(field::ID)?.as_str()?, item)))
}

/// Whether an id can be one of the family's: what its run was asked for is not known, so only the word that every id of
/// the family begins with is held against it.
fn is_of(family: &Family, id: &str) -> bool {
    let word = family.unknown_id.split('-').next().unwrap_or_default();
    let rest = id.strip_prefix(word).and_then(|rest| rest.strip_prefix('-'));
    rest.is_some_and(|rest| {
        !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    })
}

pub(super) fn ids(history: &History) -> Tally {
    let mut tally = Tally::default();
    for family in history.profile.families {
        for list in history.lists(family) {
            let mut known = BTreeSet::new();
            for (place, id, _) in items(list) {
                tally.saw(list);
                let at = format!("/data/{place}{}", field::ID);
                if !is_of(family, id) {
                    tally.broke(list, "id-form", family.id_form, id).at(at);
                } else if !known.insert(id) {
                    tally.broke(list, "listed-twice", "each run once", format!("{id} again")).at(at);
                }
            }
        }
    }
    tally
}

pub(super) fn created(history: &History) -> Tally {
    let mut tally = Tally::default();
    for family in history.profile.families {
        let mut first: HashMap<&str, (Timestamp, &Seen)> = HashMap::new();
        for list in history.lists(family) {
            for (place, id, item) in items(list) {
                let created = item.get("created_at").and_then(Value::as_str);
                let Some(now) = created.and_then(|text| text.parse::<Timestamp>().ok()) else { continue };
                let Some((then, earlier)) = first.get(id) else {
                    first.insert(id, (now, list));
                    continue;
                };
                tally.saw(list);
                if now != *then {
                    let at = format!("/data/{place}/created_at");
                    tally.broke(list, "moves", then.to_string(), now.to_string()).at(at).after(earlier);
                }
            }
        }
    }
    tally
}

#[cfg(test)]
mod tests;
