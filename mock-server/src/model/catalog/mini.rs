//! The search that answers at once.

use fixtures::samples::catalog::listing;

use crate::model::catalog::create::Refusal;
use crate::model::catalog::state::State;
use crate::scenario::magic::{self, Magic};
use crate::seed::Seed;

/// What a search costs, in credits. The documents name no price; this one is our choice.
pub const PRICE: u64 = 5;

/// The most products a search finds (page "Agentic search mini").
pub const PRODUCTS_MAX: u64 = 10;

/// The fewest that a usual search finds.
const USUALLY: u64 = 6;

/// A search that a magic word lets fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failed;

/// Whether the account can pay for a search.
pub fn affordable(state: &State) -> Result<(), Refusal> {
    match state.credits().filter(|remaining| *remaining < PRICE) {
        Some(remaining) => Err(Refusal::OutOfCredits { needed: PRICE, remaining }),
        None => Ok(()),
    }
}

/// The addresses of what a search for `query` finds: the same whenever it is asked, and the same pages that an agentic
/// search for it comes upon.
pub fn search(seed: Seed, query: &str) -> Result<Vec<String>, Failed> {
    let count = match magic::of_query(query) {
        Some(Magic::Fails) => return Err(Failed),
        Some(Magic::Empty | Magic::Unsupported) => 0,
        Some(Magic::Partial) => PRODUCTS_MAX / 2,
        Some(Magic::Stuck | Magic::Slow) | None => {
            let drawn = seed.content(&[b"catalog.search-mini", query.as_bytes()])[0];
            USUALLY + u64::from(drawn) % (PRODUCTS_MAX - USUALLY + 1)
        }
    };
    let key = seed.content(&[b"catalog.search", query.as_bytes()]);
    Ok((0..count).map(|index| listing::search_hit_url(key, query, index)).collect())
}
