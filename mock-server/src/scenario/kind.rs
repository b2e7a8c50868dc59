//! What a scenario can speak of: the APIs, the kinds of run, their phases and their steps.

/// An API that is stood in for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Api {
    /// Catalog v2.
    Catalog,
}

impl Api {
    /// Every API, in the order in which messages list them.
    pub const ALL: &'static [Self] = &[Self::Catalog];

    /// The name in scenarios, operation ids and flags.
    pub fn name(self) -> &'static str {
        match self {
            Self::Catalog => "catalog",
        }
    }
}

/// A kind of run. Names are unique over all APIs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunKind {
    /// A Catalog crawl of a vendor's shop.
    Crawl,
    /// A Catalog extract of product pages.
    Extract,
    /// A Catalog agentic search.
    Search,
}

impl RunKind {
    /// Every kind, in the order in which messages list them.
    pub const ALL: &'static [Self] = &[Self::Crawl, Self::Extract, Self::Search];

    /// The name in scenarios.
    pub fn name(self) -> &'static str {
        match self {
            Self::Crawl => "crawl",
            Self::Extract => "extract",
            Self::Search => "search",
        }
    }

    /// The name with its article, as messages have it.
    pub fn with_article(self) -> &'static str {
        match self {
            Self::Crawl => "a crawl",
            Self::Extract => "an extract",
            Self::Search => "a search",
        }
    }

    /// The API whose runs these are.
    pub fn api(self) -> Api {
        match self {
            Self::Crawl | Self::Extract | Self::Search => Api::Catalog,
        }
    }

    /// The states a run passes through before it ends, in order.
    pub fn phases(self) -> &'static [PhaseName] {
        match self {
            Self::Crawl | Self::Extract | Self::Search => &[PhaseName::Pending, PhaseName::Running],
        }
    }

    /// The steps a run reports, in order; empty for a kind that reports none. Source: the crawl status page's
    /// `meta.steps`.
    pub fn steps(self) -> &'static [&'static str] {
        match self {
            Self::Crawl => &[
                "Determining crawl method",
                "Discovering collections",
                "Analyzing collections",
                "Extracting listings",
            ],
            Self::Extract | Self::Search => &[],
        }
    }

    /// Whether its results are items that can fail one by one. A crawl reports counts only.
    pub fn has_items(self) -> bool {
        match self {
            Self::Crawl => false,
            Self::Extract | Self::Search => true,
        }
    }

    /// The most results a run may yield. Source: the agentic search status page's "up to 8"; the others are our
    /// capacity.
    pub fn max_results(self) -> u64 {
        match self {
            Self::Crawl | Self::Extract => MAX_RESULTS,
            Self::Search => 8,
        }
    }
}

/// The most results any run may yield.
pub const MAX_RESULTS: u64 = 100_000;

/// A state in which a run has not ended, by its documented name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PhaseName {
    /// Accepted, not begun.
    Pending,
    /// At work.
    Running,
}

impl PhaseName {
    /// Every phase, in the order in which runs pass through them.
    pub const ALL: &'static [Self] = &[Self::Pending, Self::Running];

    /// The name in scenarios, which is the documented state's.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
        }
    }
}
