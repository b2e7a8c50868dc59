//! What a scenario can speak of: the APIs, the kinds of run, their phases and their steps.

/// An API that is stood in for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Api {
    /// Catalog v2.
    Catalog,
    /// Extralt v0 and v1, which are two contracts over one state.
    Extralt,
    /// LlamaExtract in its generations, which are several contracts over one state.
    LlamaExtract,
}

impl Api {
    /// Every API, in the order in which messages list them.
    pub const ALL: &'static [Self] = &[Self::Catalog, Self::Extralt, Self::LlamaExtract];

    /// The name in scenarios, operation ids and flags.
    pub fn name(self) -> &'static str {
        match self {
            Self::Catalog => "catalog",
            Self::Extralt => "extralt",
            Self::LlamaExtract => "llama-extract",
        }
    }

    /// The kinds of run that it has.
    pub fn kinds(self) -> impl Iterator<Item = RunKind> {
        RunKind::ALL.iter().copied().filter(move |kind| kind.api() == self)
    }

    /// The states that a run of any of its kinds may pass through, in order.
    pub fn phases(self) -> &'static [PhaseName] {
        match self {
            Self::Catalog => &[PhaseName::Pending, PhaseName::Running],
            Self::Extralt => &[
                PhaseName::Pending,
                PhaseName::Restarting,
                PhaseName::Starting,
                PhaseName::Building,
                PhaseName::Running,
                PhaseName::Finalizing,
                PhaseName::Materializing,
            ],
            Self::LlamaExtract => RunKind::Extraction.phases(),
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
    /// The building of an Extralt robot for a shop.
    RobotBuild,
    /// An Extralt run of a robot.
    Run,
    /// An Extralt enrichment of what a run or an import brought.
    Enrichment,
    /// An Extralt import of a file.
    Import,
    /// A LlamaExtract extraction from a file: v1's job and its run, and v2's job.
    Extraction,
}

impl RunKind {
    /// Every kind, in the order in which messages list them.
    pub const ALL: &'static [Self] = &[
        Self::Crawl,
        Self::Extract,
        Self::Search,
        Self::RobotBuild,
        Self::Run,
        Self::Enrichment,
        Self::Import,
        Self::Extraction,
    ];

    /// The kind of run that an operation is about, by the operation's id; none for what is done at once, and for what is
    /// no run.
    pub fn of_operation(id: &str) -> Option<Self> {
        let (resource, _) = id.rsplit_once('.')?;
        match resource {
            "catalog.crawl" => Some(Self::Crawl),
            "catalog.extract" => Some(Self::Extract),
            "catalog.agentic-search" => Some(Self::Search),
            "extralt.robots" | "extralt.robot-builds" => Some(Self::RobotBuild),
            "extralt.runs" | "extralt.captures" => Some(Self::Run),
            "extralt.enrichments" | "extralt.items" => Some(Self::Enrichment),
            "extralt.imports" => Some(Self::Import),
            "llama-extract.jobs"
            | "llama-extract.jobs-result"
            | "llama-extract.jobs-batch"
            | "llama-extract.jobs-file"
            | "llama-extract.runs"
            | "llama-extract.runs-by-job"
            | "llama-extract.runs-latest-from-ui"
            | "llama-extract.run"
            | "llama-extract.extract" => Some(Self::Extraction),
            _ => None,
        }
    }

    /// The name in scenarios.
    pub fn name(self) -> &'static str {
        match self {
            Self::Crawl => "crawl",
            Self::Extract => "extract",
            Self::Search => "search",
            Self::RobotBuild => "robot-build",
            Self::Run => "run",
            Self::Enrichment => "enrichment",
            Self::Import => "import",
            Self::Extraction => "extraction",
        }
    }

    /// The name with its article, as messages have it.
    pub fn with_article(self) -> &'static str {
        match self {
            Self::Crawl => "a crawl",
            Self::Extract => "an extract",
            Self::Search => "a search",
            Self::RobotBuild => "a robot build",
            Self::Run => "a run",
            Self::Enrichment => "an enrichment",
            Self::Import => "an import",
            Self::Extraction => "an extraction",
        }
    }

    /// The API whose runs these are.
    pub fn api(self) -> Api {
        match self {
            Self::Crawl | Self::Extract | Self::Search => Api::Catalog,
            Self::RobotBuild | Self::Run | Self::Enrichment | Self::Import => Api::Extralt,
            Self::Extraction => Api::LlamaExtract,
        }
    }

    /// The states a run passes through before it ends, in order. `restarting` takes the place of `pending` in a run
    /// that begins again.
    pub fn phases(self) -> &'static [PhaseName] {
        match self {
            Self::Crawl | Self::Extract | Self::Search | Self::Import => {
                &[PhaseName::Pending, PhaseName::Running]
            }
            Self::RobotBuild => &[PhaseName::Pending, PhaseName::Building],
            Self::Run => &[
                PhaseName::Pending,
                PhaseName::Restarting,
                PhaseName::Starting,
                PhaseName::Running,
                PhaseName::Finalizing,
            ],
            Self::Enrichment => &[PhaseName::Pending, PhaseName::Running, PhaseName::Materializing],
            Self::Extraction => {
                &[PhaseName::Created, PhaseName::Pending, PhaseName::Throttled, PhaseName::Running]
            }
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
            Self::Extract
            | Self::Search
            | Self::RobotBuild
            | Self::Run
            | Self::Enrichment
            | Self::Import
            | Self::Extraction => &[],
        }
    }

    /// Whether its results are items that can fail one by one. A crawl reports counts only, a run keeps the captures
    /// that came to something, and an import is refused as a whole. The items of an extraction are the fields of its
    /// schema.
    pub fn has_items(self) -> bool {
        match self {
            Self::Extract | Self::Search | Self::Enrichment | Self::Extraction => true,
            Self::Crawl | Self::RobotBuild | Self::Run | Self::Import => false,
        }
    }

    /// Whether it is the work of a robot. Of enrichments those of a run are, and those of an import are not.
    pub fn has_robot(self) -> bool {
        matches!(self, Self::RobotBuild | Self::Run | Self::Enrichment)
    }

    /// Whether it is the work of an agent.
    pub fn has_agent(self) -> bool {
        self == Self::Extraction
    }

    /// Whether it is made of a file with a name.
    pub fn has_file(self) -> bool {
        matches!(self, Self::Import | Self::Extraction)
    }

    /// Whether what it brings can be given in a scenario.
    pub fn has_data(self) -> bool {
        self == Self::Extraction
    }

    /// Whether it is asked for with a query.
    pub fn has_query(self) -> bool {
        self == Self::Search
    }

    /// The most results a run may yield; 0 for a kind whose results are not a matter of number. An enrichment has no
    /// more of them than its source has captures. Source: the agentic search status page's "up to 8"; the others are
    /// our capacity.
    pub fn max_results(self) -> u64 {
        match self {
            Self::Crawl | Self::Extract => 100_000,
            Self::Search => 8,
            Self::Run | Self::Enrichment => MAX_RESULTS,
            Self::RobotBuild | Self::Import | Self::Extraction => 0,
        }
    }
}

/// The most results any run may yield.
pub const MAX_RESULTS: u64 = 10_000_000;

/// A state in which a run has not ended, by its documented name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PhaseName {
    /// Accepted, and not queued.
    Created,
    /// Accepted, not begun.
    Pending,
    /// Held back for a while, because there are too many.
    Throttled,
    /// Accepted anew, not begun again.
    Restarting,
    /// Getting ready to work.
    Starting,
    /// At work on a robot.
    Building,
    /// At work.
    Running,
    /// Putting captures in order.
    Finalizing,
    /// Putting items in order.
    Materializing,
}

impl PhaseName {
    /// Every phase, in the order in which runs pass through them.
    pub const ALL: &'static [Self] = &[
        Self::Created,
        Self::Pending,
        Self::Throttled,
        Self::Restarting,
        Self::Starting,
        Self::Building,
        Self::Running,
        Self::Finalizing,
        Self::Materializing,
    ];

    /// The name in scenarios, which is the documented state's.
    pub fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Pending => "pending",
            Self::Throttled => "throttled",
            Self::Restarting => "restarting",
            Self::Starting => "starting",
            Self::Building => "building",
            Self::Running => "running",
            Self::Finalizing => "finalizing",
            Self::Materializing => "materializing",
        }
    }
}
