//! What a run or an import has brought, capture by capture: each is there from an instant in closed form, and is made
//! when it is looked at, never stored.

use std::sync::Arc;

use fixtures::samples::extralt::{Capture, Page, capture, product_url};

use crate::clock::VirtualTime;
use crate::lifecycle::Track;
use crate::model::extralt::import::{Content, capture_of_row};
use crate::model::extralt::run::{Attempt, Input, Kind, Run};
use crate::model::extralt::state::State;
use crate::model::extralt::view::{due, unit_of, view};
use crate::seed::Seed;

/// The captures of a run as they were at an instant. It holds nothing of its world, so that they can be read while that
/// goes on.
#[derive(Debug, Clone)]
pub struct Captures {
    seed: Seed,
    id: Arc<str>,
    attempt: Arc<Attempt>,
    restarts: u32,
    origin: Origin,
    track: Track,
    count: u64,
}

/// Where captures are from.
#[derive(Debug, Clone)]
enum Origin {
    /// A run has read them from a shop.
    Shop { host: Arc<str>, country: Arc<str>, language: Arc<str>, start_urls: Arc<[Box<str>]> },
    /// They stood in a file.
    File(Arc<Content>),
}

/// A capture, and what is known of it besides what its page says.
#[derive(Debug)]
pub struct Captured {
    /// What its page says.
    pub capture: Capture,
    /// What names it in both dialects.
    pub bits: u128,
    /// When it was taken.
    pub at: VirtualTime,
}

impl Captures {
    /// The captures that a run or an import has brought by `now`. `None` for another kind, which brings none.
    pub fn of(state: &State, run: &Run, seed: Seed, now: VirtualTime) -> Option<Self> {
        let origin = match &run.record.input {
            Input::Run { robot, start_urls, .. } => {
                let Input::Robot { host, country, language, .. } = &state.run(*robot)?.record.input else {
                    return None;
                };
                let (host, country, language) = (Arc::clone(host), Arc::clone(country), Arc::clone(language));
                let start_urls = start_urls.iter().filter(|url| is_product(url)).cloned().collect();
                Origin::Shop { host, country, language, start_urls }
            }
            Input::Import { content, .. } => Origin::File(Arc::clone(content)),
            Input::Robot { .. } | Input::Enrichment { .. } => return None,
        };
        let elapsed = now.since(run.attempt.begun);
        Some(Self {
            seed,
            id: Arc::clone(&run.record.id),
            attempt: Arc::clone(&run.attempt),
            restarts: run.restarts,
            origin,
            track: Track::of(&run.attempt.plan, &run.controls, elapsed),
            count: view(run, now).done,
        })
    }

    /// How many there are.
    pub fn len(&self) -> u64 {
        self.count
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The id of the run or the import that has brought them.
    pub fn source(&self) -> &str {
        &self.id
    }

    /// Whether they are a run's or an import's.
    pub fn source_kind(&self) -> &'static str {
        kind_name(match self.origin {
            Origin::Shop { .. } => Kind::Run,
            Origin::File(_) => Kind::Import,
        })
    }

    /// What tells them from those of an earlier or later attempt of the same run.
    pub fn edition(&self) -> u32 {
        self.restarts
    }

    /// Capture number `index`, counted from zero and below [`Self::len`].
    pub fn get(&self, index: u64) -> Captured {
        let (host, country, language, start_urls) = match &self.origin {
            Origin::Shop { host, country, language, start_urls } => (&**host, country, language, start_urls),
            Origin::File(content) => {
                let row = usize::try_from(index).ok().and_then(|index| content.rows.get(index));
                let capture = capture_of_row(row.map_or("", |row| row), index, &content.about);
                return Captured { capture, bits: self.bits(index), at: self.taken(index) };
            }
        };
        let listed = usize::try_from(index).ok().and_then(|index| start_urls.get(index));
        let url = match listed {
            Some(url) => url.to_string(),
            None => product_url(
                self.seed.content(&[b"extralt.page", host.as_bytes(), &index.to_le_bytes()]),
                host,
                index,
            ),
        };
        let page = Page {
            key: self.seed.content(&[b"extralt.capture", url.as_bytes(), country.as_bytes()]),
            url: &url,
            host,
            country,
            language,
        };
        Captured { capture: capture(&page), bits: self.bits(index), at: self.taken(index) }
    }

    /// The number of the capture that these bits name; `None` if they name none of these.
    pub fn find(&self, low: u32) -> Option<u64> {
        Some(u64::from(low ^ self.mask())).filter(|index| *index < self.count)
    }

    /// When capture number `index` was taken.
    fn taken(&self, index: u64) -> VirtualTime {
        let Attempt { begun, plan, total, errors, .. } = &*self.attempt;
        let unit = unit_of(index, *errors, *total);
        let reached = self.track.reached(due(*total, unit, plan.running));
        // What needed no time for its work was read when the work began.
        let reached = reached.or_else(|| self.track.reached(std::time::Duration::ZERO));
        begun.after(reached.unwrap_or_default())
    }

    /// Random bits, but for the number of the capture, which stands masked in the last 32 bits of the 60 that v1 shows
    /// and of the 80 that v0 does: so one that is named is found without looking at each.
    pub fn bits(&self, index: u64) -> u128 {
        let number = u128::from(u32::try_from(index).unwrap_or(u32::MAX) ^ self.mask());
        let random = self.hash(b"extralt.capture-id", index);
        let free = !((u128::from(u32::MAX) << 68) | u128::from(u32::MAX));
        (random & free) | (number << 68) | number
    }

    fn mask(&self) -> u32 {
        (self.hash(b"extralt.capture-mask", 0) & u128::from(u32::MAX)) as u32
    }

    fn hash(&self, purpose: &[u8], index: u64) -> u128 {
        let identity: [&[u8]; 4] =
            [purpose, self.id.as_bytes(), &self.restarts.to_le_bytes(), &index.to_le_bytes()];
        let key = self.seed.content(&identity);
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&key[..16]);
        u128::from_le_bytes(bytes)
    }
}

/// The word for what captures are taken from.
pub fn kind_name(kind: Kind) -> &'static str {
    if kind == Kind::Import { "import" } else { "run" }
}

/// Whether an address to begin at is itself that of a product, by the look of it: it is then read first.
fn is_product(url: &str) -> bool {
    let path = url.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map_or("", |(_, path)| path);
    let mut parts = path.split(['/', '?', '#']);
    parts.any(|part| matches!(part, "product" | "products" | "p" | "dp" | "item" | "items"))
        && parts.next().is_some_and(|slug| !slug.is_empty())
}

#[cfg(test)]
mod tests {
    use super::is_product;

    #[test]
    fn product_pages_are_known_by_their_path() {
        for url in ["https://a.example/products/boots", "https://a.example/en/p/12?x=1"] {
            assert!(is_product(url), "{url}");
        }
        for url in [
            "https://a.example/",
            "https://a.example/products",
            "https://products/a",
            "https://a.example/products/",
        ] {
            assert!(!is_product(url), "{url}");
        }
    }
}
