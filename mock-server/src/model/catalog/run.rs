//! What a run is: the facts recorded when it was created, and the controls applied to it since.

use std::sync::Arc;

use crate::clock::VirtualTime;
use crate::lifecycle::{Control, Plan};
pub use crate::model::RunId;
use crate::scenario::extract::ExtractOptions;
use crate::scenario::host::product_host;
use crate::seed::Digest;

/// The three kinds of Catalog's runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Discovers what a vendor sells.
    Crawl,
    /// Reads product pages.
    Extract,
    /// Finds products for a question.
    Search,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Crawl, Self::Extract, Self::Search];

    /// `crawl`, `extract` or `search`, as in scenarios.
    pub fn name(self) -> &'static str {
        match self {
            Self::Crawl => "crawl",
            Self::Extract => "extract",
            Self::Search => "search",
        }
    }
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// Crawl a vendor.
    Crawl {
        /// Canonical host.
        host: Arc<str>,
    },
    /// Extract these pages.
    Urls {
        /// Addresses as they were sent.
        urls: Arc<[Box<str>]>,
        /// What to add to each product.
        options: ExtractOptions,
    },
    /// Extract what a crawl of a vendor found.
    Vendor {
        /// Canonical host.
        host: Arc<str>,
        /// The crawl it names, whether or not it waits for it; none for a vendor that is known without.
        crawl: Option<RunId>,
        /// How many listings the vendor has.
        found: u64,
        /// How many of them are extracted.
        listings: u64,
        /// What to add to each product.
        options: ExtractOptions,
    },
    /// Find products.
    Search {
        /// The question.
        query: Arc<str>,
    },
}

impl Input {
    /// The kind of run this input makes.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Crawl { .. } => Kind::Crawl,
            Self::Urls { .. } | Self::Vendor { .. } => Kind::Extract,
            Self::Search { .. } => Kind::Search,
        }
    }

    /// The canonical hosts it is about, one for each page; a search has none.
    pub fn hosts(&self) -> Vec<String> {
        match self {
            Self::Crawl { host } | Self::Vendor { host, .. } => vec![host.to_string()],
            Self::Urls { urls, .. } => urls.iter().filter_map(|url| product_host(url)).collect(),
            Self::Search { .. } => Vec::new(),
        }
    }

    /// The question of a search.
    pub fn query(&self) -> Option<&str> {
        match self {
            Self::Search { query } => Some(query),
            Self::Crawl { .. } | Self::Urls { .. } | Self::Vendor { .. } => None,
        }
    }

    /// The bytes a client sent that are kept for this input.
    pub fn bytes(&self) -> u64 {
        let bytes = match self {
            Self::Crawl { host } | Self::Vendor { host, .. } => host.len(),
            Self::Urls { urls, .. } => urls.iter().map(|url| url.len() + size_of::<Box<str>>()).sum(),
            Self::Search { query } => query.len(),
        };
        bytes as u64
    }
}

/// What a run yields, decided with its plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Work {
    /// How many listings or products it works on.
    pub total: u64,
    /// How many collections a crawl finds; zero for the other kinds.
    pub collections: u64,
    /// Which items of `total` come to nothing.
    pub failures: Failures,
    /// What `error` says if it fails by plan; the documented text of its kind otherwise.
    pub error: Option<Box<str>>,
}

/// Which items of a run come to nothing, as a closed form, so that no list of them is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failures {
    /// None.
    None,
    /// `count` items, evenly spread from `offset` on, all for the same reason.
    Spread {
        /// How many.
        count: u64,
        /// Where the spread begins; drawn.
        offset: u64,
        /// The machine-readable `outcome`, if there is one.
        reason: Option<Box<str>>,
    },
    /// Those whose address is one of the magic ones.
    ByAddress {
        /// How many there are.
        count: u64,
    },
}

impl Failures {
    /// How many items come to nothing.
    pub fn count(&self) -> u64 {
        match self {
            Self::None => 0,
            Self::Spread { count, .. } | Self::ByAddress { count } => *count,
        }
    }
}

/// The facts recorded when a run was created. They never change; the world's log holds this very record.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The id the client knows it by.
    pub execution_id: Arc<str>,
    /// What was asked for.
    pub input: Input,
    /// When it was created.
    pub created: VirtualTime,
    /// When and how it ends if nobody interferes.
    pub plan: Plan,
    /// What it yields.
    pub work: Work,
    /// What it costs, in credits.
    pub credits: u64,
    /// The digest of the request that created it.
    pub digest: Digest,
    /// The scenario's rules that it counts for, by position.
    pub rules: Box<[u16]>,
}

/// A run: its record and what was done to it since.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// What was decided.
    pub record: Arc<Record>,
    /// In the order they were applied.
    pub controls: Vec<Control>,
    /// What an operator let `error` say.
    pub error: Option<Box<str>>,
}
