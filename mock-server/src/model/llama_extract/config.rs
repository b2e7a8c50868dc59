//! What an extraction is told besides its schema: what of it matters to the stand-in, and the words in which it was said.

use std::sync::Arc;

use serde_json::{Map, Value, json};

/// What the data of an extraction is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Target {
    /// One object for the whole document.
    #[default]
    Document,
    /// An object for each page.
    Page,
    /// An object for each row of a table.
    TableRow,
}

/// The generations of the API, which do not have the same settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Era {
    /// `/api/v1/extractionv2`, as its page has it.
    Page,
    /// `/api/v1/extraction`.
    V1,
    /// `/api/v2/extract`.
    V2,
}

/// The settings of an extraction, or of an agent.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// What the data is made of.
    pub target: Target,
    /// Whether the places in the document are wanted.
    pub citations: bool,
    /// Whether it is wanted how sure each value is.
    pub confidence: bool,
    /// Whether it is wanted why each value is what it is.
    pub reasoning: bool,
    /// The pages that count, from 1, as closed ranges; all if there are none.
    pub pages: Box<[(u32, u32)]>,
    /// At most this many pages count.
    pub max_pages: Option<u32>,
    /// The generation in whose words it was said.
    pub era: Era,
    /// All settings in those words, with the defaults where nothing was said.
    pub said: Arc<Map<String, Value>>,
}

impl Config {
    /// How many of a document's `pages` count: at least one, because something is always looked at.
    pub fn pages_of(&self, pages: u32) -> u32 {
        self.pages_in(pages).count().try_into().unwrap_or(pages).max(1)
    }

    /// Which of a document's `pages` count, in order. There may be none.
    pub fn pages_in(&self, pages: u32) -> impl Iterator<Item = u32> {
        let in_range = |page: &u32| self.pages.iter().any(|(from, to)| (from..=to).contains(&page));
        let most = usize::try_from(self.max_pages.unwrap_or(u32::MAX)).unwrap_or(usize::MAX);
        (1..=pages).filter(move |page| self.pages.is_empty() || in_range(page)).take(most)
    }
}

/// Every setting of a generation with its default (each generation's published document, `ExtractConfig`).
pub fn usual(era: Era) -> Map<String, Value> {
    let all = match era {
        Era::Page => json!({ "extraction_mode": "PER_DOC", "handle_missing": false, "system_prompt": null }),
        Era::V1 => json!({
            "priority": null,
            "extraction_target": "PER_DOC",
            "extraction_mode": "PREMIUM",
            "parse_model": null,
            "extract_model": null,
            "multimodal_fast_mode": false,
            "system_prompt": null,
            "use_reasoning": false,
            "cite_sources": false,
            "citation_bbox": false,
            "confidence_scores": false,
            "chunk_mode": "PAGE",
            "high_resolution_mode": false,
            "invalidate_cache": false,
            "num_pages_context": null,
            "page_range": null,
        }),
        Era::V2 => json!({
            "target_pages": null,
            "max_pages": null,
            "tier": "cost_effective",
            "version": "latest",
            "extraction_target": "per_doc",
            "system_prompt": null,
            "cite_sources": false,
            "confidence_scores": false,
            "parse_tier": null,
            "parse_config_id": null,
        }),
    };
    match all {
        Value::Object(all) => all,
        _ => Map::new(),
    }
}

/// The pages that a text like `1,3,5-7,9` names, from 1. `None` if it is no such text.
pub fn page_ranges(text: &str) -> Option<Box<[(u32, u32)]>> {
    let range = |part: &str| {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        let (from, to) = (page(from)?, page(to)?);
        (from <= to).then_some((from, to))
    };
    text.split(',').map(range).collect()
}

fn page(text: &str) -> Option<u32> {
    let digits = text.trim();
    digits
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| digits.parse().ok().filter(|page| *page > 0))
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(pages: &str, max_pages: Option<u32>) -> Config {
        Config {
            target: Target::Document,
            citations: false,
            confidence: false,
            reasoning: false,
            pages: if pages.is_empty() {
                Box::default()
            } else {
                page_ranges(pages).expect("they are right")
            },
            max_pages,
            era: Era::V1,
            said: Arc::default(),
        }
    }

    #[test]
    fn pages_are_named_by_numbers_and_ranges_from_one_on() {
        assert_eq!(page_ranges("1,3, 5-7,9").as_deref(), Some(&[(1, 1), (3, 3), (5, 7), (9, 9)][..]));
        for wrong in ["", "0", "3-1", "1,,2", "a", "1-", "-1", "+1", "1-2-3", "99999999999"] {
            assert_eq!(page_ranges(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn only_the_pages_that_were_asked_for_count() {
        assert_eq!(config("", None).pages_of(9), 9);
        assert_eq!(config("1,3,5-7", None).pages_of(6), 4);
        assert_eq!(config("2-4", Some(2)).pages_of(9), 2);
        assert_eq!(config("20", None).pages_of(3), 1, "something is always looked at");
    }
}
