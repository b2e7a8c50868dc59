//! The JSON bodies of Catalog's answers, field by field in the documented order.

use fixtures::samples::catalog::wire::Product;
use serde::Serialize;

/// The answer to a create.
#[derive(Debug, Serialize)]
pub(super) struct Created<'a, M> {
    pub(super) execution_id: &'a str,
    pub(super) status: &'static str,
    pub(super) meta: M,
}

#[derive(Debug, Serialize)]
pub(super) struct CreatedMeta {
    pub(super) credits_used: u64,
}

#[derive(Debug, Serialize)]
pub(super) struct ExtractCreatedMeta<'a> {
    pub(super) credits_used: u64,
    pub(super) url_count: u64,
    pub(super) urls_to_process: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) waiting_for: Option<&'a str>,
}

/// The status of a run of any kind.
#[derive(Debug, Serialize)]
pub(super) struct RunStatus<'a, M> {
    pub(super) execution_id: &'a str,
    pub(super) status: &'static str,
    pub(super) error: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) data: Option<Vec<Item>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) pagination: Option<Pagination>,
    pub(super) meta: M,
}

#[derive(Debug, Serialize)]
pub(super) struct CrawlMeta<'a> {
    pub(super) vendor: &'a str,
    pub(super) start_date: Option<String>,
    pub(super) stop_date: Option<String>,
    pub(super) duration_ms: Option<u64>,
    pub(super) progress: Option<CrawlProgress>,
    pub(super) steps: Vec<CrawlStep>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) result: Option<CrawlResult>,
}

#[derive(Debug, Serialize)]
pub(super) struct CrawlProgress {
    pub(super) collections_found: u64,
    pub(super) listings_found: u64,
}

#[derive(Debug, Serialize)]
pub(super) struct CrawlStep {
    pub(super) name: &'static str,
    pub(super) status: &'static str,
}

#[derive(Debug, Serialize)]
pub(super) struct CrawlResult {
    pub(super) collections_total: u64,
    pub(super) listings_total: u64,
}

#[derive(Debug, Serialize)]
pub(super) struct ProductProgress {
    pub(super) products_processed: u64,
    pub(super) products_total: u64,
    pub(super) percent_complete: u64,
}

#[derive(Debug, Serialize)]
pub(super) struct ExtractMeta<'a> {
    pub(super) progress: Option<ProductProgress>,
    pub(super) start_date: Option<String>,
    pub(super) stop_date: Option<String>,
    pub(super) duration_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) waiting_for: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) result: Option<ExtractResult>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) credits_used: Option<u64>,
}

#[derive(Debug, Serialize)]
pub(super) struct ExtractResult {
    pub(super) products_requested: u64,
    pub(super) products_successful: u64,
    pub(super) products_failed: u64,
}

#[derive(Debug, Serialize)]
pub(super) struct SearchMeta<'a> {
    pub(super) query: &'a str,
    pub(super) progress: Option<ProductProgress>,
    pub(super) start_date: Option<String>,
    pub(super) stop_date: Option<String>,
    pub(super) duration_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) result: Option<SearchResult>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) credits_used: Option<u64>,
}

/// All keys that either of the two readings of the search pages has.
#[derive(Debug, Serialize)]
pub(super) struct SearchResult {
    pub(super) products_requested: u64,
    pub(super) products_successful: u64,
    pub(super) products_failed: u64,
    pub(super) products_returned: u64,
}

/// One item of a run's results.
#[derive(Debug, Serialize)]
pub(super) struct Item {
    pub(super) url: String,
    pub(super) success: bool,
    pub(super) product: Option<Product>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) outcome: Option<Box<str>>,
}

#[derive(Debug, Serialize)]
pub(super) struct Pagination {
    pub(super) page: u64,
    pub(super) page_size: u64,
    pub(super) total_items: u64,
    pub(super) total_pages: u64,
    pub(super) has_next: bool,
    pub(super) has_prev: bool,
}

/// The answer of an operation that is done at once: items, where they stand, and what else there is to say.
#[derive(Debug, Serialize)]
pub(super) struct Answer<T, M> {
    pub(super) data: Vec<T>,
    pub(super) pagination: Pagination,
    pub(super) meta: M,
}

/// The answer to a list.
#[derive(Debug, Serialize)]
pub(super) struct List<'a> {
    pub(super) data: Vec<ListItem<'a>>,
    pub(super) pagination: Pagination,
    pub(super) meta: Empty,
}

#[derive(Debug, Serialize)]
pub(super) struct ListItem<'a> {
    pub(super) execution_id: &'a str,
    pub(super) status: &'static str,
    pub(super) created_at: String,
}

/// `{}`
#[derive(Debug, Serialize)]
pub(super) struct Empty {}

/// The answer to a cancel.
#[derive(Debug, Serialize)]
pub(super) struct Canceled<'a> {
    pub(super) status: &'static str,
    pub(super) execution_id: &'a str,
    pub(super) stop_date: Option<String>,
}

/// The error envelope (page "Error codes"), with the fields that stand beside it.
#[derive(Debug, Serialize)]
pub(super) struct Envelope<'a> {
    pub(super) error: EnvelopeError<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) invalid_urls: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) credits_needed: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) credits_remaining: Option<u64>,
}

#[derive(Debug, Serialize)]
pub(super) struct EnvelopeError<'a> {
    pub(super) code: &'a str,
    pub(super) message: &'a str,
    pub(super) request_id: &'a str,
}

/// The body of a 401 (page "Authentication").
#[derive(Debug, Serialize)]
pub(super) struct FlatError {
    pub(super) error: &'static str,
    pub(super) status: u16,
}
