//! What pages of results and pages of the index have in common: which one was asked for, and what it says of itself.

use serde_json::{Value, json};

use crate::history::seen::Seen;
use crate::verdict::Tally;

/// The most items that a page may be asked for.
pub(super) const GREATEST: u64 = 100;

/// A page: what was asked for and what came.
pub(super) struct Page<'a> {
    pub(super) seen: &'a Seen,
    pub(super) number: u64,
    pub(super) size: u64,
    pub(super) items: &'a [Value],
}

/// The page and the page size that a request asks for, if they are within their documented limits; `default` is the
/// size of a page where none is asked for.
pub(super) fn asked(seen: &Seen, default: u64) -> Option<(u64, u64)> {
    let number = |name, default| seen.query(name).map_or(Some(default), |text| text.parse::<u64>().ok());
    let (number, size) = (number("page", 1)?, number("page_size", default)?);
    (number >= 1 && (1..=GREATEST).contains(&size)).then_some((number, size))
}

impl<'a> Page<'a> {
    /// An answer as a page, if it is one that was asked for within the limits.
    pub(super) fn of(seen: &'a Seen, default: u64) -> Option<Self> {
        let (number, size) = asked(seen, default)?;
        Some(Page { seen, number, size, items: seen.at("/data").as_array()? })
    }

    /// The items with their places in the whole, counted from zero.
    pub(super) fn placed(&self) -> impl Iterator<Item = (u64, &'a Value)> {
        let first = (self.number - 1).saturating_mul(self.size);
        self.items.iter().zip(0..).map(move |(item, nth): (_, u64)| (first.saturating_add(nth), item))
    }

    /// Holds what the page says of itself against what it shows; `things` is what its items are called.
    pub(super) fn describes_itself(&self, things: &str, tally: &mut Tally) {
        let Page { seen, number, size, items } = *self;
        tally.saw(seen);
        let Some(total) = seen.at("/pagination/total_items").as_u64() else {
            let (expected, observed) = (format!("a number of {things}"), seen.at("/pagination").to_string());
            tally.broke(seen, "no-total", expected, observed).at("/pagination/total_items");
            return;
        };
        let count = total.div_ceil(size);
        let mut documented = vec![
            ("/pagination/page", json!(number)),
            ("/pagination/page_size", json!(size)),
            ("/pagination/has_next", json!(number < count)),
        ];
        // Nothing says how many pages nothing has, nor what comes before a page that does not exist.
        if total > 0 {
            documented.push(("/pagination/total_pages", json!(count)));
        }
        if number <= count.max(1) {
            documented.push(("/pagination/has_prev", json!(number > 1)));
        }
        for (pointer, expected) in documented {
            if *seen.at(pointer) != expected {
                tally.broke(seen, "meta", expected.to_string(), seen.at(pointer).to_string()).at(pointer);
            }
        }
        let expected = total.saturating_sub((number - 1).saturating_mul(size)).min(size);
        if items.len() as u64 != expected {
            let expected = format!("{expected} of {total} {things} on page {number} of size {size}");
            tally.broke(seen, "length", expected, items.len().to_string()).at("/data");
        }
    }
}
